import type { Usage } from '../../kernel/words.ts'
import { isObject, parsedObject } from '../json/members.ts'
import { readUsage } from './usage.ts'

/** The subprotocol by which browsers bring their key: they cannot set headers. */
const keyProtocol = 'openai-insecure-api-key.'

/** Most protocols that a client may offer; longer lists are nobody's. */
const maxProtocols = 16

export interface OfferedProtocols {
  /** The one to take; null: none was offered but the key. */
  readonly protocol: string | null
  /** `openai-beta.realtime-v1` is among them: a browser's way to send that header. */
  readonly isBeta: boolean
  /** The key among them; null: none. */
  readonly key: string | null
}

/** Reads `Sec-WebSocket-Protocol`. Browsers want one of their subprotocols to be taken; never the one with the key. */
export function offeredProtocols(header: string | null): OfferedProtocols {
  const all = (header ?? '')
    .split(',')
    .map((protocol) => protocol.trim())
    .filter((protocol) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(protocol))
    .slice(0, maxProtocols)
  const key = all.find((protocol) => protocol.startsWith(keyProtocol))?.slice(keyProtocol.length) ?? null
  const others = all.filter((protocol) => !protocol.startsWith('openai-insecure-'))
  const protocol = others.includes('realtime') ? 'realtime' : (others[0] ?? null)
  return { protocol, isBeta: others.includes('openai-beta.realtime-v1'), key }
}

export interface ModelRule {
  /** The name that the caller asked for. */
  readonly asked: string
  /** What the upstream knows it by. */
  readonly model: string
  /** Whether the caller may use another model of the same upstream. */
  readonly mayUse: (model: string) => boolean
}

export type ClientEvent =
  | { readonly kind: 'pass' }
  | { readonly kind: 'changed'; readonly text: string }
  | { readonly kind: 'refused'; readonly model: string }

/**
 * An event of the client may name models (of the session, of its transcription): the session's own name is put into the
 * upstream's words, and one that the key may not use is refused. Whatever names a model is written anew, so that a
 * member that stands twice means one thing to both sides.
 */
export function judgeClientEvent(text: string, rule: ModelRule): ClientEvent {
  // A name may be written with escapes.
  if (!text.includes('model') && !text.includes('\\u')) return { kind: 'pass' }
  const event = parsedObject(text)
  if (event === null || event.type === 'conversation.item.create') return { kind: 'pass' }
  const found: string[] = []
  const changed = withModels(event, (model) => {
    found.push(model)
    return model === rule.asked ? rule.model : model
  })
  const refused = found.find((model) => model !== rule.asked && model !== rule.model && !rule.mayUse(model))
  if (refused !== undefined) return { kind: 'refused', model: refused }
  return found.length === 0 ? { kind: 'pass' } : { kind: 'changed', text: JSON.stringify(changed) }
}

/** What the upstream says of an event that ends something; null: it says nothing of what was used. */
export function readRealtimeUsage(text: string): Usage | null {
  if (!text.includes('response.done') && !text.includes('input_audio_transcription.completed')) return null
  const event = parsedObject(text)
  if (event?.type === 'response.done') return usageOf(event.response)
  return event?.type === 'conversation.item.input_audio_transcription.completed' ? usageOf(event) : null
}

/** Whether an event holds the first of what was asked for. */
export const isRealtimeOutput = (text: string): boolean => text.includes('.delta"')

export function addUsage(sum: Usage, more: Usage): Usage {
  return {
    promptTokens: add(sum.promptTokens, more.promptTokens),
    completionTokens: add(sum.completionTokens, more.completionTokens),
    cachedTokens: add(sum.cachedTokens, more.cachedTokens),
  }
}

/** An error event, as OpenAI's clients read it. */
export function realtimeError(error: { readonly code: string; readonly message: string; readonly id: string }): string {
  const { code, message, id } = error
  const type = 'invalid_request_error'
  return JSON.stringify({ type: 'error', event_id: id, error: { type, code, message, param: null, event_id: null } })
}

function usageOf(holder: unknown): Usage | null {
  if (!isObject(holder) || !isObject(holder.usage)) return null
  const usage = readUsage(holder)
  const details = holder.usage.input_token_details
  const cached = isObject(details) ? details.cached_tokens : null
  return { ...usage, cachedTokens: typeof cached === 'number' ? cached : usage.cachedTokens }
}

const add = (a: number | null, b: number | null): number | null =>
  a === null && b === null ? null : (a ?? 0) + (b ?? 0)

const maxDepth = 32

/** A copy in which every text that is called `model` went through `change`; schemas of tools hold objects there. */
function withModels(value: unknown, change: (model: string) => string, depth = 0): unknown {
  if (depth > maxDepth) return value
  if (Array.isArray(value)) return value.map((entry) => withModels(entry, change, depth + 1))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      name === 'model' && typeof each === 'string' ? change(each) : withModels(each, change, depth + 1),
    ]),
  )
}
