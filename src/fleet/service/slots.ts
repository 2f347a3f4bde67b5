import type { Clock, MonoMs } from '#kernel/time.ts'
import type { Permit } from '../contract.ts'

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
  lastUsedAt: MonoMs
  readonly #clock: Clock
  readonly #onRelease: (slots: Slots) => void

  constructor(options: {
    readonly baseUrl: string
    readonly token: string | null
    readonly limit: number
    readonly clock: Clock
    readonly onRelease: (slots: Slots) => void
  }) {
    this.baseUrl = options.baseUrl
    this.token = options.token
    this.limit = options.limit
    this.#clock = options.clock
    this.#onRelease = options.onRelease
    this.lastUsedAt = options.clock.mono()
  }

  get isFree(): boolean {
    return this.inFlight < this.limit
  }

  /** Null: all are taken. */
  take(): Permit | null {
    if (this.inFlight >= this.limit) return null
    this.inFlight++
    return new SlotPermit(this)
  }

  /** Only permits call this. */
  giveBack(): void {
    this.inFlight--
    this.lastUsedAt = this.#clock.mono()
    this.#onRelease(this)
  }
}

class SlotPermit implements Permit {
  readonly baseUrl: string
  readonly token: string | null
  #slots: Slots | null

  constructor(slots: Slots) {
    this.baseUrl = slots.baseUrl
    this.token = slots.token
    this.#slots = slots
  }

  release(): void {
    const slots = this.#slots
    this.#slots = null
    slots?.giveBack()
  }
}
