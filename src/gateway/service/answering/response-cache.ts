import type { Clock, MonoMs } from '#kernel/time.ts'
import type { Caller } from '#kernel/words.ts'
import { sha256Hex } from '#platform/crypto/hash.ts'
import { concat } from '#protocol/json/bytes.ts'
import { cacheKey } from '../../core/cache-key.ts'
import type { Route } from '../../core/choose.ts'

export interface CacheLimits {
  readonly maxBytes: number
  readonly maxEntryBytes: number
}

export interface CacheAsk {
  readonly route: Pick<Route, 'name' | 'cacheTtlMs'>
  readonly caller: Pick<Caller, 'key'>
  readonly endpoint: string
  /** As the caller sent it. */
  readonly body: Uint8Array
  /** For `cache-control`. */
  readonly headers: Pick<Headers, 'get'>
}

/** An answer as its caller got it: its bytes, of a stream all events with the last one. */
export interface KeptAnswer {
  readonly contentType: string
  readonly bytes: Uint8Array
}

export type Looked =
  /** The route keeps no answers. */
  | { readonly kind: 'off' }
  /** This request is none for a cache, or its caller wants none. */
  | { readonly kind: 'bypass'; readonly why: string }
  | { readonly kind: 'hit'; readonly answer: KeptAnswer; readonly ageMs: number }
  | {
      readonly kind: 'miss'
      /** Only for a complete answer with status 200. */
      store(answer: KeptAnswer): void
      /** For an answer that comes in pieces. */
      record(): Recording
    }

/** Gathers an answer while it goes to its caller. What is longer than an entry may be is let go at once. */
export interface Recording {
  push(bytes: Uint8Array): void
  /** The answer is complete: it is kept from now on. Without it nothing is. */
  complete(contentType: string): void
}

interface Entry extends KeptAnswer {
  readonly storedAt: MonoMs
  readonly until: MonoMs
  readonly cost: number
}

/** What an entry takes beside its bytes: its key, its place in the map, its object. */
const entryOverheadBytes = 400

const off: Looked = { kind: 'off' }
const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Answers that were given before, in memory, for routes that say so. Bounded by bytes: the least recently used go
 * first.
 * Synchronous; a house without such a route pays one comparison.
 */
export class ResponseCache {
  readonly #limits: () => CacheLimits
  readonly #clock: Clock
  /** In the order of their last use. */
  readonly #entries = new Map<string, Entry>()
  #bytes = 0
  #evictions = 0
  #generation = 0

  constructor({ limits, clock }: { readonly limits: () => CacheLimits; readonly clock: Clock }) {
    this.#limits = limits
    this.#clock = clock
  }

  get counts(): { readonly entries: number; readonly bytes: number; readonly evictions: number } {
    return { entries: this.#entries.size, bytes: this.#bytes, evictions: this.#evictions }
  }

  look(ask: CacheAsk): Looked {
    const ttlMs = ask.route.cacheTtlMs
    if (ttlMs === null || ttlMs <= 0) return off
    const wish = wishOf(ask.headers)
    if (wish.isNoStore) return { kind: 'bypass', why: 'no-store' }
    // A question that is longer than an answer may be costs more to compare than most answers to make.
    if (ask.body.length > this.#limits().maxEntryBytes) return { kind: 'bypass', why: 'size' }
    const found = keyOf(ask)
    if (found.kind === 'bypass') return found
    const key = sha256Hex(found.text)
    const hit = this.#find(key, wish.maxAgeMs)
    if (hit !== null) return { kind: 'hit', answer: hit, ageMs: this.#clock.mono() - hit.storedAt }
    const generation = this.#generation
    const store = (answer: KeptAnswer): void => {
      if (generation === this.#generation) this.#store(key, answer, ttlMs)
    }
    return { kind: 'miss', store, record: () => new AnswerRecording(store, this.#limits().maxEntryBytes) }
  }

  /** Lets go of everything: what people decided has changed, and old answers may not be those of the new models. */
  clear(): void {
    this.#entries.clear()
    this.#bytes = 0
    this.#generation += 1
  }

  #find(key: string, maxAgeMs: number): Entry | null {
    const entry = this.#entries.get(key)
    if (entry === undefined) return null
    const now = this.#clock.mono()
    if (entry.until <= now) {
      this.#remove(key, entry)
      return null
    }
    if (now - entry.storedAt >= maxAgeMs) return null
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry
  }

  #store(key: string, { contentType, bytes }: KeptAnswer, ttlMs: number): void {
    const { maxBytes, maxEntryBytes } = this.#limits()
    const cost = bytes.length + entryOverheadBytes
    if (bytes.length > maxEntryBytes || cost > maxBytes) return
    const before = this.#entries.get(key)
    if (before !== undefined) this.#remove(key, before)
    const storedAt = this.#clock.mono()
    // A copy: the bytes may be a small part of a large buffer.
    this.#entries.set(key, { contentType, bytes: bytes.slice(), storedAt, until: storedAt + ttlMs, cost })
    this.#bytes += cost
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= maxBytes) break
      this.#remove(oldest, entry)
      if (entry.until > storedAt) this.#evictions += 1
    }
  }

  #remove(key: string, entry: Entry): void {
    this.#entries.delete(key)
    this.#bytes -= entry.cost
  }
}

/** Headers of an answer, hit or not; none where the cache is off. */
export function cacheHeaders(looked: Looked): Readonly<Record<string, string>> {
  if (looked.kind === 'off') return {}
  if (looked.kind !== 'hit') return { 'x-hearth-cache': looked.kind }
  return { 'x-hearth-cache': 'hit', age: String(Math.floor(looked.ageMs / 1000)) }
}

class AnswerRecording implements Recording {
  readonly #store: (answer: KeptAnswer) => void
  readonly #maxBytes: number
  #chunks: Uint8Array[] | null = []
  #length = 0

  constructor(store: (answer: KeptAnswer) => void, maxBytes: number) {
    this.#store = store
    this.#maxBytes = maxBytes
  }

  push(bytes: Uint8Array): void {
    if (this.#chunks === null) return
    this.#length += bytes.length
    if (this.#length > this.#maxBytes) this.#chunks = null
    else this.#chunks.push(bytes)
  }

  complete(contentType: string): void {
    if (this.#chunks !== null) this.#store({ contentType, bytes: concat(this.#chunks) })
    this.#chunks = null
  }
}

interface Wish {
  readonly isNoStore: boolean
  /** The oldest answer that will do. */
  readonly maxAgeMs: number
}

const anyAge: Wish = { isNoStore: false, maxAgeMs: Infinity }

/** RFC 9111, as far as a request says it: `no-store`, `no-cache`, `max-age`. */
function wishOf(headers: Pick<Headers, 'get'>): Wish {
  const text = headers.get('cache-control')?.toLowerCase()
  if (text === undefined) return anyAge
  const words = text.split(',').map((word) => word.trim())
  const seconds = words.map((word) => /^max-age="?(\d{1,9})"?$/.exec(word)?.[1]).find((age) => age !== undefined)
  const maxAgeMs = words.includes('no-cache') ? 0 : seconds === undefined ? Infinity : Number(seconds) * 1000
  return { isNoStore: words.includes('no-store'), maxAgeMs }
}

function keyOf({ route, caller, endpoint, body }: CacheAsk): ReturnType<typeof cacheKey> {
  const parsed = readObject(body)
  if (parsed === null) return { kind: 'bypass', why: 'no JSON object' }
  return cacheKey({ key: caller.key, route: route.name, endpoint, body: parsed })
}

function readObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(decoder.decode(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null
  } catch {
    return null
  }
}
