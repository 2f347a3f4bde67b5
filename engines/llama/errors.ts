/** What a caller did wrong or the engine cannot do, in OpenAI's envelope. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly param: string | null

  constructor(status: number, message: string, facts: { readonly code?: string; readonly param?: string } = {}) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.code = facts.code ?? (status === 404 ? 'not_found' : status < 500 ? 'invalid_request' : 'engine_error')
    this.param = facts.param ?? null
  }
}

export function errorBody(error: ApiError): object {
  const type = error.status < 500 ? 'invalid_request_error' : 'server_error'
  return { error: { message: error.message, type, code: error.code, param: error.param } }
}

/** Anything that was thrown, as an error for the caller; what nobody foresaw is 500 with the library's words. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new ApiError(500, `The engine failed: ${message}`)
}

export const jsonResponse = (value: unknown, init: ResponseInit = {}): Response => Response.json(value, init)

export function errorResponse(thrown: unknown): Response {
  const error = toApiError(thrown)
  const headers: Record<string, string> = error.status === 503 ? { 'retry-after': '1' } : {}
  return Response.json(errorBody(error), { status: error.status, headers })
}
