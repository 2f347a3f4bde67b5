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
