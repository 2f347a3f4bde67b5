import { AppError, type ErrorKind } from '#kernel/errors.ts'
import type { Logger } from '#platform/log/logger.ts'
import { writeError } from '#protocol/openai/chat/write-error.ts'

interface Wire {
  readonly status: number
  /** false: the same request will be refused again, and clients are told not to retry. */
  readonly mayRetry: boolean
}

/** The one table of kinds and statuses. */
const wires: Readonly<Record<ErrorKind, Wire>> = {
  invalid: { status: 400, mayRetry: false },
  unauthenticated: { status: 401, mayRetry: false },
  forbidden: { status: 403, mayRetry: false },
  not_found: { status: 404, mayRetry: false },
  conflict: { status: 409, mayRetry: false },
  too_large: { status: 413, mayRetry: false },
  blocked: { status: 422, mayRetry: false },
  limited: { status: 429, mayRetry: true },
  internal: { status: 500, mayRetry: true },
  upstream: { status: 502, mayRetry: true },
  busy: { status: 503, mayRetry: true },
  unavailable: { status: 503, mayRetry: true },
  timeout: { status: 504, mayRetry: true },
}

export const statusOf = (error: AppError): number => wires[error.kind].status

/** OpenAI's envelope, with what the error carries beside it (for example `loading`). */
export const errorBody = writeError

export interface ErrorAnswer {
  readonly headers?: Readonly<Record<string, string>>
  /** In another dialect's envelope than OpenAI's. */
  readonly body?: (status: number) => unknown
}

/**
 * Turns whatever was thrown into an answer. An AppError is for the caller's eyes; anything else is a fault of ours: the
 * caller learns that and the request's id, the log learns the chain of causes, once.
 */
export function errorResponse(thrown: unknown, log: Logger, answer: ErrorAnswer = {}): Response {
  const error = toAppError(thrown)
  if (error.kind === 'internal')
    log.error('a request met a fault of ours', { error: thrown instanceof Error ? thrown : error })
  const wire = wires[error.kind]
  return Response.json(answer.body?.(wire.status) ?? errorBody(error), {
    status: wire.status,
    headers: {
      ...answer.headers,
      'x-hearth-error': error.reason,
      ...(wire.mayRetry && !error.isFinal ? {} : { 'x-should-retry': 'false' }),
      ...(error.retryAfterMs === null
        ? {}
        : { 'retry-after': String(Math.max(1, Math.ceil(error.retryAfterMs / 1000))) }),
      ...(error.kind === 'unauthenticated' ? { 'www-authenticate': 'Bearer realm="hearth"' } : {}),
    },
  })
}

export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown
  return new AppError('internal', 'Hearth met a fault of its own; its log has the details under this request id.', {
    cause: thrown,
  })
}
