/** What is known of a passage. */
export const unknownPrint = 0
export const transcriptPrint = 1
/** Of a transcript, and handed out scrubbed as it is. */
export const clearedPrint = 2

/** One passage: a quick digest that is asked first, and 64 bits of a keyed one. */
export interface Print {
  readonly quick: number
  readonly low: number
  readonly high: number
}

const leastSlots = 1024

/** A table of passages in flat memory: 13 bytes a slot, at most half of the slots in use. */
export class PrintIndex {
  #quick = new Uint32Array(leastSlots)
  #low = new Uint32Array(leastSlots)
  #high = new Uint32Array(leastSlots)
  #state = new Uint8Array(leastSlots)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Whether something with this quick digest is here. */
  has(quick: number): boolean {
    const mask = this.#quick.length - 1
    for (let slot = quick & mask; this.#state[slot] !== unknownPrint; slot = (slot + 1) & mask)
      if (this.#quick[slot] === quick) return true
    return false
  }

  get(print: Print): number {
    return this.#state[this.#slotOf(print)] ?? unknownPrint
  }

  /** What was cleared stays cleared. */
  add(print: Print, state: typeof transcriptPrint | typeof clearedPrint): void {
    const slot = this.#slotOf(print)
    if (this.#state[slot] !== unknownPrint) {
      if (state === clearedPrint) this.#state[slot] = state
      return
    }
    this.#quick[slot] = print.quick
    this.#low[slot] = print.low
    this.#high[slot] = print.high
    this.#state[slot] = state
    this.#size++
    if (this.#size * 2 > this.#quick.length) this.#grow()
  }

  /** Where it is, or where it would come. */
  #slotOf({ quick, low, high }: Print): number {
    const mask = this.#quick.length - 1
    let slot = quick & mask
    while (this.#state[slot] !== unknownPrint) {
      if (this.#quick[slot] === quick && this.#low[slot] === low && this.#high[slot] === high) return slot
      slot = (slot + 1) & mask
    }
    return slot
  }

  #grow(): void {
    const before = { quick: this.#quick, low: this.#low, high: this.#high, state: this.#state }
    const slots = before.quick.length * 2
    this.#quick = new Uint32Array(slots)
    this.#low = new Uint32Array(slots)
    this.#high = new Uint32Array(slots)
    this.#state = new Uint8Array(slots)
    for (let index = 0; index < before.quick.length; index++) {
      const state = before.state[index] ?? unknownPrint
      if (state === unknownPrint) continue
      const print = { quick: before.quick[index] ?? 0, low: before.low[index] ?? 0, high: before.high[index] ?? 0 }
      const slot = this.#slotOf(print)
      this.#quick[slot] = print.quick
      this.#low[slot] = print.low
      this.#high[slot] = print.high
      this.#state[slot] = state
    }
  }
}
