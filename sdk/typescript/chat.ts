import { HearthError, isRecord, readEnvelope } from './errors.ts'
import { readEvents } from './sse.ts'
import type { ChatAnswer, ChatChunk, ChatRequest } from './chat-types.ts'
import type { CallOptions, Wire } from './wire.ts'

export interface Chat {
  /** The whole answer. No deadline but the caller's: a model may have to be loaded first. */
  create(request: ChatRequest, options?: CallOptions): Promise<ChatAnswer>
  /**
   * The answer as it is made. Ends after the terminal event; throws `incomplete` when the stream broke off before it,
   * and the house's own error when it told one. Leaving the loop, or the signal, ends the work at the model at once.
   */
  stream(request: ChatRequest, options?: StreamOptions): AsyncGenerator<ChatChunk>
}

export interface StreamOptions extends CallOptions {
  /** The house's remarks while nothing is answered yet, for example that the model loads. */
  readonly onComment?: (text: string) => void
}

/** As long as timers can be: a model that loads or thinks is not late. */
const patientMs = 2 ** 31 - 1
const path = '/v1/chat/completions'

export function createChat(wire: Wire): Chat {
  return {
    create: (request, options) =>
      wire.json<ChatAnswer>('POST', path, { timeoutMs: patientMs, ...options, body: { ...request, stream: false } }),
    stream: (request, options = {}) => streamChat(wire, request, options),
  }
}

async function* streamChat(wire: Wire, request: ChatRequest, options: StreamOptions): AsyncGenerator<ChatChunk> {
  const answer = await wire.open('POST', path, {
    headers: { accept: 'text/event-stream' },
    body: { ...request, stream: true },
    ...(options.signal ? { signal: options.signal } : {}),
  })
  let hasFinished = false
  for await (const item of readEvents(answer.chunks)) {
    if (item.kind === 'comment') {
      if (item.text !== '') options.onComment?.(item.text)
      continue
    }
    const { data } = item.event
    if (data.trim() === '[DONE]') return
    const chunk = parseChunk(data, item.event.event)
    hasFinished ||= chunk.choices.some((choice) => choice.finish_reason != null)
    yield chunk
  }
  if (hasFinished) return
  const message = 'The answer broke off before its end: the connection or the model behind it was lost.'
  throw new HearthError({ status: 200, code: 'incomplete', message })
}

function parseChunk(data: string, event: string): ChatChunk {
  const envelope = readEnvelope(data)
  if (envelope) throw new HearthError({ status: 200, ...envelope })
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch (cause) {
    throw malformed(data, cause)
  }
  if (event === 'error' || !isRecord(value)) throw malformed(data, null)
  const choices = Array.isArray(value['choices']) ? value['choices'] : []
  return { ...value, choices } as unknown as ChatChunk
}

function malformed(data: string, cause: unknown): HearthError {
  const message = `The stream holds something that is no chat chunk: ${data.slice(0, 200)}`
  return new HearthError({ status: 200, code: 'malformed', message, cause })
}
