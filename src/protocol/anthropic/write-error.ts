import type { AppError, ErrorKind } from '../../kernel/errors.ts'
import type { Json } from '../conversation/conversation.ts'
import type { ErrorFacts } from '../conversation/dialect.ts'

/** The vendor's types, which its clients turn into classes. `overloaded_error` is what they wait for and ask again. */
const types: Readonly<Record<ErrorKind, string>> = {
  invalid: 'invalid_request_error',
  too_large: 'request_too_large',
  blocked: 'invalid_request_error',
  unauthenticated: 'authentication_error',
  forbidden: 'permission_error',
  not_found: 'not_found_error',
  conflict: 'conflict_error',
  limited: 'rate_limit_error',
  busy: 'overloaded_error',
  unavailable: 'overloaded_error',
  upstream: 'api_error',
  timeout: 'timeout_error',
  internal: 'api_error',
}

/**
 * The body of an answer of 400 and above. `code` and what the error carries beside it are ours: clients of this dialect
 * do not read them, people do.
 */
export function writeError(error: AppError, { requestId }: ErrorFacts): Json {
  return { ...errorEvent(error), request_id: requestId, ...error.details }
}

export function errorEvent(error: AppError): Json & { readonly type: 'error' } {
  const details = error.reason === noThreadsCode ? { details: { error_code: noThreadsCode } } : {}
  return { type: 'error', error: { type: types[error.kind], message: error.message, code: error.reason, ...details } }
}

/** The vendor's own code, which its clients look for. */
export const noThreadsCode = 'thread_unsupported_request'
