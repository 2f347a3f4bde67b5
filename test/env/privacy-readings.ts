/**
 * Whether bytes hold a value, however it was written: a judge of its own, that knows nothing of how the product looks
 * for values. Slow and plain.
 */
export function readingsHolding(bytes: Uint8Array, value: string): readonly string[] {
  const exact = Buffer.from(bytes).toString('latin1')
  const caseless = Buffer.from(bytes).toString('utf8').toLowerCase()
  const found = Object.entries(writings(value)).flatMap(([name, { needles, isCaseless }]) => {
    const long = needles.filter((needle) => needle.length >= leastBytes)
    const isThere = isCaseless
      ? long.some((needle) => caseless.includes(needle.toLowerCase()))
      : long.some((needle) => exact.includes(needle))
    return isThere ? [name] : []
  })
  const digits = squeeze(value.toLowerCase())
  const isSqueezed = isSeparated(value) && digits.length >= leastSqueezed && squeeze(caseless).includes(digits)
  return isSqueezed ? [...found, 'without separators'] : found
}

/** Shorter ones stand anywhere by chance. */
const leastBytes = 4
const leastSqueezed = 8

interface Writing {
  readonly needles: readonly string[]
  readonly isCaseless: boolean
}

const squeeze = (text: string): string => text.replaceAll(/[\s\-./()_:+]/g, '')
/** Digits with something between them, and nothing else. */
const isSeparated = (value: string): boolean => /^[+\d\s\-./()]+$/.test(value) || /^[A-Z]{2}\d{2}[\dA-Z ]+$/.test(value)

function writings(value: string): Readonly<Record<string, Writing>> {
  const caseless = (...needles: readonly string[]): Writing => ({ needles, isCaseless: true })
  const exact = (...needles: readonly string[]): Writing => ({ needles, isCaseless: false })
  const units = Array.from({ length: value.length }, (_, at) => value.charCodeAt(at))
  const points = [...value]
  const bytes = Buffer.from(value, 'utf8')
  const hex = (byte: number, width = 2): string => byte.toString(16).padStart(width, '0')
  return {
    raw: caseless(value, value.normalize('NFD'), value.normalize('NFKC')),
    percent: caseless(encodeURIComponent(value), encodeURI(value), [...bytes].map((byte) => `%${hex(byte)}`).join('')),
    form: caseless(encodeURIComponent(value).replaceAll('%20', '+')),
    'html decimal': caseless(points.map((point) => `&#${point.codePointAt(0)};`).join('')),
    'html hex': caseless(points.map((point) => `&#x${hex(point.codePointAt(0) ?? 0, 1)};`).join('')),
    'html named': caseless(named(value)),
    'json escapes': caseless(
      units.map((unit) => `\\u${hex(unit, 4)}`).join(''),
      units.map((unit) => (unit < 128 ? String.fromCharCode(unit) : `\\u${hex(unit, 4)}`)).join(''),
      JSON.stringify(value).slice(1, -1),
      JSON.stringify(JSON.stringify(value)).slice(3, -3),
    ),
    'javascript escapes': caseless([...bytes].map((byte) => `\\x${hex(byte)}`).join('')),
    base64: exact(...base64s(bytes, 'base64')),
    base64url: exact(...base64s(bytes, 'base64url')),
    'base64 twice': exact(...base64s(bytes, 'base64').flatMap((text) => base64s(Buffer.from(text), 'base64'))),
    hex: caseless([...bytes].map((byte) => hex(byte)).join('')),
    'hex with blanks': caseless([...bytes].map((byte) => hex(byte)).join(' ')),
    'quoted-printable': caseless(
      [...bytes].map((byte) => `=${hex(byte)}`).join(''),
      [...bytes].map((byte) => (byte < 128 && byte !== 61 ? String.fromCharCode(byte) : `=${hex(byte)}`)).join(''),
    ),
    reversed: caseless(points.toReversed().join('')),
    utf16: exact(Buffer.from(value, 'utf16le').toString('latin1'), utf16be(value)),
    spaced: caseless(points.join(' '), points.join('-')),
    'zero-width': caseless(points.join('\u200b'), points.join('\u00ad')),
  }
}

function named(value: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return value.replaceAll(/[&<>"']/g, (each) => names[each] ?? each)
}

function utf16be(value: string): string {
  return Buffer.from(value, 'utf16le').swap16().toString('latin1')
}

/** The letters that stand for the value alone, wherever it begins in what was encoded. */
function base64s(bytes: Uint8Array, encoding: 'base64' | 'base64url'): readonly string[] {
  return [0, 1, 2].flatMap((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes])
    const text = shifted.toString(encoding).replaceAll('=', '')
    const from = [0, 2, 3][offset] ?? 0
    const uncertain = shifted.length % 3 === 0 ? 0 : 1
    const core = text.slice(from, text.length - uncertain)
    return core.length >= leastBytes * 2 ? [core] : []
  })
}
