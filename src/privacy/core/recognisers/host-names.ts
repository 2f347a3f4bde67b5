import { parse } from 'tldts'
import { isInnerAddress, isNoOnesAddress, readIpv4, readIpv6 } from './ip-addresses.ts'

/** Ends of names that only a house or a company resolves (RFC 6762, RFC 8375, ICANN's `internal`, what is usual). */
export const innerSuffixes = [
  'local',
  'lan',
  'home',
  'internal',
  'corp',
  'intranet',
  'home.arpa',
  'ts.net',
  'localdomain',
]

/** `nas.lan`, `db.prod.internal`: lower case, no port. */
export function isInternalName(name: string): boolean {
  return innerSuffixes.some((suffix) => name.endsWith(`.${suffix}`) && name.length > suffix.length + 1)
}

/** Names that stand for any host: in documentation (RFC 2606, 6761) and in everybody's examples. */
const anyNames = new Set(
  (
    'localhost host hostname server example domain www api app ip address proxy upstream backend frontend gateway node ' +
    'service web site url base foo bar baz test x y z a b your-host your-server myhost my-host host-or-ip http https'
  ).split(' '),
)

/** Whether a name stands for any host, in an example. */
export function isAnyName(host: string): boolean {
  // One name answers in every machine of a cloud.
  if (anyNames.has(host) || host === 'metadata.google.internal') return true
  return /(^|\.)(example|test|invalid|localhost|example\.(com|net|org))$/.test(host)
}

/** A host of this house: a private address, a name that the public does not resolve. Not loopback, no examples. */
export function isInternalHost(host: string): boolean {
  const ipv4 = readIpv4(host)
  if (ipv4 !== null) return isInnerAddress(ipv4) && !isNoOnesAddress(ipv4)
  const ipv6 = host.startsWith('[') ? readIpv6(host.slice(1, -1)) : null
  if (ipv6 !== null) return /^(f[cd]|fe[89ab])/.test(ipv6.padStart(4, '0'))
  if (!/^[\p{L}\p{N}]([\p{L}\p{N}._-]*[\p{L}\p{N}])?$/u.test(host) || isAnyName(host)) return false
  if (isInternalName(host)) return true
  if (host.endsWith('.onion')) return false
  if (!host.includes('.')) return !/^\d+$/.test(host) && host.length > 1
  const { isIcann, isPrivate } = parse(host, { allowPrivateDomains: true })
  return isIcann !== true && isPrivate !== true
}
