import type { Task } from '#platform/tasks/task.ts'
import type { KeyStore } from './ports.ts'
import type { AuditChain } from './service/audit-chain.ts'
import type { AuditLog } from './service/audit-log.ts'
import type { KeyRing } from './service/key-ring.ts'
import type { Links } from './service/links.ts'
import type { Logins } from './service/logins.ts'
import type { Sessions } from './service/sessions.ts'
import type { SigningKeys } from './service/signing-keys.ts'

export interface TaskParts {
  readonly store: KeyStore
  readonly ring: KeyRing
  readonly sessions: Sessions
  readonly logins: Logins
  readonly links: Links
  readonly signingKeys: SigningKeys
  readonly audit: AuditLog
  readonly chain: AuditChain
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
    {
      name: 'auth-token-key',
      everyMs: 3_600_000,
      async activate() {
        const kid = await parts.signingKeys.rotateWhenOld()
        return kid === null ? null : `access tokens are signed with a new key, ${kid}`
      },
    },
    {
      name: 'auth-audit',
      everyMs: 86_400_000,
      async activate(signal) {
        await parts.audit.written()
        await parts.chain.resume(signal)
        const { broken, rows } = await parts.chain.verify('newest')
        parts.chain.tellHead()
        return broken?.message ?? `the newest ${rows} rows of the audit log follow one another`
      },
    },
    { name: 'auth-flush', everyMs: 60_000, activate: () => flush(parts) },
  ]
}

/** Writes down when keys were last used, how far sessions moved on, and audit entries that found no database. */
export async function flush({ store, ring, sessions, logins, links, audit }: TaskParts): Promise<string | null> {
  const uses = ring.takeUses()
  try {
    if (uses.size > 0) await store.markUsed(uses)
  } catch (error) {
    ring.giveBackUses(uses)
    throw error
  }
  await sessions.flush()
  await logins.flush()
  await links.flush()
  await audit.written()
  return uses.size === 0 ? null : `${uses.size} keys were used`
}
