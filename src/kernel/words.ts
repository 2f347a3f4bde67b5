import type { KeyId, ModelName, RequestId, UpstreamName } from './ids.ts'
import type { EpochMs } from './time.ts'

/** Where a destination is: this machine, this network, or somebody else's. Only `cloud` leaves the house. */
export type Locality = 'host' | 'lan' | 'cloud'

/** What a payload is, for the egress policy. */
export type DataClass = 'text' | 'transcript' | 'audio' | 'image' | 'file' | 'metadata'

/** What a key may do. `admin` implies every other scope. */
export const scopes = ['inference', 'monitor', 'fleet.operate', 'admin'] as const
export type Scope = (typeof scopes)[number]

/** Limits of one key; null = none of its own. */
export interface KeyLimits {
  readonly requestsPerMinute: number | null
  readonly tokensPerMinute: number | null
  readonly concurrency: number | null
  /** Windows that are longer: an hour slides, days and months are those of the calendar (UTC). Not there = none. */
  readonly requestsPerHour?: number | null
  readonly requestsPerDay?: number | null
  readonly requestsPerMonth?: number | null
  readonly tokensPerHour?: number | null
  readonly tokensPerDay?: number | null
  readonly tokensPerMonth?: number | null
  /** Its share where several keys wait, a whole number; not there = 1. */
  readonly weight?: number | null
  /** Whether its requests let others go first; not there = interactive. */
  readonly priority?: Priority | null
}

/** A week begins on Monday; days, weeks and months are those of UTC. `total` never begins anew. */
export const budgetPeriods = ['day', 'week', 'month', 'total'] as const
export type BudgetPeriod = (typeof budgetPeriods)[number]

/** So many dollars in each period. */
export interface Budget {
  readonly usd: number
  readonly period: BudgetPeriod
}

/** What limits and budgets may be set for. */
export const subjectKinds = ['key', 'user', 'team', 'tag', 'model'] as const
export type SubjectKind = (typeof subjectKinds)[number]

/** Whom a key belongs to; null = nobody. */
export interface Owner {
  readonly user: string | null
  readonly team: string | null
}

/** `batch` waits until nothing interactive does, but not for ever. */
export const priorities = ['interactive', 'batch'] as const
export type Priority = (typeof priorities)[number]

/** Who asks: made by `auth`, read by everyone. Reading is synchronous. */
export interface Caller {
  readonly key: KeyId
  readonly name: string
  readonly limits: KeyLimits
  /** What its requests may cost; not there = as much as they like. */
  readonly budget?: Budget | null
  /** Not there: nobody's. */
  readonly owner?: Owner
  may(scope: Scope): boolean
  mayUse(model: ModelName): boolean
  /** Called once, when the key is revoked or has expired; at once if it already is. Dispose to stop listening. */
  onRevoke(listener: () => void): Disposable
}

/** Tokens of one request as the upstream reported them; null = the upstream did not say. */
export interface Usage {
  readonly promptTokens: number | null
  readonly completionTokens: number | null
  readonly cachedTokens: number | null
}

/**
 * How a request ended. `complete`: a terminal event arrived. `incomplete`: the answer began and broke off.
 * `aborted`: the client hung up or its key was revoked. `failed`: an error before any answer, ours or the upstream's.
 */
export type Outcome = 'complete' | 'incomplete' | 'aborted' | 'failed'

/** One row of the request ledger; a row exists for every request whose last byte was sent. */
export interface RequestRecord {
  readonly id: RequestId
  readonly at: EpochMs
  readonly key: KeyId
  readonly endpoint: string
  /** The name the caller wrote. */
  readonly model: ModelName
  /** Who answered: an upstream's name, or `local`; null when nobody was asked. */
  readonly upstream: UpstreamName | 'local' | null
  /** The model's name there; null when nobody was asked. */
  readonly upstreamModel: string | null
  readonly status: number
  readonly outcome: Outcome
  readonly isStream: boolean
  readonly usage: Usage
  readonly ttftMs: number | null
  readonly durationMs: number
  /** Millionths of a US dollar; null where no price is known. */
  readonly costMicros: number | null
  /** The machine-readable reason of a failure; null when complete. */
  readonly reason: string | null
  /** Whom its key belonged to; not there: nobody. */
  readonly owner?: Owner
  /** What the caller wrote on it, for sums and limits; not there: nothing. */
  readonly tags?: readonly string[]
  /** What limits and budgets were charged with; not there: nothing. */
  readonly charge?: Charge
  /** What was decided on its way; rows of earlier versions have none. */
  readonly trace?: RequestTrace
}

/**
 * What a request counts for. Where the upstream did not say what it used, that is what was reserved: who hangs up
 * before the last word must not use a model for nothing.
 */
export interface Charge {
  readonly tokens: number
  /** Millionths of a dollar; 0 where no price is known. */
  readonly micros: number
  /** Under which names the model's own limits count it: the route's, and its place where there is only one. */
  readonly models: readonly string[]
}

/** What was decided for a request, and where its time went. Times are milliseconds since it came. */
export interface RequestTrace {
  /** Which target was taken and why, as `x-hearth-route` tells it; null = nobody was asked. */
  readonly route: string | null
  /** null: the cache is off for it. */
  readonly cache: 'hit' | 'miss' | null
  /** Every target that was tried, in order; the last one answered where the request succeeded. */
  readonly attempts: readonly Attempt[]
  /** What was hidden of it before it left for a cloud; not there: it did not leave, or as it was. */
  readonly privacy?: PrivacyNote
}

/** What was hidden of a request that left the house: counts by type, never values. */
export interface PrivacyNote {
  readonly policy: string
  /** `known-names`: names were looked for only where the house knows them. */
  readonly names: 'recogniser' | 'known-names'
  readonly counts: Readonly<Record<string, number>>
}

export interface Attempt {
  readonly upstream: UpstreamName | 'local'
  readonly model: string
  readonly startedMs: number
  /** A place was free; null = none was had. */
  readonly placedMs: number | null
  /** The head of the answer came; null = none did. */
  readonly headMs: number | null
  readonly status: number | null
  /** The class of the failure that ended this attempt; null = it is the one that answered. */
  readonly failure: string | null
  readonly endedMs: number | null
}

/** A value that its owner replaces whole and others only read: a property access, no copy, no wait. */
export interface Cell<T> {
  readonly value: T
  onChange(listener: (value: T) => void): Disposable
}

/** One thing that happened, as `/api/events` tells it. Each domain's `events.ts` lists its own. */
export interface DomainEvent {
  readonly type: string
  readonly data: unknown
}

/**
 * Where domains tell what happened. Synchronous; never throws; a slow listener is the bus's problem, not the teller's.
 */
export type Announce<E extends DomainEvent> = (event: E) => void
