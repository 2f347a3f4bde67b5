import type { Clock } from '#kernel/time.ts'
import type { Announce } from '#kernel/words.ts'
import type { Database } from '#platform/db/database.ts'
import type { AnyRoute } from '#platform/http/route.ts'
import type { Handler } from '#platform/http/router.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { Task } from '#platform/tasks/task.ts'
import { createKyselyAuditStore } from './adapters/kysely-audit-store.ts'
import { createFileAuditHead } from './adapters/file-audit-head.ts'
import { createFileSigningKeys } from './adapters/file-signing-keys.ts'
import { createKyselyKeyStore } from './adapters/kysely-key-store.ts'
import { createKyselyLinkStore } from './adapters/kysely-link-store.ts'
import { createKyselyLoginStore } from './adapters/kysely-login-store.ts'
import { createKyselySessionStore } from './adapters/kysely-session-store.ts'
import { createKyselyTeamStore } from './adapters/kysely-team-store.ts'
import { createKyselyTicketStore } from './adapters/kysely-ticket-store.ts'
import { createKyselyUserStore } from './adapters/kysely-user-store.ts'
import type { Door } from './contract.ts'
import type { AuthEvent } from './events.ts'
import { createRoutes } from './http.ts'
import { helixRoutes, withHelixErrors } from './http/helix.ts'
import { migrations } from './migrations/index.ts'
import type { Verdict } from './service/audit-chain.ts'
import { AuditChain, verifyChain } from './service/audit-chain.ts'
import { AuditHeads } from './service/audit-heads.ts'
import { AuditLog } from './service/audit-log.ts'
import { createDoor } from './service/door.ts'
import { Entrance } from './service/entrance.ts'
import type { Gate } from './service/gate.ts'
import { createGate } from './service/gate.ts'
import { createLocalCaller, createTrustedCaller } from './service/key-caller.ts'
import { createKeyOwners } from './service/key-owners.ts'
import { KeyRing } from './service/key-ring.ts'
import { Keys } from './service/keys.ts'
import type { Registration } from './service/links.ts'
import { Links } from './service/links.ts'
import { loadKeys } from './service/load-keys.ts'
import type { LoginSettings } from './service/logins.ts'
import { Logins } from './service/logins.ts'
import { People } from './service/people.ts'
import { Sessions } from './service/sessions.ts'
import { SigningKeys } from './service/signing-keys.ts'
import { Teams } from './service/teams.ts'
import { createTasks, flush } from './tasks.ts'

export type { AuthEvent } from './events.ts'
export type { Gate } from './service/gate.ts'

export interface AuthSettings extends LoginSettings {
  /** Who may make an account for themselves. */
  readonly registration: Registration
}

export interface AuthOptions {
  readonly database: Database
  readonly clock: Clock
  readonly log: Logger
  readonly announce: Announce<AuthEvent>
  /** HEARTH_ADMIN_KEY; null = not set. */
  readonly adminKey: string | null
  /** Where the keys lie that sign access tokens. */
  readonly home: string
  /** Asked when they are needed: a reload may change them. */
  readonly settings: () => AuthSettings
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
  /** What is wrong with the audit log, in a sentence; null = nothing that is known. */
  readonly auditWarning: () => string | null
  readonly routes: readonly AnyRoute[]
  /** HelixFlow's auth service, for a listener of its own. */
  readonly helix: { readonly routes: readonly AnyRoute[]; readonly shape: (handler: Handler) => Handler }
  readonly tasks: readonly Task[]
  /** What a key, or a user who asks without one, is called; null = it is not known (any more). */
  nameOf(id: string): string | null
  /** The admin key that was made at this start because there was none: to be shown once, never logged. */
  readonly firstAdminKey: string | null
}

/** Throws an AppError `invalid` when HEARTH_ADMIN_KEY is not a key. Disposing writes down what is still in memory. */
export async function openAuth(options: AuthOptions): Promise<Auth> {
  const { database, clock, publicUrl } = options
  const log = options.log.child({ part: 'auth' })
  await database.migrate('auth', migrations)
  const house = await openParts({ ...options, log })
  const { ring, keys, people, entrance, links, logins, sessions, audit, firstAdminKey } = house

  const localAdmin = createLocalCaller(log)
  const door = createDoor({ ring, sessions, logins, localAdmin, publicUrl })
  const resetAdmin = async (from: string): Promise<string> => {
    const made = await keys.reset({ caller: localAdmin, from })
    await sessions.endLocal()
    return made.key
  }
  return {
    door,
    gate: createGate(door, createTrustedCaller(log)),
    keys,
    sessions,
    audit,
    auditWarning: () => house.chain.warning,
    routes: createRoutes({ ...house, door, publicUrl, resetAdmin }),
    helix: {
      routes: helixRoutes({ entrance, links, logins, clock }),
      shape: (handler) => withHelixErrors(handler, clock),
    },
    tasks: createTasks(house),
    nameOf: (id) => ring.get(id)?.name ?? people.get(id)?.username ?? null,
    firstAdminKey,
    async [Symbol.asyncDispose]() {
      await flush(house)
    },
  }
}

async function openAudit({ database, clock, announce, log, home }: AuditOptions) {
  const store = createKyselyAuditStore(database)
  const heads = new AuditHeads({ store, file: createFileAuditHead(home), clock, log })
  await heads.load()
  const audit = new AuditLog({ store, heads, log })
  return { audit, chain: new AuditChain({ store, heads, audit, announce, clock, log }) }
}

type AuditOptions = Pick<AuthOptions, 'database' | 'clock' | 'announce' | 'log' | 'home'>

/** Looks at the whole audit log of a house that need not run. Changes nothing; rejects where there is none yet. */
export async function inspectAudit(database: Database, home: string): Promise<Verdict> {
  const head = await createFileAuditHead(home).read()
  const marks = head === null ? [] : [...head.marks, head.head]
  return verifyChain(createKyselyAuditStore(database), marks, 'whole')
}

/** People first: keys and sign-ins are judged by them. */
async function openParts(options: AuthOptions) {
  const { database, clock, announce, log, home, settings, publicUrl } = options
  const { audit, chain } = await openAudit(options)
  const linkStore = createKyselyLinkStore(database)
  const teams: Teams = new Teams({
    store: createKyselyTeamStore(database),
    clock,
    keysOf: (team) => keys.countOf(team),
  })
  const people: People = new People({
    store: createKyselyUserStore(database),
    ...{ audit, announce, clock, log },
    hasTeam: (team) => teams.has(team),
    async end(user, outBy) {
      const ended = [logins.endOf(user), sessions.endOf(user)]
      if (outBy !== null) ended.push(keys.revokeOf(user, outBy))
      await Promise.all([...ended, linkStore.removeOf(user)])
    },
  })
  await teams.load()
  await people.load()

  const store = createKyselyKeyStore(database)
  const ring = new KeyRing({ clock, log, roleHas: (user, scope) => people.has(user, scope) })
  const keyOptions = { store, ring, audit, announce, clock, owners: createKeyOwners(people) }
  const keys = new Keys(keyOptions)
  const firstAdminKey = await loadKeys(keys, options.adminKey, keyOptions)

  const entrance = new Entrance({ people, clock, log })
  const registration = () => settings().registration
  const links = new Links({ store: linkStore, people, entrance, registration, clock })
  const signingKeys = new SigningKeys({ store: createFileSigningKeys(home), clock })
  await signingKeys.load()
  const loginStore = createKyselyLoginStore(database)
  const tokens = { keys: signingKeys, settings, issuer: publicUrl }
  const logins = new Logins({ store: loginStore, people, announce, clock, ...tokens })
  await logins.load()
  const sessions = new Sessions({
    store: createKyselySessionStore(database),
    tickets: createKyselyTicketStore(database),
    prove: ({ username, password }, from) => entrance.prove(username, password, from),
    ...{ ring, people, audit, clock, log },
  })
  await sessions.load()
  const parts = { audit, chain, teams, people, store, ring }
  return { ...parts, keys, entrance, links, signingKeys, logins, sessions, firstAdminKey }
}
