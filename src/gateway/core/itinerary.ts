import type { KeyId } from '#kernel/ids.ts'
import type { FailureClass } from '#kernel/routing.ts'
import type { Target } from './choose.ts'

export type { FailureClass } from '#kernel/routing.ts'

/**
 * Whom to ask, in which order, and whom after a failure: decided here, done in service/asking/open-target.ts. An
 * itinerary belongs to one request.
 */
export interface Itinerary {
  /** The first stop; null: no target of the route may be asked just now (`impasse` says why). */
  first(): Stop | null
  /** Where to go on after a failure at the last stop; null: nowhere, the failure is the answer. */
  next(failure: Failure): Stop | null
  /** Why `first` was null. */
  readonly impasse: Impasse | null
}

export interface Stop {
  readonly target: Target
  /** Wait so long before asking: backoff with jitter, or what the target's `Retry-After` said. */
  readonly waitMs: number
  /** For `x-hearth-route`: the policy and the reason, for example `least-in-flight 1 of 3` or `retry 1 after busy`. */
  readonly why: string
}

export type Impasse =
  /** The prompt is longer than the largest context of the route. */
  | { readonly kind: 'context_length'; readonly promptTokens: number; readonly contextTokens: number }
  /** The breakers of all targets are open. */
  | { readonly kind: 'down'; readonly retryAfterMs: number }

export interface Question {
  readonly key: KeyId
  /** What keeps a conversation together, where the caller says it; null = not said. */
  readonly session: string | null
  /** A cautious count of the prompt's tokens. */
  readonly promptTokens: number
  readonly maxTokens: number | null
  /** The beginning of the prompt in the order of the model's cache, read only where a policy wants it. */
  readonly prefix: () => string
}

export interface Failure {
  readonly kind: FailureClass
  /** From the target's `Retry-After`; null = it did not say. */
  readonly retryAfterMs: number | null
}
