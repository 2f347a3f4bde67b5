import type { MonoMs } from '#kernel/time.ts'

const slotCount = 60
export const secondMs = 1000
export const minuteMs = 60_000

/**
 * Amounts of the last minute (or hour), in sixty slots of a second (a minute): a sliding window. Not a token bucket:
 * that one admits a full minute's amount at once and again what trickles in during that minute, up to twice what "per
 * minute" says. A slot leaves 60 slots after it began: an amount counts for 59 to 60 of them. Memory is fixed, every
 * method is O(60) at worst.
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

/** Sixty slots of `slotMs`. */
export function createWindow(slotMs: number = secondMs): Window {
  return new SlotWindow(slotMs)
}

class SlotWindow implements Window {
  readonly #slotMs: number
  readonly #slots = new Float64Array(slotCount)
  #total = 0
  /** The slot of the latest call; slots up to `#latest - 60` have left. */
  #latest = 0

  constructor(slotMs: number) {
    this.#slotMs = slotMs
  }

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
      if (excess <= 0) return this.#leavesIn(slot, now)
    }
    return this.#slotMs * slotCount
  }

  emptyInMs(now: MonoMs): number {
    this.#advance(now)
    for (let slot = this.#latest; slot > this.#latest - slotCount; slot--) {
      if (this.#at(slot) > 0) return this.#leavesIn(slot, now)
    }
    return 0
  }

  #advance(now: MonoMs): void {
    const current = Math.floor(now / this.#slotMs)
    if (current <= this.#latest) return
    const from = Math.max(this.#latest + 1, current - slotCount + 1)
    for (let slot = from; slot <= current; slot++) this.#add(slot, -this.#at(slot))
    this.#latest = current
  }

  #leavesIn(slot: number, now: MonoMs): number {
    return Math.ceil((slot + slotCount) * this.#slotMs - now)
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
