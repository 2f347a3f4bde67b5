import type { Clock, EpochMs } from '#kernel/time.ts'
import type { LockOutRule } from '../core/lock-out.ts'
import { waitAfter } from '../core/lock-out.ts'

/** What is remembered; the one that failed longest ago is forgotten first. */
const mostRemembered = 20_000

/**
 * Failures by account, or by address. An attempt counts as a failure from its beginning, so that a hundred at once are
 * not all judged by the count of before.
 */
export class LockOut {
  readonly #clock: Clock
  readonly #rule: LockOutRule
  readonly #failures = new Map<string, { readonly count: number; readonly at: EpochMs }>()

  constructor(rule: LockOutRule, clock: Clock) {
    this.#rule = rule
    this.#clock = clock
  }

  /** How long this one must wait; 0 = it may try. */
  waitMs(name: string): number {
    const failure = this.#remembered(name)
    return failure === null ? 0 : Math.max(0, failure.at + waitAfter(failure.count, this.#rule) - this.#clock.now())
  }

  /** True: with this failure it has to wait for the first time. */
  begin(name: string): boolean {
    const count = (this.#remembered(name)?.count ?? 0) + 1
    // Put at the end anew: the map's order is that of the last failure.
    this.#failures.delete(name)
    this.#failures.set(name, { count, at: this.#clock.now() })
    const [oldest] = this.#failures.keys()
    if (this.#failures.size > mostRemembered && oldest !== undefined) this.#failures.delete(oldest)
    return count === this.#rule.free
  }

  /** Nothing is held against it any more. */
  forget(name: string): void {
    this.#failures.delete(name)
  }

  /** The attempt that began was none of the failures that are counted. */
  takeBack(name: string): void {
    const failure = this.#failures.get(name)
    if (failure === undefined) return
    if (failure.count <= 1) this.#failures.delete(name)
    else this.#failures.set(name, { count: failure.count - 1, at: failure.at })
  }

  #remembered(name: string): { readonly count: number; readonly at: EpochMs } | null {
    const failure = this.#failures.get(name)
    if (failure === undefined) return null
    return failure.at + this.#rule.forgetMs > this.#clock.now() ? failure : null
  }
}
