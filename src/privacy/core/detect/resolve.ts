/**
 * What was found in all readings of a text becomes disjoint spans of the text:
 *
 * 1. A span never cuts a character; names that only language tells reach to the borders of words.
 * 2. Of the same place the strongest stays: lists of the house, then what is validated, then the higher score.
 * 3. A name inside of an address is a part of the address. A secret inside of anything is a secret.
 * 4. The strongest takes its place. What is left of a weaker one is covered too where it is at least half of it, or
 *    where the weaker one was validated.
 * 5. Nothing validated is left in clear, whatever happened before.
 * 6. A name that was found word by word is one name.
 */
import type { EntityType, Span } from '../words.ts'
import { inWord, isMark, kindAt, wholeEnd, wholeStart } from '../text/characters.ts'
import { comparable } from '../text/decode.ts'

export function resolveSpans(text: string, spans: readonly Span[]): readonly Span[] {
  const whole = spans.flatMap((span) => widened(text, span)).sort(byPlace)
  const resolved: Span[] = []
  for (let first = 0; first < whole.length;) {
    let end = whole[first]?.end ?? 0
    let last = first + 1
    for (let next = whole[last]; next !== undefined && next.start < end; next = whole[++last])
      end = Math.max(end, next.end)
    const cluster = whole.slice(first, last)
    resolved.push(...(cluster.length === 1 ? cluster : resolveCluster(text, cluster)))
    first = last
  }
  return merged(text, resolved)
}

const namedBy: ReadonlySet<EntityType> = new Set<EntityType>(['PERSON', 'ORGANIZATION', 'ADDRESS'])
const mostWidening = 32

/** 1. */
function widened(text: string, span: Span): readonly Span[] {
  let start = wholeStart(text, Math.max(0, span.start))
  let end = wholeEnd(text, Math.min(text.length, span.end))
  if (namedBy.has(span.type) && !span.isValidated) {
    for (let steps = 0; steps < mostWidening && isInside(text, start); steps++) start = wholeStart(text, start - 1)
    for (let steps = 0; steps < mostWidening && isInside(text, end); steps++) end = wholeEnd(text, end + 1)
  }
  while (isMark(text.charCodeAt(end))) end++
  if (end <= start) return []
  return start === span.start && end === span.end ? [span] : [{ ...span, start, end }]
}

/** Whether a word goes through this place. */
function isInside(text: string, at: number): boolean {
  if (at <= 0 || at >= text.length) return false
  return kindAt(text, wholeStart(text, at - 1)) === inWord && kindAt(text, at) === inWord
}

function byPlace(one: Span, other: Span): number {
  return one.start - other.start || other.end - one.end || byStrength(one, other)
}

const lists: readonly string[] = ['deny', 'vault', 'directory']

/** How sure it is: a list of the house, a check digit, its looks. */
function rankOf(span: Span): number {
  const list = lists.indexOf(span.recogniser)
  return list >= 0 ? list : span.isValidated ? lists.length : lists.length + 1
}

function byStrength(one: Span, other: Span): number {
  const isSure = Number(other.isValidated) - Number(one.isValidated)
  const length = other.end - other.start - (one.end - one.start)
  return isSure || length || rankOf(one) - rankOf(other) || other.score - one.score || byName(one, other)
}

/** For two that are equal in all that matters: the same order whatever order they came in. */
function byName(one: Span, other: Span): number {
  return (
    one.start - other.start ||
    compare(one.recogniser, other.recogniser) ||
    compare(one.type, other.type) ||
    compare(one.canonical, other.canonical) ||
    compare(one.view, other.view)
  )
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

interface Cluster {
  readonly text: string
  readonly from: number
  /** For each unit the next one, itself included, that is not covered; shortcuts are made while it is asked. */
  readonly next: Int32Array
  readonly spans: Span[]
}

function resolveCluster(text: string, cluster: readonly Span[]): readonly Span[] {
  const from = cluster[0]?.start ?? 0
  const to = cluster.reduce((end, span) => Math.max(end, span.end), from)
  const next = Int32Array.from({ length: to - from + 1 }, (_, index) => index)
  const state: Cluster = { text, from, next, spans: [] }
  const [later, now] = partsOfOthers(cluster)
  // 4.
  for (const span of now.sort(byTurn)) place(state, span)
  // 5.
  for (const span of later) if (span.isValidated) place(state, span)
  return joinScraps(text, state.spans.sort(byPlace))
}

/** A secret stays one wherever it stands. */
function byTurn(one: Span, other: Span): number {
  const isSecret = (span: Span) => Number(span.type === 'SECRET' && span.isValidated)
  return isSecret(other) - isSecret(one) || byStrength(one, other)
}

/** 3. Those that are only a part of another one, and all others. */
function partsOfOthers(cluster: readonly Span[]): readonly [Span[], Span[]] {
  const parts: Span[] = []
  const others: Span[] = []
  /** Of those that begin before: the one that ends last. */
  let outer: Span | null = null
  for (const span of cluster) {
    if (outer !== null && span.end <= outer.end && isPart(span, outer)) parts.push(span)
    else others.push(span)
    if (!isNameOnly(span) && (outer === null || span.end > outer.end)) outer = span
  }
  return [parts, others]
}

function isPart(inner: Span, outer: Span): boolean {
  if (inner.type === 'SECRET' && outer.type !== 'SECRET') return false
  const isSmaller = inner.end - inner.start < outer.end - outer.start
  return isSmaller && (outer.isValidated || (lists.includes(inner.recogniser) && wordy.has(inner.type)))
}

/** What addresses and links are made of. */
const wordy: ReadonlySet<EntityType> = new Set<EntityType>([...namedBy, 'TERM', 'USERNAME', 'HOST'])

/** What only language tells is no bracket around what is known for sure. */
function isNameOnly(span: Span): boolean {
  return namedBy.has(span.type) && !span.isValidated
}

/** Takes what is free of a span's place, if that is enough of it. */
function place(state: Cluster, span: Span): void {
  const free: [number, number][] = []
  let size = 0
  for (let at = nextFree(state, span.start); at < span.end;) {
    let end = at
    while (end < span.end && state.next[end - state.from] === end - state.from) end++
    free.push([at, end])
    size += end - at
    at = nextFree(state, end)
  }
  if (size === 0 || (!span.isValidated && size * 2 < span.end - span.start)) return
  for (const [start, end] of free) {
    for (let at = start; at < end; at++) state.next[at - state.from] = at - state.from + 1
    const isWhole = start === span.start && end === span.end
    if (isWhole) state.spans.push(span)
    else state.spans.push(...trimmed(state.text, span, { start, end }))
  }
}

function nextFree({ next, from }: Cluster, at: number): number {
  let free = at - from
  while (next[free] !== free) free = next[free] ?? next.length
  for (let index = at - from; index < free;) {
    const following = next[index] ?? free
    next[index] = free
    index = following
  }
  return free + from
}

/** A piece without the blanks at its ends; nothing, where it is nothing else. */
function trimmed(text: string, span: Span, piece: { readonly start: number; readonly end: number }): readonly Span[] {
  let { start, end } = piece
  while (start < end && blank.test(text.charAt(start))) start++
  while (end > start && blank.test(text.charAt(end - 1))) end--
  return end > start ? [pieceOf(text, span, start, end)] : []
}

const blank = /\s/

/** What is left of a value is another value. */
function pieceOf(text: string, span: Span, start: number, end: number): Span {
  return { ...span, start, end, canonical: comparable(text.slice(start, end)) }
}

/** Fewer letters and digits than this are no value of their own: the neighbour takes them. */
const leastPiece = 3

/** 4. What is left over and says nothing: one span with what it was left over from. */
function joinScraps(text: string, spans: readonly Span[]): readonly Span[] {
  const joined: Span[] = []
  for (const span of spans) {
    const last = joined.at(-1)
    const touches = last !== undefined && last.end === span.start
    if (touches && (isScrap(text, span) || isScrap(text, last))) {
      const winner = isScrap(text, span) ? last : span
      joined[joined.length - 1] = pieceOf(text, winner, last.start, span.end)
    } else joined.push(span)
  }
  return joined
}

function isScrap(text: string, { start, end, recogniser }: Span): boolean {
  if (end - start > leastPiece * 2 || lists.includes(recogniser)) return false
  let units = 0
  for (let at = start; at < end; at++) if (kindAt(text, at) === inWord) units++
  return units < leastPiece
}

/** 6. */
function merged(text: string, spans: readonly Span[]): readonly Span[] {
  const joined: Span[] = []
  for (const span of spans) {
    const last = joined.at(-1)
    const isSame = last?.type === span.type && (span.type === 'PERSON' || span.type === 'ADDRESS')
    const isNear = last !== undefined && span.start - last.end === 1 && text[last.end] === ' '
    if (last !== undefined && isSame && isNear && !last.isValidated && !span.isValidated) {
      const whole = pieceOf(text, last.score >= span.score ? last : span, last.start, span.end)
      joined[joined.length - 1] = { ...whole, score: Math.min(last.score, span.score) }
    } else joined.push(span)
  }
  return joined
}
