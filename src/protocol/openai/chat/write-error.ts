import type { AppError, ErrorKind } from '../../../kernel/errors.ts'
import type { Json } from '../../conversation/conversation.ts'

/** OpenAI's `error.type`, which its clients turn into classes. */
const types: Readonly<Record<ErrorKind, string>> = {
  invalid: 'invalid_request_error',
  unauthenticated: 'authentication_error',
  forbidden: 'permission_error',
  not_found: 'not_found_error',
  conflict: 'conflict_error',
  too_large: 'invalid_request_error',
  blocked: 'invalid_request_error',
  limited: 'rate_limit_error',
  internal: 'server_error',
  upstream: 'upstream_error',
  busy: 'server_error',
  unavailable: 'server_error',
  timeout: 'timeout_error',
}

/** OpenAI's envelope, with what the error carries beside it (for example `loading`). */
export function writeError(error: AppError): Json {
  const { message, kind, reason, param, details } = error
  return { error: { message, type: types[kind], code: reason, param }, ...details }
}
