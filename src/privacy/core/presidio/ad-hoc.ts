import { RE2JS } from 're2js'

/** Recognisers that come with one request: a list of words, or patterns. */
export interface AdHoc {
  readonly entity: string
  readonly denyList: readonly string[]
  readonly denyScore: number
  readonly patterns: readonly { readonly name: string; readonly regex: string; readonly score: number }[]
}

export interface AdHocFound {
  /** UTF-16 units. */
  readonly start: number
  readonly end: number
  readonly entity: string
  readonly score: number
  readonly pattern: string
}

/**
 * Of one request, over all its recognisers. `work`: letters times patterns; an engine without backtracking needs about
 * a
 * third of a microsecond for each, and nobody else is served meanwhile.
 */
export const adHocLimits = { patterns: 100, patternLength: 2000, words: 1000, found: 10_000, work: 400_000 } as const

export interface AdHocMatcher {
  /** How many patterns are matched letter by letter. */
  readonly patterns: number
  find(text: string): readonly AdHocFound[]
}

/** A sentence where a pattern is none, or there are too many; matching is linear in the text. */
export function compileAdHoc(recognisers: readonly AdHoc[]): AdHocMatcher | string {
  const patterns = recognisers.flatMap(({ entity, patterns: own }) => own.map((pattern) => ({ entity, ...pattern })))
  const words = recognisers.flatMap(({ denyList }) => denyList)
  if (patterns.length > adHocLimits.patterns || words.length > adHocLimits.words) return tooMuch
  if ([...words, ...patterns.map(({ regex }) => regex)].some((text) => text.length > adHocLimits.patternLength))
    return tooMuch
  const compiled: { readonly entity: string; readonly score: number; readonly name: string; readonly regex: RE2JS }[] =
    []
  for (const { entity, name, regex, score } of patterns) {
    try {
      compiled.push({ entity, score, name, regex: RE2JS.compile(regex, RE2JS.CASE_INSENSITIVE) })
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : 'unknown'
      return `The pattern ${name} of ${entity} cannot be read (RE2 has no lookarounds or backreferences): ${why}`
    }
  }
  return {
    patterns: compiled.length,
    find(text) {
      const found: AdHocFound[] = []
      for (const { entity, denyList, denyScore } of recognisers) {
        if (denyList.length === 0) continue
        for (const { 0: word, index } of text.matchAll(wordsPattern(denyList)))
          add(found, { start: index, end: index + word.length, entity, score: denyScore, pattern: 'deny_list' })
      }
      for (const { entity, score, name, regex } of compiled) {
        const matcher = regex.matcher(text)
        while (found.length < adHocLimits.found && matcher.find())
          add(found, { start: matcher.start(), end: matcher.end(), entity, score, pattern: name })
      }
      return found
    },
  }
}

function add(found: AdHocFound[], place: AdHocFound): void {
  if (place.end > place.start && found.length < adHocLimits.found) found.push(place)
}

const tooMuch =
  `ad_hoc_recognizers may have at most ${adHocLimits.patterns} patterns and ${adHocLimits.words} words of at most ` +
  `${adHocLimits.patternLength} characters each.`

/** Words that no letter or digit touches, where they begin and end with one: literals only, so it never goes back. */
function wordsPattern(words: readonly string[]): RegExp {
  const bounded = words.map((word) => {
    const literal = word.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)
    return `${/^[\p{L}\p{N}_]/u.test(word) ? before : ''}${literal}${/[\p{L}\p{N}_]$/u.test(word) ? behind : ''}`
  })
  return new RegExp(bounded.join('|'), 'giu')
}

const before = String.raw`(?<![\p{L}\p{N}_])`
const behind = String.raw`(?![\p{L}\p{N}_])`

/** Whether a value is on a list of patterns, from its beginning to its end; a sentence where one is none. */
export function compileAllowed(patterns: readonly string[]): ((value: string) => boolean) | string {
  const { patterns: most, patternLength } = adHocLimits
  if (patterns.length > most || patterns.some((pattern) => pattern.length > patternLength))
    return `allow_list may have at most ${most} patterns of at most ${patternLength} characters each.`
  try {
    const compiled = patterns.map((pattern) => RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE))
    return (value) => compiled.some((regex) => regex.matcher(value).find())
  } catch (thrown) {
    return `allow_list cannot be read: ${thrown instanceof Error ? thrown.message : 'unknown'}`
  }
}
