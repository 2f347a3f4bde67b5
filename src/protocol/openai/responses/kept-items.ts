import type { Json } from '../../conversation/conversation.ts'
import { isMissing, isObject, objectsOf, someTextOf, wrong } from '../../json/members.ts'

/** `input` as the items that are kept: whole ones, each with an id. */
export function itemsOf(input: unknown, newId: (prefix: string) => string): readonly Json[] {
  if (isMissing(input)) return []
  if (typeof input === 'string') return itemsOf([{ role: 'user', content: input }], newId)
  if (!Array.isArray(input)) throw wrong('input', 'a text or a list of items', input)
  return input.filter(isObject).map((item) => whole(item, newId))
}

function whole(item: Json, newId: (prefix: string) => string): Json {
  const type = typeof item.type === 'string' ? item.type : 'message'
  const id = typeof item.id === 'string' && item.id !== '' ? item.id : newId(prefixes[type] ?? 'item_')
  if (type !== 'message') return { ...item, id, type }
  const kind = item.role === 'assistant' ? 'output_text' : 'input_text'
  const content = typeof item.content === 'string' ? [{ type: kind, text: item.content }] : item.content
  return { status: 'completed', ...item, id, type, content }
}

const prefixes: Readonly<Record<string, string>> = {
  message: 'msg_',
  reasoning: 'rs_',
  function_call: 'fc_',
  function_call_output: 'fco_',
  custom_tool_call: 'ctc_',
  custom_tool_call_output: 'ctco_',
}

/** The id that an item refers to; null: it is an item itself. */
export function referenceIn(item: unknown): string | null {
  if (!isObject(item) || typeof item.id !== 'string') return null
  if (item.type === 'item_reference') return item.id
  // The type of a reference may be left out; then there is nothing but the id.
  return item.type === undefined && item.role === undefined ? item.id : null
}

export function hasReferences(input: unknown): boolean {
  return Array.isArray(input) && input.some((item) => referenceIn(item) !== null)
}

/**
 * What a kept answer said, as input of the next request. A thought of which nothing but its id is there is left out:
 * only the upstream that had it could find it again, and it was told to keep nothing.
 */
export function saidIn(response: Json): readonly Json[] {
  const output = objectsOf(response.output)
  return output.filter((item) => item.type !== 'reasoning' || isTold(item))
}

function isTold(item: Json): boolean {
  const hasContent = Array.isArray(item.content) && item.content.length > 0
  return hasContent || (typeof item.encrypted_content === 'string' && item.encrypted_content !== '')
}

export interface ItemsAsk {
  readonly limit: number
  /** Items behind the one with this id. */
  readonly after: string | null
  readonly order: 'asc' | 'desc'
}

/** One page of a list, as OpenAI's lists are. */
export function pageOf(items: readonly Json[], { limit, after, order }: ItemsAsk): Json {
  const sorted = order === 'asc' ? items : items.toReversed()
  const start = after === null ? 0 : sorted.findIndex((item) => item.id === after) + 1
  if (after !== null && start === 0) throw wrong('after', 'the id of an item in this list', after)
  const data = sorted.slice(start, start + limit)
  return {
    object: 'list',
    data,
    first_id: someTextOf(data.at(0)?.id),
    last_id: someTextOf(data.at(-1)?.id),
    has_more: start + limit < sorted.length,
  }
}
