import type { AppError } from '../../kernel/errors.ts'
import {
  mergedCounts,
  noCounts,
  type Delta,
  type Finish,
  type Json,
  type TokenCounts,
} from '../conversation/conversation.ts'
import type { AnswerFacts, StreamWriter } from '../conversation/dialect.ts'
import { dataOfSealed } from '../conversation/sealed.ts'
import { parsed } from '../json/members.ts'
import { writeCounts } from './counts.ts'
import { stopReason } from './finish.ts'
import { messageHead } from './write-answer.ts'
import { errorEvent } from './write-error.ts'

type Block =
  | { readonly kind: 'text' | 'thinking'; readonly index: number }
  | { readonly kind: 'call'; readonly index: number; readonly call: number; text: string }

/**
 * Writes the events of a stream. Blocks follow one another: a delta of another kind closes the block before it. Calls
 * that an engine writes interleaved stay open beside each other, for a closed block could take no more: the
 * next one closes a call only when its arguments are whole.
 */
export class MessagesWriter implements StreamWriter {
  readonly #facts: AnswerFacts
  #hasStarted = false
  #open: Block[] = []
  #blocks = 0
  #usage: TokenCounts = noCounts
  #finish: Finish | null = null
  #hasCalls = false
  #hasRefusal = false

  constructor(facts: AnswerFacts) {
    this.#facts = facts
  }

  write(delta: Delta): string {
    switch (delta.kind) {
      case 'start':
        return this.#start(delta.id)
      case 'text':
        return delta.text === '' ? '' : this.#text(delta.text)
      case 'refusal':
        this.#hasRefusal = true
        return delta.text === '' ? '' : this.#text(delta.text)
      case 'reasoning':
        return delta.text === '' ? '' : this.#thought(delta.text)
      case 'reasoning_end':
        return this.#thoughtEnd(delta.signature, delta.sealed)
      case 'tool_call':
        return this.#call(delta)
      case 'arguments':
        return delta.text === '' ? '' : this.#arguments(delta)
      case 'finish':
        this.#finish = delta.finish
        return ''
      case 'usage':
        this.#usage = mergedCounts(this.#usage, delta.usage)
        return ''
      case 'error':
      case 'end':
        return ''
    }
  }

  end(): string {
    const said = { hasCalls: this.#hasCalls, hasRefusal: this.#hasRefusal }
    const delta = {
      stop_reason: stopReason(this.#finish, said),
      stop_sequence: this.#finish?.sequence ?? null,
    }
    return (
      this.#start(null) +
      this.#closeAll() +
      event({ type: 'message_delta', delta, usage: writeCounts(this.#usage) }) +
      event({ type: 'message_stop' })
    )
  }

  error(error: AppError): string {
    return event(errorEvent(error))
  }

  #start(id: string | null): string {
    if (this.#hasStarted) return ''
    this.#hasStarted = true
    const message = { ...messageHead(id, this.#facts), content: [], stop_reason: null, stop_sequence: null }
    return event({ type: 'message_start', message: { ...message, usage: writeCounts(this.#usage) } })
  }

  #text(text: string): string {
    const { block, before } = this.#block('text', { type: 'text', text: '' })
    return before + delta(block.index, { type: 'text_delta', text })
  }

  #thought(thinking: string): string {
    const { block, before } = this.#block('thinking', emptyThought)
    return before + delta(block.index, { type: 'thinking_delta', thinking })
  }

  #thoughtEnd(signature: string | null, sealed: string | null): string {
    if (sealed !== null) return this.#sealed(dataOfSealed(sealed))
    const isOpen = this.#open.at(-1)?.kind === 'thinking'
    if (!isOpen && signature === null) return ''
    const { block, before } = this.#block('thinking', emptyThought)
    const signed = signature === null ? '' : delta(block.index, { type: 'signature_delta', signature })
    return before + signed + this.#closeAll()
  }

  /** A thought that is only there encrypted is whole in its first event. */
  #sealed(data: string): string {
    const before = this.#start(null) + this.#closeAll()
    const index = this.#blocks++
    return before + start(index, { type: 'redacted_thinking', data }) + event({ type: 'content_block_stop', index })
  }

  #call({ index: call, id, name }: Delta & { kind: 'tool_call' }): string {
    this.#hasCalls = true
    const before = this.#start(null) + this.#close((block) => block.kind !== 'call' || isWhole(block.text))
    const index = this.#blocks++
    this.#open.push({ kind: 'call', index, call, text: '' })
    return before + start(index, { type: 'tool_use', id: id || this.#facts.newId('toolu_'), name, input: {} })
  }

  /** Arguments of a call that never began, or whose block is closed, belong to no tool. */
  #arguments({ index: call, text }: Delta & { kind: 'arguments' }): string {
    const block = this.#open.find((each) => each.kind === 'call' && each.call === call)
    if (block?.kind !== 'call') return ''
    block.text += text
    return delta(block.index, { type: 'input_json_delta', partial_json: text })
  }

  #block(kind: 'text' | 'thinking', empty: Json): { readonly block: Block; readonly before: string } {
    const last = this.#open.at(-1)
    if (last?.kind === kind) return { block: last, before: '' }
    const before = this.#start(null) + this.#close((each) => each.kind !== 'call' || isWhole(each.text))
    const block = { kind, index: this.#blocks++ } as const
    this.#open.push(block)
    return { block, before: before + start(block.index, empty) }
  }

  #closeAll(): string {
    return this.#close(() => true)
  }

  #close(isDone: (block: Block) => boolean): string {
    const closed = this.#open.filter(isDone)
    this.#open = this.#open.filter((block) => !closed.includes(block))
    return closed.map(({ index }) => event({ type: 'content_block_stop', index })).join('')
  }
}

/** Thoughts of other models have no signature, but clients look for the member. */
const emptyThought = { type: 'thinking', thinking: '', signature: '' }

/** Without arguments a call may have none, or get them later. */
const isWhole = (text: string): boolean => text !== '' && parsed(text) !== null

const start = (index: number, block: Json): string =>
  event({ type: 'content_block_start', index, content_block: block })

const delta = (index: number, change: Json): string => event({ type: 'content_block_delta', index, delta: change })

function event(data: Json & { readonly type: string }): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`
}
