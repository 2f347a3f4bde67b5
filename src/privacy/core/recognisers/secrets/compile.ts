import { reach, type Found, type Place, type Recogniser } from '../../words.ts'
import { isRun, type Format, type Part } from './format.ts'
import { classesOf, hasDigit, hasLetter, isExampleToken, isMonotonous, isWordy } from './randomness.ts'

/** How far behind the word that gives it its meaning a secret may stand. */
export const nearby = 96

/** One recogniser for one published form. Throws when a form cannot be looked for: a mistake in a table. */
export function compileFormat(format: Format): Recogniser {
  return format.near ? compileContextual(format, format.near) : compileAnchored(format)
}

/** Begins where the first literal stands; fixed runs before it (`xxxQ~`, `….atlasv1.`) are read backwards. */
function compileAnchored(format: Format): Recogniser {
  const anchor = anchorOf(format.parts)
  const literal = format.parts[anchor]
  if (literal === undefined || isRun(literal)) throw new Error(`${format.id} has nothing to look for`)
  const literals = (typeof literal === 'string' ? [literal] : literal).map((each) => each.toLowerCase())
  const before = leadOf(format, anchor)
  const valueFrom = format.valueFrom ?? 0
  const pattern = new RegExp(
    `${sourceOf(format.parts.slice(0, valueFrom))}(${sourceOf(format.parts.slice(valueFrom))})`,
    'y',
  )
  return {
    id: `secret.${format.id}`,
    type: 'SECRET',
    trigger: { kind: 'literal', literals: [...new Set(literals)] },
    match: ({ view: { text }, start }) => {
      const begin = before === null ? start : before(text, start)
      if (begin < 0 || !isFreeBefore(text, begin)) return null
      pattern.lastIndex = begin
      const value = pattern.exec(text)?.[1]
      return value === undefined ? null : judge(format, text, pattern.lastIndex - value.length, value, 0.95)
    },
  }
}

/** The first literal that is long enough to be rare, else the longest. */
function anchorOf(parts: readonly Part[]): number {
  const lengths = parts.map((part) =>
    isRun(part) ? 0 : typeof part === 'string' ? part.length : Math.min(...part.map((each) => each.length)),
  )
  const rare = lengths.findIndex((length) => length >= 3)
  return rare >= 0 ? rare : lengths.indexOf(Math.max(...lengths))
}

/** Where a form begins whose anchor stands at `anchorAt`; -1: nowhere. */
function leadOf(format: Format, anchor: number): ((text: string, anchorAt: number) => number) | null {
  if (anchor === 0) return null
  const lead = format.parts.slice(0, anchor)
  const lengths = lead.map((part) => (isRun(part) ? (part.min === part.max ? part.max : NaN) : part.length))
  const length = lengths.reduce((sum, each) => sum + each, 0)
  if (!Number.isNaN(length)) return (_, anchorAt) => anchorAt - length
  const [only] = lead
  if (lead.length > 1 || only === undefined || !isRun(only))
    throw new Error(`${format.id} has runs of no fixed length before its anchor`)
  const isOf = new RegExp(`^[${only.of}]$`)
  return (text, anchorAt) => {
    let begin = anchorAt
    while (begin > 0 && anchorAt - begin < only.max && isOf.test(text.charAt(begin - 1))) begin--
    return anchorAt - begin < only.min ? -1 : begin
  }
}

/** A run without a mark of its own, shortly behind a word: `DATADOG_API_KEY=…`, “the Hetzner token is …”. */
function compileContextual(format: Format, near: readonly string[]): Recogniser {
  const edges = edgesOf(format.parts)
  const pattern = new RegExp(`(?<![${edges}])(?:${sourceOf(format.parts)})(?![${edges}])`, 'g')
  return {
    id: `secret.${format.id}`,
    type: 'SECRET',
    trigger: { kind: 'literal', literals: near },
    match: ({ view: { text }, start, end }: Place): Found | null => {
      // `plex` in `complex`; but `myPlexToken`, `DD_API_KEY`.
      if (!isFreeBefore(text, start) && !isCapitalised(text, start)) return null
      const window = text.slice(end, end + nearby + reach)
      pattern.lastIndex = 0
      const hit = pattern.exec(window)
      if (hit === null || hit.index > nearby) return null
      const gap = text.slice(end - 1, end + hit.index)
      if (!giving.test(gap) || digestWords.test(gap)) return null
      return judge(format, text, end + hit.index, hit[0], 0.8)
    },
  }
}

const giving = /[=:>"'`(]|\b(?:is|ist|est|es)\s|key|token|secret|pass|auth|pat\b|credential/i
const digestWords = /\b(?:sha-?\d*|md5|commit|digest|checksum|revision|etag|hash|blob|tree|integrity)\b/i

function judge(format: Format, text: string, start: number, seen: string, score: number): Found | null {
  // The dot behind a sentence is none of the token's, even where tokens have dots.
  const value = seen.endsWith('.') ? seen.slice(0, -1) : seen
  const end = start + value.length
  if (!isFreeAfter(text, end)) return null
  const isValidated = format.proof?.holds(value) ?? false
  const rest = variableOf(format, value)
  if (!isValidated && (isExampleToken(value) || isMonotonous(rest))) return null
  if (format.near && !isMixed(format, rest)) return null
  if (format.isCommon && (!hasDigit(rest) || !hasLetter(rest) || isWordy(rest) || isDull(rest))) return null
  return { start, end, score: isValidated ? 1 : score, isValidated, canonical: value }
}

/** Hardly more than lower-case words with a number: `fw_release_candidate_build_2`. */
function isDull(text: string): boolean {
  return classesOf(text) < 2 || (text.replace(/[^0-9A-Z]/g, '').length < 3 && text.length >= 16)
}

/** The value without the literal that it begins with. */
function variableOf(format: Format, value: string): string {
  const first = format.parts[format.valueFrom ?? 0]
  if (first === undefined || isRun(first)) return value
  const literal = (typeof first === 'string' ? [first] : first).find((each) => value.startsWith(each))
  return value.slice(literal?.length ?? 0)
}

/** A digit and a letter, where the form allows both. */
function isMixed(format: Format, text: string): boolean {
  const classes = format.parts.filter(isRun).map((part) => part.of)
  const mayHave = (range: RegExp) => classes.some((each) => range.test(each))
  return (hasDigit(text) || !mayHave(/0-9|2-7/)) && (hasLetter(text) || !mayHave(/[a-f]-[fz]/i))
}

/** No letter or digit before it; the `n` of an escape (`"…\nghp_…"`) is none. */
export function isFreeBefore(text: string, at: number): boolean {
  if (at === 0 || !isAlnum(text.charCodeAt(at))) return true
  if (!isAlnum(text.charCodeAt(at - 1))) return true
  return isEscape(text, at - 1)
}

const isCapitalised = (text: string, at: number): boolean =>
  /^[A-Z]$/.test(text.charAt(at)) && /^[a-z]$/.test(text.charAt(at - 1))

/** Whether the letter at `at` is that of `\\n`, `\\r` or `\\t`, written out. */
export function isEscape(text: string, at: number): boolean {
  return text.charCodeAt(at - 1) === backslash && 'nrt'.includes(text.charAt(at))
}

function isFreeAfter(text: string, at: number): boolean {
  const last = text.charCodeAt(at - 1)
  const next = text.charCodeAt(at)
  return !(isAlnum(last) || last === underscore) || !(isAlnum(next) || next === underscore)
}

function isAlnum(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
}

function sourceOf(parts: readonly Part[]): string {
  return parts.map(sourceOfPart).join('')
}

function sourceOfPart(part: Part): string {
  if (isRun(part)) return `[${part.of}]{${part.min},${part.max}}`
  if (typeof part === 'string') return escape(part)
  return `(?:${part.map(escape).join('|')})`
}

function escape(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}/-]/g, '\\$&')
}

/** What must not stand directly before or behind: more of the same. */
function edgesOf(parts: readonly Part[]): string {
  return parts.some((part) => isRun(part) && part.of.includes('+/')) ? 'A-Za-z0-9_+/' : 'A-Za-z0-9_'
}

const backslash = 92
const underscore = 95
