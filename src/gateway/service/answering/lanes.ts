import type { AppError } from '#kernel/errors.ts'
import { errorBody } from '#platform/http/errors.ts'
import { readConversationAsk } from '#protocol/conversation/ask.ts'
import type { Conversation, Json } from '#protocol/conversation/conversation.ts'
import type { Api, CallerDialect, ErrorFacts, Reshape } from '#protocol/conversation/dialect.ts'
import { ollamaChat, ollamaGenerate } from '#protocol/ollama/caller.ts'
import { ollamaEmbed, ollamaEmbeddings } from '#protocol/ollama/embed.ts'
import { readBody } from '#protocol/json/body.ts'
import { readAsk, type Ask, type Endpoint } from '#protocol/openai/ask.ts'
import { isPlainMessages } from '#protocol/anthropic/plain-deltas.ts'
import { messagesCaller } from '#protocol/anthropic/caller.ts'
import { chatCaller } from '#protocol/openai/chat/caller.ts'
import { isPlainResponses } from '#protocol/openai/responses/plain-deltas.ts'
import { responsesCaller } from '#protocol/openai/responses/caller.ts'

/** A way in: what is asked there, in which words, and which upstreams take it as it is. */
export interface Lane {
  /** As the ledger calls it. */
  readonly endpoint: string
  /** What the upstream is asked for when the request passes as it is: appended to its base URL. */
  readonly path: string
  /**
   * The API that an upstream must have so that the request passes as it is. `any`: each has it, or says no. null: none
   * has it, all requests are translated.
   */
  readonly api: Api | 'any' | null
  /** Which of the OpenAI endpoints it is, for reading answers that pass; null: the API's own reader does. */
  readonly passing: Endpoint | null
  /** For conversations: how it is read and written for upstreams of another dialect. null: it cannot be translated. */
  readonly caller: CallerDialect | null
  readonly reshape: Reshape | null
  /** Where clients of the dialect look for the request's id, beside `x-request-id`; null = nowhere else. */
  readonly requestIdHeader: string | null
  readonly stream: {
    readonly contentType: string
    readonly comment: (text: string) => string
    /** What tells that an answer is whole which has told why it ended; null: that is one and the same event. */
    readonly terminal: string | null
    /** Events that need no look once the first word is out. */
    readonly isPlain: (events: string) => boolean
  }
  read(bytes: Uint8Array): LaneAsk
  errorBody(error: AppError, facts: ErrorFacts): Json
  /** The last event of a stream that broke off, where no translator knows better. */
  breakOff(error: AppError): string
}

/** `bytes` and `body` are what passes on. */
export interface LaneAsk extends Ask {
  readonly bytes: Uint8Array
  /** What a reshaped request was. */
  readonly asked: Json | null
  readonly conversation: () => Conversation
}

const eventStream = {
  contentType: 'text/event-stream; charset=utf-8',
  comment: (text: string) => `: ${text}\n\n`,
  terminal: null,
  isPlain: () => false,
}

const openaiErrors = {
  errorBody: (error: AppError): Json => errorBody(error),
  breakOff: (error: AppError): string => `data: ${JSON.stringify(errorBody(error))}\n\n`,
}

const impossible = (): never => {
  throw new Error('no conversation')
}

function openaiLane(endpoint: Endpoint): Lane {
  const isChat = endpoint === 'chat/completions'
  return {
    endpoint,
    path: `/${endpoint}`,
    api: isChat ? 'chat' : 'any',
    passing: endpoint,
    caller: isChat ? chatCaller : null,
    reshape: null,
    requestIdHeader: null,
    stream: eventStream,
    read(bytes) {
      const ask = readAsk(endpoint, bytes)
      return { ...ask, bytes, asked: null, conversation: isChat ? () => chatCaller.readRequest(ask.body) : impossible }
    },
    ...openaiErrors,
  }
}

/** A dialect of its own: its requests are read whole before they go anywhere. */
export function dialectLane(options: {
  readonly endpoint: string
  readonly api: Api | null
  readonly caller: CallerDialect
  readonly stream?: Lane['stream']
  readonly breakOff: (body: Json) => string
  readonly requestIdHeader?: string
}): Lane {
  const { endpoint, api, caller, stream = eventStream, requestIdHeader = null, breakOff } = options
  return {
    endpoint,
    path: `/${endpoint}`,
    api,
    passing: null,
    caller,
    reshape: null,
    requestIdHeader,
    stream,
    read(bytes) {
      const ask = readConversationAsk(bytes, (body) => caller.readRequest(body))
      return { ...ask, bytes, asked: null, conversation: () => ask.conversation }
    },
    errorBody: (error, facts) => caller.writeError(error, facts),
    breakOff: (error) => breakOff(caller.writeError(error, { status: 200, requestId: '' })),
  }
}

/** An OpenAI endpoint in other words. */
export function reshapedLane(endpoint: string, to: Endpoint, reshape: Reshape, errors: CallerDialect): Lane {
  const base = openaiLane(to)
  const encoder = new TextEncoder()
  return {
    ...base,
    endpoint,
    reshape,
    read(bytes) {
      const { body: asked } = readBody(bytes)
      const reshaped = encoder.encode(JSON.stringify(reshape.request(asked)))
      return { ...base.read(reshaped), asked }
    },
    errorBody: (error, facts) => errors.writeError(error, facts),
  }
}

export const chatLane = openaiLane('chat/completions')
export const completionLane = openaiLane('completions')
export const embeddingLane = openaiLane('embeddings')
export const rerankLane = openaiLane('rerank')

export const messagesLane = dialectLane({
  endpoint: 'messages',
  api: 'messages',
  caller: messagesCaller,
  requestIdHeader: 'request-id',
  stream: {
    ...eventStream,
    isPlain: isPlainMessages,
    terminal: 'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  },
  breakOff: (body) => `event: error\ndata: ${JSON.stringify(body)}\n\n`,
})

export const responsesLane = dialectLane({
  endpoint: 'responses',
  api: 'responses',
  caller: responsesCaller,
  stream: { ...eventStream, isPlain: isPlainResponses },
  breakOff: (body) => {
    const { message, code, param } = (body['error'] ?? {}) as Json
    const event = { type: 'error', sequence_number: 0, code, message, param }
    return `event: error\ndata: ${JSON.stringify(event)}\n\n`
  },
})

/** One JSON object to a line: there is nothing that could stand between two as a comment. */
const jsonLines = { contentType: 'application/x-ndjson', comment: () => '', terminal: null, isPlain: () => false }
const asLine = (body: Json): string => `${JSON.stringify(body)}\n`

export const ollamaLanes = {
  'ollama/chat': dialectLane({
    endpoint: 'ollama/chat',
    api: null,
    caller: ollamaChat,
    stream: jsonLines,
    breakOff: asLine,
  }),
  'ollama/generate': dialectLane({
    endpoint: 'ollama/generate',
    api: null,
    caller: ollamaGenerate,
    stream: jsonLines,
    breakOff: asLine,
  }),
  'ollama/embed': reshapedLane('ollama/embed', 'embeddings', ollamaEmbed, ollamaChat),
  'ollama/embeddings': reshapedLane('ollama/embeddings', 'embeddings', ollamaEmbeddings, ollamaChat),
} as const
