/** How long to stay away after failures in a row: doubling, bounded, forgotten after a healthy while. */
export interface BackoffPolicy {
  readonly firstMs: number
  readonly maxMs: number
  /** Restarts without being asked; afterwards only a new request or a person starts it. */
  readonly maxRestarts: number
  /** An engine that ran this long has recovered: the count begins anew. */
  readonly healthyMs: number
}

export const backoffPolicy: BackoffPolicy = { firstMs: 1000, maxMs: 60_000, maxRestarts: 5, healthyMs: 60_000 }

/** The wait after the `failures`-th failure in a row. */
export function backoffMs(failures: number, policy: BackoffPolicy): number {
  if (failures <= 0) return 0
  // The exponent is bounded too: 2 ** 2000 is Infinity, which min() would hide and a subtraction would not.
  return Math.min(policy.maxMs, policy.firstMs * 2 ** Math.min(failures - 1, 30))
}

/** Failures in a row after another one; `ranMs` is how long it had been ready, null = it never was. */
export function nextFailures(before: number, ranMs: number | null, policy: BackoffPolicy): number {
  return ranMs !== null && ranMs >= policy.healthyMs ? 1 : before + 1
}

export function mayRestart(failures: number, policy: BackoffPolicy): boolean {
  return failures <= policy.maxRestarts
}
