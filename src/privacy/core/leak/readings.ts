/**
 * Bytes as somebody reads them who takes escapes for what they stand for. A value may be written with any mixture of
 * escapes, so that they are taken out of what is looked at instead of being put into what is looked for.
 */
export type ReadingKind = 'as-sent' | 'json' | 'joined' | 'unescaped'

export interface Reading {
  readonly kind: ReadingKind
  readonly bytes: Uint8Array
  /** Where what stands at `index` began in the bytes as they were sent. */
  sentAt(index: number): number
}

/** Escapes within escapes, for example percent signs in an argument of a tool in a string of JSON. */
const mostLevels = 4

/**
 * The bytes as they are, with the escapes of JSON taken out once, with broken lines of encoded text joined, and with
 * all escapes taken out until none is left (or four times). Each is there only where it differs from the one before.
 */
export function readingsOf(sent: Uint8Array): readonly Reading[] {
  const readings: Reading[] = [{ kind: 'as-sent', bytes: sent, sentAt: (index) => index }]
  const json = readWith(sent, readJson, backslashOnly)
  if (json) readings.push(readingFrom(readings[0], { kind: 'json', next: json, read: readJson }))
  const text = readings.at(-1)
  const joined = text && readWith(text.bytes, readBreak, lineEnds)
  if (joined) readings.push(readingFrom(text, { kind: 'joined', next: joined, read: readBreak }))
  let before = text
  for (let level = 0; level < mostLevels; level++) {
    const next = before && readWith(before.bytes, readAny, anyEscape)
    if (!next) break
    before = readingFrom(before, { kind: 'unescaped', next, read: readAny })
    readings.push(before)
  }
  return readings
}

function readingFrom(
  before: Reading | undefined,
  { kind, next, read }: { readonly kind: ReadingKind; readonly next: Uint8Array; readonly read: Read },
): Reading {
  return {
    kind,
    bytes: next,
    // Only for what was found, which is seldom: reading again costs less than keeping the way back for every byte.
    sentAt: (index) => before?.sentAt(rawIndexOf(before.bytes, index, read)) ?? index,
  }
}

/** What stands at an index: writes what it means and answers how many bytes it was; 0: no escape. */
type Read = (bytes: Uint8Array, at: number, out: Output) => number

interface Output {
  readonly bytes: Uint8Array
  length: number
}

const backslash = 0x5c
const percent = 0x25
const ampersand = 0x26
const equals = 0x3d

const newline = 0x0a

const carriageReturn = 0x0d
/** 1 at each of these bytes. */
function tableOf(marks: Iterable<number>): Uint8Array {
  const table = new Uint8Array(256)
  for (const mark of marks) table[mark] = 1
  return table
}

const lineEnds = tableOf([newline, carriageReturn])
const backslashOnly = tableOf([backslash])
const anyEscape = tableOf([backslash, percent, ampersand, equals])

/** null: there was no escape. No escape is shorter than what it stands for, so that the room is enough. */
function readWith(bytes: Uint8Array, read: Read, marks: Uint8Array): Uint8Array | null {
  let output: Output | null = null
  let from = 0
  for (let at = 0; at < bytes.length;) {
    if (marks[bytes[at] as number] === 0) {
      at++
      continue
    }
    output ??= { bytes: new Uint8Array(bytes.length), length: 0 }
    const gap = at - from
    output.bytes.set(bytes.subarray(from, at), output.length)
    output.length += gap
    const taken = read(bytes, at, output)
    if (taken === 0) output.bytes[output.length++] = bytes[at] ?? 0
    from = at += Math.max(1, taken)
  }
  if (!output) return null
  output.bytes.set(bytes.subarray(from), output.length)
  output.length += bytes.length - from
  return output.length === bytes.length ? null : output.bytes.subarray(0, output.length)
}

function rawIndexOf(bytes: Uint8Array, index: number, read: Read): number {
  const output: Output = { bytes: new Uint8Array(bytes.length), length: 0 }
  let at = 0
  while (at < bytes.length && output.length < index) {
    const taken = read(bytes, at, output)
    if (taken === 0) output.length++
    at += Math.max(1, taken)
  }
  return at
}

function readJson(bytes: Uint8Array, at: number, out: Output): number {
  if (bytes[at] !== backslash) return 0
  const meaning = simpleEscapes[bytes[at + 1] ?? 0] ?? 0
  if (meaning !== 0) {
    out.bytes[out.length++] = meaning
    return 2
  }
  const unit = bytes[at + 1] === 0x75 ? hexValue(bytes, at + 2, 4) : -1
  if (unit < 0) return 0
  if (unit >= 0xd800 && unit < 0xdc00 && bytes[at + 6] === backslash && bytes[at + 7] === 0x75) {
    const low = hexValue(bytes, at + 8, 4)
    if (low >= 0xdc00 && low < 0xe000) {
      writePoint(out, ((unit - 0xd800) << 10) + (low - 0xdc00) + 0x10000)
      return 12
    }
  }
  writePoint(out, unit)
  return 6
}

function readAny(bytes: Uint8Array, at: number, out: Output): number {
  switch (bytes[at]) {
    case backslash:
      return readJson(bytes, at, out) || readProgram(bytes, at, out)
    case percent:
    case equals:
      return readPair(bytes, at, out)
    case ampersand:
      return readEntity(bytes, at, out)
    default:
      return 0
  }
}

/** Encoded text is often broken after 64 or 76 letters: an end of a line behind so many of them is none. */
const opaqueLine = 20

function readBreak(bytes: Uint8Array, at: number): number {
  let next = bytes[at] === carriageReturn ? at + 1 : at
  if (bytes[next] !== newline || at < opaqueLine) return 0
  for (let each = at - opaqueLine; each < at; each++) if (opaque[bytes[each] ?? 0] === 0) return 0
  do next++
  while (bytes[next] === 0x20 || bytes[next] === 0x09)
  return next - at
}

/** Letters of base64 in both alphabets, and of hex. */
const opaque = tableOf(new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_'))

/** `%41` and `=41`; `=` before the end of a line goes on with the next one. */
function readPair(bytes: Uint8Array, at: number, out: Output): number {
  if (bytes[at] === equals && bytes[at + 1] === 0x0a) return 2
  if (bytes[at] === equals && bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0a) return 3
  const byte = hexValue(bytes, at + 1, 2)
  if (byte < 0) return 0
  out.bytes[out.length++] = byte
  return 3
}

/** `\x41` and `\u{41}` of programs. */
function readProgram(bytes: Uint8Array, at: number, out: Output): number {
  const letter = bytes[at + 1]
  if (letter === 0x78) {
    const byte = hexValue(bytes, at + 2, 2)
    if (byte < 0) return 0
    // A letter beyond ASCII is one byte of several; as one byte it would be another letter.
    out.bytes[out.length++] = byte
    return 4
  }
  if (letter !== 0x75 || bytes[at + 2] !== 0x7b) return 0
  for (let digits = 1; digits <= 6; digits++) {
    if (bytes[at + 3 + digits] !== 0x7d) continue
    const point = hexValue(bytes, at + 3, digits)
    if (point < 0 || point > 0x10ffff) return 0
    writePoint(out, point)
    return 4 + digits
  }
  return 0
}

/** `&#228;`, `&#xe4;`, `&auml;`; the named ones of ASCII and Latin-1. */
function readEntity(bytes: Uint8Array, at: number, out: Output): number {
  let end = at + 1
  while (end < at + longestEntity && end < bytes.length && bytes[end] !== 0x3b) end++
  if (bytes[end] !== 0x3b) return 0
  const name = String.fromCharCode(...bytes.subarray(at + 1, end))
  const point = pointOf(name)
  if (point === null) return 0
  writePoint(out, point)
  return end + 1 - at
}

const longestEntity = 12

function pointOf(name: string): number | null {
  const number = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name)
  if (!number) return namedPoints.get(name) ?? null
  const point = number[1] === undefined ? Number(number[2]) : parseInt(number[1], 16)
  return point > 0x10ffff ? null : point
}

/** Latin-1 from U+00A0 on, in order. */
const latinNames =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute ' +
  'micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil ' +
  'Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave ' +
  'Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml ' +
  'igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute ' +
  'thorn yuml'

const namedPoints: ReadonlyMap<string, number> = new Map([
  ...latinNames.split(' ').map((name, index) => [name, 0xa0 + index] as const),
  ...Object.entries({
    amp: 0x26,
    lt: 0x3c,
    gt: 0x3e,
    quot: 0x22,
    apos: 0x27,
    commat: 0x40,
    period: 0x2e,
    lowbar: 0x5f,
    hyphen: 0x2010,
    dash: 0x2010,
    plus: 0x2b,
    sol: 0x2f,
    colon: 0x3a,
    num: 0x23,
    Tab: 9,
    NewLine: 10,
  }),
])

/** What stands for what behind a backslash, by its byte; 0: nothing. */
const simpleEscapes = new Uint8Array(256).map((_, letter) => {
  const place = 'nrtbf"\\/'.indexOf(String.fromCharCode(letter))
  return place < 0 ? 0 : '\n\r\t\b\f"\\/'.charCodeAt(place)
})

/** Of so many hex digits; -1: they are none. */
function hexValue(bytes: Uint8Array, at: number, digits: number): number {
  let value = 0
  for (let index = at; index < at + digits; index++) {
    const byte = bytes[index] ?? 0
    const digit = byte >= 48 && byte <= 57 ? byte - 48 : (byte | 32) >= 97 && (byte | 32) <= 102 ? (byte | 32) - 87 : -1
    if (digit < 0) return -1
    value = value * 16 + digit
  }
  return value
}

function writePoint(out: Output, point: number): void {
  const { bytes } = out
  if (point < 0x80) bytes[out.length++] = point
  else if (point < 0x800) {
    bytes[out.length++] = 0xc0 | (point >> 6)
    bytes[out.length++] = 0x80 | (point & 63)
  } else {
    if (point < 0x10000) bytes[out.length++] = 0xe0 | (point >> 12)
    else {
      bytes[out.length++] = 0xf0 | (point >> 18)
      bytes[out.length++] = 0x80 | ((point >> 12) & 63)
    }
    bytes[out.length++] = 0x80 | ((point >> 6) & 63)
    bytes[out.length++] = 0x80 | (point & 63)
  }
}
