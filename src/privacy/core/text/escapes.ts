/**
 * Encodings that write single characters otherwise: `%41`, `&#65;` and `&auml;`, `\u0041`, `=C3=BC`. What was escaped
 * is known to the character: of a text only the value is replaced.
 */
import { codePointOf, readUtf8 } from './bytes.ts'
import { entityOf } from './html-entities.ts'
import { Rewrites } from './reading.ts'

/** `%41`, also of several bytes: `%C3%BC`. */
export function percentEscapes(text: string): Rewrites {
  return text.includes('%') ? byteEscapes(text, percent) : new Rewrites()
}

/** `=C3=BC`, and line ends that are none. */
export function quotedPrintableEscapes(text: string): Rewrites {
  return text.includes('=') ? byteEscapes(text, quotedPrintable) : new Rewrites()
}

/** `&#65;`, `&#x41;`, and names of what stands in addresses and Western names. */
export function htmlEscapes(text: string): Rewrites {
  const rewrites = new Rewrites()
  if (!text.includes('&')) return rewrites
  for (const match of text.matchAll(entity)) {
    const [whole, hex, decimal, name] = match
    const character = name !== undefined ? entityOf(name) : codePointOf(parseInt(hex ?? decimal ?? '', hex ? 16 : 10))
    if (character !== null) rewrites.add(match.index, match.index + whole.length, character)
  }
  return rewrites
}

/** `\u0041`, `\u{41}`, `\x41` (of several bytes too), and what strings of programs and JSON escape beside. */
export function unicodeEscapes(text: string): Rewrites {
  return text.includes('\\') ? byteEscapes(text, backslash) : new Rewrites()
}

const percent = /%([0-9a-f]{2})/gi
const quotedPrintable = /=(?:([0-9A-F]{2})|\r?\n)/g
const entity = /&(?:#x([0-9a-f]{1,6});?|#(\d{1,7});?|([a-z]{2,8});)/gi
const backslash = /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|u\{([0-9a-f]{1,6})\}|U([0-9a-f]{8})|([nrt"'`/\\])|\r?\n)/gi

const controls: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

/** The first group of a pattern is a byte in hexadecimal digits, the next three a code point, the fifth a sign. */
function byteEscapes(text: string, pattern: RegExp): Rewrites {
  const rewrites = new Rewrites()
  const bytes: number[] = []
  const ends: number[] = []
  let begin = 0
  const flush = (): void => {
    for (let index = 0; index < bytes.length;) {
      const from = index === 0 ? begin : (ends[index - 1] ?? 0)
      const { length, codePoint } = readUtf8(bytes, index)
      index += length
      // What is no UTF-8 is read as it was before there was any.
      rewrites.add(from, ends[index - 1] ?? 0, codePointOf(codePoint) ?? '')
    }
    bytes.length = 0
    ends.length = 0
  }
  for (const match of text.matchAll(pattern)) {
    const [whole, byte, unit, braced, long, sign] = match
    if (bytes.length > 0 && (byte === undefined || ends.at(-1) !== match.index)) flush()
    if (byte !== undefined) {
      if (bytes.length === 0) begin = match.index
      bytes.push(parseInt(byte, 16))
      ends.push(match.index + whole.length)
      continue
    }
    rewrites.add(match.index, match.index + whole.length, characterOf({ unit, code: braced ?? long, sign }))
  }
  flush()
  return rewrites
}

interface Escaped {
  readonly unit: string | undefined
  readonly code: string | undefined
  readonly sign: string | undefined
}

function characterOf({ unit, code, sign }: Escaped): string {
  // A unit on its own: the other half of a pair is the next escape.
  if (unit !== undefined) return String.fromCharCode(parseInt(unit, 16))
  if (code !== undefined) return codePointOf(parseInt(code, 16)) ?? ''
  return sign === undefined ? '' : (controls[sign.toLowerCase()] ?? sign)
}
