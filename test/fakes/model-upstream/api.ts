import type { Json } from '../scripted-turn.ts'
import type { Prompt, Said } from './model.ts'

/** Why a request is refused. */
export interface Fault {
  readonly status: number
  /** OpenAI's `error.code`, Anthropic's `error.type`. */
  readonly code: string | null
  readonly message: string
  readonly param?: string
  /** Anthropic's `error.details`. */
  readonly details?: Json
}

export interface AnswerFacts {
  readonly model: string
  /** Counts the answers. */
  readonly count: number
  readonly body: Json
  /** How words and arguments are cut into the deltas of a stream; not said: at blanks, and in thirds. */
  readonly split?: (text: string) => readonly string[]
  /** What stands in the second choice and the later ones; only where an API has choices. */
  readonly others?: readonly Said[]
}

/** One of the three APIs: what it refuses, what it was asked, and how it says an answer. */
export interface PlayedApi {
  /** Appended to the address, with `/v1`. */
  readonly path: string
  /** Headers that tell who asks, and what version. */
  entrance(headers: Headers, key: string): Fault | null
  fault(body: Json, headers: Headers): Fault | null
  promptOf(body: Json): Prompt
  whole(said: Said, facts: AnswerFacts): Json
  /** Events of a stream, each as text. */
  events(said: Said, facts: AnswerFacts): readonly string[]
  errorBody(fault: Fault): Json
}

export const bad = (message: string, param?: string, code: string | null = null): Fault => ({
  status: 400,
  code,
  message,
  ...(param === undefined ? {} : { param }),
})

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const named = (event: { readonly type: string; readonly [member: string]: unknown }): string =>
  `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`

export const unknownMember = (body: Json, known: ReadonlySet<string>): string | undefined =>
  Object.keys(body).find((name) => !known.has(name))

/** OpenAI's envelope. */
export function openaiError({ status, code, message, param }: Fault): Json {
  const types: Readonly<Record<number, string>> = { 429: 'rate_limit_error', 500: 'server_error' }
  return { error: { message, type: types[status] ?? 'invalid_request_error', param: param ?? null, code } }
}

export function bearer(headers: Headers, key: string): Fault | null {
  if (headers.get('authorization') === `Bearer ${key}`) return null
  return { status: 401, code: 'invalid_api_key', message: 'Incorrect API key provided.' }
}
