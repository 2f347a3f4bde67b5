import type { Budget } from './metering-types.ts'
import type { Priority, Scope } from './types.ts'

export interface KeyLimits {
  readonly requestsPerMinute: number | null
  readonly tokensPerMinute: number | null
  readonly concurrency: number | null
  /** The last sixty minutes. */
  readonly requestsPerHour: number | null
  readonly tokensPerHour: number | null
  /** Days and months are those of the calendar (UTC). */
  readonly requestsPerDay: number | null
  readonly requestsPerMonth: number | null
  readonly tokensPerDay: number | null
  readonly tokensPerMonth: number | null
  /** Its share where several wait; null = 1. */
  readonly weight: number | null
  /** null = interactive. */
  readonly priority: Priority | null
}

export interface KeyView {
  readonly id: string
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Model names and `*` wildcards; null = all. */
  readonly models: readonly string[] | null
  readonly limits: KeyLimits
  /** Ids; null: it is the house's. */
  readonly owner: { readonly user: string | null; readonly team: string | null } | null
  /** What its requests may cost; null = as much as they like. */
  readonly budget: Budget | null
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly revokedAt: string | null
  readonly lastUsedAt: string | null
  readonly previousSecretUntil: string | null
}

/** The one answer that holds the whole key. */
export interface KeyWithSecret extends KeyView {
  readonly key: string
}

export interface NewKey {
  readonly name: string
  /** Ids or user name. Not said: whoever makes it, where that is a person. null: the house. */
  readonly owner?: { readonly user?: string | null; readonly team?: string | null } | null
  readonly scopes?: readonly Scope[]
  readonly models?: readonly string[]
  readonly expiresAt?: string
  readonly limits?: Partial<{ readonly [Limit in keyof KeyLimits]: NonNullable<KeyLimits[Limit]> }>
  readonly budget?: Budget
}
