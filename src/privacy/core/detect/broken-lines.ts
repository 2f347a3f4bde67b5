/**
 * Whether something that was found over a line's end is one value. What a list or a check digit vouches for is; of the
 * rest, what already is a value on its own line belongs to the next line only where it looks broken off.
 */
import { parse } from 'tldts'
import type { EntityType, Span } from '../words.ts'
import { firstFrom, type Reading } from '../text/reading.ts'
import type { Hit } from './scan.ts'

/** What was found on single lines, by where it begins and where it ends. */
export interface LineFinds {
  /** Whether something of the type begins at `start` and reaches to `end` at least. */
  reaches(type: EntityType, start: number, end: number): boolean
  /** Whether something of the type ends at `end` and begins at `start` at the latest. */
  comesFrom(type: EntityType, start: number, end: number): boolean
}

export function lineFinds(spans: readonly Span[]): LineFinds {
  const ends = new Map<string, number>()
  const starts = new Map<string, number>()
  for (const { type, start, end } of spans) {
    const [from, to] = [`${type} ${start}`, `${type} ${end}`]
    ends.set(from, Math.max(ends.get(from) ?? 0, end))
    starts.set(to, Math.min(starts.get(to) ?? Infinity, start))
  }
  return {
    reaches: (type, start, end) => (ends.get(`${type} ${start}`) ?? -1) >= end,
    comesFrom: (type, start, end) => (starts.get(`${type} ${end}`) ?? Infinity) <= start,
  }
}

export function isOneValue(hit: Hit, { view, breaks }: Reading, found: LineFinds): boolean {
  if (hit.isValidated && !loose.has(hit.type)) return true
  const first = breaks[firstFrom(breaks, hit.start + 1)] ?? hit.end
  const last = breaks[firstFrom(breaks, hit.end) - 1] ?? hit.start
  if (hit.type === 'URL' && isWholeBefore(hit, view.text, first)) return false
  const isLeft = found.comesFrom(hit.type, view.rawStart(hit.start), view.rawEnd(first))
  const isRight = found.reaches(hit.type, view.rawStart(last), view.rawEnd(hit.end))
  if (!isLeft && !isRight) return !hit.recogniser.startsWith('secret.generic') || isBrokenToken(hit, view.text, last)
  // alice.bren|ner@example.com, but never file|ner@example.com.
  if (isRight) return hit.type === 'EMAIL' && /[._+\-\d]./.test(view.text.slice(hit.start, first))
  // The end of a key, but never the next line's name: `A=…|B=…`.
  const rest = view.text.slice(last, hit.end)
  return hit.type === 'SECRET' && brokenOff.test(rest) && !/^\s*[=:]/.test(view.text.slice(hit.end, hit.end + 8))
}

/**
 * `https://api.example.com` and the next line's `apiKey:`: a public host is whole where its line ends, and what joins a
 * name and a value belongs to no address.
 */
function isWholeBefore({ start, end }: Hit, text: string, first: number): boolean {
  const host = /:\/\/([^/?#@:]+)$/.exec(text.slice(start, first))?.[1]
  if (host === undefined) return false
  return /^\s*[=:](?!\d)/.test(text.slice(end, end + 8)) || parse(host.toLowerCase()).isIcann === true
}

/** Their validity is that of an ending: with the word of the line before it they are as valid. */
const loose: ReadonlySet<EntityType> = new Set<EntityType>(['EMAIL', 'URL', 'HOST'])

/**
 * What is a secret for its name alone is one token, and its end looks like one: `None):` and the next line are code.
 */
const isBrokenToken = ({ start, end }: Hit, text: string, last: number): boolean =>
  /^[\w+/=.~-]+$/.test(text.slice(start, end)) && brokenOff.test(text.slice(last, end))

const brokenOff = /^(?=[^\d]*\d)(?=[^a-z]*[a-z])[\w+/-]{6,}$/i
