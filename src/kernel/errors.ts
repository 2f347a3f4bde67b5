/** What went wrong, in the words of the caller's world; `platform/http/errors.ts` alone knows the status codes. */
export type ErrorKind =
  | 'invalid'
  | 'too_large'
  | 'blocked'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'limited'
  | 'busy'
  | 'unavailable'
  | 'upstream'
  | 'timeout'
  | 'internal'

export interface ErrorFacts {
  /** Machine-readable code that callers see, for example `model_loading`. */
  readonly reason?: string
  /** The request's member that is at fault, for example `messages[0].role`. */
  readonly param?: string
  readonly retryAfterMs?: number
  /** Trying again is in vain until a person has mended something, whatever the kind says in general. */
  readonly isFinal?: boolean
  /** Further members of the error's answer, beside `error` (for example `loading`). */
  readonly details?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/**
 * A failure that a caller may see. The message is a sentence that holds the value at fault and says what to do.
 * Expected outcomes inside a domain are values; this is for the way out.
 */
export class AppError extends Error {
  readonly kind: ErrorKind
  readonly reason: string
  readonly param: string | null
  readonly retryAfterMs: number | null
  readonly isFinal: boolean
  readonly details: Readonly<Record<string, unknown>>

  constructor(kind: ErrorKind, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.name = 'AppError'
    this.kind = kind
    this.reason = facts.reason ?? kind
    this.param = facts.param ?? null
    this.retryAfterMs = facts.retryAfterMs ?? null
    this.isFinal = facts.isFinal ?? false
    this.details = facts.details ?? {}
  }
}

/** A sentence about anything that was thrown, without a stack. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** For programmer errors at boundaries: states that the types could not rule out. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AppError('internal', `Broken assumption: ${message}.`, { reason: 'assertion' })
}
