import type { MonoMs } from '#kernel/time.ts'
import type { SendFailure } from './contract.ts'
import { failureOf } from './failures.ts'
import type { Due, Sweep } from './sweep.ts'

export type Head =
  | { readonly kind: 'head'; readonly response: Response }
  | { readonly kind: 'thrown'; readonly thrown: unknown }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'given_up' }
  | { readonly kind: 'unreachable' }

export interface DispatchOptions {
  readonly url: string
  readonly init: BunFetchRequestInit
  readonly firstByteAt: MonoMs
  readonly isGivenUp?: (() => boolean) | undefined
  readonly sweep: Sweep
  /**
   * Aborts the fetch, where it has a controller of its own; otherwise fetch's coarse `timeout` ends it a little
   * later.
   */
  readonly abort: (() => void) | null
}

/** Settings that every fetch of this program must have; each cost an experiment. */
export const fetchSettings = {
  // A body is passed on with its headers: unpacked by us, they would no longer belong together.
  decompress: false,
  // Proxy variables of the environment would capture even calls to 127.0.0.1, with their keys.
  proxy: false,
  // A redirect could carry keys and text to a host that nobody checked.
  redirect: 'manual',
} as const

/** The one place that opens a connection. Answers when the head of the answer has come, or its deadline has passed. */
export function dispatch(options: DispatchOptions): Promise<Head> {
  return new Promise((resolve) => {
    const wait = new HeadWait(options, resolve)
    options.sweep.watch(wait)
    fetch(options.url, options.init).then(
      (response) => wait.arrived(response),
      (thrown: unknown) => wait.threw(thrown),
    )
  })
}

/** Why no head came, in our words. */
export function reasonOf(head: Exclude<Head, { kind: 'head' }>): SendFailure {
  if (head.kind === 'thrown') return failureOf(head.thrown)
  if (head.kind === 'unreachable') return 'unreachable'
  return head.kind === 'given_up' ? 'aborted' : 'timeout'
}

class HeadWait implements Due {
  readonly #options: DispatchOptions
  readonly #resolve: (head: Head) => void
  #isOver = false

  constructor(options: DispatchOptions, resolve: (head: Head) => void) {
    this.#options = options
    this.#resolve = resolve
  }

  arrived(response: Response): void {
    this.#options.sweep.forget(this)
    // Too late: whoever asked has been told so, and the answer's body must not run on.
    if (this.#isOver) return void response.body?.cancel().catch(() => undefined)
    this.#resolve({ kind: 'head', response })
  }

  threw(thrown: unknown): void {
    this.#options.sweep.forget(this)
    if (!this.#isOver) this.#resolve({ kind: 'thrown', thrown })
  }

  dueAt(): MonoMs {
    return this.#isGivenUp() ? -Infinity : this.#options.firstByteAt
  }

  expire(): void {
    this.#isOver = true
    this.#options.abort?.()
    this.#resolve({ kind: this.#isGivenUp() ? 'given_up' : 'timeout' })
  }

  #isGivenUp(): boolean {
    return this.#options.isGivenUp?.() === true
  }
}
