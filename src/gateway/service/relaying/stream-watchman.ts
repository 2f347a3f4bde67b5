import type { Clock, MonoMs } from '#kernel/time.ts'

/** A stream on its way to a client, as the watchman sees it. */
export interface Watchable {
  /** Called about once a second. */
  look(now: MonoMs): void
}

/**
 * One timer for all streams instead of several for each: it keeps quiet streams alive with comments and notices readers
 * that do not read. Stands still while there is no stream.
 */
export class StreamWatchman implements Disposable {
  readonly #streams = new Set<Watchable>()
  readonly #clock: Clock
  #timer: ReturnType<typeof setInterval> | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get count(): number {
    return this.#streams.size
  }

  watch(stream: Watchable): void {
    this.#streams.add(stream)
    this.#timer ??= setInterval(() => this.#round(), 1000)
  }

  leave(stream: Watchable): void {
    this.#streams.delete(stream)
    if (this.#streams.size === 0) this[Symbol.dispose]()
  }

  [Symbol.dispose](): void {
    if (this.#timer) clearInterval(this.#timer)
    this.#timer = null
  }

  #round(): void {
    const now = this.#clock.mono()
    for (const stream of this.#streams) stream.look(now)
  }
}
