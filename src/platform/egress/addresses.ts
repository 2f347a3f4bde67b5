import ipaddr from 'ipaddr.js'
import type { Locality } from '#kernel/words.ts'

/** What an address is to the door. `metadata`: a cloud's credential service, never reached whatever the config says. */
export type AddressKind = Locality | 'metadata'

/**
 * Credential services of clouds (AWS, Azure, Google; AWS and Google over IPv6; ECS tasks; Alibaba, which hides in the
 * CGNAT range).
 */
const metadataAddresses = new Set([
  '169.254.169.254',
  'fd00:ec2::254',
  'fd20:ce::254',
  '169.254.170.2',
  '100.100.100.200',
])

const hostRanges = new Set(['loopback', 'unspecified'])
const lanRanges = new Set(['private', 'uniqueLocal', 'linkLocal', 'carrierGradeNat'])

/** Kind of one literal address; IPv4 inside IPv6 (mapped, NAT64) counts as the IPv4 that is reached in the end. */
export function addressKind(address: string): AddressKind {
  const bare = bareAddress(address)
  if (!ipaddr.isValid(bare)) return 'cloud'
  const parsed = unwrap(ipaddr.parse(bare))
  if (metadataAddresses.has(parsed.toString())) return 'metadata'
  const range = parsed.range()
  if (hostRanges.has(range)) return 'host'
  return lanRanges.has(range) ? 'lan' : 'cloud'
}

/** All addresses together: the most foreign one decides, because any of them may be the one that is connected to. */
export function kindOfAll(addresses: readonly string[]): AddressKind {
  const kinds = addresses.map(addressKind)
  for (const kind of ['metadata', 'cloud', 'lan'] as const) if (kinds.includes(kind)) return kind
  return kinds.length === 0 ? 'cloud' : 'host'
}

/** True for `10.0.0.5` and `[::1]`, as `new URL().hostname` writes them. */
export function isLiteralAddress(hostname: string): boolean {
  return ipaddr.isValid(bareAddress(hostname))
}

/** `10.0.0.0/8`, `fd00::/8`, or one address. */
export function isAddressRange(text: string): boolean {
  return readRange(text) !== null
}

/** Whether an address is in one of the ranges; IPv4 inside IPv6 counts as the IPv4. No range matches nothing. */
export function addressMatcher(ranges: readonly string[]): (address: string) => boolean {
  const read = ranges.map(readRange).filter((range) => range !== null)
  return (address) => {
    const bare = bareAddress(address)
    if (!ipaddr.isValid(bare)) return false
    const parsed = unwrap(ipaddr.parse(bare))
    return read.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits))
  }
}

type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number]

function readRange(text: string): Range | null {
  const [network = '', bits] = text.split('/')
  // Short forms such as `10/8` are read differently everywhere.
  const isWritten =
    ipaddr.IPv4.isValidFourPartDecimal(network) || (network.includes(':') && ipaddr.IPv6.isValid(network))
  if (!isWritten) return null
  if (bits !== undefined) return ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : null
  const address = unwrap(ipaddr.parse(network))
  return [address, address.kind() === 'ipv4' ? 32 : 128]
}

/** As it stands in a URL: IPv6 in brackets, without its zone (a URL cannot hold one). */
export function addressInUrl(address: string): string {
  const bare = bareAddress(address)
  return bare.includes(':') ? `[${bare}]` : bare
}

function bareAddress(text: string): string {
  const inner = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text
  return inner.replace(/%.*$/, '')
}

function unwrap(parsed: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (parsed.kind() === 'ipv4') return parsed
  const six = parsed as ipaddr.IPv6
  if (six.isIPv4MappedAddress()) return six.toIPv4Address()
  if (six.range() !== 'rfc6052') return six
  return new ipaddr.IPv4(six.toByteArray().slice(12))
}
