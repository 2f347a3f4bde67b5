import type { AppError } from '#kernel/errors.ts'
import type { Caller } from '#kernel/words.ts'
import { keyRevoked } from '../../errors.ts'

/**
 * What ends a request from this side while it waits or runs: its key is revoked, or the house closes and its time to
 * finish is over. Who waits in a line or relays a stream listens; who waits for an upstream is asked for a few times a
 * second, because listening costs every request a tenth.
 */
export class Interruptions {
  readonly #listeners = new Set<(error: AppError) => void>()
  #closing: AppError | null = null

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

  /** Why a request of this caller has to end now; null: it may go on. */
  of(caller: Caller): AppError | null {
    return this.#closing ?? revocationOf(caller)
  }

  /** Ends all. */
  tellAll(error: AppError): void {
    this.#closing = error
    for (const tell of [...this.#listeners]) tell(error)
  }
}

/** A key's end is told, not asked for: whoever listens to one that is over hears it at once. */
export function revocationOf(caller: Caller): AppError | null {
  let isOver = false
  const listening = caller.onRevoke(() => {
    isOver = true
  })
  listening[Symbol.dispose]()
  return isOver ? keyRevoked() : null
}
