import type { AppError } from '../../kernel/errors.ts'
import { noCounts, type Delta, type Finish, type Json, type TokenCounts } from '../conversation/conversation.ts'
import type { AnswerFacts, StreamWriter } from '../conversation/dialect.ts'
import { mergeCounts } from '../openai/chat/counts.ts'
import { isLoad } from './load.ts'
import { doneReason, ending, envelope, errorBody, writeCall, type Shape } from './shape.ts'

interface OpenCall {
  readonly index: number
  readonly id: string
  readonly name: string
  arguments: string
}

/**
 * Lines of JSON, each with a piece of the answer, the last with `done: true`, the reason and the counts. A tool call is
 * told whole, when it is: Ollama's arguments are objects.
 */
export class OllamaStreamWriter implements StreamWriter {
  readonly contentType = 'application/x-ndjson'
  /** A blank line would be read as broken JSON by Ollama's own clients. */
  readonly heartbeat = ''
  readonly #shape: Shape
  readonly #facts: AnswerFacts
  readonly #isLoad: boolean
  #firstMs: number | null = null
  #call: OpenCall | null = null
  #finish: Finish | null = null
  #usage: TokenCounts = noCounts

  constructor(shape: Shape, facts: AnswerFacts) {
    this.#shape = shape
    this.#facts = facts
    this.#isLoad = isLoad(facts.conversation)
  }

  write(delta: Delta): string {
    switch (delta.kind) {
      case 'text':
      case 'refusal':
        return this.#closeCall() + this.#piece({ text: delta.text })
      case 'reasoning':
        return this.#closeCall() + this.#piece({ thinking: delta.text })
      case 'tool_call': {
        const before = this.#closeCall()
        this.#firstMs ??= this.#facts.elapsedMs()
        this.#call = { index: delta.index, id: delta.id, name: delta.name, arguments: '' }
        return before
      }
      case 'arguments':
        if (this.#call?.index === delta.index) this.#call.arguments += delta.text
        return ''
      case 'finish':
        this.#finish = delta.finish
        return ''
      case 'usage':
        this.#usage = mergeCounts(this.#usage, delta.usage)
        return ''
      case 'start':
      case 'reasoning_end':
      case 'error':
      case 'end':
        return ''
    }
  }

  end(): string {
    const facts = this.#facts
    const last = {
      ...envelope(facts),
      ...this.#shape({ text: '', thinking: '', calls: [] }),
      done: true,
      done_reason: doneReason(this.#finish, facts.conversation),
      ...ending(this.#usage, { totalMs: facts.elapsedMs(), firstMs: this.#firstMs }),
    }
    return this.#closeCall() + line(last)
  }

  error(error: AppError): string {
    return line(errorBody(error))
  }

  #piece({ text = '', thinking = '' }: { readonly text?: string; readonly thinking?: string }): string {
    this.#firstMs ??= this.#facts.elapsedMs()
    if (this.#isLoad) return ''
    return line({ ...envelope(this.#facts), ...this.#shape({ text, thinking, calls: [] }), done: false })
  }

  #closeCall(): string {
    const call = this.#call
    if (call === null) return ''
    this.#call = null
    if (this.#isLoad) return ''
    const calls = [writeCall(call, call.index)]
    return line({ ...envelope(this.#facts), ...this.#shape({ text: '', thinking: '', calls }), done: false })
  }
}

const line = (value: Json): string => `${JSON.stringify(value)}\n`
