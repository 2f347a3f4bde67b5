/** Words around a value that say what it is. */

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
}

/**
 * Whole words or phrases in lower case; `telefon*` is the beginning of one. A word without diacritics is found with and
 * without them (`numero` finds `número`); one with them only as it is. Blanks in phrases stand for any blanks,
 * hyphens, dots and underscores. Chinese, Japanese and Korean words have no borders.
 */
export function contextWords(...lists: readonly (string | readonly string[])[]): ContextWords {
  const words = lists.flat()
  const plain = words.filter((word) => !/[^\x20-\x7e]/.test(word))
  return { exact: patternOf(words), plain: plain.length === 0 ? null : patternOf(plain) }
}

function patternOf(words: readonly string[]): RegExp {
  const spaced = words.filter((word) => !cjk.test(word)).map(wordPattern)
  const others = words.filter((word) => cjk.test(word))
  const sources = [
    ...(spaced.length > 0 ? [`(?<![\\p{L}\\p{N}])(?:${spaced.join('|')})`] : []),
    ...(others.length > 0 ? [`(?:${others.join('|')})`] : []),
  ]
  return new RegExp(sources.join('|'), 'u')
}

function wordPattern(word: string): string {
  const isStem = word.endsWith('*')
  const body = (isStem ? word.slice(0, -1) : word)
    .split(' ')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
    .join('[\\s._\\-]{0,2}')
  return isStem ? body : `${body}(?![\\p{L}\\p{N}])`
}

const cjk = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/

/** Whether one of the words stands within so many characters before the stretch or after it. */
export function hasContext(place: Stretch, words: ContextWords, before = 64, after = 32): boolean {
  const { lower } = place.view
  const ahead = lower.slice(Math.max(0, place.start - before), place.start)
  const behind = lower.slice(place.end, place.end + after)
  if (words.exact.test(ahead) || words.exact.test(behind)) return true
  if (words.plain === null || !/[^\x00-\x7f]/.test(ahead + behind)) return false
  return words.plain.test(bare(ahead)) || words.plain.test(bare(behind))
}

function bare(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '')
}
