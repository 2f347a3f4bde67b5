import type { RequestId } from '#kernel/ids.ts'
import type { EpochMs } from '#kernel/time.ts'
import type { Budget, Caller, KeyLimits, RequestRecord, SubjectKind, Usage } from '#kernel/words.ts'

/** Limits and money: reserve before, settle after, release on error. Synchronous; one owner. */
export interface Purse {
  /**
   * Takes one request, `tokens` and `micros` (upper bounds) and one place from the limits and budgets of everybody whom
   * the request touches: its key, whom that belongs to, its tags and its model. Or nothing at all, and tells what
   * stands in the way.
   */
  reserve(ask: PurseAsk): Reserved
}

export interface PurseAsk {
  readonly caller: Pick<Caller, 'key' | 'limits' | 'budget' | 'owner'>
  /** The names under which the model's own limits count it. */
  readonly models: readonly string[]
  readonly tags: readonly string[]
  readonly tokens: number
  /** Millionths of a dollar. */
  readonly micros: number
}

export type Reserved =
  | {
      readonly ok: true
      readonly hold: Reservation
      readonly headers: Readonly<Record<string, string>>
      /** Somebody's tokens or dollars are limited: the answer's length has to be held down. */
      readonly isBounded: boolean
    }
  | Refused

/** The names of `KeyLimits` that count something. */
export type LimitName = Exclude<keyof KeyLimits, 'weight' | 'priority'>

export interface Refused {
  readonly ok: false
  /** The budget that has no room, or else the limit that stands in the way longest. */
  readonly limit: LimitName | 'budget'
  readonly subject: { readonly kind: SubjectKind; readonly id: string }
  /** Of the limit; of a budget its dollars. */
  readonly amount: number
  /** Where it is a budget. */
  readonly quota?: Quota
  /** null: waiting does not help. */
  readonly retryAfterMs: number | null
  /** The `x-ratelimit-…` headers, as an admitted request has them. */
  readonly headers: Readonly<Record<string, string>>
}

/** Limits and a budget that people set for somebody beside a key. */
export interface Allowance {
  readonly kind: Exclude<SubjectKind, 'key'>
  readonly id: string
  readonly limits: KeyLimits
  readonly budget: Budget | null
}

/** How a budget stands. */
export interface Quota {
  readonly subject: { readonly kind: SubjectKind; readonly id: string }
  readonly budget: Budget
  readonly spentMicros: number
  /** By requests under way, at most. */
  readonly heldMicros: number
  /** null: never. */
  readonly endsAt: EpochMs | null
}

/** Ends once; a second ending does nothing. */
export interface Reservation {
  /** What is held. */
  readonly tokens: number
  readonly micros: number
  /** It uses more than was thought: so much in all. False = a budget has no room for it; it is held all the same. */
  grow(to: { readonly tokens: number; readonly micros: number }): boolean
  /** What was really used; the rest is given back. */
  settle(actual: Actual): void
  /** Nothing was used: all is given back, the request itself too. */
  release(): void
}

export interface Actual {
  /** null: the reserved amount stays counted. */
  readonly tokens: number | null
  /** The same; not there = null. */
  readonly micros?: number | null
  /** When the request came: it counts in the periods of that moment. Not there = now. */
  readonly at?: EpochMs
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
  /** The most that so many tokens can cost; 0 where no price is known. */
  boundMicros(
    target: { readonly upstream: string; readonly model: string },
    bound: { readonly promptTokens: number; readonly outputTokens: number },
  ): number
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
