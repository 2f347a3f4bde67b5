import { noCounts, type Delta, type Json, type TokenCounts } from '../conversation/conversation.ts'
import type { StreamReader } from '../conversation/dialect.ts'
import { sealedOfData } from '../conversation/sealed.ts'
import { numberOf, objectOf, parsedObject, textOf, textOrEmpty } from '../json/members.ts'
import { readCounts } from './counts.ts'
import { readFinish } from './finish.ts'

type Open =
  | { readonly kind: 'text' | 'other' }
  | { readonly kind: 'thinking'; signature: string | null }
  | { readonly kind: 'call'; readonly call: number; hasArguments: boolean }

/** Reads the events of a stream of `POST /v1/messages`. Kinds of events and blocks that are not known say nothing. */
export class MessagesReader implements StreamReader {
  readonly #open = new Map<number, Open>()
  #calls = 0
  #usage: TokenCounts = noCounts

  read({ data }: { readonly event: string; readonly data: string }): readonly Delta[] | null {
    const event = parsedObject(data)
    if (event === null || typeof event.type !== 'string') return null
    switch (event.type) {
      case 'message_start':
        return this.#begin(objectOf(event.message) ?? {})
      case 'content_block_start':
        return this.#blockStart(numberOf(event.index) ?? 0, objectOf(event.content_block) ?? {})
      case 'content_block_delta':
        return this.#blockDelta(numberOf(event.index) ?? 0, objectOf(event.delta) ?? {})
      case 'content_block_stop':
        return this.#blockStop(numberOf(event.index) ?? 0)
      case 'message_delta':
        return this.#messageDelta(event)
      case 'message_stop':
        return [{ kind: 'end' }]
      case 'error': {
        const error = objectOf(event.error)
        return [{ kind: 'error', message: textOf(error?.message) ?? 'an error', code: textOf(error?.type) }]
      }
      default:
        return []
    }
  }

  #begin(message: Json): readonly Delta[] {
    const started: Delta = { kind: 'start', id: textOf(message.id), model: textOf(message.model) }
    return objectOf(message.usage) === null ? [started] : [started, this.#count(message.usage)]
  }

  #count(usage: unknown): Delta {
    this.#usage = readCounts(usage, this.#usage)
    return { kind: 'usage', usage: this.#usage }
  }

  #blockStart(index: number, block: Json): readonly Delta[] {
    switch (block.type) {
      case 'text':
        this.#open.set(index, { kind: 'text' })
        return said('text', block.text)
      case 'thinking':
        this.#open.set(index, { kind: 'thinking', signature: textOf(block.signature) || null })
        return said('reasoning', block.thinking)
      case 'redacted_thinking':
        this.#open.set(index, { kind: 'other' })
        return [{ kind: 'reasoning_end', signature: null, sealed: sealedOfData(textOrEmpty(block.data)) }]
      case 'tool_use':
        return this.#callStart(index, block)
      default:
        this.#open.set(index, { kind: 'other' })
        return []
    }
  }

  /** Some servers tell the whole input at once, here. */
  #callStart(index: number, block: Json): readonly Delta[] {
    const call = this.#calls++
    const input = objectOf(block.input) ?? {}
    const hasArguments = Object.keys(input).length > 0
    this.#open.set(index, { kind: 'call', call, hasArguments })
    const begun: Delta = { kind: 'tool_call', index: call, id: textOrEmpty(block.id), name: textOrEmpty(block.name) }
    return hasArguments ? [begun, { kind: 'arguments', index: call, text: JSON.stringify(input) }] : [begun]
  }

  #blockDelta(index: number, delta: Json): readonly Delta[] {
    const open = this.#open.get(index)
    switch (delta.type) {
      case 'text_delta':
        return said('text', delta.text)
      case 'thinking_delta':
        return said('reasoning', delta.thinking)
      case 'signature_delta':
        if (open?.kind === 'thinking') open.signature = textOf(delta.signature) || open.signature
        return []
      case 'input_json_delta': {
        const text = textOrEmpty(delta.partial_json)
        if (open?.kind !== 'call' || text === '') return []
        open.hasArguments = true
        return [{ kind: 'arguments', index: open.call, text }]
      }
      default:
        return []
    }
  }

  #blockStop(index: number): readonly Delta[] {
    const open = this.#open.get(index)
    this.#open.delete(index)
    if (open?.kind === 'thinking') return [{ kind: 'reasoning_end', signature: open.signature, sealed: null }]
    // Other dialects want JSON also where a call has no arguments.
    if (open?.kind === 'call' && !open.hasArguments) return [{ kind: 'arguments', index: open.call, text: '{}' }]
    return []
  }

  #messageDelta(event: Json): readonly Delta[] {
    const delta = objectOf(event.delta)
    const finish = readFinish(delta?.stop_reason, delta?.stop_sequence)
    const ended: readonly Delta[] = finish === null ? [] : [{ kind: 'finish', finish }]
    return objectOf(event.usage) === null ? ended : [...ended, this.#count(event.usage)]
  }
}

function said(kind: 'text' | 'reasoning', text: unknown): readonly Delta[] {
  return typeof text === 'string' && text !== '' ? [{ kind, text }] : []
}
