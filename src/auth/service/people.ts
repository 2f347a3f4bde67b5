import type { UserId } from '#kernel/ids.ts'
import { keyId } from '#kernel/ids.ts'
import type { Permission } from '#kernel/permissions.ts'
import { permissionsOfRole, permissionsOfScopes, roleHasScope } from '#kernel/permissions.ts'
import type { Clock } from '#kernel/time.ts'
import type { Announce, Caller, Owner, Scope } from '#kernel/words.ts'
import { newUserId } from '#platform/crypto/ids.ts'
import { isUniqueViolation } from '#platform/db/errors.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { Authority, Profile, UserChange, UserRecord } from '../core/user.ts'
import { changed, differences, mayChangeUser, mayGiveRole, toAudit, toNews } from '../core/user.ts'
import { nameTaken, notStored, tooManyUsers, unknownTeam, unknownUser } from '../errors.ts'
import type { AuthEvent } from '../events.ts'
import type { UserStore } from '../ports.ts'
import type { AuditLog } from './audit-log.ts'
import { KeyCaller, noLimits } from './key-caller.ts'
import type { Actor } from './keys.ts'
import { createLane } from './lane.ts'

/** All of them are in memory. */
const maxUsers = 10_000

export interface PeopleOptions {
  readonly store: UserStore
  readonly audit: AuditLog
  readonly announce: Announce<AuthEvent>
  readonly clock: Clock
  readonly log: Logger
  readonly hasTeam: (id: string) => boolean
  /**
   * Ends the sign-ins of a user that are over, and their links; where somebody put the user out, the keys too, in that
   * one's name. In memory before it returns its promise.
   */
  readonly end: (user: UserId, outBy: Actor | null) => Promise<void>
}

export type NewUser = Partial<Profile> & Pick<UserRecord, 'username' | 'role' | 'teams' | 'passwordHash'>

/** Everybody who may sign in, in memory, so that asking needs no wait. */
export class People {
  readonly #options: PeopleOptions
  readonly #inOrder = createLane()
  readonly #users = new Map<string, UserRecord>()
  /** By user name and by e-mail address. */
  readonly #named = new Map<string, UserId>()

  constructor(options: PeopleOptions) {
    this.#options = options
  }

  async load(): Promise<void> {
    for (const record of await this.#options.store.all()) this.#put(record)
  }

  /** By user name. */
  list(): readonly UserRecord[] {
    return [...this.#users.values()].sort((a, b) => (a.username < b.username ? -1 : 1))
  }

  get(id: string): UserRecord | null {
    return this.#users.get(id) ?? null
  }

  /** By user name or e-mail address. */
  named(name: string): UserRecord | null {
    return this.#users.get(this.#named.get(name.trim().toLowerCase()) ?? '') ?? null
  }

  /** By id or user name; throws where there is none. */
  known(idOrName: string): UserRecord {
    const record = this.#users.get(idOrName) ?? this.#users.get(this.#named.get(idOrName) ?? '')
    if (record === undefined) throw unknownUser(idOrName)
    return record
  }

  /** Whether what began with this generation of the password goes on. */
  isAlive(user: string, generation: number): boolean {
    const record = this.#users.get(user)
    return record !== undefined && record.isActive && record.generation === generation
  }

  /** What the role of a user holds at this moment; nothing for those who are gone. */
  has(user: string, scope: Scope): boolean {
    const record = this.#users.get(user)
    return record !== undefined && record.isActive && roleHasScope(record.role, scope)
  }

  /** Somebody who asks as this person, narrowed to some scopes; whoever made it ends it. */
  caller(record: UserRecord, scopes: readonly Scope[] | null = null): KeyCaller {
    const { id, username } = record
    const users = this.#users
    const facts = {
      key: keyId(id),
      name: username,
      limits: noLimits,
      scopes: scopes ?? (['admin'] as const),
      mayUse: () => true,
      // Looked up each time: the team may change while a sign-in lasts.
      owner: {
        user: id,
        get team() {
          return users.get(id)?.teams[0] ?? null
        },
      },
      ceiling: (scope: Scope) => this.has(id, scope),
      person: id,
    }
    return new KeyCaller(facts, this.#options.log)
  }

  /** The person behind a caller; null = a key, the owner of the machine. */
  personOf(caller: Caller): UserRecord | null {
    return caller instanceof KeyCaller && caller.person !== null ? this.get(caller.person) : null
  }

  authorityOf(caller: Caller): Authority {
    const person = this.personOf(caller)
    return person === null
      ? { permissions: permissionsOfScopes((scope) => caller.may(scope)), user: null }
      : { permissions: permissionsOf(person, caller), user: person.id }
  }

  /** `by` null: they registered themselves, where that is open. */
  create(wanted: NewUser, by: Actor | null, from: string): Promise<UserRecord> {
    if (by !== null) mayGiveRole(wanted.role, this.authorityOf(by.caller))
    return this.#inOrder(async () => {
      this.#checkNames(null, wanted)
      this.checkTeams(wanted.teams)
      if (this.#users.size >= maxUsers) throw tooManyUsers(maxUsers)
      const now = this.#options.clock.now()
      const { email = null, firstName = null, lastName = null, organization = null } = wanted
      const record: UserRecord = {
        ...{ email, firstName, lastName, organization },
        ...{ username: wanted.username, role: wanted.role, teams: wanted.teams, passwordHash: wanted.passwordHash },
        ...{ id: newUserId(), isActive: true, generation: 0, createdAt: now, updatedAt: now, lastSignInAt: null },
      }
      await this.#options.store.insert(record).catch(refuseTwice)
      this.#put(record)
      this.#options.announce({ type: 'user.created', data: { user: toNews(record) } })
      const detail = `“${record.username}” as ${record.role}${wanted.teams.length > 0 ? ` in ${wanted.teams.join(', ')}` : ''}`
      const who = by?.caller.key ?? record.id
      await this.write({ who, action: 'user.create', target: record.id, detail, from, after: toAudit(record) })
      return record
    })
  }

  /** Whoever becomes inactive is out when this returns its promise, and that is stored when it resolves. */
  async change(idOrName: string, change: UserChange, by: Actor): Promise<UserRecord> {
    const { clock, end } = this.#options
    const before = this.known(idOrName)
    mayChangeUser(before, change, this.authorityOf(by.caller))
    if (change.teams !== undefined) this.checkTeams(change.teams)
    const isOut = before.isActive && change.isActive === false
    let ending: Promise<void> | null = null
    if (isOut) {
      this.#put({ ...before, isActive: false, generation: before.generation + 1 })
      ending = end(before.id, by)
      ending.catch(() => {})
    }
    return this.#inOrder(async () => {
      const now = this.known(before.id)
      this.#checkNames(before.id, change)
      const record = changed(now, change, clock.now())
      await this.#store(record, isOut)
      this.#put(record)
      await ending
      this.#options.announce({ type: 'user.changed', data: { user: toNews(record) } })
      const detail = differences(before, record)
      const values = { before: toAudit(before), after: toAudit(record) }
      await this.write({
        who: by.caller.key,
        action: 'user.update',
        target: record.id,
        detail,
        from: by.from,
        ...values,
      })
      return record
    })
  }

  /** Out at once, as with `isActive: false`; then forgotten. What was counted stays under the id. */
  async remove(idOrName: string, by: Actor): Promise<UserRecord> {
    const record = this.known(idOrName)
    const authority = this.authorityOf(by.caller)
    mayChangeUser(record, { isActive: false }, authority)
    this.#put({ ...record, isActive: false, generation: record.generation + 1 })
    const ending = this.#options.end(record.id, by)
    ending.catch(() => {})
    return this.#inOrder(async () => {
      await this.#store(this.known(record.id), true)
      await ending
      await this.#options.store.remove(record.id)
      this.#forget(record.id)
      this.#options.announce({ type: 'user.removed', data: { user: toNews({ ...record, isActive: false }) } })
      const detail = `“${record.username}”`
      const was = { before: toAudit(record) }
      await this.write({ who: by.caller.key, action: 'user.delete', target: record.id, detail, from: by.from, ...was })
      return record
    })
  }

  /**
   * What began with the password of before is over when this resolves; the caller may let one of them live on.
   * `spare` is called when the new generation stands, before the others end.
   */
  setPassword(
    user: UserId,
    passwordHash: string,
    told: { readonly who: string; readonly detail: string; readonly from: string },
    spare: (generation: number) => Promise<void> = () => Promise.resolve(),
  ): Promise<UserRecord> {
    return this.#inOrder(async () => {
      const { clock, end, store } = this.#options
      const before = this.known(user)
      const generation = before.generation + 1
      const record = { ...before, passwordHash, generation, updatedAt: clock.now() }
      await store.update(record)
      // Somebody may have been put out during the write.
      this.#put({ ...record, isActive: record.isActive && this.known(user).isActive })
      await spare(generation)
      await end(user, null)
      await this.write({ ...told, action: 'user.password', target: user })
      return record
    })
  }

  /** The same password with today's costs: nothing ends. */
  rehashed(user: UserId, passwordHash: string): Promise<void> {
    return this.#inOrder(async () => {
      const record = { ...this.known(user), passwordHash }
      await this.#options.store.update(record)
      this.#put(record)
    })
  }

  noteSignIn(user: UserId): Promise<void> {
    return this.#inOrder(async () => {
      const record = this.get(user)
      if (record === null) return
      const noted = { ...record, lastSignInAt: this.#options.clock.now() }
      await this.#options.store.update(noted)
      this.#put({ ...noted, isActive: this.get(user)?.isActive ?? false })
    })
  }

  checkTeams(teams: readonly string[]): void {
    const missing = teams.find((team) => !this.#options.hasTeam(team))
    if (missing !== undefined) throw unknownTeam(missing)
  }

  /** Whom a key of this owner belongs to is there; throws otherwise. */
  checkOwner(owner: Owner): void {
    if (owner.user !== null && this.get(owner.user)?.isActive !== true) throw unknownUser(owner.user)
    if (owner.team !== null) this.checkTeams([owner.team])
  }

  async write(entry: {
    readonly who: string
    readonly action: string
    readonly target: string
    readonly detail: string
    readonly from: string
    readonly before?: unknown
    readonly after?: unknown
  }): Promise<void> {
    const { audit, clock } = this.#options
    audit.record({ at: clock.now(), ...entry })
    // As with keys: the act stands, and its row waits in memory if it has to.
    await audit.written().catch(() => {})
  }

  #checkNames(own: UserId | null, { username, email }: { username?: string; email?: string | null | undefined }): void {
    for (const [param, name] of [
      ['username', username],
      ['email', email],
    ] as const) {
      const holder = name === undefined || name === null ? undefined : this.#named.get(name)
      if (holder !== undefined && holder !== own) throw nameTaken(param)
    }
  }

  async #store(record: UserRecord, isOut: boolean): Promise<void> {
    try {
      await this.#options.store.update(record)
    } catch (cause) {
      if (isUniqueViolation(cause)) refuseTwice(cause)
      if (isOut) throw notStored(record.username, cause)
      throw cause
    }
  }

  #put(record: UserRecord): void {
    this.#forget(record.id)
    this.#users.set(record.id, record)
    this.#named.set(record.username, record.id)
    if (record.email !== null) this.#named.set(record.email, record.id)
  }

  #forget(id: UserId): void {
    const before = this.#users.get(id)
    if (before === undefined) return
    this.#users.delete(id)
    this.#named.delete(before.username)
    if (before.email !== null) this.#named.delete(before.email)
  }
}

/** A token may hold less than its person's role. */
function permissionsOf(person: UserRecord, caller: Caller): readonly Permission[] {
  const ofRole = permissionsOfRole(person.role)
  const isWhole = ['inference', 'monitor', 'fleet.operate', 'admin'].every(
    (scope) => !roleHasScope(person.role, scope as Scope) || caller.may(scope as Scope),
  )
  return isWhole
    ? ofRole
    : ofRole.filter((permission) => permissionsOfScopes((s) => caller.may(s)).includes(permission))
}

/** The database keeps names apart too: another process may have been quicker. */
function refuseTwice(thrown: unknown): never {
  if (isUniqueViolation(thrown)) throw nameTaken('username')
  throw thrown
}
