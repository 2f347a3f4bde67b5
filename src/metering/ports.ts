import type { EpochMs } from '#kernel/time.ts'
import type { RequestRecord } from '#kernel/words.ts'
import type { JournalFold } from '#platform/journal/contract.ts'
import type { UsageGrouping } from '#protocol/admin/metering.ts'
import type { Cursor } from './core/cursor.ts'
import type { UsageGroup } from './core/usage.ts'

/** Where the rows are. Folding adds what is new to the sums of usage in the same transaction. */
export interface RequestStore extends JournalFold<RequestRecord> {
  /** Newest first; at most `limit`, which is to be small: a page is read without leaving the thread. */
  page(ask: PageAsk): Promise<readonly RequestRecord[]>
  /** In the order of the group's name; days newest first. */
  usage(by: UsageGrouping): Promise<readonly UsageGroup[]>
  /** Deletes at most `limit` rows older than `at`; tells how many there were. Sums of usage stay. */
  deleteBefore(at: EpochMs, limit: number): Promise<number>
  /** Deletes sums of days before this one. */
  deleteUsageBefore(day: string): Promise<void>
}

export interface PageAsk {
  readonly limit: number
  readonly key: string | null
  readonly model: string | null
  /** Rows after this one. */
  readonly after: Cursor | null
}
