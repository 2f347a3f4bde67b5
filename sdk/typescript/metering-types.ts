import type { KeyLimits } from './key-types.ts'

export type BudgetPeriod = 'day' | 'week' | 'month' | 'total'

/** So many dollars in each period of the calendar (UTC); `total` never begins anew. */
export interface Budget {
  readonly usd: number
  readonly period: BudgetPeriod
}

/** Whom limits and a budget can be set for, beside keys, which have their own. */
export type AllowanceKind = 'user' | 'team' | 'tag' | 'model'

export type CountedLimits = Omit<KeyLimits, 'weight' | 'priority'>

export interface NewAllowance {
  /** What is not said is not limited. */
  readonly limits?: Partial<CountedLimits>
  readonly budget?: Budget | null
}

export interface AllowanceView {
  readonly kind: AllowanceKind | 'key'
  readonly id: string
  /** What a key is called. */
  readonly name: string | null
  readonly limits: CountedLimits
  readonly budget: Budget | null
  /** How the budget stands; null = there is none. */
  readonly state: {
    /** In the running period. */
    readonly spentUsd: number
    /** What requests under way may use at most, beside it. */
    readonly heldUsd: number
    /** When the next period begins; null = never. */
    readonly endsAt: string | null
  } | null
}

/** How a budget stands; told once in each of its periods. */
export interface QuotaNotice {
  readonly kind: AllowanceKind | 'key'
  readonly id: string
  /** What a key is called. */
  readonly name: string | null
  readonly budget: Budget
  readonly spentUsd: number
  /** When the next period begins; null = never. */
  readonly endsAt: string | null
}
