/**
 * JSON edited as bytes. Parsing and printing again would lose what JavaScript cannot hold (`seed` beyond 2^53, `1e400`,
 * duplicate members, the order and spacing of unknown ones); a splice changes the wanted member and keeps every other
 * byte.
 */

/** Where a member of an object stands: its value is `bytes.subarray(start, end)`. */
export interface Member {
  readonly name: string
  readonly start: number
  readonly end: number
}

const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
const colon = 0x3a
const comma = 0x2c

const decoder = new TextDecoder()

/** The members of the object that begins at `from`, in order, duplicates included. The bytes must be valid JSON. */
export function scanMembers(bytes: Uint8Array, from = 0): readonly Member[] {
  const members: Member[] = []
  let at = skipSpace(bytes, from === 0 ? skipMark(bytes) : from)
  if (bytes[at] !== openBrace) return members
  at = skipSpace(bytes, at + 1)
  while (at < bytes.length && bytes[at] !== closeBrace) {
    const nameEnd = skipString(bytes, at)
    const name = nameOf(bytes, at, nameEnd)
    at = skipSpace(bytes, nameEnd)
    if (bytes[at] !== colon) return members
    const start = skipSpace(bytes, at + 1)
    const end = skipValue(bytes, start)
    members.push({ name, start, end })
    at = skipSpace(bytes, end)
    if (bytes[at] === comma) at = skipSpace(bytes, at + 1)
  }
  return members
}

/**
 * Sets members of the top-level object to JSON texts: every occurrence is replaced; what is missing is put in front.
 */
export function spliceMembers(bytes: Uint8Array, edits: Readonly<Record<string, string>>): Uint8Array {
  const encoder = new TextEncoder()
  const members = scanMembers(bytes)
  const parts: Uint8Array[] = []
  const found = new Set<string>()
  let kept = 0
  for (const { name, start, end } of members) {
    const value = Object.hasOwn(edits, name) ? edits[name] : undefined
    if (value === undefined) continue
    found.add(name)
    parts.push(bytes.subarray(kept, start), encoder.encode(value))
    kept = end
  }
  parts.push(bytes.subarray(kept))
  const missing = Object.entries(edits).filter(([name]) => !found.has(name))
  if (missing.length === 0) return concat(parts)
  const inserted = missing.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')
  const whole = concat(parts)
  const brace = skipSpace(whole, skipMark(whole)) + 1
  return concat([
    whole.subarray(0, brace),
    encoder.encode(members.length > 0 ? `${inserted},` : inserted),
    whole.subarray(brace),
  ])
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function nameOf(bytes: Uint8Array, start: number, end: number): string {
  const inner = bytes.subarray(start + 1, end - 1)
  return inner.includes(backslash)
    ? String(JSON.parse(decoder.decode(bytes.subarray(start, end))))
    : decoder.decode(inner)
}

/** Some programs begin their JSON with a byte order mark. */
function skipMark(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from
  for (;;) {
    const byte = bytes[at]
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at
    at += 1
  }
}

/** `at` stands on the opening quote; the answer stands behind the closing one. */
function skipString(bytes: Uint8Array, from: number): number {
  let at = from + 1
  for (;;) {
    const end = bytes.indexOf(quote, at)
    if (end < 0) return bytes.length
    let slashes = 0
    while (bytes[end - 1 - slashes] === backslash) slashes += 1
    if (slashes % 2 === 0) return end + 1
    at = end + 1
  }
}

function skipValue(bytes: Uint8Array, from: number): number {
  const first = bytes[from]
  if (first === quote) return skipString(bytes, from)
  let at = from
  let depth = 0
  while (at < bytes.length) {
    const byte = bytes[at]
    if (byte === quote) {
      at = skipString(bytes, at)
      if (depth === 0) return at
      continue
    }
    if (byte === openBrace || byte === openBracket) depth += 1
    else if (byte === closeBrace || byte === closeBracket) {
      if (depth === 0) return at
      depth -= 1
      if (depth === 0) return at + 1
    } else if (depth === 0 && (byte === comma || byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09))
      return at
    at += 1
  }
  return at
}
