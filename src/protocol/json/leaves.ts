/**
 * The leaves of a JSON text, found without parsing it into values: what is put in their place changes nothing else (the
 * order and spacing of members, duplicate ones, numbers beyond 2^53).
 */

export interface JsonLeaf {
  /** `text.slice(start, end)` is its JSON, with the quotes of a string. */
  readonly start: number
  readonly end: number
  readonly kind: 'string' | 'number' | 'key'
  /** A string or key as it is meant, without escapes; a number as it is written. */
  readonly value: string
}

/** Names of members and positions in lists that lead to a leaf (a key's own name is not among them). */
export type JsonPath = readonly (string | number)[]

/**
 * Calls `visit` for every string, number and member's name, in order. `path` is the walker's own: read it during the
 * call. `text` must be valid JSON.
 */
export function visitLeaves(text: string, visit: (leaf: JsonLeaf, path: JsonPath) => void): void {
  const path: (string | number)[] = []
  /** For every open bracket whether it is an object's. */
  const open: boolean[] = []
  let isKeyNext = false
  let at = 0
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === quote) {
      const end = stringEnd(text, at)
      const value = unquoted(text, at, end)
      if (isKeyNext) {
        visit({ start: at, end, kind: 'key', value }, path)
        path.push(value)
        isKeyNext = false
      } else visit({ start: at, end, kind: 'string', value }, path)
      at = end
      continue
    }
    if (code === openBrace || code === openBracket) {
      const isObject = code === openBrace
      open.push(isObject)
      if (isObject) isKeyNext = true
      else path.push(0)
    } else if (code === closeBrace || code === closeBracket) {
      const wasObject = open.pop()
      // An empty object has no name on the path, and an empty list its first position.
      if (wasObject !== true || !isKeyNext) path.pop()
      isKeyNext = false
    } else if (code === comma) {
      if (open.at(-1) === true) {
        path.pop()
        isKeyNext = true
      } else path.push(Number(path.pop()) + 1)
    } else if (code === minus || (code >= zero && code <= nine)) {
      const end = numberEnd(text, at)
      visit({ start: at, end, kind: 'number', value: text.slice(at, end) }, path)
      at = end
      continue
    }
    at += 1
  }
}

const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
const comma = 0x2c
const minus = 0x2d
const zero = 0x30
const nine = 0x39

/** Behind the closing quote of the string that begins at `from`. */
function stringEnd(text: string, from: number): number {
  let at = from + 1
  for (;;) {
    const end = text.indexOf('"', at)
    if (end < 0) return text.length
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes += 1
    if (slashes % 2 === 0) return end + 1
    at = end + 1
  }
}

function unquoted(text: string, start: number, end: number): string {
  const inner = text.slice(start + 1, end - 1)
  return inner.includes('\\') ? (JSON.parse(text.slice(start, end)) as string) : inner
}

function numberEnd(text: string, from: number): number {
  let at = from + 1
  while (at < text.length && /[\d.eE+-]/.test(text.charAt(at))) at += 1
  return at
}
