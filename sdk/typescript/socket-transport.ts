import { request as openRequest } from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { transportError } from './fetch-transport.ts'
import type { Transport, WireAnswer, WireRequest } from './transport.ts'

/**
 * Over the unix socket in HEARTH_HOME, with `node:http`: the same on Node and Bun. Whoever may open it owns the
 * house.
 */
export function socketTransport(path: string): Transport {
  return { target: path, send: (request) => sendOverSocket(path, request) }
}

function sendOverSocket(socketPath: string, request: WireRequest): Promise<WireAnswer> {
  const { signal } = request
  return new Promise((resolve, reject) => {
    const fail = (thrown: unknown): void => reject(transportError({ thrown, signal, target: socketPath }))
    if (signal?.aborted) return fail(signal.reason)
    const headers: Record<string, string> = { ...request.headers, host: 'localhost' }
    if (request.body !== null) headers['content-length'] = String(new TextEncoder().encode(request.body).byteLength)
    const outgoing = openRequest({ socketPath, method: request.method, path: request.path, headers, agent: false })
    const abort = (): void => void outgoing.destroy(new Error('aborted'))
    signal?.addEventListener('abort', abort, { once: true })
    outgoing.on('error', fail)
    outgoing.on('close', () => signal?.removeEventListener('abort', abort))
    outgoing.on('response', (incoming) => resolve(answerOf({ incoming, outgoing, signal, socketPath })))
    outgoing.end(request.body ?? undefined)
  })
}

function answerOf(from: {
  readonly incoming: IncomingMessage
  readonly outgoing: ClientRequest
  readonly signal: AbortSignal | null
  readonly socketPath: string
}): WireAnswer {
  const { incoming, outgoing, signal, socketPath } = from
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  async function* chunks(): AsyncGenerator<Uint8Array> {
    const abort = (): void => void incoming.destroy(new Error('aborted'))
    signal?.addEventListener('abort', abort, { once: true })
    try {
      for await (const chunk of incoming) yield chunk as Uint8Array
    } catch (thrown) {
      throw transportError({ thrown, signal, target: socketPath })
    } finally {
      signal?.removeEventListener('abort', abort)
      outgoing.destroy()
    }
  }
  return { status: incoming.statusCode ?? 0, headers, chunks: chunks(), discard: () => void outgoing.destroy() }
}
