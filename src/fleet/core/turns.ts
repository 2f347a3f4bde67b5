import type { Priority } from '#kernel/words.ts'

/** Tags are whole numbers, so that sums of them are exact: a turn of weight 1 is this long. */
const wholeTurn = 2 ** 20
/** While batch requests are due (they have waited too long), one of so many places is theirs. */
const placesPerDueBatch = 4

/** What a key of this weight pays for a turn. Weights are whole numbers from 1 on. */
export const strideOf = (weight: number): number => Math.max(1, Math.round(wholeTurn / Math.max(1, weight)))

/**
 * Who had how many turns, for all lines that wait for the same places: start-time fair queueing (Goyal, Vin, Cheng
 * 1996) by key. A key's next turn is due at its tag: the end of its last one, or now, whichever is later. So a key that
 * was away is owed nothing, one that has many requests waits for itself, and one of weight 2 has two turns where
 * others have one.
 */
export class Turns {
  readonly interactive = new TagClock()
  readonly batch = new TagClock()
  /** Equal tags go in the order in which their keys began to wait. */
  #orders = 0
  #placesSinceBatch = 0

  nextOrder(): number {
    return this.#orders++
  }

  /** The next place is a batch request's, if one is due. */
  get isForDueBatch(): boolean {
    return this.#placesSinceBatch >= placesPerDueBatch - 1
  }

  took(priority: Priority): void {
    this.#placesSinceBatch = priority === 'batch' ? 0 : this.#placesSinceBatch + 1
  }
}

/** The time of one priority in tags, and when each key's last turn ended. */
export class TagClock {
  #now = 0
  readonly #ends = new Map<string, number>()
  #pruneAt = 64

  get now(): number {
    return this.#now
  }

  /** The tag of a key that begins to wait. */
  startOf(key: string): number {
    return Math.max(this.#now, this.#ends.get(key) ?? 0)
  }

  endOf(key: string): number {
    return this.#ends.get(key) ?? 0
  }

  served(key: string, tag: number, stride: number): void {
    this.#now = Math.max(this.#now, tag)
    this.#ends.set(key, tag + stride)
    if (this.#ends.size >= this.#pruneAt) this.#prune()
  }

  /** Ends that are past say nothing any more. */
  #prune(): void {
    for (const [key, end] of this.#ends) if (end <= this.#now) this.#ends.delete(key)
    this.#pruneAt = 64 + 2 * this.#ends.size
  }
}
