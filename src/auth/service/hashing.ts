import { AppError } from '#kernel/errors.ts'
import { hashOfNobody, hashPassword, verifyPassword } from '#platform/crypto/passwords.ts'

/** Each takes 19 MiB and 50 ms of a core: more at once would hold up everything else on a small machine. */
const mostAtOnce = 2
const mostWaiting = 64

/** Passwords, hashed a few at a time. */
export class Hashing {
  readonly #waiting: (() => void)[] = []
  #running = 0

  hash(password: string): Promise<string> {
    return this.#inTurn(() => hashPassword(password))
  }

  /** `hash` null: there is none to compare with; false then, after the same time. */
  verify(password: string, hash: string | null): Promise<boolean> {
    return this.#inTurn(async () => {
      const isRight = await verifyPassword(password, hash ?? hashOfNobody)
      return isRight && hash !== null
    })
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= mostAtOnce) {
      if (this.#waiting.length >= mostWaiting) {
        const message = 'Too many people sign in at this moment; try again in a few seconds.'
        throw new AppError('busy', message, { reason: 'too_many_sign_ins', retryAfterMs: 3000 })
      }
      await new Promise<void>((go) => void this.#waiting.push(go))
    } else this.#running++
    try {
      return await work()
    } finally {
      // The place goes to the next one as it is.
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }
}
