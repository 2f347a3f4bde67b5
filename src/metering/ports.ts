import type { EpochMs } from '#kernel/time.ts'
import type { Outcome, RequestRecord, SubjectKind } from '#kernel/words.ts'
import type { JournalFold } from '#platform/journal/contract.ts'
import type { RequestBodies, UsageGrouping } from '#protocol/admin/metering.ts'
import type { Allowance } from './contract.ts'
import type { Cursor } from './core/cursor.ts'
import type { ChargeAddition, UsageGroup } from './core/usage.ts'

/** Where the rows are. Folding adds what is new to the sums of usage in the same transaction. */
export interface RequestStore extends JournalFold<RequestRecord> {
  /**
   * Newest first, without traces; at most `limit`, which is to be small: a page is read without leaving the thread. For
   * the same reason only some thousand rows are looked through: there may be more although none was found.
   */
  page(ask: PageAsk): Promise<Page>
  /** With its trace; among the rows of this span. */
  find(id: string, within: Span): Promise<RequestRecord | null>
  /** In the order of the group's name; days newest first. */
  usage(ask: UsageAsk): Promise<readonly UsageGroup[]>
  /** Deletes at most `limit` rows older than `at`; tells how many there were. Sums of usage stay. */
  deleteBefore(at: EpochMs, limit: number): Promise<number>
  /** Deletes sums of days before this one; what limits and budgets were charged with stays. */
  deleteUsageBefore(day: string): Promise<void>
  /** What limits and budgets were charged with, of one subject or of all; a row for each day. */
  charges(subject: { readonly kind: SubjectKind; readonly id: string } | null): Promise<readonly ChargeAddition[]>
  /** Adds up what was charged before this day to one row for each subject, whose day is empty. */
  carryCharges(day: string): Promise<void>
}

/** From `since` on, before `until`; null = without that end. */
export interface Span {
  readonly since: EpochMs | null
  readonly until: EpochMs | null
}

export interface PageAsk extends Span, Filter {
  readonly limit: number
  /** Rows after this one. */
  readonly after: Cursor | null
}

/** null = all. */
export interface Filter {
  readonly id: string | null
  readonly key: string | null
  readonly model: string | null
  readonly upstream: string | null
  readonly endpoint: string | null
  readonly outcome: Outcome | null
  /** Inclusive. */
  readonly status: { readonly from: number; readonly to: number } | null
  readonly user: string | null
  readonly team: string | null
  readonly tag: string | null
  /** Part of a name of the model, or of the reason; upper and lower case are the same. */
  readonly text: string | null
}

export interface Page {
  readonly records: readonly RequestRecord[]
  /** Where the search goes on; null = there is no more. A page may be shorter than its limit and yet not the last. */
  readonly next: Cursor | null
}

export interface UsageAsk extends UsageFilter {
  readonly by: UsageGrouping
  /** Days, both included; null = without that end. */
  readonly firstDay: string | null
  readonly lastDay: string | null
}

/** null = all. */
export interface UsageFilter {
  readonly key: string | null
  readonly user: string | null
  readonly team: string | null
  readonly model: string | null
  readonly upstream: string | null
  readonly tag: string | null
}

/** Limits and budgets that were set for somebody, for good. */
export interface AllowanceStore {
  all(): Promise<readonly Allowance[]>
  /** Replaces what stands there. */
  put(allowance: Allowance): Promise<void>
  remove(subject: { readonly kind: SubjectKind; readonly id: string }): Promise<void>
}

/** Where bodies are, for those who asked for them. */
export interface BodyStore {
  /** Those that are there already stay as they are. */
  add(bodies: readonly StoredBodies[]): Promise<void>
  find(id: string): Promise<RequestBodies | null>
  /** Deletes at most `limit` that came before; tells how many. */
  deleteBefore(at: EpochMs, limit: number): Promise<number>
  /** Deletes at most `limit` of the oldest ones. */
  deleteOldest(limit: number): Promise<number>
  bytes(): Promise<number>
}

export interface StoredBodies extends RequestBodies {
  readonly id: string
  readonly at: EpochMs
  readonly bytes: number
}
