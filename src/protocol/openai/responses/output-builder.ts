import type { Delta, Json } from '../../conversation/conversation.ts'
import type { AnswerFacts } from '../../conversation/dialect.ts'
import { FreeText } from '../../conversation/free-text.ts'
import { isAsked } from './read-request.ts'
import { seal } from './thought.ts'
import type { NamedTool } from './tool-table.ts'

/** An event without its number. */
export type Emit = (type: string, members: Json) => void

type ItemStatus = 'completed' | 'incomplete'

interface OpenMessage {
  readonly kind: 'message'
  readonly id: string
  readonly index: number
  readonly parts: Json[]
  /** The part that is being said. */
  part: { readonly type: 'output_text' | 'refusal'; text: string } | null
}

interface OpenThought {
  readonly kind: 'thought'
  readonly id: string
  readonly index: number
  text: string | null
}

interface OpenCall {
  readonly id: string
  readonly index: number
  readonly callId: string
  readonly name: string
  readonly tool: NamedTool | null
  readonly freeText: FreeText | null
  text: string
}

/**
 * The items of an answer, built from deltas, with the events that tell of them in OpenAI's order. At most one message
 * or thought is open at a time; calls stay open side by side until something else begins, because some servers mix the
 * pieces of parallel ones.
 */
export class OutputBuilder {
  /** Whole ones; an open item stands here as it began. */
  readonly items: Json[] = []
  #hasRefusal = false
  readonly #facts: AnswerFacts
  readonly #emit: Emit
  /** Thoughts are told as a summary to those who asked for one (as Codex does, which shows nothing else). */
  readonly #asSummary: boolean
  #open: OpenMessage | OpenThought | null = null
  readonly #calls = new Map<number, OpenCall>()

  constructor(facts: AnswerFacts, emit: Emit) {
    this.#facts = facts
    this.#emit = emit
    const summary = facts.conversation.reasoning?.summary ?? null
    this.#asSummary = summary !== null && summary !== 'none'
  }

  get hasRefusal(): boolean {
    return this.#hasRefusal
  }

  take(delta: Delta): void {
    switch (delta.kind) {
      case 'text':
        if (delta.text !== '') this.#say('output_text', delta.text)
        return
      case 'refusal':
        if (delta.text !== '') this.#say('refusal', delta.text)
        return
      case 'reasoning':
        if (delta.text !== '') this.#think(delta.text)
        return
      case 'reasoning_end':
        this.#endThought(seal(delta))
        return
      case 'tool_call':
        this.#close('completed', { isKeepingCalls: true })
        this.#calls.set(delta.index, this.#beginCall(delta))
        return
      case 'arguments': {
        const call = this.#calls.get(delta.index)
        if (call) this.#argue(call, call.freeText === null ? delta.text : call.freeText.push(delta.text))
        return
      }
      case 'start':
      case 'finish':
      case 'usage':
      case 'error':
      case 'end':
    }
  }

  /** Ends what is open. */
  close(status: ItemStatus): void {
    this.#close(status, { isKeepingCalls: false })
  }

  #close(status: ItemStatus, { isKeepingCalls }: { readonly isKeepingCalls: boolean }): void {
    const open = this.#open
    this.#open = null
    if (open?.kind === 'message') this.#endMessage(open, status)
    else if (open) this.#endOpenThought(open, { content: null, status })
    if (isKeepingCalls) return
    for (const call of this.#calls.values()) this.#endCall(call, status)
    this.#calls.clear()
  }

  #add(item: Json): number {
    const index = this.items.push(item) - 1
    this.#emit('response.output_item.added', { output_index: index, item })
    return index
  }

  #finish(index: number, item: Json): void {
    this.items[index] = item
    this.#emit('response.output_item.done', { output_index: index, item })
  }

  #say(type: 'output_text' | 'refusal', text: string): void {
    if (type === 'refusal') this.#hasRefusal = true
    const message = this.#message()
    if (message.part !== null && message.part.type !== type) this.#endPart(message)
    if (message.part === null) {
      message.part = { type, text: '' }
      this.#emit('response.content_part.added', { ...placeOf(message), part: partOf(message.part) })
    }
    message.part.text += text
    if (type === 'output_text')
      this.#emit('response.output_text.delta', { ...placeOf(message), delta: text, logprobs: [] })
    else this.#emit('response.refusal.delta', { ...placeOf(message), delta: text })
  }

  #message(): OpenMessage {
    if (this.#open?.kind === 'message') return this.#open
    this.close('completed')
    const id = this.#facts.newId('msg_')
    const index = this.#add({ id, type: 'message', status: 'in_progress', role: 'assistant', content: [] })
    const message: OpenMessage = { kind: 'message', id, index, parts: [], part: null }
    this.#open = message
    return message
  }

  #endPart(message: OpenMessage): void {
    if (message.part === null) return
    const { type, text } = message.part
    const place = placeOf(message)
    const part = partOf(message.part)
    if (type === 'output_text') this.#emit('response.output_text.done', { ...place, text, logprobs: [] })
    else this.#emit('response.refusal.done', { ...place, refusal: text })
    this.#emit('response.content_part.done', { ...place, part })
    message.parts.push(part)
    message.part = null
  }

  #endMessage(message: OpenMessage, status: ItemStatus): void {
    this.#endPart(message)
    const { id, index, parts: content } = message
    this.#finish(index, { id, type: 'message', status, role: 'assistant', content })
  }

  #think(text: string): void {
    const thought = this.#thought()
    const place = { item_id: thought.id, output_index: thought.index }
    const [begin, more, at] = this.#asSummary
      ? (['reasoning_summary_part.added', 'reasoning_summary_text.delta', { summary_index: 0 }] as const)
      : (['content_part.added', 'reasoning_text.delta', { content_index: 0 }] as const)
    if (thought.text === null) this.#emit(`response.${begin}`, { ...place, ...at, part: this.#thoughtPart('') })
    thought.text = (thought.text ?? '') + text
    this.#emit(`response.${more}`, { ...place, ...at, delta: text })
  }

  #thoughtPart(text: string): Json {
    return { type: this.#asSummary ? 'summary_text' : 'reasoning_text', text }
  }

  #thought(): OpenThought {
    if (this.#open?.kind === 'thought') return this.#open
    this.close('completed')
    const id = this.#facts.newId('rs_')
    const index = this.#add({ id, type: 'reasoning', status: 'in_progress', summary: [] })
    const thought: OpenThought = { kind: 'thought', id, index, text: null }
    this.#open = thought
    return thought
  }

  #endThought(content: string | null): void {
    if (this.#open?.kind !== 'thought' && content === null) return
    const thought = this.#thought()
    this.#open = null
    this.#endOpenThought(thought, { content, status: 'completed' })
  }

  #endOpenThought(
    { id, index, text }: OpenThought,
    { content, status }: { readonly content: string | null; readonly status: ItemStatus },
  ): void {
    const place = { item_id: id, output_index: index }
    const parts = text === null ? [] : [this.#thoughtPart(text)]
    if (text !== null && this.#asSummary) {
      this.#emit('response.reasoning_summary_text.done', { ...place, summary_index: 0, text })
      this.#emit('response.reasoning_summary_part.done', { ...place, summary_index: 0, part: parts[0] })
    } else if (text !== null) {
      this.#emit('response.reasoning_text.done', { ...place, content_index: 0, text })
      this.#emit('response.content_part.done', { ...place, content_index: 0, part: parts[0] })
    }
    const said = this.#asSummary ? { summary: parts } : { summary: [], ...(parts.length > 0 ? { content: parts } : {}) }
    const opaque = content === null ? {} : { encrypted_content: content }
    this.#finish(index, { id, type: 'reasoning', status, ...said, ...opaque })
  }

  #beginCall({ id, name }: { readonly id: string; readonly name: string }): OpenCall {
    const { conversation, newId } = this.#facts
    const tool = isAsked(conversation) ? conversation.table.find(name) : null
    const isCustom = tool?.isCustom ?? false
    const call = {
      id: newId(isCustom ? 'ctc_' : 'fc_'),
      callId: id === '' ? newId('call_') : id,
      name,
      tool,
      freeText: isCustom ? new FreeText() : null,
      text: '',
    }
    return { ...call, index: this.#add(callItem(call, 'in_progress')) }
  }

  #argue(call: OpenCall, delta: string): void {
    if (delta === '') return
    call.text += delta
    const type = call.freeText === null ? 'function_call_arguments' : 'custom_tool_call_input'
    this.#emit(`response.${type}.delta`, { item_id: call.id, output_index: call.index, delta })
  }

  #endCall(call: OpenCall, status: ItemStatus): void {
    // A tool without parameters: clients parse the arguments, and an empty text is no JSON.
    if (call.freeText === null && call.text.trim() === '') this.#argue(call, '{}')
    if (call.freeText !== null) this.#argue(call, call.freeText.flush())
    const place = { item_id: call.id, output_index: call.index }
    if (call.freeText !== null) this.#emit('response.custom_tool_call_input.done', { ...place, input: call.text })
    else
      this.#emit('response.function_call_arguments.done', {
        ...place,
        name: call.tool?.name ?? call.name,
        arguments: call.text,
      })
    this.#finish(call.index, callItem(call, status))
  }
}

const placeOf = (message: OpenMessage): Json => ({
  item_id: message.id,
  output_index: message.index,
  content_index: message.parts.length,
})

const partOf = ({ type, text }: { readonly type: string; readonly text: string }): Json =>
  type === 'refusal' ? { type, refusal: text } : { type, text, annotations: [], logprobs: [] }

/** Clients find the tool by `namespace` and `name`, as they declared it. */
function callItem(call: Omit<OpenCall, 'index'>, status: string): Json {
  const { id, callId, name, tool, freeText, text } = call
  const namespace = tool === null || tool.namespace === null ? {} : { namespace: tool.namespace }
  const place = { call_id: callId, name: tool?.name ?? name, ...namespace }
  return freeText === null
    ? { id, type: 'function_call', status, ...place, arguments: text }
    : { id, type: 'custom_tool_call', status, ...place, input: text }
}
