import { HearthError } from './errors.ts'
import type { Transport, WireAnswer, WireRequest } from './transport.ts'

/** Over `fetch`: browsers, Node and Bun. */
export function fetchTransport(options: { readonly url: string; readonly fetch?: typeof globalThis.fetch }): Transport {
  const base = options.url.replace(/\/+$/, '').replace(/\/v1$/, '')
  return {
    target: base,
    async send(request) {
      const perform = options.fetch ?? globalThis.fetch
      try {
        const response = await perform(`${base}${request.path}`, initOf(request))
        return answerOf(response, request.signal, base)
      } catch (thrown) {
        throw transportError({ thrown, signal: request.signal, target: base })
      }
    },
  }
}

/**
 * `timeout: false` is Bun's: without it a stream that is silent for five minutes is cut; other runtimes do not know it.
 * Redirects are not followed: `x-api-key` and the key would follow to a foreign host.
 */
function initOf(request: WireRequest): RequestInit {
  const init: RequestInit & { timeout: false } = {
    method: request.method,
    headers: request.headers,
    redirect: 'error',
    timeout: false,
  }
  if (request.body !== null) init.body = request.body
  if (request.signal) init.signal = request.signal
  return init
}

function answerOf(response: Response, signal: AbortSignal | null, target: string): WireAnswer {
  const body = response.body
  return {
    status: response.status,
    headers: response.headers,
    chunks: body ? chunksOf({ body, signal, target }) : nothing(),
    discard() {
      if (body && !body.locked) void body.cancel().catch(() => undefined)
    },
  }
}

async function* chunksOf(from: {
  readonly body: ReadableStream<Uint8Array>
  readonly signal: AbortSignal | null
  readonly target: string
}): AsyncGenerator<Uint8Array> {
  const reader = from.body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } catch (thrown) {
    throw transportError({ thrown, signal: from.signal, target: from.target })
  } finally {
    void reader.cancel().catch(() => undefined)
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** What a failing connection means to the caller; shared by all transports. */
export function transportError(failure: {
  readonly thrown: unknown
  readonly signal: AbortSignal | null
  readonly target: string
}): HearthError {
  const { thrown, signal, target } = failure
  if (thrown instanceof HearthError) return thrown
  if (signal?.aborted) {
    return new HearthError({ status: 0, code: 'aborted', message: 'The call was ended by its caller.', cause: thrown })
  }
  const cause = systemCode(thrown)
  return new HearthError({
    status: 0,
    code: 'unreachable',
    message: `No Hearth answers at ${target}${cause === null ? '' : ` (${cause})`}.`,
    details: cause === null ? {} : { cause },
    cause: thrown,
  })
}

/**
 * `ECONNREFUSED` and the like: Node keeps it in `cause.code`, Bun in `code`; null where the runtime hides it
 * (browsers).
 */
function systemCode(thrown: unknown): string | null {
  for (let error = thrown, depth = 0; error instanceof Error && depth < 4; error = error.cause, depth++) {
    const code: unknown = 'code' in error ? error.code : null
    if (typeof code === 'string') return code
  }
  return null
}
