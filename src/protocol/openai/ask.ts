import { AppError } from '../../kernel/errors.ts'
import type { DataClass } from '../../kernel/words.ts'
import { scanMembers } from './json-bytes.ts'
import { maxNesting, tooDeepMember } from './nesting.ts'

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

type Json = Readonly<Record<string, unknown>>

/** Longer names are nobody's; looking for their like would cost the house more than the request. */
const maxModelLength = 500

const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads the body of an inference request. Checks what routing and metering rest on and the members whose absence no
 * engine forgives; the engine judges the rest. Throws AppError `invalid` with the member at fault.
 */
export function readAsk(endpoint: Endpoint, bytes: Uint8Array): Ask {
  const { text, body, model } = readBody(bytes)
  if (body.stream !== undefined && body.stream !== null && typeof body.stream !== 'boolean')
    throw wrong('stream', 'true or false', body.stream)
  const isStream = body.stream === true
  if (isStream && (endpoint === 'embeddings' || endpoint === 'rerank')) {
    throw new AppError('invalid', `stream: true is not possible for ${endpoint}; leave it out.`, {
      reason: 'invalid_request',
      param: 'stream',
    })
  }
  const n = count(body, 'n') ?? 1
  const streamOptions = readStreamOptions(body)
  return {
    model,
    isModelRepeated: isModelRepeated(text, bytes),
    isStream,
    wantsUsage: streamOptions?.include_usage === true,
    usageOptions: streamOptions ? JSON.stringify({ ...streamOptions, include_usage: true }) : '{"include_usage":true}',
    choices: n * (endpoint === 'completions' && isPromptList(body.prompt) ? body.prompt.length : 1),
    maxTokens: bound(body, 'max_completion_tokens') ?? bound(body, 'max_tokens'),
    data: checks[endpoint](body),
    body,
  }
}

/** The body of any request that names its model. Throws as `readAsk` does. */
export function readBody(bytes: Uint8Array): { readonly text: string; readonly body: Json; readonly model: string } {
  const text = readText(bytes)
  const body = parseObject(text)
  const { model } = body
  if (typeof model !== 'string' || model === '') throw wrong('model', 'a model name (a text)', model)
  if (model.length > maxModelLength)
    throw wrong('model', `a name of at most ${maxModelLength} characters`, `${model.slice(0, 60)}…`)
  return { text, body, model }
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
    if (format !== undefined && format !== null && format !== 'float' && format !== 'base64')
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

function readText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new AppError('invalid', 'The request body is not valid UTF-8; send JSON in UTF-8.', {
      reason: 'invalid_utf8',
    })
  }
}

function parseObject(text: string): Json {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const detail =
      text.trim() === ''
        ? 'it is empty'
        : error instanceof Error
          ? error.message.replace('JSON Parse error: ', '')
          : 'unreadable'
    throw new AppError('invalid', `The request body is not JSON: ${detail}.`, { reason: 'invalid_json' })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AppError('invalid', 'The request body must be a JSON object.', { reason: 'invalid_request' })
  }
  const body = value as Json
  const deep = tooDeepMember(text, body)
  if (deep !== null) {
    const sentence = `${deep.slice(0, 60)} nests more than ${maxNesting} levels deep; send it flatter.`
    throw new AppError('invalid', sentence, { reason: 'invalid_request', param: deep.slice(0, 60) })
  }
  return body
}

/** A name may be written with escapes: only then, or where it is seen twice, are all members looked at. */
export function isModelRepeated(text: string, bytes: Uint8Array): boolean {
  const first = text.indexOf('"model"')
  if (first >= 0 && text.indexOf('"model"', first + 7) < 0 && !text.includes('\\u00')) return false
  return scanMembers(bytes).filter(({ name }) => name === 'model').length > 1
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

function readStreamOptions(body: Json): Json | null {
  const options = body.stream_options
  if (options === undefined || options === null) return null
  if (typeof options !== 'object' || Array.isArray(options)) throw wrong('stream_options', 'an object', options)
  return options as Json
}

/** A list of prompts; a list of numbers is one prompt in tokens. */
const isPromptList = (prompt: unknown): prompt is readonly unknown[] =>
  Array.isArray(prompt) && prompt.length > 0 && typeof prompt[0] !== 'number'

function count(body: Json, name: string): number | null {
  const value = body[name]
  if (value === undefined || value === null) return null
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1)
    throw wrong(name, 'a whole number of at least 1', value)
  return value
}

/** The upper bound that the caller set. 0 and below mean "none" or "nothing" to engines, which judge them. */
function bound(body: Json, name: string): number | null {
  const value = body[name]
  if (value === undefined || value === null) return null
  if (typeof value !== 'number') throw wrong(name, 'a whole number', value)
  return value >= 1 ? Math.ceil(value) : null
}

function wrong(param: string, wanted: string, got: unknown): AppError {
  const shown = got === undefined ? 'it is missing' : `got ${shortJson(got)}`
  return new AppError('invalid', `${param} must be ${wanted}; ${shown}.`, { reason: 'invalid_request', param })
}

/** Long texts and deep nesting are named, not printed: printing them could cost more than the request. */
function shortJson(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  return JSON.stringify(typeof value === 'string' ? value.slice(0, 80) : value)
}
