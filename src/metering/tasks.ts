import type { Clock } from '#kernel/time.ts'
import type { Task } from '#platform/tasks/task.ts'
import { dayOf } from './core/usage.ts'
import type { BodyLogSettings } from './contract.ts'
import type { BodyStore, RequestStore } from './ports.ts'
import type { RequestBodyLog } from './service/body-log.ts'

const dayMs = 86_400_000
/** Rows of one statement: about 2 ms on SQLite. */
const rowsPerDelete = 500
/** One activation deletes this many at the most; the next one goes on. */
const maxDeletes = 200_000
/** Sums by day, key and model are kept three years: a limit for what nobody would ever ask for. */
const usageRetentionDays = 1100

export interface TaskParts {
  readonly store: RequestStore
  readonly bodyStore: BodyStore
  readonly bodyLog: RequestBodyLog
  readonly bodySettings: () => BodyLogSettings
  readonly retentionDays: () => number
  readonly clock: Clock
}

export function createTasks(parts: TaskParts): readonly Task[] {
  const { store, retentionDays, clock } = parts
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
        const oldest = dayOf(clock.now() - usageRetentionDays * dayMs)
        await store.deleteUsageBefore(oldest)
        await store.carryCharges(oldest)
        return deleted === 0 ? null : `deleted ${deleted} rows older than ${days} days`
      },
    },
    bodyWriting(parts),
    bodyRetention(parts),
  ]
}

/** What waits for at most so long is lost when the process is killed: bodies are for looking, not for the books. */
function bodyWriting({ bodyLog }: TaskParts): Task {
  return {
    name: 'metering-bodies',
    everyMs: 500,
    async activate(signal) {
      await bodyLog.write(signal)
      const { lost } = bodyLog.counts
      return lost === 0 ? null : `${lost} bodies were lost: too many waited at a time, or the database refused them`
    },
  }
}

/** Bodies of one statement: each may be as long as `log.bodyBytes` twice. */
const bodiesPerDelete = 50

function bodyRetention({ bodyStore, bodySettings, clock }: TaskParts): Task {
  return {
    name: 'metering-body-retention',
    everyMs: 60_000,
    async activate(signal) {
      const { retentionDays, maxBytes } = bodySettings()
      let deleted = 0
      const rest = () => new Promise<void>((resolve) => setImmediate(resolve))
      for (const before = clock.now() - retentionDays * dayMs; !signal.aborted; await rest()) {
        const count = await bodyStore.deleteBefore(before, bodiesPerDelete)
        deleted += count
        if (count < bodiesPerDelete) break
      }
      for (; !signal.aborted && (await bodyStore.bytes()) > maxBytes; await rest()) {
        const count = await bodyStore.deleteOldest(bodiesPerDelete)
        deleted += count
        if (count === 0) break
      }
      return deleted === 0 ? null : `deleted the bodies of ${deleted} requests`
    },
  }
}
