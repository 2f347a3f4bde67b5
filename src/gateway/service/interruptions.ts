import type { AppError } from '#kernel/errors.ts'
import type { Caller } from '#kernel/words.ts'
import { keyRevoked } from '../errors.ts'

/**
 * What ends a request from this side while it waits or runs: its key is revoked, or the house closes and its time to
 * finish is over. Listeners are told at once, synchronously.
 */
export class Interruptions {
  readonly #listeners = new Set<(error: AppError) => void>()

  listen(caller: Caller, tell: (error: AppError) => void): Disposable {
    this.#listeners.add(tell)
    const revocation = caller.onRevoke(() => tell(keyRevoked()))
    return {
      [Symbol.dispose]: () => {
        revocation[Symbol.dispose]()
        this.#listeners.delete(tell)
      },
    }
  }

  /** Ends all. */
  tellAll(error: AppError): void {
    for (const tell of [...this.#listeners]) tell(error)
  }
}
