/** What HelixFlow's clients look at: its own list of codes. */
const codes = [
  'invalid_request',
  'invalid_api_key',
  'rate_limit_exceeded',
  'model_not_found',
  'insufficient_quota',
  'server_error',
  'service_unavailable',
  'timeout',
  'authentication_failed',
  'authorization_failed',
] as const
export type HelixCode = (typeof codes)[number]

const keyTroubles = new Set(['invalid_api_key', 'expired_api_key', 'revoked_api_key', 'missing_api_key'])

/** A refusal of the house in the words of that list. */
export function helixCode(status: number, reason: string): HelixCode {
  if (reason === 'insufficient_quota') return 'insufficient_quota'
  if (keyTroubles.has(reason)) return 'invalid_api_key'
  if (reason === 'model_not_found' || reason === 'unknown_model') return 'model_not_found'
  if (status === 401) return 'authentication_failed'
  if (status === 403) return 'authorization_failed'
  if (status === 429) return 'rate_limit_exceeded'
  if (status === 408 || status === 504) return 'timeout'
  if (status === 502 || status === 503) return 'service_unavailable'
  return status >= 500 ? 'server_error' : 'invalid_request'
}

export interface HelixErrorFacts {
  readonly status: number
  readonly reason: string
  readonly message: string
  readonly param: string | null
  readonly requestId: string
  /** ISO 8601. */
  readonly at: string
}

/** `details` has our own reason, which is finer than its list. */
export function writeError({ status, reason, message, param, requestId, at }: HelixErrorFacts): unknown {
  return {
    error: {
      code: helixCode(status, reason),
      message,
      details: { reason, ...(param === null ? {} : { param }) },
      timestamp: at,
      request_id: requestId,
    },
  }
}
