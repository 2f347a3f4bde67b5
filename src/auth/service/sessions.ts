import { AppError } from '#kernel/errors.ts'
import type { KeyId, UserId } from '#kernel/ids.ts'
import { keyId } from '#kernel/ids.ts'
import type { Clock, EpochMs } from '#kernel/time.ts'
import type { Caller } from '#kernel/words.ts'
import { sha256Hex } from '#platform/crypto/hash.ts'
import { randomHex } from '#platform/crypto/random.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { Identity } from '../contract.ts'
import { badTicket, refused, tooManySignIns } from '../errors.ts'
import type { SessionRecord, SessionStore, TicketStore } from '../ports.ts'
import type { AuditLog } from './audit-log.ts'
import type { KeyCaller } from './key-caller.ts'
import { createLocalCaller, localKey } from './key-caller.ts'
import type { UserRecord } from '../core/user.ts'
import type { KeyRing } from './key-ring.ts'
import type { People } from './people.ts'
import { SignInLimit } from './sign-in-limit.ts'

export const sessionMs = 30 * 24 * 3_600_000
const ticketMs = 10 * 60_000
/** A session's end moves on with its use, and is written down when it moved this far. */
const extendStepMs = 3_600_000
/** Browsers of one key that are signed in at once; the oldest is signed out. */
const maxPerKey = 50

export interface SessionsOptions {
  readonly store: SessionStore
  readonly tickets: TicketStore
  readonly ring: KeyRing
  readonly people: People
  /** Judges a user name and a password. */
  readonly prove: (proof: PasswordProof, from: string) => Promise<UserRecord>
  readonly audit: AuditLog
  readonly clock: Clock
  readonly log: Logger
}

export interface PasswordProof {
  readonly username: string
  readonly password: string
}

/** `token` is for the cookie and is not kept. */
export interface SignedIn {
  readonly token: string
  readonly caller: Caller
}

export type Proof = { readonly ticket: string } | { readonly key: string } | PasswordProof

interface Live {
  readonly record: SessionRecord
  expiresAt: EpochMs
  generation: number
  /** Sessions of `local` and of people have a caller of their own; those of a key end with the key. */
  readonly own: KeyCaller | null
}

/** People who are signed in with a browser; in memory like the keys, so that asking needs no wait. */
export class Sessions {
  readonly #options: SessionsOptions
  readonly #live = new Map<string, Live>()
  readonly #moved = new Set<string>()
  readonly #limit: SignInLimit

  constructor(options: SessionsOptions) {
    this.#options = options
    this.#limit = new SignInLimit(options.clock)
  }

  async load(): Promise<void> {
    for (const record of await this.#options.store.all()) this.#add(record)
  }

  identify(token: string): Identity {
    const tokenSha256 = sha256Hex(token)
    const session = this.#live.get(tokenSha256)
    const now = this.#options.clock.now()
    if (session === undefined || session.expiresAt <= now) {
      return { ok: false, why: session ? 'expired' : 'unknown', message: 'This sign-in has ended. Sign in again.' }
    }
    const identity = this.#identityOf(session)
    if (identity.ok && now + sessionMs - session.expiresAt >= extendStepMs) {
      session.expiresAt = now + sessionMs
      this.#moved.add(tokenSha256)
    }
    return identity
  }

  /** A text that signs in once, as the one who made it. */
  async createTicket(caller: Caller): Promise<{ readonly ticket: string; readonly expiresAt: EpochMs }> {
    const { tickets, ring, people, clock } = this.#options
    const ticket = randomHex(24)
    const expiresAt = clock.now() + ticketMs
    const generation = (ring.get(caller.key) ?? people.personOf(caller))?.generation ?? 0
    await tickets.insert({ ticketSha256: sha256Hex(ticket), key: caller.key, generation, expiresAt })
    return { ticket, expiresAt }
  }

  /** Rejects with AppError `unauthenticated`, or `limited` after many failures from this address. */
  async signIn(proof: Proof, from: string): Promise<SignedIn> {
    // Passwords have a lock-out of their own, which is stricter.
    if ('password' in proof) return this.#byPassword(proof, from)
    const waitMs = this.#limit.waitMs(from)
    if (waitMs > 0) throw tooManySignIns(waitMs)
    try {
      const signedIn = await ('ticket' in proof ? this.#byTicket(proof.ticket) : this.#byKey(proof.key.trim()))
      this.#limit.succeeded(from)
      this.#tell(signedIn.caller, 'ticket' in proof ? 'with a sign-in link' : 'with its key', from)
      return signedIn
    } catch (error) {
      if (error instanceof AppError && error.kind === 'unauthenticated') this.#limit.failed(from)
      throw error
    }
  }

  async signOut(token: string): Promise<void> {
    await this.#remove([sha256Hex(token)])
  }

  /** Signs out whoever came in by a link that was made over the socket. */
  async endLocal(): Promise<void> {
    await this.#remove([...this.#live].filter(([, { record }]) => record.key === localKey).map(([token]) => token))
  }

  /** Ends what is over of this user: all of it when they are out, what began before a change of the password else. */
  async endOf(user: UserId): Promise<void> {
    const now = this.#options.clock.now()
    const own = [...this.#live].filter(([, { record }]) => record.key === keyId(user))
    await this.#remove(own.filter(([, session]) => !this.#isAlive(session, now)).map(([token]) => token))
  }

  /** Lets one session live on after its person changed the password in it. */
  async moveOn(token: string, generation: number): Promise<void> {
    const tokenSha256 = sha256Hex(token)
    const session = this.#live.get(tokenSha256)
    if (session === undefined) return
    await this.#options.store.moveOn(tokenSha256, generation)
    session.generation = generation
  }

  /** Writes down what moved and forgets what is over. */
  async flush(): Promise<void> {
    const { store, tickets, clock } = this.#options
    const now = clock.now()
    await tickets.removeExpired(now)
    await this.#remove([...this.#live].filter(([, session]) => !this.#isAlive(session, now)).map(([token]) => token))
    const moved = [...this.#moved]
    this.#moved.clear()
    const ends = new Map(moved.flatMap((token) => [...this.#endOf(token)]))
    if (ends.size === 0) return
    try {
      await store.extend(ends)
    } catch (error) {
      for (const token of moved) this.#moved.add(token)
      throw error
    }
  }

  async #byTicket(ticket: string): Promise<SignedIn> {
    const { tickets, ring, people, clock } = this.#options
    const record = await tickets.take(sha256Hex(ticket))
    if (record === null || record.expiresAt <= clock.now()) throw badTicket()
    if (record.key === localKey) return this.#begin(localKey, 0)
    if (people.get(record.key) !== null) {
      if (!people.isAlive(record.key, record.generation)) throw badTicket()
      return this.#begin(record.key, record.generation)
    }
    const identity = ring.identifySession(record.key, record.generation)
    if (!identity.ok) throw refused(identity)
    return this.#begin(record.key, record.generation)
  }

  async #byPassword(proof: PasswordProof, from: string): Promise<SignedIn> {
    const user = await this.#options.prove(proof, from)
    const signedIn = await this.#begin(keyId(user.id), user.generation)
    this.#tell(signedIn.caller, 'with a password', from)
    return signedIn
  }

  async #byKey(text: string): Promise<SignedIn> {
    const { ring } = this.#options
    const identity = ring.identify(text)
    if (!identity.ok) throw refused(identity)
    return this.#begin(identity.caller.key, ring.generationOf(identity.caller))
  }

  async #begin(key: KeyId, generation: number): Promise<SignedIn> {
    const { store, clock } = this.#options
    const token = randomHex(32)
    const now = clock.now()
    const record = { tokenSha256: sha256Hex(token), key, generation, createdAt: now, expiresAt: now + sessionMs }
    const others = [...this.#live.values()].map((session) => session.record).filter((other) => other.key === key)
    others.sort((a, b) => b.createdAt - a.createdAt)
    await this.#remove(others.slice(maxPerKey - 1).map((other) => other.tokenSha256))
    await store.insert(record)
    this.#add(record)
    const identity = this.identify(token)
    if (!identity.ok) throw refused(identity)
    return { token, caller: identity.caller }
  }

  #add(record: SessionRecord): void {
    const { people, log } = this.#options
    const person = people.get(record.key)
    const own = person !== null ? people.caller(person) : record.key === localKey ? createLocalCaller(log) : null
    const { expiresAt, generation } = record
    this.#live.set(record.tokenSha256, { record, expiresAt, generation, own })
  }

  #identityOf({ record, generation, own }: Live): Identity {
    const { ring, people } = this.#options
    if (own === null) return ring.identifySession(record.key, generation)
    if (own.person === null || people.isAlive(own.person, generation)) return { ok: true, caller: own, by: 'session' }
    return { ok: false, why: 'expired', message: 'This sign-in has ended. Sign in again.' }
  }

  async #remove(tokens: readonly string[]): Promise<void> {
    if (tokens.length === 0) return
    for (const token of tokens) {
      this.#live.get(token)?.own?.end()
      this.#live.delete(token)
      this.#moved.delete(token)
    }
    await this.#options.store.remove(tokens)
  }

  #isAlive(session: Live, now: EpochMs): boolean {
    if (session.expiresAt <= now) return false
    const { ring, people } = this.#options
    if (session.own === null) return ring.isAlive(session.record.key, session.generation)
    return session.own.person === null || people.isAlive(session.own.person, session.generation)
  }

  *#endOf(token: string): Generator<[string, EpochMs]> {
    const session = this.#live.get(token)
    if (session) yield [token, session.expiresAt]
  }

  #tell(caller: Caller, detail: string, from: string): void {
    const { audit, clock } = this.#options
    audit.record({ at: clock.now(), who: caller.key, action: 'session.create', target: caller.key, detail, from })
  }
}
