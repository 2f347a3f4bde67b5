import type { KeyId } from '#kernel/ids.ts'
import type { MonoMs } from '#kernel/time.ts'
import { formatDuration } from '#kernel/time.ts'
import type { KeyLimits } from '#kernel/words.ts'
import type { Refused, Reservation, Reserved } from '../contract.ts'
import type { Window } from './window.ts'
import { createWindow } from './window.ts'

/** When a place will be free nobody knows: a request may take a second or ten minutes. Ask again after this long. */
export const concurrencyRetryMs = 1000
/** How often keys that nobody used for a minute are forgotten. */
const sweepEveryMs = 60_000

/** Requests, tokens and places of all keys. Synchronous; the time is a parameter. */
export interface Limiter {
  reserve(ask: Ask): Reserved
  /** Requests under way of a key that has a limit for them. */
  inFlight(key: KeyId): number
  /** Keys that something is remembered of: only such as have limits, were used in the last minutes, or hold a place. */
  readonly size: number
}

export interface Ask {
  readonly key: KeyId
  readonly limits: KeyLimits
  /** An upper bound. More than the limit itself counts as the limit: it waits for an empty minute, not for ever. */
  readonly tokens: number
  readonly now: MonoMs
}

/** What a key without limits gets: one object for all, so that the hot path makes no garbage. */
const unlimited: Reserved = Object.freeze({
  ok: true,
  hold: Object.freeze({ settle: () => {}, release: () => {} }),
  headers: Object.freeze({}),
})

export function createLimiter(now: () => MonoMs): Limiter {
  return new KeyedLimiter(now)
}

class KeyedLimiter implements Limiter {
  readonly #now: () => MonoMs
  readonly #accounts = new Map<KeyId, Account>()
  #sweptAt: MonoMs = 0

  constructor(now: () => MonoMs) {
    this.#now = now
  }

  get size(): number {
    return this.#accounts.size
  }

  inFlight(key: KeyId): number {
    return this.#accounts.get(key)?.inFlight ?? 0
  }

  reserve({ key, limits, tokens, now }: Ask): Reserved {
    if (limits.requestsPerMinute === null && limits.tokensPerMinute === null && limits.concurrency === null) {
      return unlimited
    }
    if (now - this.#sweptAt >= sweepEveryMs) this.#sweep(now)
    let account = this.#accounts.get(key)
    if (!account) this.#accounts.set(key, (account = new Account()))
    const asked = Number.isFinite(tokens) ? Math.max(0, Math.ceil(tokens)) : 0
    const wanted = limits.tokensPerMinute === null ? 0 : Math.min(asked, limits.tokensPerMinute)
    const refused = account.obstacle(limits, wanted, now)
    if (refused) return { ...refused, headers: account.headers(limits, now) }
    const hold = new Hold(account, { limits, tokens: wanted, at: now, clock: this.#now })
    return { ok: true, hold, headers: account.headers(limits, now) }
  }

  #sweep(now: MonoMs): void {
    this.#sweptAt = now
    for (const [key, account] of this.#accounts) if (account.isIdle(now)) this.#accounts.delete(key)
  }
}

/** What one key used. */
class Account {
  readonly requests: Window = createWindow()
  readonly tokens: Window = createWindow()
  /** Places that are taken, for keys that have a limit of them. */
  inFlight = 0
  /** Reservations that have not ended: one may outlive its minute, and must find its account when it settles. */
  open = 0

  /** The limit that stands in the way longest: after its wait, none of them does if nothing else comes. */
  obstacle(limits: KeyLimits, tokens: number, now: MonoMs): Omit<Refused, 'headers'> | null {
    let longest: Omit<Refused, 'headers'> | null = null
    const consider = (limit: Refused['limit'], amount: number, retryAfterMs: number) => {
      if (retryAfterMs > (longest?.retryAfterMs ?? 0)) longest = { ok: false, limit, amount, retryAfterMs }
    }
    const { requestsPerMinute, tokensPerMinute, concurrency } = limits
    if (concurrency !== null && this.inFlight >= concurrency) {
      consider('concurrency', concurrency, concurrencyRetryMs)
    }
    if (requestsPerMinute !== null) {
      consider('requestsPerMinute', requestsPerMinute, this.requests.waitMs(1, requestsPerMinute, now))
    }
    if (tokensPerMinute !== null) {
      consider('tokensPerMinute', tokensPerMinute, this.tokens.waitMs(tokens, tokensPerMinute, now))
    }
    return longest
  }

  /** OpenAI's names and units: what is left after this request, and how long until all of it is back. */
  headers(limits: KeyLimits, now: MonoMs): Readonly<Record<string, string>> {
    const headers: Record<string, string> = {}
    const tell = (unit: string, limit: number | null, window: Window) => {
      if (limit === null) return
      headers[`x-ratelimit-limit-${unit}`] = String(limit)
      headers[`x-ratelimit-remaining-${unit}`] = String(Math.max(0, limit - window.total(now)))
      headers[`x-ratelimit-reset-${unit}`] = formatDuration(window.emptyInMs(now))
    }
    tell('requests', limits.requestsPerMinute, this.requests)
    tell('tokens', limits.tokensPerMinute, this.tokens)
    return headers
  }

  isIdle(now: MonoMs): boolean {
    return this.open === 0 && this.requests.total(now) === 0 && this.tokens.total(now) === 0
  }
}

interface Held {
  readonly limits: KeyLimits
  readonly tokens: number
  readonly at: MonoMs
  readonly clock: () => MonoMs
}

/** held → ended, once. What was taken is remembered with it: the key's limits may change while it runs. */
class Hold implements Reservation {
  readonly #account: Account
  readonly #held: Held
  readonly #requestSlot: number | null
  readonly #tokenSlot: number | null
  #hasEnded = false

  constructor(account: Account, held: Held) {
    const { limits, tokens, at } = held
    this.#account = account
    this.#held = held
    this.#requestSlot = limits.requestsPerMinute === null ? null : account.requests.take(1, at)
    this.#tokenSlot = limits.tokensPerMinute === null ? null : account.tokens.take(tokens, at)
    account.open++
    if (limits.concurrency !== null) account.inFlight++
  }

  settle(actual: { readonly tokens: number | null }): void {
    if (!this.#end() || this.#tokenSlot === null || actual.tokens === null) return
    const { tokens, clock } = this.#held
    const used = Math.max(0, Math.ceil(actual.tokens))
    // Less than thought: back into the second it came from. More: it is charged now, though the limit is passed by it.
    if (used < tokens) this.#account.tokens.give(tokens - used, this.#tokenSlot, clock())
    else if (used > tokens) this.#account.tokens.take(used - tokens, clock())
  }

  release(): void {
    if (!this.#end()) return
    const now = this.#held.clock()
    if (this.#requestSlot !== null) this.#account.requests.give(1, this.#requestSlot, now)
    if (this.#tokenSlot !== null) this.#account.tokens.give(this.#held.tokens, this.#tokenSlot, now)
  }

  #end(): boolean {
    if (this.#hasEnded) return false
    this.#hasEnded = true
    this.#account.open--
    if (this.#held.limits.concurrency !== null) this.#account.inFlight--
    return true
  }
}
