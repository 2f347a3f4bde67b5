import type { Clock } from '#kernel/time.ts'
import type { Purse } from '../contract.ts'
import { createLimiter } from '../core/limiter.ts'

/** Lives in memory: after a restart every minute is empty and nothing is under way. */
export function createPurse(clock: Clock): Purse {
  const now = () => clock.mono()
  const limiter = createLimiter(now)
  return {
    reserve: ({ caller, tokens }) => limiter.reserve({ key: caller.key, limits: caller.limits, tokens, now: now() }),
  }
}
