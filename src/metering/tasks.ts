import type { Clock } from '#kernel/time.ts'
import type { Task } from '#platform/tasks/task.ts'
import { dayOf } from './core/usage.ts'
import type { RequestStore } from './ports.ts'

const dayMs = 86_400_000
/** Rows of one statement: about 2 ms on SQLite. */
const rowsPerDelete = 500
/** One activation deletes this many at the most; the next one goes on. */
const maxDeletes = 200_000
/** Sums by day, key and model are kept three years: a limit for what nobody would ever ask for. */
const usageRetentionDays = 1100

export interface TaskParts {
  readonly store: RequestStore
  readonly retentionDays: () => number
  readonly clock: Clock
}

export function createTasks({ store, retentionDays, clock }: TaskParts): readonly Task[] {
  return [
    {
      name: 'metering-retention',
      everyMs: 600_000,
      async activate(signal) {
        const days = retentionDays()
        const before = clock.now() - days * dayMs
        let deleted = 0
        while (deleted < maxDeletes && !signal.aborted) {
          const count = await store.deleteBefore(before, rowsPerDelete)
          deleted += count
          if (count < rowsPerDelete) break
          await new Promise<void>((resolve) => setImmediate(resolve))
        }
        await store.deleteUsageBefore(dayOf(clock.now() - usageRetentionDays * dayMs))
        return deleted === 0 ? null : `deleted ${deleted} rows older than ${days} days`
      },
    },
  ]
}
