import type { Clock } from '#kernel/time.ts'
import type { Task } from '#platform/tasks/task.ts'
import type { ResponseStore } from '../../ports.ts'
import type { BackgroundRuns } from './background-runs.ts'
import type { ResponseSettings } from './stored-responses.ts'

const dayMs = 86_400_000
/** Responses of one transaction. */
const perDelete = 100
/** One activation deletes this many at the most; the next one goes on. */
const maxDeletes = 50_000

export interface ResponseTaskParts {
  readonly store: ResponseStore
  readonly background: BackgroundRuns
  readonly clock: Clock
  readonly settings: () => ResponseSettings
}

export function responseTasks({ store, background, clock, settings }: ResponseTaskParts): readonly Task[] {
  return [
    {
      name: 'gateway-response-retention',
      everyMs: 600_000,
      async activate(signal) {
        const { retentionDays } = settings()
        const before = clock.now() - retentionDays * dayMs
        let deleted = 0
        while (deleted < maxDeletes && !signal.aborted) {
          const count = await store.deleteBefore(before, perDelete)
          deleted += count
          if (count < perDelete) break
          await new Promise<void>((resolve) => setImmediate(resolve))
        }
        return deleted === 0 ? null : `deleted ${deleted} responses older than ${retentionDays} days`
      },
    },
    {
      // Well within the lease of a run.
      name: 'gateway-background-responses',
      everyMs: 15_000,
      async activate() {
        await background.renew()
        const count = await background.sweep()
        return count === 0 ? null : `${count} were left behind by a process that is gone`
      },
    },
  ]
}
