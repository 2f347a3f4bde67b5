import type { DataClass, Usage } from '../../kernel/words.ts'
import type { Json } from '../conversation/conversation.ts'
import { isModelRepeated, noStream, readBody } from '../json/body.ts'
import { isMissing, isObject, optionalFlag, wrong } from '../json/members.ts'
import { readUsage } from './usage.ts'

/**
 * Endpoints whose requests and answers pass as they are: Hearth reads where they lead, what they may hold and whether
 * the answer is whole. The table is in plain-endpoints.ts.
 */
export interface PlainEndpoint {
  /** As the ledger names it, for example `audio/speech`. */
  readonly name: string
  /** Where callers find it; the first one is the field's usual. */
  readonly paths: readonly `/${string}`[]
  /** Behind the upstream's base URL; `/../x` stands beside its version, for servers that keep it at their root. */
  readonly upstreamPath: `/${string}`
  readonly summary: string
  readonly body: 'json' | 'form'
  readonly work: 'text' | 'audio' | 'image'
  /** The members that no engine can do without; in a form a name with `[]` behind it is the same. */
  readonly needs: readonly string[]
  /** What a JSON body holds, or a form whatever is in it. */
  readonly data: (body: Json) => readonly DataClass[]
  /** What a JSON answer lacks to be whole, in words; null: nothing. */
  readonly lacks: (answer: Json) => string | null
  /** Types of the events that end its streams; empty: it has none. */
  readonly terminal: readonly string[]
  /** Whether answers may be something else than JSON: text is read whole, bytes are streamed. */
  readonly other: 'none' | 'text' | 'bytes'
}

/** What Hearth must know of a request to a plain endpoint. */
export interface PlainAsk {
  readonly model: string
  readonly isModelRepeated: boolean
  readonly isStream: boolean
  readonly data: readonly DataClass[]
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** Reads a JSON body. Throws AppError `invalid` with the member at fault. */
export function readPlainAsk(endpoint: PlainEndpoint, bytes: Uint8Array): PlainAsk {
  const { text, body, model } = readBody(bytes)
  for (const name of endpoint.needs) if (isMissing(body[name])) throw wrong(name, 'given', body[name])
  const isStream = optionalFlag(body.stream, 'stream') === true || body.stream_format === 'sse'
  if (isStream && endpoint.terminal.length === 0) throw noStream(endpoint.name)
  return { model, isModelRepeated: isModelRepeated(text, bytes), isStream, data: endpoint.data(body) }
}

/** That a form has what its endpoint cannot do without; throws AppError `invalid`. */
export function checkForm(endpoint: PlainEndpoint, names: readonly string[]): void {
  for (const name of endpoint.needs)
    if (!names.some((each) => each === name || each.startsWith(`${name}[`))) throw wrong(name, 'given', undefined)
}

export type PlainAnswer =
  | { readonly kind: 'answer'; readonly usage: Usage }
  | { readonly kind: 'malformed'; readonly message: string }

/** Reads a JSON answer: whether it is whole, and what was used. */
export function readPlainAnswer(endpoint: PlainEndpoint, bytes: Uint8Array): PlainAnswer {
  let answer: unknown
  try {
    answer = JSON.parse(decoder.decode(bytes))
  } catch {
    return { kind: 'malformed', message: 'its answer is not JSON' }
  }
  if (!isObject(answer)) return { kind: 'malformed', message: 'its answer is not a JSON object' }
  const lack = endpoint.lacks(answer)
  return lack === null ? { kind: 'answer', usage: readUsage(answer) } : { kind: 'malformed', message: lack }
}

/**
 * Whether a value holds nothing but words and numbers: texts, tokens, lists of them, and objects that name only texts.
 * Anything else could be a picture or a recording.
 */
export function isTextual(value: unknown, depth = 4): boolean {
  if (Array.isArray(value)) return depth > 0 && value.every((entry) => isTextual(entry, depth - 1))
  if (typeof value === 'string') return !/^data:/i.test(value)
  if (!isObject(value)) return true
  return depth > 0 && Object.entries(value).every(([name, each]) => textMembers.has(name) && isTextual(each, depth - 1))
}

const textMembers: ReadonlySet<string> = new Set(['text', 'title', 'id', 'type', 'role', 'content', 'name'])
