import type { UserId } from '#kernel/ids.ts'
import type { Clock, EpochMs } from '#kernel/time.ts'
import type { Announce, Scope } from '#kernel/words.ts'
import { sha256Hex } from '#platform/crypto/hash.ts'
import { randomHex } from '#platform/crypto/random.ts'
import type { Identity } from '../contract.ts'
import { audience, readAccessToken, scopesOfClaim } from '../core/access-token.ts'
import type { UserRecord } from '../core/user.ts'
import { badRefreshToken, reusedRefreshToken } from '../errors.ts'
import type { AuthEvent } from '../events.ts'
import type { LoginRecord, LoginStore } from '../ports.ts'
import type { KeyCaller } from './key-caller.ts'
import type { People } from './people.ts'
import type { SigningKeys } from './signing-keys.ts'

/** Programs of one person that are signed in at once; the oldest is signed out. */
const maxPerUser = 50
/** Access tokens that were verified and need not be again; the one that came first is forgotten first. */
const maxVerified = 10_000
const refreshPrefix = 'hr-'

export interface LoginSettings {
  readonly accessTokenMs: number
  readonly refreshTokenMs: number
}

export interface LoginsOptions {
  readonly store: LoginStore
  readonly people: People
  readonly keys: SigningKeys
  readonly settings: () => LoginSettings
  readonly announce: Announce<AuthEvent>
  readonly clock: Clock
  readonly issuer: () => string
}

/** A pair of tokens; neither is kept in clear. */
export interface TokenPair {
  readonly accessToken: string
  readonly refreshToken: string
  readonly expiresInSeconds: number
  readonly refreshExpiresInSeconds: number
  readonly user: UserRecord
}

interface Live {
  readonly record: LoginRecord
  expiresAt: EpochMs
  generation: number
  /** One caller for each set of scopes that its tokens were given. */
  readonly callers: Map<string, KeyCaller>
}

interface Verified {
  readonly login: string
  readonly scope: string
  readonly expiresAt: EpochMs
  /** The key that signed it, which may not be taken any more. */
  readonly kid: string
}

/**
 * People who signed in with a program, in memory like keys. An access token is good while its signature, its time, its
 * sign-in and its person are; nothing has to be looked up in the database for it. A refresh token is good once: one
 * that comes a second time was stolen, or its answer was, so the whole sign-in ends.
 */
export class Logins {
  readonly #options: LoginsOptions
  readonly #live = new Map<string, Live>()
  readonly #verified = new Map<string, Verified>()

  constructor(options: LoginsOptions) {
    this.#options = options
  }

  async load(): Promise<void> {
    for (const record of await this.#options.store.all()) this.#add(record)
  }

  identify(token: string): Identity {
    const { clock, keys } = this.#options
    const now = clock.now()
    const digest = sha256Hex(token)
    const known = this.#verified.get(digest)
    if (known !== undefined && known.expiresAt > now && keys.verifier(known.kid) !== null) return this.#standing(known)
    const read = this.#read(token)
    if (!read.ok) return refusals[read.why]
    const { sid, scope, exp } = read.claims
    const verified = { login: sid, scope, expiresAt: exp * 1000, kid: read.kid }
    this.#verified.set(digest, verified)
    const [oldest] = this.#verified.keys()
    if (this.#verified.size > maxVerified && oldest !== undefined) this.#verified.delete(oldest)
    return this.#standing(verified)
  }

  async begin(user: UserRecord, from: string): Promise<TokenPair> {
    const { store, clock, settings, people } = this.#options
    const now = clock.now()
    const refreshToken = newRefreshToken()
    const record: LoginRecord = {
      id: randomHex(12),
      user: user.id,
      generation: user.generation,
      createdAt: now,
      expiresAt: now + settings().refreshTokenMs,
    }
    const others = [...this.#live.values()].map((live) => live.record).filter((other) => other.user === user.id)
    others.sort((a, b) => b.createdAt - a.createdAt)
    await this.#end(others.slice(maxPerUser - 1).map((other) => other.id))
    await store.insert(record, sha256Hex(refreshToken))
    this.#add(record)
    const detail = 'with a program'
    await people.write({ who: user.id, action: 'login.create', target: user.id, detail, from })
    return this.#pair(user, record.id, refreshToken)
  }

  async refresh(token: string, from: string): Promise<TokenPair> {
    const { store, clock, settings, people, announce } = this.#options
    if (!token.startsWith(refreshPrefix)) throw badRefreshToken()
    const now = clock.now()
    const next = newRefreshToken()
    const expiresAt = now + settings().refreshTokenMs
    const turn = { spentSha256: sha256Hex(token), nextSha256: sha256Hex(next), now, expiresAt }
    const turned = await store.rotate(turn)
    if (turned.kind === 'unknown') throw badRefreshToken()
    const live = this.#live.get(turned.login)
    if (turned.kind === 'reused') {
      const user = live?.record.user
      await this.#end([turned.login])
      if (user !== undefined) {
        announce({ type: 'login.reused', data: { user } })
        const detail = 'a refresh token came a second time: this sign-in is ended'
        await people.write({ who: user, action: 'login.reuse', target: user, detail, from })
      }
      throw reusedRefreshToken()
    }
    const user = live === undefined ? null : people.get(live.record.user)
    if (live === undefined || user === null || !people.isAlive(user.id, live.generation)) {
      await this.#end([turned.login])
      throw badRefreshToken()
    }
    live.expiresAt = expiresAt
    return this.#pair(user, turned.login, next)
  }

  /**
   * Ends the sign-in of an access token or of a refresh token, spent and expired ones too. What is no token of ours is
   * passed over: the answer tells nobody whether it was one.
   */
  async revoke(token: string, from: string): Promise<void> {
    const login = token.startsWith(refreshPrefix)
      ? await this.#options.store.loginOf(sha256Hex(token))
      : this.loginOf(token)
    const user = login === null ? undefined : this.#live.get(login)?.record.user
    if (login === null || user === undefined) return
    await this.#end([login])
    await this.#options.people.write({ who: user, action: 'login.revoke', target: user, detail: '', from })
  }

  /** The sign-in of an access token of ours, an expired one too; null = it is none. */
  loginOf(token: string): string | null {
    const read = this.#read(token)
    return read.ok || read.why === 'expired' ? read.claims.sid : null
  }

  /** Lets one sign-in live on after its person changed the password with it. */
  async moveOn(login: string, generation: number): Promise<void> {
    const live = this.#live.get(login)
    if (live === undefined) return
    await this.#options.store.moveOn(login, generation)
    live.generation = generation
  }

  /** Ends what is over of this user: all of it when they are out, what began before a change of the password else. */
  async endOf(user: UserId): Promise<void> {
    const over = [...this.#live.values()].filter(
      (live) => live.record.user === user && !this.#options.people.isAlive(user, live.generation),
    )
    await this.#end(over.map((live) => live.record.id))
  }

  /** Forgets what is over, and cuts what runs with it. */
  async flush(): Promise<void> {
    const { people, clock } = this.#options
    const now = clock.now()
    const over = [...this.#live.values()].filter(
      (live) => live.expiresAt <= now || !people.isAlive(live.record.user, live.generation),
    )
    await this.#end(over.map((live) => live.record.id))
    for (const [digest, verified] of this.#verified) if (verified.expiresAt <= now) this.#verified.delete(digest)
  }

  #read(token: string) {
    const { keys, issuer, clock } = this.#options
    return readAccessToken(token, { keys, issuer: issuer(), nowSeconds: Math.floor(clock.now() / 1000) })
  }

  #standing({ login, scope }: Verified): Identity {
    const { people, clock } = this.#options
    const live = this.#live.get(login)
    if (live === undefined || live.expiresAt <= clock.now()) return ended
    const user = people.get(live.record.user)
    if (user === null || !people.isAlive(user.id, live.generation)) return ended
    const caller = live.callers.get(scope) ?? people.caller(user, scopesOfClaim(scope))
    live.callers.set(scope, caller)
    return { ok: true, caller, by: 'token' }
  }

  #pair(user: UserRecord, login: string, refreshToken: string): TokenPair {
    const { keys, clock, settings, issuer, people } = this.#options
    const { accessTokenMs, refreshTokenMs } = settings()
    const now = Math.floor(clock.now() / 1000)
    const seconds = Math.floor(accessTokenMs / 1000)
    const accessToken = keys.sign({
      iss: issuer(),
      aud: audience,
      sub: user.id,
      sid: login,
      jti: randomHex(12),
      scope: scopesOf(user, people).join(' '),
      iat: now,
      nbf: now,
      exp: now + seconds,
    })
    const refreshExpiresInSeconds = Math.floor(refreshTokenMs / 1000)
    return { accessToken, refreshToken, expiresInSeconds: seconds, refreshExpiresInSeconds, user }
  }

  #add(record: LoginRecord): void {
    const { expiresAt, generation } = record
    this.#live.set(record.id, { record, expiresAt, generation, callers: new Map() })
  }

  /** In memory before it returns its promise. */
  async #end(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return
    for (const id of ids) {
      const live = this.#live.get(id)
      this.#live.delete(id)
      for (const caller of live?.callers.values() ?? []) caller.end()
    }
    await this.#options.store.remove(ids)
  }
}

/** An admin's token says all of them: whoever judges it elsewhere need not know what implies what. */
const scopesOf = (user: UserRecord, people: People): readonly Scope[] =>
  (['inference', 'monitor', 'fleet.operate', 'admin'] as const).filter((scope) => people.has(user.id, scope))

const newRefreshToken = (): string => `${refreshPrefix}${randomHex(32)}`

const again = 'Sign in again, or take a new one with the refresh token (POST /auth/refresh).'
const ended: Identity = Object.freeze({
  ok: false,
  why: 'revoked',
  reason: 'revoked_token',
  message: 'The sign-in of this access token has ended. Sign in again.',
})
const refusals = {
  malformed: {
    ok: false,
    why: 'unknown',
    reason: 'invalid_token',
    message: 'This is no access token of this house: it does not have the form of one.',
  },
  unknown: {
    ok: false,
    why: 'unknown',
    reason: 'invalid_token',
    message: `This access token was not given by this house, or its key is not taken any more. ${again}`,
  },
  early: {
    ok: false,
    why: 'unknown',
    reason: 'invalid_token',
    message: 'This access token is not valid yet: the clock that wrote it is ahead.',
  },
  expired: {
    ok: false,
    why: 'expired',
    reason: 'expired_token',
    message: `This access token has expired. ${again}`,
  },
} as const satisfies Readonly<Record<string, Identity>>
