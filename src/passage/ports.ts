import type { ModelName, RequestId } from '#kernel/ids.ts'
import type { Caller, RequestRecord, Scope, Usage } from '#kernel/words.ts'
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
  reserve(ask: { readonly caller: Caller; readonly model: ModelName; readonly tokens: number }): Reserved
}

export type Reserved =
  | { readonly ok: true; readonly hold: Reservation; readonly headers: Readonly<Record<string, string>> }
  | {
      readonly ok: false
      readonly limit: string
      readonly amount: number
      readonly retryAfterMs: number
      readonly headers: Readonly<Record<string, string>>
    }

export interface Reservation {
  settle(actual: { readonly tokens: number | null }): void
  release(): void
}

export interface Ledger {
  append(record: RequestRecord): void
  /** The journal's disk limit is reached: nothing more can be acknowledged until the database takes rows again. */
  readonly isFull: boolean
}

export interface Prices {
  costMicros(target: { readonly upstream: string; readonly model: string }, usage: Usage): number | null
}
