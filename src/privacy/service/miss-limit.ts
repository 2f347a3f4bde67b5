import type { KeyId } from '#kernel/ids.ts'
import type { Clock, EpochMs } from '#kernel/time.ts'

/** Maps that one key asks for and that are not there, within the window, after which it must wait. */
export const maxMisses = 30
const windowMs = 60_000
/** Keys that are remembered; who missed longest ago is forgotten first. */
const maxKeys = 10_000

/** Guessing 128 bits is hopeless; whoever tries is slowed down and seen. */
export class MissLimit {
  readonly #clock: Clock
  readonly #misses = new Map<KeyId, { readonly count: number; readonly since: EpochMs }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How long this key must wait; 0 = it may ask. */
  waitMs(key: KeyId): number {
    const misses = this.#misses.get(key)
    if (misses === undefined || misses.count < maxMisses) return 0
    return Math.max(0, misses.since + windowMs - this.#clock.now())
  }

  missed(key: KeyId): void {
    const now = this.#clock.now()
    const before = this.#misses.get(key)
    const isFresh = before !== undefined && before.since + windowMs > now
    // Put at the end anew: the map's order is that of the last miss.
    this.#misses.delete(key)
    this.#misses.set(key, isFresh ? { count: before.count + 1, since: before.since } : { count: 1, since: now })
    if (this.#misses.size <= maxKeys) return
    const [oldest] = this.#misses.keys()
    if (oldest !== undefined) this.#misses.delete(oldest)
  }
}
