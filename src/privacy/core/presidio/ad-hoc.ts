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

/** Of one request, over all its recognisers. */
export const adHocLimits = { patterns: 100, patternLength: 2000, found: 10_000 } as const

export type AdHocMatcher = (text: string) => readonly AdHocFound[]

/** A sentence where a pattern is none, or there are too many; matching is linear in the text. */
export function compileAdHoc(recognisers: readonly AdHoc[]): AdHocMatcher | string {
  const compiled: { readonly entity: string; readonly score: number; readonly name: string; readonly regex: RE2JS }[] =
    []
  for (const { entity, denyList, denyScore, patterns } of recognisers) {
    const words = denyList.length === 0 ? [] : [{ name: 'deny_list', regex: wordsPattern(denyList), score: denyScore }]
    for (const { name, regex, score } of [...patterns, ...words]) {
      const isLong = name !== 'deny_list' && regex.length > adHocLimits.patternLength
      if (compiled.length === adHocLimits.patterns || isLong) return tooMuch
      try {
        compiled.push({ entity, score, name, regex: RE2JS.compile(regex, RE2JS.CASE_INSENSITIVE) })
      } catch (thrown) {
        const why = thrown instanceof Error ? thrown.message : 'unknown'
        return `The pattern ${name} of ${entity} cannot be read (RE2 has no lookarounds or backreferences): ${why}`
      }
    }
  }
  return (text) => {
    const found: AdHocFound[] = []
    for (const { entity, score, name, regex } of compiled) {
      const matcher = regex.matcher(text)
      while (matcher.find() && found.length < adHocLimits.found) {
        const start = matcher.start()
        const end = matcher.end()
        if (end > start) found.push({ start, end, entity, score, pattern: name })
      }
    }
    return found
  }
}

const tooMuch =
  `ad_hoc_recognizers may have at most ${adHocLimits.patterns} patterns of at most ` +
  `${adHocLimits.patternLength} characters each.`

/** Words that no letter or digit touches, where they begin and end with one. */
function wordsPattern(words: readonly string[]): string {
  const bounded = words.map(
    (word) => `${/^\w/.test(word) ? '\\b' : ''}${RE2JS.quote(word)}${/\w$/.test(word) ? '\\b' : ''}`,
  )
  return `(?:${bounded.join('|')})`
}

/** Whether a value is on a list of patterns, from its beginning to its end; a sentence where one is none. */
export function compileAllowed(patterns: readonly string[]): ((value: string) => boolean) | string {
  try {
    const compiled = patterns.map((pattern) => RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE))
    return (value) => compiled.some((regex) => regex.matcher(value).find())
  } catch (thrown) {
    return `allow_list cannot be read: ${thrown instanceof Error ? thrown.message : 'unknown'}`
  }
}
