import type { DataClass } from '../../kernel/words.ts'
import type { Json } from '../conversation/conversation.ts'
import { isModelRepeated, noStream, readBody } from '../json/body.ts'
import { isMissing, optionalBound, optionalCount, optionalFlag, optionalObject, wrong } from '../json/members.ts'

/** The inference endpoints of the OpenAI dialect that pass through as bytes. */
export type Endpoint = 'chat/completions' | 'completions' | 'embeddings' | 'rerank'

/** What Hearth must know of a request; everything else is between the caller and the model. */
export interface Ask {
  readonly model: string
  /** `model` stands in the body more than once: parsers differ in which one they take. */
  readonly isModelRepeated: boolean
  readonly isStream: boolean
  /** The caller wants the usage chunk. */
  readonly wantsUsage: boolean
  /** The caller's `stream_options` with the usage chunk asked for, as JSON. */
  readonly usageOptions: string
  /** How many choices the answer has to finish. */
  readonly choices: number
  /** Upper bound of the answer's tokens that the caller set; null = none. */
  readonly maxTokens: number | null
  readonly data: readonly DataClass[]
  readonly body: Json
}

/**
 * Reads the body of an inference request. Checks what routing and metering rest on and the members whose absence no
 * engine forgives; the engine judges the rest. Throws AppError `invalid` with the member at fault.
 */
export function readAsk(endpoint: Endpoint, bytes: Uint8Array): Ask {
  const { text, body, model } = readBody(bytes)
  const isStream = optionalFlag(body.stream, 'stream') === true
  if (isStream && (endpoint === 'embeddings' || endpoint === 'rerank')) throw noStream(endpoint)
  const n = optionalCount(body.n, 'n') ?? 1
  const streamOptions = optionalObject(body.stream_options, 'stream_options')
  return {
    model,
    isModelRepeated: isModelRepeated(text, bytes),
    isStream,
    wantsUsage: streamOptions?.include_usage === true,
    usageOptions: streamOptions ? JSON.stringify({ ...streamOptions, include_usage: true }) : '{"include_usage":true}',
    choices: n * (endpoint === 'completions' && isPromptList(body.prompt) ? body.prompt.length : 1),
    maxTokens:
      optionalBound(body.max_completion_tokens, 'max_completion_tokens') ??
      optionalBound(body.max_tokens, 'max_tokens'),
    data: checks[endpoint](body),
    body,
  }
}

/** Per endpoint: the members it cannot do without, and what classes of data the body holds. */
const checks: Readonly<Record<Endpoint, (body: Json) => readonly DataClass[]>> = {
  'chat/completions': (body) => {
    if (!Array.isArray(body.messages) || body.messages.length === 0)
      throw wrong('messages', 'a list with at least one message', body.messages)
    return messageData(body.messages, body.prediction)
  },
  completions: (body) => {
    if (typeof body.prompt !== 'string' && !Array.isArray(body.prompt))
      throw wrong('prompt', 'a text or a list', body.prompt)
    return isTextual(body.prompt, 2) ? textOnly : textAndFile
  },
  embeddings: (body) => {
    if (typeof body.input !== 'string' && !Array.isArray(body.input))
      throw wrong('input', 'a text or a list', body.input)
    const format = body.encoding_format
    if (!isMissing(format) && format !== 'float' && format !== 'base64')
      throw wrong('encoding_format', '"float" or "base64"', format)
    // Some servers embed whole messages, pictures and all, beside or instead of the input.
    return isTextual(body.input, 2) && body.messages === undefined ? textOnly : textAndFile
  },
  rerank: (body) => {
    if (typeof body.query !== 'string') throw wrong('query', 'a text', body.query)
    if (!Array.isArray(body.documents) || body.documents.length === 0)
      throw wrong('documents', 'a list with at least one document', body.documents)
    return isTextual(body.documents, 1) ? textOnly : textAndFile
  },
}

function messageData(messages: readonly unknown[], prediction: unknown): readonly DataClass[] {
  const found = new Set<DataClass>(['text'])
  for (const [index, message] of messages.entries()) {
    if (typeof message !== 'object' || message === null) throw wrong(`messages[${index}]`, 'an object', message)
    const { role, content, images, audio } = message as Json
    if (typeof role !== 'string') throw wrong(`messages[${index}].role`, 'a text such as "user"', role)
    if (Array.isArray(content)) for (const part of content) found.add(partData(part))
    else if (typeof content === 'object' && content !== null) found.add(partData(content))
    // As some engines take pictures beside the text.
    if (Array.isArray(images) && images.length > 0) found.add('image')
    // An answer in sound is named by its id; whoever repeats the sound itself sends a recording.
    if (typeof audio === 'object' && audio !== null && 'data' in audio) found.add('audio')
  }
  const { content } = (typeof prediction === 'object' && prediction !== null ? prediction : {}) as Json
  if (Array.isArray(content)) for (const part of content) found.add(partData(part))
  return found.size === 1 ? textOnly : [...found]
}

const textOnly: readonly DataClass[] = ['text']

const textAndFile: readonly DataClass[] = ['text', 'file']

const textMembers: ReadonlySet<string> = new Set(['text', 'title', 'id'])

/**
 * What is embedded or ranked: texts, tokens, lists of them; an object may hold a picture unless it names only texts.
 */
function isTextual(value: unknown, depth: number): boolean {
  if (Array.isArray(value)) return depth > 0 && value.every((entry) => isTextual(entry, depth - 1))
  return typeof value !== 'object' || value === null || Object.keys(value).every((name) => textMembers.has(name))
}

/** An unknown kind of part counts as a file: what cannot be judged must not leave the house as if it were text. */
function partData(part: unknown): DataClass {
  const type = typeof part === 'object' && part !== null ? (part as Json).type : undefined
  switch (type) {
    case 'text':
    case 'refusal':
    case 'thinking':
    case 'input_text':
      return 'text'
    case 'image_url':
    case 'input_image':
      return 'image'
    case 'input_audio':
    case 'audio_url':
      return 'audio'
    default:
      return typeof part === 'string' ? 'text' : 'file'
  }
}

/** A list of prompts; a list of numbers is one prompt in tokens. */
const isPromptList = (prompt: unknown): prompt is readonly unknown[] =>
  Array.isArray(prompt) && prompt.length > 0 && typeof prompt[0] !== 'number'
