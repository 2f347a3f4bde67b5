import type { MonoMs } from '#kernel/time.ts'

const sampleMs = 500
/** How much a new sample counts: a stall shows within seconds, a hiccup does not. */
const weight = 0.3

/** Speed of a transfer, smoothed. Bytes that were here before count for nothing. */
export class Meter {
  #at: MonoMs | null = null
  #bytes = 0
  #speed: number | null = null

  note(doneBytes: number, now: MonoMs): void {
    if (this.#at === null || doneBytes < this.#bytes) {
      this.#at = now
      this.#bytes = doneBytes
      return
    }
    const elapsedMs = now - this.#at
    if (elapsedMs < sampleMs) return
    const speed = ((doneBytes - this.#bytes) / elapsedMs) * 1000
    this.#speed = this.#speed === null ? speed : this.#speed + weight * (speed - this.#speed)
    this.#at = now
    this.#bytes = doneBytes
  }

  get bytesPerSecond(): number | null {
    return this.#speed === null ? null : Math.round(this.#speed)
  }
}
