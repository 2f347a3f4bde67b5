import { AppError } from '#kernel/errors.ts'
import { formatBytes } from '#kernel/bytes.ts'
import { formatDuration } from '#kernel/time.ts'
import type { Impasse } from './core/itinerary.ts'
import type { Acquired } from './ports.ts'

export function unknownModel(model: string, nearest: readonly string[]): AppError {
  const hint =
    nearest.length > 0
      ? ` Did you mean ${nearest.map((name) => `"${name}"`).join(' or ')}?`
      : ' GET /v1/models lists what this key can use.'
  return new AppError('not_found', `The model "${model.slice(0, 200)}" does not exist here.${hint}`, {
    reason: 'model_not_found',
    param: 'model',
    details: nearest.length > 0 ? { nearest } : {},
  })
}

export function modelNotAllowed(model: string): AppError {
  return new AppError(
    'forbidden',
    `This key may not use the model "${model.slice(0, 200)}"; ask for a key that lists it.`,
    {
      reason: 'model_not_allowed',
      param: 'model',
    },
  )
}

/** Why no place was had, for the caller. */
export function noPlace(model: string, acquired: Exclude<Acquired, { kind: 'permit' }>): AppError {
  switch (acquired.kind) {
    case 'loading': {
      const { waiting } = acquired
      const eta = waiting.etaSeconds === null ? '' : `, about ${formatDuration(waiting.etaSeconds * 1000)} more`
      return new AppError(
        'unavailable',
        `The model "${model}" is loading (${waiting.phase.replaceAll('_', ' ')}${eta}); ask again shortly.`,
        {
          reason: 'model_loading',
          retryAfterMs: acquired.retryAfterMs,
          details: { loading: waiting },
        },
      )
    }
    case 'full':
      return new AppError('busy', acquired.message, { reason: 'queue_full', retryAfterMs: acquired.retryAfterMs })
    case 'unusable':
      return new AppError('unavailable', acquired.message, {
        reason: acquired.reason,
        ...(acquired.retryAfterMs === null ? { isFinal: true } : { retryAfterMs: acquired.retryAfterMs }),
      })
    case 'gone':
      return clientGone()
  }
}

/** None of a route's targets may be asked. */
export function impasse(model: string, why: Impasse | null): AppError {
  const name = model.slice(0, 200)
  if (why?.kind === 'context_length') {
    const sentence =
      `The prompt has about ${why.promptTokens} tokens, and the largest context behind "${name}" is ` +
      `${why.contextTokens}; send less.`
    return new AppError('invalid', sentence, { reason: 'context_length_exceeded', param: 'messages' })
  }
  return new AppError(
    'unavailable',
    `Nobody who answers for "${name}" is well just now; ask again shortly. GET /api/routes tells why.`,
    { reason: 'no_healthy_target', retryAfterMs: why?.retryAfterMs ?? 5000 },
  )
}

/** Nobody reads it; it names the ending in the ledger. */
export function clientGone(): AppError {
  return new AppError('invalid', 'The client hung up.', { reason: 'client_gone' })
}

export function keyRevoked(): AppError {
  return new AppError('unauthenticated', 'The key of this request was revoked while it ran.', { reason: 'key_revoked' })
}

/** The house closes, and the time that running requests had is over. */
export function closingDown(): AppError {
  return new AppError('unavailable', 'Hearth is closing and this request was not done in time; ask again shortly.', {
    reason: 'shutting_down',
    retryAfterMs: 5000,
  })
}

/** Who was asked did not answer, or broke off; the egress door's sentence names it. */
export function upstreamFailed(failure: { readonly reason: string; readonly message: string }): AppError {
  if (failure.reason === 'aborted') return clientGone()
  return new AppError(failure.reason === 'timeout' ? 'timeout' : 'upstream', failure.message, {
    reason: `upstream_${failure.reason}`,
    retryAfterMs: 1000,
  })
}

export function upstreamMalformed(name: string, what: string): AppError {
  return new AppError('upstream', `${name} sent something that is no answer: ${what}.`, {
    reason: 'upstream_malformed',
  })
}

/** Complete, and not a word in it: told where nobody else could do better and the answer itself was lost. */
export function emptyAnswer(name: string): AppError {
  return new AppError('upstream', `${name} answered without a word.`, { reason: 'empty_answer', retryAfterMs: 1000 })
}

/** A stream that began and did not reach its end: told to the caller as its last event. `why` is a sentence. */
export function streamIncomplete(why: string): AppError {
  return new AppError('upstream', `${why} What came before may be incomplete.`, { reason: 'stream_incomplete' })
}

/** The upstream told of an error in its stream, in a form that clients do not look for. */
export function upstreamSaid(name: string, message: string): AppError {
  return new AppError('upstream', `${name} broke its answer off: ${message.replace(/[.!]?$/, '.')}`, {
    reason: 'upstream_error',
  })
}

export function egressDenied(message: string): AppError {
  return new AppError('forbidden', message, { reason: 'egress_denied' })
}

/** A WebSocket that a limit ends. */
export function sessionOver(reason: 'session_idle' | 'session_too_long'): AppError {
  const why = reason === 'session_idle' ? 'Nobody said anything for too long' : 'The session lasted too long'
  return new AppError('timeout', `${why}; open a new one.`, { reason })
}

export function proxyNotAllowed(upstream: string): AppError {
  return new AppError(
    'forbidden',
    `This key may not call the upstream ${upstream} directly: that takes a key that may use every model of it ` +
      `(\`${upstream}/*\`, or no list of models).`,
    { reason: 'upstream_not_allowed' },
  )
}

/** Of a form or a body that passes as it is. */
export function uploadTooLarge(limitBytes: number): AppError {
  const limit = formatBytes(limitBytes)
  return new AppError(
    'too_large',
    `The upload is larger than this address takes (${limit}); send less, or raise \`limits.uploadBody\`.`,
    { reason: 'body_too_large' },
  )
}

export function badUpstreamPath(): AppError {
  return new AppError('invalid', 'The path behind the upstream must not hold `.`, `..`, empty steps or backslashes.', {
    reason: 'bad_path',
  })
}

/** In the middle of a session: what came until now was paid for. */
export function budgetSpent(): AppError {
  return new AppError('limited', 'The budget for this session is spent; nothing more is answered in it.', {
    reason: 'insufficient_quota',
    isFinal: true,
  })
}
