import type { Clock, MonoMs } from '#kernel/time.ts'
import type { Permit, PermitResult } from '../contract.ts'

/** What became of a request, and how long it had its place. */
export interface Released {
  readonly result: PermitResult
  readonly heldMs: number
}

/**
 * The places of one engine start, or of one external upstream. A permit belongs to the slots it came from: when an
 * engine ends with permits out, its successor has slots of its own, and late releases change nothing there. Hot
 * path: a counter and one small object.
 */
export class Slots {
  baseUrl: string
  readonly token: string | null
  limit: number
  inFlight = 0
  /** One place is kept for a question to the engine itself: it counts as taken, but nobody's request is in it. */
  isOneKept = false
  lastUsedAt: MonoMs
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
  }

  get isFree(): boolean {
    return this.inFlight + (this.isOneKept ? 1 : 0) < this.limit
  }

  /** Null: all are taken. */
  take(): Permit | null {
    if (!this.isFree) return null
    this.inFlight++
    return new SlotPermit(this, this.#clock.mono())
  }

  /** Only permits call this. */
  giveBack(takenAt: MonoMs, result: PermitResult): void {
    this.inFlight--
    this.lastUsedAt = this.#clock.mono()
    this.#onRelease(this, { result, heldMs: this.lastUsedAt - takenAt })
  }
}

class SlotPermit implements Permit {
  readonly baseUrl: string
  readonly token: string | null
  readonly #takenAt: MonoMs
  #slots: Slots | null

  constructor(slots: Slots, takenAt: MonoMs) {
    this.baseUrl = slots.baseUrl
    this.token = slots.token
    this.#takenAt = takenAt
    this.#slots = slots
  }

  release(result: PermitResult = 'ok'): void {
    const slots = this.#slots
    this.#slots = null
    slots?.giveBack(this.#takenAt, result)
  }
}
