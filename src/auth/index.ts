import type { Clock } from '#kernel/time.ts'
import type { Announce } from '#kernel/words.ts'
import type { Database } from '#platform/db/database.ts'
import type { AnyRoute } from '#platform/http/route.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { Task } from '#platform/tasks/task.ts'
import { createKyselyAuditStore } from './adapters/kysely-audit-store.ts'
import { createKyselyKeyStore } from './adapters/kysely-key-store.ts'
import { createKyselySessionStore } from './adapters/kysely-session-store.ts'
import { createKyselyTicketStore } from './adapters/kysely-ticket-store.ts'
import type { Door } from './contract.ts'
import type { AuthEvent } from './events.ts'
import { createRoutes } from './http.ts'
import { migrations } from './migrations/index.ts'
import { AuditLog } from './service/audit-log.ts'
import { createDoor } from './service/door.ts'
import type { Gate } from './service/gate.ts'
import { createGate } from './service/gate.ts'
import { createLocalCaller, createTrustedCaller } from './service/key-caller.ts'
import { KeyRing } from './service/key-ring.ts'
import { Keys } from './service/keys.ts'
import { loadKeys } from './service/load-keys.ts'
import { Sessions } from './service/sessions.ts'
import { createTasks, flush } from './tasks.ts'

export type { AuthEvent } from './events.ts'
export type { Gate } from './service/gate.ts'

export interface AuthOptions {
  readonly database: Database
  readonly clock: Clock
  readonly log: Logger
  readonly announce: Announce<AuthEvent>
  /** HEARTH_ADMIN_KEY; null = not set. */
  readonly adminKey: string | null
  /** Asked when it is needed: the port may be known only after listening, and a reload may change it. */
  readonly publicUrl: () => string
}

export interface Auth extends AsyncDisposable {
  readonly door: Door
  readonly gate: Gate
  readonly keys: Keys
  readonly sessions: Sessions
  /** `record` is what other domains are given. */
  readonly audit: AuditLog
  readonly routes: readonly AnyRoute[]
  readonly tasks: readonly Task[]
  /** The admin key that was made at this start because there was none: to be shown once, never logged. */
  readonly firstAdminKey: string | null
}

/** Throws an AppError `invalid` when HEARTH_ADMIN_KEY is not a key. Disposing writes down what is still in memory. */
export async function openAuth(options: AuthOptions): Promise<Auth> {
  const { database, clock, announce, publicUrl } = options
  const log = options.log.child({ part: 'auth' })
  await database.migrate('auth', migrations)

  const store = createKyselyKeyStore(database)
  const ring = new KeyRing({ clock, log })
  const audit = new AuditLog({ store: createKyselyAuditStore(database), log })
  const keyOptions = { store, ring, audit, announce, clock }
  const keys = new Keys(keyOptions)
  const firstAdminKey = await loadKeys(keys, options.adminKey, keyOptions)

  const tickets = createKyselyTicketStore(database)
  const sessions = new Sessions({ store: createKyselySessionStore(database), tickets, ring, audit, clock, log })
  await sessions.load()

  const localAdmin = createLocalCaller(log)
  const door = createDoor({ ring, sessions, localAdmin, publicUrl })
  const resetAdmin = async (from: string): Promise<string> => {
    const made = await keys.reset({ caller: localAdmin, from })
    await sessions.endLocal()
    return made.key
  }
  const taskParts = { store, ring, sessions, audit }
  return {
    door,
    gate: createGate(door, createTrustedCaller(log)),
    keys,
    sessions,
    audit,
    routes: createRoutes({ door, keys, sessions, audit, publicUrl, resetAdmin }),
    tasks: createTasks(taskParts),
    firstAdminKey,
    async [Symbol.asyncDispose]() {
      await flush(taskParts)
    },
  }
}
