/** Reading and judging addresses. */

/** Four numbers; null: it is none. Leading zeros are refused: they may be octal. */
export function readIpv4(text: string): readonly number[] | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (match === null) return null
  const octets = match.slice(1).map(Number)
  const isPlain = match.slice(1).every((octet) => octet.length === 1 || !octet.startsWith('0'))
  return isPlain && octets.every((octet) => octet < 256) ? octets : null
}

/** Private (RFC 1918), shared (RFC 6598), link-local (RFC 3927). */
export function isInnerAddress([first = 0, second = 0]: readonly number[]): boolean {
  return (
    first === 10 ||
    (first === 172 && second >= 16 && second < 32) ||
    (first === 192 && second === 168) ||
    (first === 100 && second >= 64 && second < 128) ||
    (first === 169 && second === 254)
  )
}

/** Loopback, unspecified, documentation (RFC 5737), benchmarks, multicast, reserved, the metadata service, masks. */
export function isNoOnesAddress([first = 0, second = 0, third = 0, fourth = 0]: readonly number[]): boolean {
  if (first === 0 || first === 127 || first >= 224) return true
  if (first === 192 && second === 0 && (third === 2 || third === 0)) return true
  if (first === 198 && ((second === 51 && third === 100) || second === 18 || second === 19)) return true
  if (first === 203 && second === 0 && third === 113) return true
  return first === 169 && second === 254 && third === 169 && fourth === 254
}

/** As RFC 5952 writes it; null: it is none. A zone (`%eth0`) is not part of it. */
export function readIpv6(text: string): string | null {
  let plain = text.toLowerCase()
  const mapped = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(plain)
  if (mapped !== null) {
    const octets = readIpv4(mapped[2] ?? '')
    if (octets === null) return null
    const [a = 0, b = 0, c = 0, d = 0] = octets
    plain = `${mapped[1] ?? ''}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
  }
  const halves = plain.split('::')
  if (halves.length > 2) return null
  const [left = [], right = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - left.length - right.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null
  const groups = [...left, ...Array.from({ length: missing }, () => '0'), ...right]
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return null
  return compressed(groups.map((group) => Number.parseInt(group, 16).toString(16)))
}

/** The longest row of at least two zeros becomes `::`. */
function compressed(groups: readonly string[]): string {
  let best = { at: -1, length: 1 }
  for (let at = 0; at < groups.length; at++) {
    let length = 0
    while (groups[at + length] === '0') length++
    if (length > best.length) best = { at, length }
  }
  if (best.at < 0) return groups.join(':')
  return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.length).join(':')}`
}
