/** Everything in a text that stands for somebody or something, whatever way it is written. */
import type { EntityType, Recogniser, Span, View } from '../words.ts'
import type { Budget } from '../text/budget.ts'
import { readingsOf } from '../text/decode.ts'
import { firstFrom, type Reading } from '../text/reading.ts'
import type { AllowList } from './allow.ts'
import { isOneValue, lineFinds } from './broken-lines.ts'
import type { Dictionary } from './dictionary.ts'
import { literalRecogniser } from './literal.ts'
import type { DenyPatterns } from './patterns.ts'
import { resolveSpans } from './resolve.ts'
import { createScanner, type Hit, type Scanner } from './scan.ts'

export interface DetectOptions {
  /** What is known: of the house, of the scope. */
  readonly dictionaries: readonly Dictionary[]
  readonly patterns?: DenyPatterns | null
  readonly allow?: AllowList | null
  /** What a recogniser of names found in this text; offsets are the text's. */
  readonly extra?: readonly Span[]
  /** Types that are left as they are; what the deny list says and what looks like a placeholder is never. */
  readonly pass?: readonly EntityType[]
  /** What is less sure than this is left; lists are always sure. 0 where it is not said. */
  readonly minScore?: number
  /** One for all texts of a request. */
  readonly budget: Budget
}

export type Detection =
  | { readonly kind: 'spans'; readonly spans: readonly Span[] }
  /** The text was not looked at as a whole: it must not leave. */
  | { readonly kind: 'exceeded'; readonly what: string }

export interface Detector {
  /** Disjoint, in order, in units of the text. Throws what a recogniser throws: a bug. */
  detect(text: string, options: DetectOptions): Detection
}

export function createDetector(recognisers: readonly Recogniser[]): Detector {
  const scanner = createScanner([...recognisers, literalRecogniser])
  return { detect: (text, options) => detect(scanner, text, options) }
}

function detect(scanner: Scanner, text: string, options: DetectOptions): Detection {
  const readings = readingsOf(text, options.budget)
  if (readings === null) return { kind: 'exceeded', what: 'more encoded text than is read in one request' }
  const spans: Span[] = [...(options.extra ?? [])]
  for (const reading of readings) {
    const hits = hitsIn(scanner, reading, options)
    if (hits === null) return { kind: 'exceeded', what: 'more matches of a denied pattern than are looked at' }
    // What stands on single lines is known before what goes over their ends.
    const kept = hits.filter((hit) => reading.keeps(hit.start, hit.end))
    const found = reading.breaks.length > 0 && kept.length > 0 ? lineFinds(spans) : null
    for (const hit of kept) if (found === null || isOneValue(hit, reading, found)) spans.push(spanOf(hit, reading.view))
  }
  const wanted = withoutAllowed(
    spans.filter((span) => isWanted(span, options)),
    readings,
    options.allow ?? null,
  )
  return { kind: 'spans', spans: resolveSpans(text, withoutEscapes(text, wanted)) }
}

/** Where nothing was found that could be allowed, nobody looks for what is. */
function withoutAllowed(
  spans: readonly Span[],
  readings: readonly Reading[],
  allow: AllowList | null,
): readonly Span[] {
  if (allow === null || !spans.some(mayBeAllowed)) return spans
  const isAllowed = createCover(readings.flatMap((reading) => (reading.isFolded ? rangesOf(allow, reading) : [])))
  return spans.filter((span) => !(mayBeAllowed(span) && isAllowed(span)))
}

interface Range {
  readonly start: number
  readonly end: number
}

function hitsIn(scanner: Scanner, reading: Reading, options: DetectOptions): readonly Hit[] | null {
  const hits = [...scanner.scan(reading.view, reading.mayKeep)]
  for (const dictionary of reading.isFolded ? options.dictionaries : [])
    for (const { start, end, term } of dictionary.find(reading.view)) {
      const { type, canonical, source } = term
      hits.push({ start, end, type, canonical, recogniser: source, score: 1, isValidated: true })
    }
  if (options.patterns == null) return hits
  const denied = options.patterns.find(reading.view)
  if (denied === null) return null
  for (const hit of denied) hits.push(hit)
  return hits
}

function spanOf(hit: Hit, view: View): Span {
  return { ...hit, start: view.rawStart(hit.start), end: view.rawEnd(hit.end), view: view.kind }
}

function rangesOf(allow: AllowList, { view, keeps }: Reading): readonly Range[] {
  const ranges: Range[] = []
  for (const { start, end } of allow.find(view))
    if (keeps(start, end)) ranges.push({ start: view.rawStart(start), end: view.rawEnd(end) })
  return ranges
}

function isWanted({ recogniser, type, score, canonical }: Span, { pass, minScore, allow }: DetectOptions): boolean {
  if (recogniser === 'deny' || type === 'LITERAL') return true
  if (score < (minScore ?? 0) || pass?.includes(type)) return false
  return type === 'SECRET' || allow == null || !allow.has(canonical)
}

/** The deny list is stronger, and so is a secret that proves itself. */
function mayBeAllowed({ recogniser, type, isValidated }: Span): boolean {
  return recogniser !== 'deny' && type !== 'LITERAL' && !(type === 'SECRET' && isValidated)
}

/** Whether one of the ranges has all of a span in it. */
function createCover(ranges: readonly Range[]): (span: Range) => boolean {
  if (ranges.length === 0) return () => false
  const sorted = ranges.toSorted((one, other) => one.start - other.start)
  const starts = sorted.map((range) => range.start)
  const ends: number[] = []
  for (const { end } of sorted) ends.push(Math.max(end, ends.at(-1) ?? 0))
  return ({ start, end }) => (ends[firstFrom(starts, start + 1) - 1] ?? -1) >= end
}

/**
 * `\nada@example.org` in a string of a program: the n belongs to the escape. What begins with it is dropped where the
 * same begins behind it as well.
 */
function withoutEscapes(text: string, spans: readonly Span[]): readonly Span[] {
  const isEscape = ({ start }: Span): boolean => text[start - 1] === '\\' && /[nrt]/.test(text.charAt(start))
  if (!text.includes('\\') || !spans.some(isEscape)) return spans
  const unescaped = new Set(spans.map(({ type, start, end }) => `${type} ${start} ${end}`))
  return spans.filter((span) => !isEscape(span) || !unescaped.has(`${span.type} ${span.start + 1} ${span.end}`))
}
