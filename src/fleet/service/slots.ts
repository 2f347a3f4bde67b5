import type { Clock, MonoMs } from '#kernel/time.ts'
import type { Permit, PermitResult } from '../contract.ts'
import type { Bay } from './bay.ts'
import type { Pool } from './pool.ts'

/** What became of a request, and how long it had its place. */
export interface Released {
  readonly result: PermitResult
  readonly heldMs: number
  /** The line that it was for. */
  readonly line: Bay
  /** The pool that has a place again. */
  readonly pool: Pool | null
}

/**
 * The places of one engine start, or of one external upstream. A permit belongs to the slots it came from: when an
 * engine ends with permits out, its successor has slots of its own, and late releases change nothing there. Hot
 * path: counters and two small objects.
 */
export class Slots {
  baseUrl: string
  readonly token: string | null
  limit: number
  inFlight = 0
  /** Requests in flight whose answer has begun. */
  begun = 0
  /** Bytes of any answer have come since somebody looked: who looks sets it back. */
  hasSpoken = false
  /** The longest that an answer took to begin. */
  slowestStartMs = 0
  /** One place is kept for a question to the engine itself: it counts as taken, but nobody's request is in it. */
  isOneKept = false
  lastUsedAt: MonoMs
  /** Since when something is in flight without a pause. */
  busySince: MonoMs
  readonly #clock: Clock
  readonly #onRelease: (slots: Slots, released: Released) => void

  constructor(options: {
    readonly baseUrl: string
    readonly token: string | null
    readonly limit: number
    readonly clock: Clock
    readonly onRelease: (slots: Slots, released: Released) => void
  }) {
    this.baseUrl = options.baseUrl
    this.token = options.token
    this.limit = options.limit
    this.#clock = options.clock
    this.#onRelease = options.onRelease
    this.lastUsedAt = options.clock.mono()
    this.busySince = this.lastUsedAt
  }

  get isFree(): boolean {
    return this.inFlight + (this.isOneKept ? 1 : 0) < this.limit
  }

  /** Null: all are taken, or the line's pool has none for this key. */
  take(key: string, line: Bay): Permit | null {
    const { pool } = line
    if (!this.isFree || (pool !== null && !pool.mayTake(key))) return null
    const takenAt = this.#clock.mono()
    if (this.inFlight === 0) this.busySince = takenAt
    this.inFlight++
    pool?.take(key)
    return new SlotPermit({ slots: this, line, pool, key, takenAt })
  }

  /** Only permits call this: the first bytes of its answer have come. */
  began({ takenAt }: Held): void {
    this.begun++
    this.slowestStartMs = Math.max(this.slowestStartMs, this.#clock.mono() - takenAt)
  }

  /** Only permits call this. */
  giveBack({ line, pool, key, takenAt }: Held, result: PermitResult): void {
    this.inFlight--
    pool?.giveBack(key)
    this.lastUsedAt = this.#clock.mono()
    this.#onRelease(this, { result, heldMs: this.lastUsedAt - takenAt, line, pool })
  }
}

/** What a permit gives back. */
interface Held {
  readonly slots: Slots
  readonly line: Bay
  readonly pool: Pool | null
  readonly key: string
  readonly takenAt: MonoMs
}

class SlotPermit implements Permit {
  readonly baseUrl: string
  readonly token: string | null
  #held: Held | null
  #hasBegun = false

  constructor(held: Held) {
    this.baseUrl = held.slots.baseUrl
    this.token = held.slots.token
    this.#held = held
  }

  heard(): void {
    if (this.#held === null) return
    const { slots } = this.#held
    slots.hasSpoken = true
    if (this.#hasBegun) return
    this.#hasBegun = true
    slots.began(this.#held)
  }

  release(result: PermitResult = 'ok'): void {
    const held = this.#held
    if (held === null) return
    this.#held = null
    if (this.#hasBegun) held.slots.begun--
    held.slots.giveBack(held, result)
  }
}
