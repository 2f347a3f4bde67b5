import type { Role } from '#kernel/permissions.ts'
import type { Clock, EpochMs } from '#kernel/time.ts'
import { sha256Hex } from '#platform/crypto/hash.ts'
import { randomHex } from '#platform/crypto/random.ts'
import type { Profile, UserRecord } from '../core/user.ts'
import { mayChangeUser, mayGiveRole } from '../core/user.ts'
import { badInvitation, badPasswordLink, registrationClosed } from '../errors.ts'
import type { LinkRecord, LinkStore } from '../ports.ts'
import type { Entrance } from './entrance.ts'
import { namesOf } from './entrance.ts'
import type { Actor } from './keys.ts'
import type { People } from './people.ts'

const passwordLinkMs = 24 * 3_600_000
const invitationMs = 7 * 24 * 3_600_000

/** Who may make an account for themselves. */
export type Registration = 'off' | 'invite' | 'open'

export interface LinksOptions {
  readonly store: LinkStore
  readonly people: People
  readonly entrance: Entrance
  readonly registration: () => Registration
  readonly clock: Clock
}

export interface MadeLink {
  readonly token: string
  readonly expiresAt: EpochMs
}

export interface WantedAccount extends Partial<Profile> {
  readonly username: string
  readonly password: string
  readonly invitation?: string | undefined
}

/** Texts that work once: for choosing a password, and for becoming a user. */
export class Links {
  readonly #options: LinksOptions

  constructor(options: LinksOptions) {
    this.#options = options
  }

  /** The password of now stays until the link is used; links of before it end. */
  async forPassword(idOrName: string, by: Actor): Promise<MadeLink & { readonly user: UserRecord }> {
    const { people, store } = this.#options
    const user = people.known(idOrName)
    mayChangeUser(user, {}, people.authorityOf(by.caller))
    await store.removeOf(user.id)
    const made = this.#make(passwordLinkMs)
    const facts = { createdBy: by.caller.key, expiresAt: made.expiresAt, linkSha256: sha256Hex(made.token) }
    await store.insert({ ...facts, kind: 'password', user: user.id, generation: user.generation })
    const detail = 'a link for choosing a password, good once'
    await people.write({ who: by.caller.key, action: 'user.password_link', target: user.id, detail, from: by.from })
    return { ...made, user }
  }

  async forInvitation(grant: { readonly role: Role; readonly teams: readonly string[] }, by: Actor): Promise<MadeLink> {
    const { people, store } = this.#options
    mayGiveRole(grant.role, people.authorityOf(by.caller))
    people.checkTeams(grant.teams)
    const made = this.#make(invitationMs)
    const facts = { createdBy: by.caller.key, expiresAt: made.expiresAt, linkSha256: sha256Hex(made.token) }
    await store.insert({ ...facts, kind: 'invitation', ...grant })
    const detail = `as ${grant.role}${grant.teams.length === 0 ? '' : ` in ${grant.teams.join(', ')}`}`
    await people.write({ who: by.caller.key, action: 'user.invite', target: 'invitation', detail, from: by.from })
    return made
  }

  /** Sets the password of the link's user; everything that began with the one of before ends. */
  async choosePassword(token: string, password: string, from: string): Promise<UserRecord> {
    const { people, store, entrance } = this.#options
    entrance.countAddress(from)
    const link = await this.#find(token, 'password')
    const user = link === null ? null : people.get(link.user)
    if (link === null || user === null || !people.isAlive(user.id, link.generation)) throw badPasswordLink()
    const hash = await entrance.hashNew(password, namesOf(user))
    // Only now: a password that is refused must not cost the link.
    if ((await store.take(link.linkSha256)) === null) throw badPasswordLink()
    return people.setPassword(user.id, hash, { who: user.id, detail: 'chosen with a link', from })
  }

  /** Somebody makes an account: with an invitation as what it says, where everybody may as a user. */
  async register(wanted: WantedAccount, from: string): Promise<UserRecord> {
    const { people, store, entrance, registration } = this.#options
    const { invitation, password, ...account } = wanted
    const mode = registration()
    if (mode === 'off' || (mode === 'invite' && invitation === undefined)) throw registrationClosed(mode)
    entrance.countAddress(from)
    const link = invitation === undefined ? null : await this.#find(invitation, 'invitation')
    if (invitation !== undefined && link === null) throw badInvitation()
    const hash = await entrance.hashNew(password, [account.username, ...profileNames(account)])
    const grant = link === null ? { role: 'user' as const, teams: [] } : { role: link.role, teams: link.teams }
    // Teams may have gone since it was written; what is left of it counts.
    const teams = grant.teams.filter((team) => isThere(people, team))
    if (link !== null && (await store.take(link.linkSha256)) === null) throw badInvitation()
    try {
      return await people.create({ ...account, role: grant.role, teams, passwordHash: hash }, null, from)
    } catch (error) {
      // A name that is taken must not cost the invitation.
      if (link !== null) await store.insert(link)
      throw error
    }
  }

  flush(): Promise<void> {
    return this.#options.store.removeExpired(this.#options.clock.now())
  }

  #make(ms: number): MadeLink {
    return { token: randomHex(24), expiresAt: this.#options.clock.now() + ms }
  }

  async #find<Kind extends LinkRecord['kind']>(
    token: string,
    kind: Kind,
  ): Promise<Extract<LinkRecord, { readonly kind: Kind }> | null> {
    const link = await this.#options.store.find(sha256Hex(token))
    if (link === null || link.kind !== kind || link.expiresAt <= this.#options.clock.now()) return null
    return link as Extract<LinkRecord, { readonly kind: Kind }>
  }
}

function profileNames({ email, firstName, lastName }: Partial<Profile>): readonly (string | null)[] {
  return [email ?? null, firstName ?? null, lastName ?? null]
}

function isThere(people: People, team: string): boolean {
  try {
    people.checkTeams([team])
    return true
  } catch {
    return false
  }
}
