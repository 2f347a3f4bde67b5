import type { RequestId } from '#kernel/ids.ts'
import type { EpochMs } from '#kernel/time.ts'
import type { Budget, Caller, RequestRecord, Scope, SubjectKind, Usage } from '#kernel/words.ts'
import type { Connection } from '#platform/http/route.ts'

/** What every public request needs of the domains around it; `compose.ts` introduces them. All of it is synchronous. */
export interface PassagePorts {
  readonly gate: Gate
  readonly purse: Purse
  readonly ledger: Ledger
  readonly prices: Prices
  /** Told of every ended request, after the ledger has it: metrics and events. Must not throw. */
  readonly onEnd: (record: RequestRecord, context: TraceContext | null) => void
  /** Not there: nothing is traced. */
  readonly tracing?: Tracing
}

/** Traces across services; what is sent of them, and where, is not the passage's business. */
export interface Tracing {
  /** null: this request is not traced. */
  begin(id: RequestId, headers: Pick<Headers, 'get'>): TraceContext | null
}

export interface TraceContext {
  readonly traceId: string
  /** The caller's span; null = the request begins the trace. */
  readonly parentSpanId: string | null
  /** `traceparent` for the attempt with this number, from 1 on. */
  traceparent(attempt: number): string
}

export interface Gate {
  /** Throws AppError `unauthenticated` or `forbidden`. */
  admit(request: Request, at: Connection, scope: Scope): Caller
}

export interface Purse {
  /** Both amounts are upper bounds; `micros` are millionths of a dollar. */
  reserve(ask: {
    readonly caller: Caller
    /** The names under which the model's own limits count it. */
    readonly models: readonly string[]
    readonly tags: readonly string[]
    readonly tokens: number
    readonly micros: number
  }): Reserved
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

export interface Refused {
  readonly ok: false
  /** A name of `KeyLimits`, or `budget`. */
  readonly limit: string
  readonly subject: { readonly kind: SubjectKind; readonly id: string }
  /** Of the limit; of a budget its dollars. */
  readonly amount: number
  /** Where it is a budget. */
  readonly quota?: {
    readonly budget: Budget
    readonly spentMicros: number
    readonly heldMicros: number
    readonly endsAt: EpochMs | null
  }
  /** null: waiting does not help. */
  readonly retryAfterMs: number | null
  readonly headers: Readonly<Record<string, string>>
}

export interface Reservation {
  readonly tokens: number
  readonly micros: number
  /** So much in all; false = a budget has no room for it. */
  grow(to: { readonly tokens: number; readonly micros: number }): boolean
  /** null: what was reserved stays counted. */
  settle(actual: { readonly tokens: number | null; readonly micros: number | null; readonly at: EpochMs }): void
  release(): void
}

export interface Ledger {
  append(record: RequestRecord): void
  /** The journal's disk limit is reached: nothing more can be acknowledged until the database takes rows again. */
  readonly isFull: boolean
}

export interface Prices {
  costMicros(target: { readonly upstream: string; readonly model: string }, usage: Usage): number | null
  /** The most that so many tokens can cost, in millionths of a dollar; 0 where no price is known. */
  boundMicros(
    target: { readonly upstream: string; readonly model: string },
    bound: { readonly promptTokens: number; readonly outputTokens: number },
  ): number
}
