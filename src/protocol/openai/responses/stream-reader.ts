import type { Delta, Json } from '../../conversation/conversation.ts'
import type { StreamReader } from '../../conversation/dialect.ts'
import { isObject, objectsOf, parsedObject, textOf, textOrEmpty } from '../../json/members.ts'
import { readCounts } from './counts.ts'
import { readFinish } from './finish.ts'
import { deltasOf } from './part-deltas.ts'
import { failureIn, partsOf } from './read-answer.ts'
import { openSealed, thoughtOf } from './thought.ts'

interface SeenItem {
  /** Counts the calls of the answer; null: no call. */
  readonly call: number | null
  hasSaid: boolean
  /** Thought in clear or its summary: whichever comes first; telling both would tell it twice. */
  thought: string | null
}

/** Reads OpenAI's events, and those of servers that leave some out: an item is whole at its end at the latest. */
export class ResponsesReader implements StreamReader {
  readonly #items = new Map<string, SeenItem>()
  /** Of what was said: the finish rests on it. */
  readonly #kinds = new Set<string>()
  #calls = 0
  #hasStarted = false

  read({ data }: { readonly event: string; readonly data: string }): readonly Delta[] | null {
    if (data.trim() === '[DONE]') return []
    const event = parsedObject(data)
    if (event === null) return null
    const type = textOrEmpty(event.type)
    if (type === '' && event.error === undefined) return null
    return this.#read(type, event)
  }

  #read(type: string, event: Json): readonly Delta[] {
    switch (type) {
      case 'response.created':
      case 'response.in_progress':
      case 'response.queued':
        return this.#start(event)
      case 'response.output_item.added':
        return isObject(event.item) ? this.#begin(event, event.item) : []
      case 'response.output_text.delta':
        return this.#words(event, 'text')
      case 'response.refusal.delta':
        return this.#words(event, 'refusal')
      case 'response.reasoning_text.delta':
      case 'response.reasoning_summary_text.delta':
        return this.#thought(type, event)
      case 'response.reasoning_summary_part.added':
        return this.#nextSummary(event)
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        return this.#argued(event)
      case 'response.output_item.done':
        return isObject(event.item) ? this.#ended(event, event.item) : []
      case 'response.completed':
      case 'response.incomplete':
      case 'response.done':
        return isObject(event.response) ? this.#finish(event.response) : [{ kind: 'end' }]
      case 'response.failed':
      case 'response.cancelled':
        return failed(isObject(event.response) ? event.response : event)
      case 'error':
      case '':
        return failed(event)
      default:
        return []
    }
  }

  #start({ response }: Json): readonly Delta[] {
    if (this.#hasStarted) return []
    this.#hasStarted = true
    const { id, model } = isObject(response) ? response : {}
    return [{ kind: 'start', id: textOf(id), model: textOf(model) }]
  }

  /** Events belong to an item by its place; some servers only tell the id. */
  #item(event: Json): SeenItem {
    const place = placeOf(event)
    const seen = this.#items.get(place) ?? { call: null, hasSaid: false, thought: null }
    this.#items.set(place, seen)
    return seen
  }

  #begin(event: Json, item: Json): readonly Delta[] {
    const place = placeOf({ ...event, item_id: event.item_id ?? item.id })
    if (item.type !== 'function_call' && item.type !== 'custom_tool_call') {
      this.#items.set(place, { call: null, hasSaid: false, thought: null })
      return []
    }
    const index = this.#calls++
    this.#items.set(place, { call: index, hasSaid: false, thought: null })
    this.#kinds.add('tool_call')
    return [
      { kind: 'tool_call', index, id: textOrEmpty(item.call_id) || textOrEmpty(item.id), name: textOrEmpty(item.name) },
    ]
  }

  #words(event: Json, kind: 'text' | 'refusal'): readonly Delta[] {
    const text = textOrEmpty(event.delta)
    if (text === '') return []
    this.#item(event).hasSaid = true
    this.#kinds.add(kind)
    return [{ kind, text }]
  }

  #thought(type: string, event: Json): readonly Delta[] {
    const item = this.#item(event)
    item.thought ??= type
    const text = textOrEmpty(event.delta)
    if (item.thought !== type || text === '') return []
    item.hasSaid = true
    return [{ kind: 'reasoning', text }]
  }

  #nextSummary(event: Json): readonly Delta[] {
    const item = this.#item(event)
    const isNext = item.hasSaid && item.thought === 'response.reasoning_summary_text.delta'
    return isNext ? [{ kind: 'reasoning', text: '\n\n' }] : []
  }

  #argued(event: Json): readonly Delta[] {
    const item = this.#item(event)
    const text = textOrEmpty(event.delta)
    if (item.call === null || text === '') return []
    item.hasSaid = true
    return [{ kind: 'arguments', index: item.call, text }]
  }

  #ended(event: Json, item: Json): readonly Delta[] {
    const place = { ...event, item_id: event.item_id ?? item.id }
    const begun = this.#items.has(placeOf(place)) ? [] : this.#begin(event, item)
    const seen = this.#item(place)
    if (item.type === 'reasoning') {
      const text = thoughtOf(item)
      const said: readonly Delta[] = seen.hasSaid || text === '' ? [] : [{ kind: 'reasoning', text }]
      return [...said, { kind: 'reasoning_end', ...openSealed(textOf(item.encrypted_content)) }]
    }
    if (seen.hasSaid) return begun
    seen.hasSaid = true
    // Its words or arguments were never streamed: they are here.
    const late = partsOf(item).flatMap((part) => deltasOf(part, () => seen.call ?? 0))
    for (const { kind } of late) this.#kinds.add(kind)
    return [...begun, ...late.filter((delta) => delta.kind !== 'tool_call')]
  }

  #finish(response: Json): readonly Delta[] {
    const failure = failureIn(response)
    if (failure !== null) return [{ kind: 'error', ...failure }]
    const output = objectsOf(response.output)
    // A server that streams nothing but the end.
    const late = this.#items.size > 0 ? [] : output.flatMap((item, index) => this.#ended({ output_index: index }, item))
    const finish = readFinish(response, this.#kinds)
    return [
      ...this.#start({ response }),
      ...late,
      ...(finish === null ? [] : [{ kind: 'finish', finish } as const]),
      { kind: 'usage', usage: readCounts(response.usage) },
      { kind: 'end' },
    ]
  }
}

const placeOf = (event: Json): string =>
  typeof event.output_index === 'number' ? String(event.output_index) : textOrEmpty(event.item_id)

function failed(body: Json): readonly Delta[] {
  const failure = failureIn(body) ?? { message: textOrEmpty(body.message) || 'it failed', code: textOf(body.code) }
  return [{ kind: 'error', ...failure }]
}
