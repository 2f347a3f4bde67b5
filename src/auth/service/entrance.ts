import type { UserId } from '#kernel/ids.ts'
import type { Clock } from '#kernel/time.ts'
import { isOfToday } from '#platform/crypto/passwords.ts'
import type { Logger } from '#platform/log/logger.ts'
import { messageOf } from '#kernel/errors.ts'
import { accountRule, addressOf, addressRule } from '../core/lock-out.ts'
import { checkPassword } from '../core/password-rules.ts'
import type { UserRecord } from '../core/user.ts'
import { tooManyAttempts, wrongCurrent, wrongPassword } from '../errors.ts'
import { Hashing } from './hashing.ts'
import { LockOut } from './lock-out.ts'
import type { People } from './people.ts'

export interface EntranceOptions {
  readonly people: People
  readonly clock: Clock
  readonly log: Logger
}

/**
 * Where passwords are judged. Whether an account exists, is active or has a password makes no difference that a
 * stranger could see: the same sentence, the same work, the same lock-out.
 */
export class Entrance {
  readonly #people: People
  readonly #log: Logger
  readonly #accounts: LockOut
  readonly #addresses: LockOut
  readonly hashing = new Hashing()

  constructor({ people, clock, log }: EntranceOptions) {
    this.#people = people
    this.#log = log
    this.#accounts = new LockOut(accountRule, clock)
    this.#addresses = new LockOut(addressRule, clock)
  }

  /** Whose name and password these are. Rejects with AppError `unauthenticated`, or `limited` after failures. */
  async prove(name: string, password: string, from: string): Promise<UserRecord> {
    const account = this.#accountOf(name)
    const address = addressOf(from)
    this.#refuseLocked(account, address)
    const isLocked = this.#accounts.begin(account)
    this.#addresses.begin(address)
    const user = this.#people.named(name)
    const hash = user !== null && user.isActive ? user.passwordHash : null
    const isRight = await this.hashing.verify(password, hash)
    if (!isRight || user === null || !this.#people.isAlive(user.id, user.generation)) {
      if (isLocked) await this.#tellLocked(user, from)
      throw wrongPassword()
    }
    this.#accounts.forget(account)
    this.#addresses.takeBack(address)
    await this.#afterwards(user, password)
    return this.#people.known(user.id)
  }

  /** Registering and links are tried from addresses too; each attempt counts. */
  countAddress(from: string): void {
    const address = addressOf(from)
    const waitMs = this.#addresses.waitMs(address)
    if (waitMs > 0) throw tooManyAttempts(waitMs)
    this.#addresses.begin(address)
  }

  /** What is weak is refused before anything is done with it. */
  async hashNew(password: string, names: readonly (string | null)[]): Promise<string> {
    checkPassword(password, { names })
    return this.hashing.hash(password)
  }

  /** With `spare` the place in which it was changed lives on; everything else of this person ends. */
  async changePassword(
    id: UserId,
    asked: { readonly current: string; readonly password: string; readonly from: string },
    spare: (generation: number) => Promise<void>,
  ): Promise<void> {
    const { current, password, from } = asked
    const user = this.#people.known(id)
    const account = this.#accountOf(user.username)
    this.#refuseLocked(account, addressOf(from))
    this.#accounts.begin(account)
    if (!(await this.hashing.verify(current, user.passwordHash))) throw wrongCurrent()
    this.#accounts.forget(account)
    const hash = await this.hashNew(password, namesOf(user))
    const told = { who: id, detail: 'changed by its owner; other sign-ins end', from }
    await this.#people.setPassword(id, hash, told, spare)
  }

  #refuseLocked(account: string, address: string): void {
    const waitMs = Math.max(this.#accounts.waitMs(account), this.#addresses.waitMs(address))
    if (waitMs > 0) throw tooManyAttempts(waitMs)
  }

  /** One account has two names; a name of nobody is counted like one. */
  #accountOf(name: string): string {
    return this.#people.named(name)?.id ?? `nobody:${name.trim().toLowerCase().slice(0, 254)}`
  }

  async #tellLocked(user: UserRecord | null, from: string): Promise<void> {
    if (user === null) return
    const detail = 'several wrong passwords in a row: the next attempts have to wait'
    await this.#people.write({ who: user.id, action: 'login.locked', target: user.id, detail, from })
  }

  /** Neither is worth refusing a right password for. */
  async #afterwards(user: UserRecord, password: string): Promise<void> {
    try {
      if (user.passwordHash !== null && !isOfToday(user.passwordHash)) {
        await this.#people.rehashed(user.id, await this.hashing.hash(password))
      }
      await this.#people.noteSignIn(user.id)
    } catch (error) {
      this.#log.warn('a sign-in could not be noted', { user: user.id, error: messageOf(error) })
    }
  }
}

/** What a password must not be. */
export const namesOf = ({ username, email, firstName, lastName }: UserRecord): readonly (string | null)[] => [
  username,
  email,
  firstName,
  lastName,
]
