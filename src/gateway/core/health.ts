import type { Target } from './choose.ts'
import type { FailureClass } from '#kernel/routing.ts'

/** How the places are, as far as choosing needs it. Read at the moment of the question; the owner is a service. */
export interface VitalSigns {
  of(target: Target): Health
  readonly prefixes: PrefixMemory
}

export interface Health {
  /**
   * `busy`: it said that it takes no more just now, and the time it named has not passed; asked last. `down`: its
   * breaker is open, or the one request that tries it is on its way. Busy is not down.
   */
  readonly condition: 'good' | 'busy' | 'down'
  /** How long until it may be tried again, where it is not good. */
  readonly retryInMs: number
  /** Requests that were sent or wait for a place. */
  readonly inFlight: number
  /** Moving average of the time to the first byte that leaps up and sinks slowly; null = not measured lately. */
  readonly firstByteMs: number | null
  /** What its own metrics say; null = not read lately. */
  readonly engine: EngineLoad | null
  readonly lastFailure: FailureClass | null
}

export interface EngineLoad {
  readonly running: number | null
  readonly waiting: number | null
  /** From 0 to 1. */
  readonly cacheUsage: number | null
  /** What was in flight from here when the metrics were read: the rest of its work comes from others. */
  readonly inFlightThen: number
}

/** Which place has seen which beginnings of prompts. Bounded. */
export interface PrefixMemory {
  /** `blocks` are hashes of ever longer beginnings. The longest known one, and who has seen it. */
  find(route: string, blocks: readonly number[]): { readonly target: string; readonly blocks: number } | null
  learn(route: string, blocks: readonly number[], target: string): void
  readonly guard: PrefixGuard
}

/** When nearness counts less than load: see `pickByPrefix`. */
export interface PrefixGuard {
  /** The part of a prompt that must have been seen. */
  readonly match: number
  /** More requests in flight than the idlest has, and … */
  readonly maxAhead: number
  /** … as many times as it. */
  readonly maxRatio: number
}
