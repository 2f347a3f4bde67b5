import type { Logger } from '#platform/log/logger.ts'

/** Work that nobody waits for while the fleet runs; its end does. */
export class Underway {
  readonly #log: Logger
  readonly #works = new Set<Promise<void>>()

  constructor(log: Logger) {
    this.#log = log
  }

  add(work: Promise<void>): void {
    const watched: Promise<void> = work
      .catch((error: unknown) => this.#log.error("a step of a model's life broke", { error }))
      .finally(() => this.#works.delete(watched))
    this.#works.add(watched)
  }

  /** Resolves when all has ended, what was begun meanwhile included. */
  async ended(): Promise<void> {
    while (this.#works.size > 0) await Promise.all(this.#works)
  }
}
