import { fragments, objects, type Json } from '../scripted-turn.ts'
import { isObject, type AnswerFacts } from './api.ts'
import { tokensOf, type PlayedCall, type Said } from './model.ts'

/** Opaque, and as long as the vendor's. */
export const sealedThought = `gAAAAABo${'Zx9-Kq2_Wv7TbLm4'.repeat(20)}==`

type Split = AnswerFacts['split']

/** Output items, whole. The thought is told as a summary where one was asked for, and sealed where that was. */
export function itemsOf(said: Said, { count, body }: AnswerFacts): readonly Json[] {
  const include = Array.isArray(body['include']) ? body['include'] : []
  const wish = isObject(body['reasoning']) ? body['reasoning'] : {}
  const summary = wish['summary'] && said.thought !== null ? [{ type: 'summary_text', text: said.thought }] : []
  const sealed = include.includes('reasoning.encrypted_content') ? { encrypted_content: sealedThought } : {}
  const thought = said.thought === null ? [] : [{ id: `rs_${count}`, type: 'reasoning', summary, ...sealed }]
  const content =
    said.refusal === null
      ? [{ type: 'output_text', text: said.text, annotations: [], logprobs: [] }]
      : [{ type: 'refusal', refusal: said.refusal }]
  const status = said.end === 'length' ? 'incomplete' : 'completed'
  const message = { id: `msg_${count}`, type: 'message', role: 'assistant', status, content }
  return [...thought, ...(said.calls.length > 0 ? said.calls.map((call, index) => callItem(call, index)) : [message])]
}

const callItem = (call: PlayedCall, index: number): Json => ({
  id: `fc_${call.id}_${index}`,
  type: call.isFree ? 'custom_tool_call' : 'function_call',
  status: 'completed',
  call_id: call.id,
  name: call.name,
  ...(call.isFree ? { input: call.arguments } : { arguments: call.arguments }),
})

interface Event extends Json {
  readonly type: string
}

/** Events in OpenAI's order, numbered. */
export class ResponseEvents {
  readonly events: Event[] = []

  add(type: string, more: Json): void {
    this.events.push({ type, sequence_number: this.events.length, ...more })
  }

  item(item: Json, index: number, split: Split): void {
    const at = { item_id: item['id'], output_index: index }
    this.add('response.output_item.added', { output_index: index, item: begunOf(item) })
    if (item['type'] === 'message') this.#message(item, at, split)
    else if (item['type'] === 'reasoning') this.#summary(item, at, split)
    else this.#call(item, at, split)
    this.add('response.output_item.done', { output_index: index, item })
  }

  #message(item: Json, at: Json, split: Split): void {
    for (const [index, part] of objects(item['content']).entries()) {
      const place = { ...at, content_index: index }
      const isText = part['type'] === 'output_text'
      const text = String(isText ? part['text'] : part['refusal'])
      const empty = isText ? { ...part, text: '' } : { ...part, refusal: '' }
      this.add('response.content_part.added', { ...place, part: empty })
      for (const delta of (split ?? tokensOf)(text))
        if (isText) this.add('response.output_text.delta', { ...place, delta, logprobs: [] })
        else this.add('response.refusal.delta', { ...place, delta })
      if (isText) this.add('response.output_text.done', { ...place, text, logprobs: [] })
      else this.add('response.refusal.done', { ...place, refusal: text })
      this.add('response.content_part.done', { ...place, part })
    }
  }

  #summary(item: Json, at: Json, split: Split): void {
    for (const [index, part] of objects(item['summary']).entries()) {
      const place = { ...at, summary_index: index }
      const text = String(part['text'])
      this.add('response.reasoning_summary_part.added', { ...place, part: { type: 'summary_text', text: '' } })
      for (const delta of (split ?? tokensOf)(text))
        this.add('response.reasoning_summary_text.delta', { ...place, delta })
      this.add('response.reasoning_summary_text.done', { ...place, text })
      this.add('response.reasoning_summary_part.done', { ...place, part })
    }
  }

  #call(item: Json, at: Json, split: Split): void {
    const isFree = item['type'] === 'custom_tool_call'
    const type = isFree ? 'response.custom_tool_call_input' : 'response.function_call_arguments'
    const text = String(isFree ? item['input'] : item['arguments'])
    for (const delta of (split ?? fragments)(text)) this.add(`${type}.delta`, { ...at, delta })
    this.add(`${type}.done`, isFree ? { ...at, input: text } : { ...at, name: item['name'], arguments: text })
  }
}

function begunOf(item: Json): Json {
  switch (item['type']) {
    case 'message':
      return { ...item, status: 'in_progress', content: [] }
    case 'reasoning':
      return { ...item, summary: [] }
    case 'custom_tool_call':
      return { ...item, status: 'in_progress', input: '' }
    default:
      return { ...item, status: 'in_progress', arguments: '' }
  }
}
