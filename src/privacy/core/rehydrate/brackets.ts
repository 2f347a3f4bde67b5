/** The brackets of a placeholder in every spelling that models and the formats around them give them. */

/** Something of the grammar at a place: how long it is; `none`: it is not there; `open`: the text ends too early. */
export type Piece = number | 'none' | 'open'

export interface Bracket {
  readonly length: number
  /** The closing one that belongs to it. */
  readonly closing: string
  /** With backslashes before it, of Markdown or of JSON. */
  readonly isEscaped: boolean
  /** `[` as it stands in a placeholder. */
  readonly isPlain: boolean
}

/** More backslashes than this are no escape of a bracket: JSON in JSON in JSON has eight. */
const maxSlashes = 8

const pairs: readonly (readonly [string, string])[] = [
  ['[', ']'],
  ['<', '>'],
  ['【', '】'],
  ['［', '］'],
  ['⟦', '⟧'],
  ['&#91;', '&#93;'],
  ['&#x5b;', '&#x5d;'],
  ['&lsqb;', '&rsqb;'],
  ['&lbrack;', '&rbrack;'],
  ['&lt;', '&gt;'],
  ['%5b', '%5d'],
  ['%3c', '%3e'],
]
const escapedPairs: readonly (readonly [string, string])[] = [
  ['[', ']'],
  ['<', '>'],
  ['u005b', 'u005d'],
  ['u003c', 'u003e'],
]

const backslash = 0x5c

/** By their first character: nearly every text begins with none of them. */
const pairsBy = Map.groupBy(pairs, ([open]) => open.charAt(0))
const noPairs: typeof pairs = []

/** Characters that a bracket may begin with. */
export const isOpener = (char: string): boolean => pairsBy.has(char) || char === '\\'

export function readOpening(text: string, at: number, isEnd: boolean): Bracket | 'none' | 'open' {
  const slashes = slashesAt(text, at)
  if (slashes > maxSlashes) return 'none'
  const from = at + slashes
  if (from >= text.length) return isEnd ? 'none' : 'open'
  for (const [open, closing] of slashes > 0 ? escapedPairs : (pairsBy.get(text.charAt(at)) ?? noPairs)) {
    const piece = readLiteral(text, from, open, isEnd)
    if (piece === 'none') continue
    if (piece === 'open') return 'open'
    return { length: slashes + piece, closing, isEscaped: slashes > 0, isPlain: open === '[' && slashes === 0 }
  }
  return 'none'
}

export function readClosing(text: string, at: number, bracket: Bracket, isEnd: boolean): Piece {
  if (!bracket.isEscaped) return readLiteral(text, at, bracket.closing, isEnd)
  const slashes = slashesAt(text, at)
  if (slashes > maxSlashes) return 'none'
  if (at + slashes >= text.length) return isEnd ? 'none' : 'open'
  if (slashes === 0) return 'none'
  const piece = readLiteral(text, at + slashes, bracket.closing, isEnd)
  return typeof piece === 'number' ? slashes + piece : piece
}

/**
 * What joins the words of a name, its tag and its form: `_`, `\_`, a hyphen or a blank. `kind` tells the first two from
 * the others.
 */
export function readJoint(
  text: string,
  at: number,
  isEnd: boolean,
): { readonly length: number; readonly kind: 'line' | 'hyphen' | 'blank' } | 'none' | 'open' {
  if (at >= text.length) return isEnd ? 'none' : 'open'
  const code = text.charCodeAt(at)
  if (code === 0x5f) return { length: 1, kind: 'line' }
  if (code === 0x2d || code === 0x2010 || code === 0x2011) return { length: 1, kind: 'hyphen' }
  if (code === 0x20 || code === 0xa0) return { length: 1, kind: 'blank' }
  const slashes = slashesAt(text, at)
  if (slashes === 0 || slashes > maxSlashes) return 'none'
  if (at + slashes >= text.length) return isEnd ? 'none' : 'open'
  return text.charCodeAt(at + slashes) === 0x5f ? { length: slashes + 1, kind: 'line' } : 'none'
}

/** Whatever its case. */
export function readLiteral(text: string, at: number, literal: string, isEnd: boolean): Piece {
  for (let index = 0; index < literal.length; index++) {
    if (at + index >= text.length) return isEnd ? 'none' : 'open'
    const char = text.charAt(at + index)
    const wanted = literal.charAt(index)
    if (char !== wanted && char.toLowerCase() !== wanted) return 'none'
  }
  return literal.length
}

function slashesAt(text: string, at: number): number {
  let count = 0
  while (count <= maxSlashes && text.charCodeAt(at + count) === backslash) count += 1
  return count
}
