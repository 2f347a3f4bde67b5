/**
 * What a unit is for finding words. Everything is decided by Unicode's own properties; what was asked once is kept for
 * all units of the basic plane, since a pattern for each letter of a long text would cost most of the time.
 */
const wordPattern = /[\p{L}\p{M}\p{N}]/u
/** Scripts that are written without blanks, or glue endings to names: each character is a word of its own. */
const alonePattern =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
const markPattern = /\p{M}/u

export const other = 0
export const inWord = 1
export const alone = 2
export type CharacterKind = typeof other | typeof inWord | typeof alone

const unknown = 3
const kinds = new Uint8Array(0x10000).fill(unknown)

/** The kind of the character that begins at `index`; behind the text there is no word. */
export function kindAt(text: string, index: number): CharacterKind {
  if (index < 0 || index >= text.length) return other
  const unit = text.charCodeAt(index)
  if (isHighSurrogate(unit)) return kindOf(text.codePointAt(index) ?? unit)
  const known = kinds[unit] ?? unknown
  if (known !== unknown) return known as CharacterKind
  const kind = kindOf(unit)
  kinds[unit] = kind
  return kind
}

function kindOf(codePoint: number): CharacterKind {
  const character = String.fromCodePoint(codePoint)
  if (!wordPattern.test(character)) return other
  return alonePattern.test(character) ? alone : inWord
}

/** One or two units. */
export function lengthAt(text: string, index: number): 1 | 2 {
  return isHighSurrogate(text.charCodeAt(index)) && isLowSurrogate(text.charCodeAt(index + 1)) ? 2 : 1
}

export function isMark(unit: number): boolean {
  return unit >= 0x300 && markPattern.test(String.fromCharCode(unit))
}

export function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}

export function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}

/** Where the character ends that has a unit before `index`; what `index` cuts through is moved behind it. */
export function wholeEnd(text: string, index: number): number {
  let end = index
  if (end > 0 && end < text.length && isLowSurrogate(text.charCodeAt(end)) && isHighSurrogate(text.charCodeAt(end - 1)))
    end++
  return end
}

/** Where the character begins that `index` stands in. */
export function wholeStart(text: string, index: number): number {
  const isCut = index > 0 && isLowSurrogate(text.charCodeAt(index)) && isHighSurrogate(text.charCodeAt(index - 1))
  return isCut ? index - 1 : index
}

/** The word that begins at or after `from`, within `gap` units; null: there is none. */
export function nextWord(
  text: string,
  from: number,
  gap: number,
): { readonly start: number; readonly end: number } | null {
  const last = Math.min(text.length, from + gap + 1)
  for (let index = from; index < last; index += lengthAt(text, index)) {
    const kind = kindAt(text, index)
    if (kind !== other) return { start: index, end: wordEnd(text, index, kind) }
  }
  return null
}

/** Where the word ends that begins at `start`. */
export function wordEnd(text: string, start: number, kind: CharacterKind): number {
  let end = start + lengthAt(text, start)
  if (kind === alone) return end
  while (end < text.length && kindAt(text, end) === inWord) end += lengthAt(text, end)
  return end
}
