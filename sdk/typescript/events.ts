import { HearthError } from './errors.ts'
import { readEvents } from './sse.ts'
import type { ServerSentEvent } from './sse.ts'
import type { EventType, HearthEvent } from './types.ts'
import type { Wire } from './wire.ts'

export interface EventOptions {
  readonly signal?: AbortSignal
  /** Begin after this event; without it the stream begins now. */
  readonly lastEventId?: string
  /** Only these types; `hello` and `reset` always come. */
  readonly types?: readonly EventType[]
  /** false: the iteration ends when the connection does. Default: it goes on where it stopped. */
  readonly reconnect?: boolean
  /** Told at every loss of the connection, before the wait. */
  readonly onLost?: (lost: { readonly error: HearthError | null; readonly retryMs: number }) => void
}

const firstRetryMs = 250
const longestRetryMs = 15_000

/**
 * What happens in the house, as it happens. Resumes by id after a lost connection; `reset` says that events were missed
 * and the state must be read anew. Throws when the house refuses (401, 403, …) or cannot be reached at the first try.
 */
export async function* streamEvents(wire: Wire, options: EventOptions = {}): AsyncGenerator<HearthEvent> {
  const { signal, reconnect = true } = options
  let lastEventId = options.lastEventId ?? null
  let retryMs = firstRetryMs
  let wasConnected = false
  while (!signal?.aborted) {
    let error: HearthError | null = null
    try {
      for await (const event of readConnection(wire, { lastEventId, signal: signal ?? null, types: options.types })) {
        wasConnected = true
        retryMs = firstRetryMs
        lastEventId = event.id ?? lastEventId
        if (isWanted(event.type, options.types)) yield event
      }
    } catch (thrown) {
      if (signal?.aborted) return
      if (!(thrown instanceof HearthError) || !wasConnected || !isPassing(thrown) || !reconnect) throw thrown
      error = thrown
    }
    if (!reconnect || signal?.aborted) return
    retryMs = Math.max(retryMs, error?.retryAfterMs ?? 0)
    options.onLost?.({ error, retryMs })
    await pause(retryMs, signal)
    retryMs = Math.min(retryMs * 2, longestRetryMs)
  }
}

async function* readConnection(
  wire: Wire,
  from: {
    readonly lastEventId: string | null
    readonly signal: AbortSignal | null
    readonly types: readonly EventType[] | undefined
  },
): AsyncGenerator<HearthEvent> {
  const headers: Record<string, string> = { accept: 'text/event-stream' }
  if (from.lastEventId !== null) headers['last-event-id'] = from.lastEventId
  const answer = await wire.open('GET', '/api/events', {
    headers,
    query: { types: from.types?.join(',') },
    ...(from.signal ? { signal: from.signal } : {}),
  })
  for await (const item of readEvents(answer.chunks)) {
    if (item.kind === 'event') yield parseEvent(item.event)
  }
}

function parseEvent(event: ServerSentEvent): HearthEvent {
  try {
    return { id: event.id, type: event.event, data: JSON.parse(event.data) } as HearthEvent
  } catch (cause) {
    const message = `The event ${event.event} does not hold JSON: ${event.data.slice(0, 200)}`
    throw new HearthError({ status: 200, code: 'malformed', message, cause })
  }
}

const isWanted = (type: EventType, types: readonly EventType[] | undefined): boolean =>
  types === undefined || type === 'hello' || type === 'reset' || types.includes(type)

/** Failures that the next try may not meet: no connection, a busy or restarting house. */
const isPassing = (error: HearthError): boolean =>
  error.code === 'unreachable' || error.status === 429 || error.status >= 500

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
  })
}
