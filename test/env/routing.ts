import type { GatewaySettings } from '#gateway/index.ts'

/** The house's routing as the config has it when nobody said anything; retries without a wait. */
export const plainRouting: GatewaySettings['routing'] = {
  policy: 'priority',
  retries: {
    attempts: 2,
    maxAttempts: 6,
    backoffMs: 0,
    maxBackoffMs: 0,
    maxRetryAfterMs: 0,
  },
  breaker: { failures: 5, openForMs: 1000, maxOpenForMs: 1000, whenAllOpen: 'ask' },
  prefix: { match: 0.5, maxAhead: 32, maxRatio: 1.1 },
}
