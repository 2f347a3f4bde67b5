import { AppError } from '#kernel/errors.ts'

/** How much of an upstream's error is read. */
export const maxErrorBytes = 64 * 1024

const decoder = new TextDecoder()

/**
 * An answer of 400 and above. What concerns the caller's request (400, 404, 413, 422 …) passes as the upstream wrote
 * it. What concerns the house becomes the house's: an upstream that refuses Hearth's own key is a 502, one that is out
 * of quota or overloaded a 503 with its `Retry-After`, because 401 and 429 would tell the caller that their key is at
 * fault.
 */
export function upstreamError(name: string, status: number, headers: Headers, bytes: Uint8Array): Response | AppError {
  const said = messageIn(bytes)
  if (status === 401 || status === 403) {
    return new AppError(
      'upstream',
      `${name} refused Hearth's key for it (${status})${said.message}. The operator of this Hearth has to check it.`,
      {
        reason: 'upstream_auth',
      },
    )
  }
  if (status === 429 || status === 503 || status === 529) {
    return new AppError('busy', `${name} takes no more requests just now (${status})${said.message}.`, {
      reason: 'upstream_busy',
      retryAfterMs: retryAfterMs(headers) ?? 2000,
    })
  }
  // Answers of 300 to 399 have no body of their own, and statuses beyond 599 are none.
  if (!said.isEnvelope || status < 400 || status > 599) {
    return new AppError('upstream', `${name} answered with status ${status}${said.message}.`, {
      reason: 'upstream_error',
      details: { status },
    })
  }
  return new Response(bytes as Uint8Array<ArrayBuffer>, {
    status,
    headers: {
      'content-type': jsonType(headers),
      'x-hearth-error': 'upstream',
      ...(status < 500 ? { 'x-should-retry': 'false' } : {}),
    },
  })
}

/** The type of a body that was read as JSON: browsers must not take it for a page because an upstream says so. */
export function jsonType(headers: Headers): string {
  const type = headers.get('content-type') ?? ''
  return /^application\/([\w.+-]+\+)?json\b/i.test(type) ? type : 'application/json'
}

/** Whether another target may be asked instead: the fault lies with the one that was asked. */
export function isTargetsFault(status: number): boolean {
  return status === 401 || status === 403 || status === 429 || status >= 500
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
    return { isEnvelope: error !== undefined, message: typeof text === 'string' ? `: ${text.slice(0, 300)}` : '' }
  } catch {
    return { isEnvelope: false, message: '' }
  }
}

function retryAfterMs(headers: Headers): number | null {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 3600) * 1000 : null
}
