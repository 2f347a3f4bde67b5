/** Words around a value that say what it is. */
import { mayStand, wordList, type WordList } from '../text/word-beginnings.ts'

/** A stretch of a view: what was found, or where a trigger stood. */
export interface Stretch {
  readonly view: { readonly text: string; readonly lower: string }
  readonly start: number
  readonly end: number
}

/** Made once by `contextWords`; looked for by `hasContext`. */
export interface ContextWords {
  readonly exact: RegExp
  readonly plain: RegExp | null
  /** Most places have no word that begins like one of them: then no pattern is tried. */
  readonly list: WordList
}

/**
 * Whole words or phrases in lower case; `telefon*` is the beginning of one. A word without diacritics is found with and
 * without them (`numero` finds `número`); one with them only as it is. Blanks in phrases stand for any blanks,
 * hyphens, dots and underscores. Chinese, Japanese and Korean words have no borders.
 */
export function contextWords(...lists: readonly (string | readonly string[])[]): ContextWords {
  const words = lists.flat()
  const plain = words.filter((word) => !/[^\x20-\x7e]/.test(word))
  return {
    exact: patternOf(words),
    plain: plain.length === 0 ? null : patternOf(plain),
    list: wordList(words.filter((word) => !cjk.test(word))),
  }
}

/** Letters and digits of scripts with blanks between words. Ranges and no look-behind: the engine compiles them. */
const letters = 'a-z0-9\\u00c0-\\u024f\\u0370-\\u0dff\\u1000-\\u1fff'

function patternOf(words: readonly string[]): RegExp {
  const spaced = words.filter((word) => !cjk.test(word)).map(wordPattern)
  const others = words.filter((word) => cjk.test(word))
  const sources = [
    ...(spaced.length > 0 ? [`(?:^|[^${letters}])(?:${spaced.join('|')})`] : []),
    ...(others.length > 0 ? [`(?:${others.join('|')})`] : []),
  ]
  return new RegExp(sources.join('|'))
}

function wordPattern(word: string): string {
  const isStem = word.endsWith('*')
  const body = (isStem ? word.slice(0, -1) : word)
    .split(' ')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
    .join('[\\s._\\-]{0,2}')
  return isStem ? body : `${body}(?![${letters}])`
}

const cjk = /[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/

/** Whether one of the words stands within so many characters before the stretch or after it. */
export function hasContext(place: Stretch, words: ContextWords, before = 64, after = 32): boolean {
  const { view, start, end } = place
  return (
    isBetween(view, words, Math.max(0, start - before), start) ||
    isBetween(view, words, end, Math.min(view.lower.length, end + after))
  )
}

/** Whether one of the words stands in a short text, which is in lower case. */
export function isIn(words: ContextWords, lower: string): boolean {
  if (words.exact.test(lower)) return true
  return words.plain !== null && /[^\x00-\x7f]/.test(lower) && words.plain.test(bare(lower))
}

/** In what lies between, from its first letter to its last: most of what stands around numbers has none. */
function isBetween(view: Stretch['view'], words: ContextWords, from: number, to: number): boolean {
  const { lower } = view
  let start = from
  while (start < to && lower.charCodeAt(start) < 65) start++
  let end = to
  while (end > start && lower.charCodeAt(end - 1) < 65) end--
  if (start === end) return false
  // A word that is cut in two by the edge of the window is none.
  const first = start === from && from > 0 ? start - 1 : start
  const last = end === to ? end + 1 : end
  return mayStand(words.list, view, first, last) && isIn(words, lower.slice(first, last))
}

function bare(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '')
}
