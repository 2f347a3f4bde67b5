import type { Found, Place, Recogniser } from '../words.ts'
import { contextWords, hasContext } from './context.ts'
import { anyLength, digitGroups } from './digit-runs.ts'
import { isDigitCode, isWhole, isWordCode } from './edges.ts'
import { isNoOnesAddress, readIpv4, readIpv6 } from './ip-addresses.ts'

const addressWords = contextWords(
  [
    'ip',
    'ips',
    'ipv4',
    'address',
    'addr',
    'host',
    'server',
    'ping',
    'dns',
    'gateway',
    'client',
    'peer',
    'remote',
    'ssh',
  ],
  ['adresse', 'rechner', 'adresse ip', 'direccion', 'servidor', 'indirizzo', 'remote addr', 'from', 'nameserver'],
)
const versionWords = contextWords(
  ['version', 'versions', 'release', 'build', 'firmware', 'driver', 'upgrade*', 'v', 'ver', 'section', 'abschnitt'],
  ['kapitel', 'chapter', 'clause', 'chrome', 'assembly*', 'fileversion', 'oid'],
)
const macWords = contextWords('mac', 'mac address', 'bssid', 'hwaddr', 'ether', 'ethernet', 'wlan', 'physical address')

const hex = '0123456789abcdef'.split('')

export const addressRecognisers: readonly Recogniser[] = [
  {
    id: 'ip.v4',
    type: 'IP',
    trigger: { kind: 'digits', min: 4, max: anyLength, only: { groups: [1, 2, 3], leastGroups: 4, isInside: true } },
    match: matchIpv4,
  },
  {
    id: 'ip.v6',
    type: 'IP',
    trigger: { kind: 'literal', literals: hex.map((digit) => `${digit}:`) },
    match: matchIpv6,
  },
  {
    id: 'mac',
    type: 'MAC',
    trigger: { kind: 'literal', literals: hex.flatMap((digit) => [`${digit}:`, `${digit}-`, `${digit}.`]) },
    match: matchMac,
  },
  { id: 'mac.bare', type: 'MAC', trigger: { kind: 'token', min: 12, max: 12 }, match: matchBareMac },
]

function matchIpv4(place: Place): Found | null {
  const { text } = place.view
  const { groups, first } = digitGroups(place)
  for (let index = first; index + 3 < groups.length; index++) {
    const start = groups[index]?.start ?? 0
    const end = groups[index + 3]?.end ?? 0
    // Four groups of at most three digits with one dot between each two.
    if (end - start > 15 || text.charAt(groups[index]?.end ?? 0) !== '.') continue
    const octets = readIpv4(text.slice(start, end))
    if (octets === null || isNoOnesAddress(octets) || !isOwnAddress(text, start, end)) continue
    if (isNetwork(octets, text.slice(end, end + 3))) continue
    const stretch = { view: place.view, start, end }
    const isNamed = hasContext(stretch, addressWords, 40, 12)
    if (!isNamed && (hasContext(stretch, versionWords, 24, 0) || octets.every((octet) => octet < 10))) continue
    return { start, end, score: isNamed ? 0.95 : 0.85, isValidated: false, canonical: octets.join('.') }
  }
  return null
}

/** No digits or dots with digits touch it, no `v` stands before it. */
function isOwnAddress(text: string, start: number, end: number): boolean {
  if (!isWhole(text, start, end)) return false
  const isLonger = text.charAt(end) === '.' && isDigitCode(text.charCodeAt(end + 1))
  return !isLonger && !(text.charAt(start - 1) === '.' && isDigitCode(text.charCodeAt(start - 2)))
}

/** 10.0.0.0/8 and its like are everybody's. */
function isNetwork(octets: readonly number[], after: string): boolean {
  const network = `${octets.join('.')}${/^\/\d+/.exec(after)?.[0] ?? ''}`
  return /^(10\.0\.0\.0\/8|172\.16\.0\.0\/12|192\.168\.0\.0\/16|100\.64\.0\.0\/10|169\.254\.0\.0\/16)$/.test(network)
}

/** Asked for at every colon behind a hexadecimal digit: the first one of an address answers for it. */
function matchIpv6({ view, start: at }: Place): Found | null {
  const { text, lower } = view
  let start = at
  while (start > 0 && at - start < 4 && isHexCode(lower.charCodeAt(start - 1))) start--
  if (at - start > 3 || (start > 0 && (isWordCode(text.charCodeAt(start - 1)) || text.charAt(start - 1) === ':')))
    return null
  const pattern = /[0-9a-f]{1,4}(?:::?[0-9a-f]{1,4}){1,7}(?:::)?(?:(?:\.\d{1,3}){3})?|[0-9a-f]{1,4}::/y
  pattern.lastIndex = start
  const written = pattern.exec(lower)?.[0]
  if (written === undefined) return null
  const end = start + written.length
  if (end < text.length && (isWordCode(text.charCodeAt(end)) || text.charAt(end) === ':')) return null
  const canonical = readIpv6(written)
  if (canonical === null || !/^([23][0-9a-f]{3}|f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]):/.test(canonical)) return null
  // RFC 3849 and 9637: documentation. `fd00::/8` is a range and nobody's address, fd00:ec2::254 a cloud's metadata.
  if (/^(2001:db8:|3fff:)/.test(canonical) || canonical === 'fd00:ec2::254') return null
  if (canonical.endsWith('::') && /^\/\d/.test(text.slice(end, end + 2))) return null
  return { start, end, score: 0.9, isValidated: false, canonical }
}

function isHexCode(code: number): boolean {
  return isDigitCode(code) || (code >= 97 && code <= 102)
}

/** `3c:22:fb:01:02:03`, the same with hyphens, `3c22.fb01.0203`: asked for at the end of the first group. */
function matchMac({ view, start: at, end: behind }: Place): Found | null {
  const { text, lower } = view
  const isDotted = text.charAt(behind - 1) === '.'
  const start = at - (isDotted ? 3 : 1)
  if (start < 0 || !isHexCode(lower.charCodeAt(start))) return null
  const pattern = isDotted ? dotted : text.charAt(behind - 1) === ':' ? colons : hyphens
  pattern.lastIndex = start
  const written = pattern.exec(lower)?.[0]
  if (written === undefined) return null
  const end = start + written.length
  // A longer row is a fingerprint.
  if (
    !isWhole(text, start, end) ||
    /[:.-]/.test(text.charAt(start - 1)) ||
    /^[:-][0-9a-f]/i.test(text.slice(end, end + 2))
  )
    return null
  // Digits only: a row of numbers, unless a word says what it is.
  if (!/[a-f]/.test(written) && !hasContext({ view, start, end }, macWords, 32, 8)) return null
  return macFound(start, end, written, 0.95)
}

const colons = /[0-9a-f]{2}(?::[0-9a-f]{2}){5}/y
const hyphens = /[0-9a-f]{2}(?:-[0-9a-f]{2}){5}/y
const dotted = /[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}/y

function matchBareMac({ view, start, end }: Place): Found | null {
  const written = view.lower.slice(start, end)
  if (!/^[0-9a-f]{12}$/.test(written) || !hasContext({ view, start, end }, macWords, 32, 8)) return null
  return macFound(start, end, written, 0.8)
}

/** Nothing for all zeros, broadcast and multicast: no machine has them. */
function macFound(start: number, end: number, written: string, score: number): Found | null {
  const canonical = (written.replace(/[^0-9a-f]/g, '').match(/../g) ?? []).join(':')
  const isGroup = Number.parseInt(canonical.slice(0, 2), 16) % 2 === 1
  return isGroup || /^[0:]+$/.test(canonical) ? null : { start, end, score, isValidated: false, canonical }
}
