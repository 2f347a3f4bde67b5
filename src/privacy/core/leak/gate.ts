import { placeholderPattern } from '../placeholder.ts'
import type { EntityType } from '../words.ts'
import type { FormKind } from './forms.ts'
import type { NeedleHit, Needles } from './needles.ts'
import { stringsOf } from './json-strings.ts'
import { isProtocolWord } from './protocol-words.ts'
import { readingsOf, type Reading, type ReadingKind } from './readings.ts'

/** A request as it is about to leave: exactly what the door would write. */
export interface Leaving {
  /** Whole, or from its path on, with the query. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | null
  /** What stands there on purpose: the model's name, a value of the allow list. Whatever their case. */
  readonly allowed?: readonly string[]
}

/** Where recognisers look once more at what is about to leave: those only that a check digit or a checksum proves. */
export type Recheck = (text: string) => Iterable<{
  readonly type: EntityType
  readonly start: number
  readonly end: number
}>

export interface Leak {
  readonly type: EntityType
  readonly where: 'url' | 'header' | 'body'
  /** `recheck`: no known value; a recogniser saw one. */
  readonly form: FormKind | 'recheck'
  readonly reading: ReadingKind
  /** Of the bytes as sent; for a recheck of the text that was looked at. */
  readonly offset: number
}

/** `exceeded`: it was too much work to say; as little may leave as with leaks. */
export type LeakVerdict =
  | { readonly kind: 'clean' }
  | {
      readonly kind: 'leaks'
      readonly leaks: readonly Leak[]
      readonly counts: Readonly<Partial<Record<EntityType, number>>>
    }
  | { readonly kind: 'exceeded' }

/**
 * The last look at a request before it leaves the house: none of the needles may stand in it, in whatever form, and no
 * validated recogniser may see anything. Placeholders and what is allowed are no leaks. Never tells a value.
 */
export function findLeaks(leaving: Leaving, needleSets: readonly Needles[], recheck?: Recheck): LeakVerdict {
  const allowed = (leaving.allowed ?? []).filter((value) => value !== '').map((value) => value.toLowerCase())
  const leaks: Leak[] = []
  for (const { where, bytes } of partsOf(leaving)) {
    const readings = readingsOf(bytes)
    for (const reading of readings) {
      for (const needles of needleSets) {
        const { hits, isWhole } = needles.scan(reading.bytes)
        for (const hit of hits) {
          if (isMeant(reading.bytes, hit, allowed)) continue
          const offset = reading.sentAt(hit.start)
          // What is seen in the bytes as they are is seen again with the escapes taken out.
          if (isKnown(leaks, { type: hit.type, where, offset })) continue
          leaks.push({ type: hit.type, where, form: hit.form, reading: reading.kind, offset })
        }
        if (!isWhole && leaks.length === 0) return { kind: 'exceeded' }
      }
    }
    if (!recheck) continue
    for (const leak of recheckIn(where, readings, { recheck, allowed })) if (!isKnown(leaks, leak)) leaks.push(leak)
  }
  if (leaks.length === 0) return { kind: 'clean' }
  const counts: Partial<Record<EntityType, number>> = {}
  for (const { type } of leaks) counts[type] = (counts[type] ?? 0) + 1
  return { kind: 'leaks', leaks, counts }
}

/** These carry the upstream's own credential, and nothing of the caller's. */
const credentialHeaders: ReadonlySet<string> = new Set(['authorization', 'x-api-key', 'api-key', 'x-goog-api-key'])

interface Part {
  readonly where: Leak['where']
  readonly bytes: Uint8Array
}

function partsOf({ url, headers, body }: Leaving): readonly Part[] {
  const parts: Part[] = [{ where: 'url', bytes: encoder.encode(url) }]
  for (const [name, value] of Object.entries(headers))
    if (!credentialHeaders.has(name.toLowerCase())) parts.push({ where: 'header', bytes: encoder.encode(value) })
  if (body && body.length > 0) parts.push({ where: 'body', bytes: body })
  return parts
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

function isKnown(leaks: readonly Leak[], other: Pick<Leak, 'type' | 'where' | 'offset'>): boolean {
  return leaks.some(
    ({ type, where, offset }) => type === other.type && where === other.where && offset === other.offset,
  )
}

/** Strings of JSON one by one; of what is no JSON every reading, for no one of them is surely the right one. */
function* recheckIn(
  where: Leak['where'],
  readings: readonly Reading[],
  { recheck, allowed }: { readonly recheck: Recheck; readonly allowed: readonly string[] },
): Generator<Leak> {
  const strings = where === 'body' && readings[0] ? stringsOf(readings[0].bytes) : null
  const texts =
    strings === null
      ? readings.map(({ kind, bytes }) => ({ kind, text: decoder.decode(bytes) }))
      : [{ kind: 'json' as const, text: strings }]
  for (const { kind, text } of texts) {
    for (const { type, start, end } of recheck(text)) {
      const from = Math.max(0, start - windowUnits)
      const around = text.slice(from, end + windowUnits)
      if (isCovered(around, { start: start - from, length: end - start, allowed })) continue
      yield { type, where, form: 'recheck', reading: kind, offset: start }
    }
  }
}

const windowUnits = 256

function isMeant(bytes: Uint8Array, hit: NeedleHit, allowed: readonly string[]): boolean {
  const from = Math.max(0, hit.start - windowUnits)
  const around = bytes.subarray(from, hit.end + windowUnits)
  // One character for each byte, so that places stay places; allowed values are written the same way.
  const text = String.fromCharCode(...around)
  const place = { start: hit.start - from, length: hit.end - hit.start }
  if (isProtocolWord(text, place)) return true
  const written = allowed.map((value) => String.fromCharCode(...encoder.encode(value)).toLowerCase())
  return isCovered(text, { ...place, allowed: written })
}

/** Whether a place lies within a placeholder or an allowed value. */
function isCovered(
  text: string,
  { start, length, allowed }: { readonly start: number; readonly length: number; readonly allowed: readonly string[] },
): boolean {
  for (const { index, 0: found } of text.matchAll(placeholderPattern))
    if (index <= start && index + found.length >= start + length) return true
  if (allowed.length === 0) return false
  const lower = text.toLowerCase()
  return allowed.some((value) => {
    for (let at = lower.indexOf(value); at !== -1 && at <= start; at = lower.indexOf(value, at + 1))
      if (at + value.length >= start + length) return true
    return false
  })
}
