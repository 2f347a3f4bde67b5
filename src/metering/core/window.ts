import type { MonoMs } from '#kernel/time.ts'

export const slotMs = 1000
const slotCount = 60
const windowMs = slotMs * slotCount

/**
 * Amounts of the last minute, in sixty slots of a second: a sliding window. Not a token bucket: that one admits a
 * full minute's amount at once and again what trickles in during that minute, up to twice what "per minute" says.
 * A slot leaves 60 s after it began: an amount counts for 59 to 60 s. Memory is fixed, every method is O(60) at worst.
 */
export interface Window {
  total(now: MonoMs): number
  /** Counts `amount` now; the slot is for giving back. */
  take(amount: number, now: MonoMs): number
  /** Takes back what was counted in `slot`; what has left the window already is nothing to give back. */
  give(amount: number, slot: number, now: MonoMs): void
  /** How long until `amount` fits under `limit` if nothing else comes; 0 = now. */
  waitMs(amount: number, limit: number, now: MonoMs): number
  /** How long until the window is empty if nothing else comes. */
  emptyInMs(now: MonoMs): number
}

export function createWindow(): Window {
  return new SlotWindow()
}

class SlotWindow implements Window {
  readonly #slots = new Float64Array(slotCount)
  #total = 0
  /** The slot of the latest call; slots up to `#latest - 60` have left. */
  #latest = 0

  total(now: MonoMs): number {
    this.#advance(now)
    return this.#total
  }

  take(amount: number, now: MonoMs): number {
    this.#advance(now)
    this.#add(this.#latest, amount)
    return this.#latest
  }

  give(amount: number, slot: number, now: MonoMs): void {
    this.#advance(now)
    if (slot > this.#latest - slotCount) this.#add(slot, -amount)
  }

  waitMs(amount: number, limit: number, now: MonoMs): number {
    this.#advance(now)
    let excess = this.#total + amount - limit
    if (excess <= 0) return 0
    for (let slot = this.#latest - slotCount + 1; slot <= this.#latest; slot++) {
      excess -= this.#at(slot)
      if (excess <= 0) return Math.ceil(slot * slotMs + windowMs - now)
    }
    return windowMs
  }

  emptyInMs(now: MonoMs): number {
    this.#advance(now)
    for (let slot = this.#latest; slot > this.#latest - slotCount; slot--) {
      if (this.#at(slot) > 0) return Math.ceil(slot * slotMs + windowMs - now)
    }
    return 0
  }

  #advance(now: MonoMs): void {
    const current = Math.floor(now / slotMs)
    if (current <= this.#latest) return
    const from = Math.max(this.#latest + 1, current - slotCount + 1)
    for (let slot = from; slot <= current; slot++) this.#add(slot, -this.#at(slot))
    this.#latest = current
  }

  #at(slot: number): number {
    return this.#slots[index(slot)] ?? 0
  }

  #add(slot: number, amount: number): void {
    this.#slots[index(slot)] = this.#at(slot) + amount
    this.#total += amount
  }
}

/** Slots before the clock's zero have an index as well. */
function index(slot: number): number {
  return ((slot % slotCount) + slotCount) % slotCount
}
