import type { Clock, EpochMs } from '#kernel/time.ts'

/**
 * Failures of one address within the window after which it must wait. Guessing 192 bits is hopeless; this keeps the log
 * short.
 */
const maxFailures = 10
const windowMs = 60_000
/** Addresses that are remembered; the one that failed longest ago is forgotten first. */
const maxAddresses = 10_000

/** Counts failed sign-ins by the peer's address. */
export class SignInLimit {
  readonly #clock: Clock
  readonly #failures = new Map<string, { count: number; since: EpochMs }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How long this address must wait; 0 = it may try. */
  waitMs(address: string): number {
    const failure = this.#failures.get(address)
    if (failure === undefined || failure.count < maxFailures) return 0
    return Math.max(0, failure.since + windowMs - this.#clock.now())
  }

  failed(address: string): void {
    const now = this.#clock.now()
    const before = this.#failures.get(address)
    const isFresh = before !== undefined && before.since + windowMs > now
    // Put at the end anew: the map's order is that of the last failure.
    this.#failures.delete(address)
    this.#failures.set(address, isFresh ? { count: before.count + 1, since: before.since } : { count: 1, since: now })
    if (this.#failures.size <= maxAddresses) return
    const [oldest] = this.#failures.keys()
    if (oldest !== undefined) this.#failures.delete(oldest)
  }

  succeeded(address: string): void {
    this.#failures.delete(address)
  }
}
