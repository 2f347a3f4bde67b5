import type { ModelName, RequestId } from '#kernel/ids.ts'
import type { Caller, RequestRecord, Usage } from '#kernel/words.ts'

/** Limits: reserve before, settle after, release on error. Synchronous; one owner. */
export interface Purse {
  /**
   * Takes one request, `tokens` (an upper bound) and one place of concurrency from the key's limits; or nothing at all,
   * and tells which limit stands in the way.
   */
  reserve(ask: { readonly caller: Caller; readonly model: ModelName; readonly tokens: number }): Reserved
}

export type Reserved =
  | { readonly ok: true; readonly hold: Reservation; readonly headers: Readonly<Record<string, string>> }
  | Refused

export interface Refused {
  readonly ok: false
  /** The limit that stands in the way longest. */
  readonly limit: 'requestsPerMinute' | 'tokensPerMinute' | 'concurrency'
  readonly amount: number
  readonly retryAfterMs: number
  /** The `x-ratelimit-…` headers, as an admitted request has them. */
  readonly headers: Readonly<Record<string, string>>
}

/** Ends once; a second ending does nothing. */
export interface Reservation {
  /** What was really used; the rest is given back. `tokens: null` keeps the reserved amount counted. */
  settle(actual: { readonly tokens: number | null }): void
  /** Nothing was used: all is given back, the request itself too. */
  release(): void
}

/** The request ledger. */
export interface Ledger {
  /**
   * Safe against kill -9 when it returns (a journal in HEARTH_HOME); rows reach the database in the background.
   * Synchronous. Throws an AppError when the disk does not take it.
   */
  append(record: RequestRecord): void
  /** The journal is at its limit, or the disk refused it a moment ago: new requests must be refused. */
  readonly isFull: boolean
}

/** Prices in dollars per million tokens, by upstream and model; null = unknown. */
export interface Prices {
  costMicros(target: { readonly upstream: string; readonly model: string }, usage: Usage): number | null
}

/** What a request's `Headers` give. */
export interface HeaderReader {
  get(name: string): string | null
}

/** Bodies of requests and answers, where people want them kept. All of it is synchronous and never throws. */
export interface BodyLog {
  /**
   * Whether the bodies of this request may be kept: asked before they are gathered. `x-hearth-log: off` of the caller
   * always counts, `x-hearth-log: on` only where the config allows it.
   */
  wants(caller: Pick<Caller, 'key'>, headers: HeaderReader): boolean
  /** More of a body than this is cut: nobody needs to gather it. */
  readonly maxBytes: number
  /** Takes the bodies over. What is kept for failures only is dropped here when the request did not fail. */
  keep(id: RequestId, kept: KeptBodies): void
}

/** Bodies alone: headers, and the keys in them, are never kept. */
export interface KeptBodies {
  readonly request: Uint8Array | null
  readonly response: Uint8Array | null
  /** Whoever gathered them has left something out. */
  readonly isCut: boolean
  /** It did not end `complete`. */
  readonly isFailed: boolean
  /** The caller asked for it with `x-hearth-log: on`. */
  readonly isAsked?: boolean
}

export interface BodyLogSettings {
  readonly bodies: 'off' | 'errors' | 'all'
  /** The longest beginning of a body that is kept. */
  readonly bodyBytes: number
  /** All of them together; the oldest go first. */
  readonly maxBytes: number
  readonly retentionDays: number
  readonly mayOptIn: boolean
  /** Public ids of keys whose bodies are never kept. */
  readonly exceptKeys: readonly string[]
}
