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
import { isLoad } from './load.ts'
import { doneReason, ending, envelope, writeError, writeCall, type Shape } from './shape.ts'

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
export class OllamaWriter implements StreamWriter {
  readonly #shape: Shape
  readonly #facts: AnswerFacts
  readonly #isLoad: boolean
  #firstMs: number | null = null
  /** In the order in which they began; some servers mix the pieces of parallel ones. */
  readonly #calls = new Map<number, OpenCall>()
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
        return this.#closeCalls() + this.#piece({ text: delta.text })
      case 'reasoning':
        return this.#closeCalls() + this.#piece({ thinking: delta.text })
      case 'tool_call':
        this.#firstMs ??= this.#facts.elapsedMs()
        this.#calls.set(delta.index, { index: delta.index, id: delta.id, name: delta.name, arguments: '' })
        return ''
      case 'arguments': {
        const call = this.#calls.get(delta.index)
        if (call !== undefined) call.arguments += delta.text
        return ''
      }
      case 'finish':
        this.#finish = delta.finish
        return ''
      case 'usage':
        this.#usage = mergedCounts(this.#usage, delta.usage)
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
    return this.#closeCalls() + line(last)
  }

  error(error: AppError): string {
    return line(writeError(error))
  }

  #piece({ text = '', thinking = '' }: { readonly text?: string; readonly thinking?: string }): string {
    this.#firstMs ??= this.#facts.elapsedMs()
    if (this.#isLoad) return ''
    return line({ ...envelope(this.#facts), ...this.#shape({ text, thinking, calls: [] }), done: false })
  }

  #closeCalls(): string {
    const told = [...this.#calls.values()].map((call) =>
      line({
        ...envelope(this.#facts),
        ...this.#shape({ text: '', thinking: '', calls: [writeCall(call, call.index)] }),
        done: false,
      }),
    )
    this.#calls.clear()
    return this.#isLoad ? '' : told.join('')
  }
}

const line = (value: Json): string => `${JSON.stringify(value)}\n`
