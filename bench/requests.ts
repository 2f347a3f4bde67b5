import { apis, type Api } from '../src/protocol/conversation/dialect.ts'
import type { Prepared } from './load/answers.ts'
import { pacedWords, words } from './mock-answers.ts'
import type { Target, Upstream } from './targets.ts'

export interface Wish {
  readonly dialect: Api
  readonly upstream: Upstream
  readonly isStream: boolean
  /** Chunks of a stream that comes at the mock's pace; not said: all of it at once. */
  readonly chunks?: number
}

export const plainChat: Wish = { dialect: 'chat', upstream: 'chat', isStream: false }
/** The six workloads, asked of an upstream that speaks chat. */
export const sixWishes: readonly Wish[] = apis.flatMap((dialect) =>
  [false, true].map((isStream): Wish => ({ dialect, upstream: 'chat', isStream })),
)

/** A request as bytes, and what its answer must hold; null: the target has no such way in. About 1 KB of body. */
export function prepare(target: Target, wish: Wish): Prepared | null {
  const asked = target.ask(wish.dialect, wish.upstream)
  if (asked === null) return null
  const body = bodyOf(asked.model, wish)
  const headers = {
    host: 'bench',
    'content-type': 'application/json',
    'content-length': String(body.length),
    ...asked.headers,
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return {
    request: `POST ${asked.path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`,
    words: wish.chunks === undefined ? words : pacedWords(wish.chunks),
    last: wish.isStream ? lastOf[wish.dialect] : '"usage"',
  }
}

/** For targets that must have every way in. */
export function prepared(target: Target, wish: Wish): Prepared {
  const request = prepare(target, wish)
  if (request === null) throw new Error(`${target.name} cannot be asked for ${wish.dialect}.`)
  return request
}

const lastOf: Readonly<Record<Api, string>> = {
  chat: 'data: [DONE]',
  responses: '"response.completed"',
  messages: '"message_stop"',
}

export function bodyOf(model: string, { dialect, isStream, chunks }: Wish): string {
  // In the words, because everything else changes its form on the way through a gateway.
  const pace = chunks === undefined ? '' : ` In ${chunks} chunks.`
  const text = 'Tell me about hearths. '.repeat(38) + pace
  const stream = isStream ? { stream: true } : {}
  if (dialect === 'responses')
    return JSON.stringify({ model, input: text, max_output_tokens: 150, store: false, ...stream })
  return JSON.stringify({ model, messages: [{ role: 'user', content: text }], max_tokens: 150, ...stream })
}
