import { AppError, type ErrorKind } from '#kernel/errors.ts'
import { classOf } from '../../core/failures.ts'

/** How much of an upstream's error is read. */
export const maxErrorBytes = 64 * 1024

const decoder = new TextDecoder()

/** Why there is no answer, in our words; as the upstream wrote it where that concerns the caller's own request. */
export interface Refusal {
  readonly error: AppError
  readonly asWritten?: { readonly status: number; readonly headers: Record<string, string>; readonly bytes: Uint8Array }
}

/**
 * An answer of 400 and above. What concerns the caller's request (400, 404, 413, 422 …) passes as the upstream wrote
 * it. What concerns the house becomes the house's: an upstream that refuses Hearth's own key is a 502, one that is out
 * of quota or overloaded a 503 with its `Retry-After`, because 401 and 429 would tell the caller that their key is at
 * fault.
 */
export function upstreamError(name: string, status: number, headers: Headers, bytes: Uint8Array): Refusal {
  const said = messageIn(bytes)
  if (status === 401 || status === 403) {
    const sentence = `${name} refused Hearth's key for it (${status})${said.message}. The operator of this Hearth has to check it.`
    return { error: new AppError('upstream', sentence, { reason: 'upstream_auth' }) }
  }
  if (status === 429 || status === 503 || status === 529) {
    const sentence = `${name} takes no more requests just now (${status})${said.message}.`
    const after = retryAfterMs(headers) ?? 2000
    return { error: new AppError('busy', sentence, { reason: 'upstream_busy', retryAfterMs: after }) }
  }
  // Answers of 300 to 399 have no body of their own, and statuses beyond 599 are none. Without an envelope nobody knows
  // whether the fault is the request's.
  const isEnvelope = said.isEnvelope && status >= 400 && status <= 599
  const error = new AppError(
    isEnvelope ? kindOf(status) : 'upstream',
    `${name} answered with status ${status}${said.message}.`,
    { reason: isEnvelope ? reasonOf(status, bytes) : 'upstream_error', details: { status } },
  )
  if (!isEnvelope) return { error }
  const asWritten = {
    'content-type': jsonType(headers),
    'x-hearth-error': 'upstream',
    ...(status < 500 ? { 'x-should-retry': 'false' } : {}),
  }
  return { error, asWritten: { status, headers: asWritten, bytes } }
}

/** For callers of another dialect than the upstream's: the nearest of our own kinds. */
function kindOf(status: number): ErrorKind {
  if (status === 404) return 'not_found'
  if (status === 409) return 'conflict'
  if (status === 413) return 'too_large'
  return status < 500 ? 'invalid' : 'upstream'
}

/** Clients that shorten their conversation, or ask differently, look for these two. */
function reasonOf(status: number, bytes: Uint8Array): string {
  const kind = status < 500 ? classOf(status, bytes) : null
  if (kind === 'context_length') return 'context_length_exceeded'
  return kind === 'content_filter' ? 'content_filter' : 'upstream_error'
}

/** The type of a body that was read as JSON: browsers must not take it for a page because an upstream says so. */
export function jsonType(headers: Headers): string {
  const type = headers.get('content-type') ?? ''
  return /^application\/([\w.+-]+\+)?json\b/i.test(type) ? type : 'application/json'
}

function messageIn(bytes: Uint8Array): { readonly isEnvelope: boolean; readonly message: string } {
  try {
    const body = JSON.parse(decoder.decode(bytes)) as {
      error?: { message?: unknown } | string
      message?: unknown
      detail?: unknown
    }
    const error = body.error
    const text = typeof error === 'string' ? error : (error?.message ?? body.message ?? body.detail)
    return {
      isEnvelope: error !== undefined,
      message: typeof text === 'string' ? `: ${text.slice(0, 300).replace(/[.\s]+$/, '')}` : '',
    }
  } catch {
    return { isEnvelope: false, message: '' }
  }
}

/** What it said of when to come back, up to an hour; the vendors' own header is the more exact one. */
export function retryAfterMs(headers: Headers): number | null {
  const exact = headers.get('retry-after-ms')
  const ms = exact === null ? Number(headers.get('retry-after') ?? Number.NaN) * 1000 : Number(exact)
  return Number.isFinite(ms) && ms >= 0 ? Math.min(ms, 3_600_000) : null
}
