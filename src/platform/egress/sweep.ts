import type { Clock, MonoMs } from '#kernel/time.ts'

/** Something with a deadline. `dueAt` is read at each sweep; Infinity = nothing is due now. */
export interface Due {
  dueAt(): MonoMs
  expire(): void
}

const everyMs = 250

/**
 * One timer for all deadlines of all exchanges: a timer per request costs more than the request. Deadlines are late
 * by up to
 * 250 ms and never early. The timer runs only while something is watched.
 */
export class Sweep {
  readonly #clock: Clock
  readonly #watched = new Set<Due>()
  #timer: ReturnType<typeof setInterval> | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  watch(due: Due): void {
    this.#watched.add(due)
    if (this.#timer) return
    this.#timer = setInterval(() => this.#sweep(), everyMs)
    this.#timer.unref()
  }

  forget(due: Due): void {
    this.#watched.delete(due)
  }

  /** Everything still open ends now. */
  close(): void {
    for (const due of [...this.#watched]) {
      this.#watched.delete(due)
      due.expire()
    }
    this.#stop()
  }

  #sweep(): void {
    if (this.#watched.size === 0) return this.#stop()
    const now = this.#clock.mono()
    for (const due of this.#watched) {
      if (due.dueAt() > now) continue
      this.#watched.delete(due)
      due.expire()
    }
  }

  #stop(): void {
    if (this.#timer) clearInterval(this.#timer)
    this.#timer = null
  }
}
