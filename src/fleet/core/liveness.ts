import type { PermitResult } from '../contract.ts'

/**
 * When an engine that is alive is asked for a sign of life, and when it is given up. Busy is not down: only requests
 * that failed, and a long silence towards all of them, raise a suspicion, any answer ends it, and only a token that was
 * asked for in vain, more than once, convicts.
 */
export interface LivenessPolicy {
  /** How long a token may take on an engine that has nothing else to do. */
  readonly probeMs: number
  /** The same while other requests run there: a long prompt of one of them goes first. */
  readonly busyProbeMs: number
  /** Tokens asked for in vain, one after another, that give an engine up. */
  readonly failedProbes: number
  readonly pauseMs: number
  /** After a sign of life no other is asked for: requests that fail by their own fault must not cost a token each. */
  readonly calmMs: number
  /**
   * A caller who leaves after this long may have waited for an engine that hangs: callers' own deadlines are often
   * shorter than Hearth's. One who stops a long answer leaves in the same way, so it takes `longAborts` of them in a
   * row: a sign of life costs the cache of a slot.
   */
  readonly longAbortMs: number
  readonly longAborts: number
}

export const livenessPolicy: LivenessPolicy = {
  probeMs: 30_000,
  busyProbeMs: 60_000,
  failedProbes: 2,
  pauseMs: 1000,
  calmMs: 10_000,
  longAbortMs: 20_000,
  longAborts: 2,
}

/** What the requests that ended tell of their engine. */
export interface Suspicion {
  readonly isSuspected: boolean
  /** Long aborts in a row. */
  readonly longAborts: number
}

export const unsuspected: Suspicion = { isSuspected: false, longAborts: 0 }

export function suspicionAfter(
  before: Suspicion,
  ended: { readonly result: PermitResult; readonly heldMs: number },
  policy: LivenessPolicy,
): Suspicion {
  switch (ended.result) {
    case 'ok':
      return unsuspected
    case 'failed':
      return { ...before, isSuspected: true }
    case 'aborted': {
      if (ended.heldMs < policy.longAbortMs) return before
      const longAborts = before.longAborts + 1
      return { isSuspected: before.isSuspected || longAborts >= policy.longAborts, longAborts }
    }
  }
}

/** The longest time between two questions to an engine that is slow and not silent, in times of `silenceMs`. */
const mostDoublings = 3

/** Where an answer took long to begin before, another may take so many times as long. */
const slowStarts = 2

/** Whether an engine with requests has said nothing for too long. `signs`: tokens that it gave in this silence. */
export function isQuiet(facts: {
  readonly silentMs: number
  readonly silenceMs: number
  readonly signs: number
  /** The longest that an answer of it took to begin. */
  readonly slowestStartMs: number
}): boolean {
  const silenceMs = Math.max(facts.silenceMs, facts.slowestStartMs * slowStarts)
  return facts.silentMs >= silenceMs * 2 ** Math.min(facts.signs, mostDoublings)
}
