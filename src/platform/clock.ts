import type { Clock } from '#kernel/time.ts'

/** The machine's clock: the only reader of `Date.now` and `performance.now` outside tests and browsers. */
export const systemClock: Clock = {
  now: () => Date.now(),
  mono: () => performance.now(),
}
