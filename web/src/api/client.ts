import type { ErrorBody } from './types.ts'

/** A refusal or a silence of the server, in the words the page shows. */
export class ApiError extends Error {
  /** 0 = nobody answered. */
  readonly status: number
  readonly code: string
  readonly retryAfterMs: number | null
  readonly body: ErrorBody

  constructor(facts: {
    status: number
    code: string
    message: string
    retryAfterMs?: number | null
    body?: ErrorBody
  }) {
    super(facts.message)
    this.name = 'ApiError'
    this.status = facts.status
    this.code = facts.code
    this.retryAfterMs = facts.retryAfterMs ?? null
    this.body = facts.body ?? {}
  }
}

export const isSignedOut = (thrown: unknown): boolean => thrown instanceof ApiError && thrown.status === 401
export const isUnreachable = (thrown: unknown): boolean => thrown instanceof ApiError && thrown.status === 0

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly body?: unknown
  readonly signal?: AbortSignal
  /** Not said: as long as a control call may take. */
  readonly timeoutMs?: number
}

/** How long a control call may take: longer, and the page says that the server does not answer. */
const answerTimeoutMs = 30_000

/**
 * Calls the server this page came from; the session's cookie goes along. Throws only `ApiError`, or the caller's
 * abort.
 */
export async function api<T>(path: string, request: ApiRequest = {}): Promise<T> {
  const response = await send(path, request)
  const text = await response.text().catch(() => '')
  return (text === '' ? undefined : readJson(text)) as T
}

export async function apiText(path: string, request: ApiRequest = {}): Promise<string> {
  const response = await send(path, request)
  return await response.text()
}

async function send(path: string, request: ApiRequest): Promise<Response> {
  const timeout = AbortSignal.timeout(request.timeoutMs ?? answerTimeoutMs)
  const init: RequestInit = {
    method: request.method ?? 'GET',
    signal: request.signal ? AbortSignal.any([request.signal, timeout]) : timeout,
    headers: request.body === undefined ? {} : { 'content-type': 'application/json' },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  }
  let response: Response
  try {
    response = await fetch(path, init)
  } catch (thrown) {
    if (request.signal?.aborted) throw thrown
    throw new ApiError({ status: 0, code: 'unreachable', message: '' })
  }
  if (!response.ok) throw await errorOf(response)
  return response
}

/** The server's own sentence where it has one; an answer of a proxy in between may have none. */
export async function errorOf(response: Response): Promise<ApiError> {
  const body = readBody(await response.text().catch(() => ''))
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return new ApiError({
    status: response.status,
    code: body.error?.code ?? body.error?.type ?? `http_${response.status}`,
    message: body.error?.message ?? '',
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : null,
    body,
  })
}

function readBody(text: string): ErrorBody {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ApiError({ status: 0, code: 'not_json', message: '' })
  }
}

/** Model ids hold slashes; each part is encoded, the slashes stay. */
export function modelPath(id: string): string {
  return `/api/models/${id.split('/').map(encodeURIComponent).join('/')}`
}
