import type { Task } from '#platform/tasks/task.ts'
import type { KeyStore } from './ports.ts'
import type { AuditLog } from './service/audit-log.ts'
import type { KeyRing } from './service/key-ring.ts'
import type { Sessions } from './service/sessions.ts'

export interface TaskParts {
  readonly store: KeyStore
  readonly ring: KeyRing
  readonly sessions: Sessions
  readonly audit: AuditLog
}

/** Requests are judged by the clock when they come; these are for what runs already, and for the disk. */
export function createTasks(parts: TaskParts): readonly Task[] {
  return [
    {
      name: 'auth-expiry',
      everyMs: 1000,
      activate() {
        const ended = parts.ring.endExpired()
        return Promise.resolve(ended === 0 ? null : `ended what ran with ${ended} expired secrets`)
      },
    },
    { name: 'auth-flush', everyMs: 60_000, activate: () => flush(parts) },
  ]
}

/** Writes down when keys were last used, how far sessions moved on, and audit entries that found no database. */
export async function flush({ store, ring, sessions, audit }: TaskParts): Promise<string | null> {
  const uses = ring.takeUses()
  try {
    if (uses.size > 0) await store.markUsed(uses)
  } catch (error) {
    ring.giveBackUses(uses)
    throw error
  }
  await sessions.flush()
  await audit.written()
  return uses.size === 0 ? null : `${uses.size} keys were used`
}
