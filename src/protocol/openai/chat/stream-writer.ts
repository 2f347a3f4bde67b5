import type { AppError } from '../../../kernel/errors.ts'
import {
  mergedCounts,
  noCounts,
  type Delta,
  type Finish,
  type Json,
  type TokenCounts,
} from '../../conversation/conversation.ts'
import type { AnswerFacts, StreamWriter } from '../../conversation/dialect.ts'
import { FreeText } from '../../conversation/free-text.ts'
import { writeCounts } from './counts.ts'
import { isCustom } from './custom-tools.ts'
import { finishWord } from './finish.ts'
import { answerId, isLegacy } from './write-answer.ts'
import { writeError } from './write-error.ts'

/**
 * Chunks in OpenAI's order: the role, the content, one chunk with `finish_reason`, the usage where it was asked for,
 * `[DONE]`. The role is told with the first content, so that an answer without a word can still be asked for elsewhere.
 */
export class ChatWriter implements StreamWriter {
  readonly #facts: AnswerFacts
  #id: string | null = null
  #model: string | null = null
  #upstreamId: string | null = null
  #hasCalls = false
  #finish: Finish | null = null
  #usage: TokenCounts = noCounts
  /** By index of the call: what takes the free text out of the arguments. */
  readonly #freeTexts = new Map<number, FreeText>()

  constructor(facts: AnswerFacts) {
    this.#facts = facts
  }

  write(delta: Delta): string {
    switch (delta.kind) {
      case 'start':
        this.#upstreamId ??= delta.id
        this.#model ??= delta.model
        return ''
      case 'text':
        return this.#content({ content: delta.text })
      case 'refusal':
        return this.#content({ refusal: delta.text })
      case 'reasoning':
        return this.#content({ reasoning_content: delta.text })
      case 'tool_call':
        return this.#call(delta)
      case 'arguments':
        return this.#arguments(delta)
      case 'finish':
        this.#finish = delta.finish
        return ''
      case 'usage':
        this.#usage = mergedCounts(this.#usage, delta.usage)
        return ''
      case 'reasoning_end':
      case 'error':
      case 'end':
        return ''
    }
  }

  end(): string {
    const customs = [...this.#freeTexts].map(([index, text]) => this.#customInput(index, text.flush()))
    const counts = writeCounts(this.#usage)
    const usage =
      this.#facts.wantsUsage && counts !== null ? event({ ...this.#envelope(), choices: [], usage: counts }) : ''
    return `${customs.join('')}${this.#opening()}${this.#chunk({}, this.#finishWord())}${usage}data: [DONE]\n\n`
  }

  error(error: AppError): string {
    return event(writeError(error))
  }

  #call({ index, id, name }: Extract<Delta, { readonly kind: 'tool_call' }>): string {
    this.#hasCalls = true
    const { conversation } = this.#facts
    if (isCustom(conversation, name)) {
      this.#freeTexts.set(index, new FreeText())
      return this.#custom(index, { name, input: '' }, id)
    }
    if (isLegacy(conversation)) return index === 0 ? this.#content({ function_call: { name, arguments: '' } }) : ''
    return this.#content({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] })
  }

  #arguments({ index, text }: Extract<Delta, { readonly kind: 'arguments' }>): string {
    const freeText = this.#freeTexts.get(index)
    if (freeText !== undefined) return this.#customInput(index, freeText.push(text))
    if (isLegacy(this.#facts.conversation))
      return index === 0 ? this.#content({ function_call: { arguments: text } }) : ''
    return this.#content({ tool_calls: [{ index, function: { arguments: text } }] })
  }

  #customInput(index: number, input: string): string {
    return input === '' ? '' : this.#custom(index, { input })
  }

  #custom(index: number, custom: Json, id?: string): string {
    const head = id === undefined ? { index } : { index, id, type: 'custom' }
    return this.#content({ tool_calls: [{ ...head, custom }] })
  }

  #content(delta: Json): string {
    return this.#opening() + this.#chunk(delta, null)
  }

  /** Once, in front of whatever comes first. */
  #opening(): string {
    if (this.#id !== null) return ''
    this.#id = answerId(this.#upstreamId, this.#facts)
    return this.#chunk({ role: 'assistant', content: '' }, null)
  }

  #chunk(delta: Json, finishReason: string | null): string {
    const choices = [{ index: 0, delta, logprobs: null, finish_reason: finishReason }]
    return event({ ...this.#envelope(), choices, ...(this.#facts.wantsUsage ? { usage: null } : {}) })
  }

  #envelope(): Json {
    const { createdAt, conversation } = this.#facts
    return {
      id: this.#id,
      object: 'chat.completion.chunk',
      created: createdAt,
      model: this.#model ?? conversation.model,
    }
  }

  /** An answer that is called complete has a reason, told or not. */
  #finishWord(): string {
    const otherwise = this.#hasCalls ? 'tool_calls' : 'stop'
    const word = this.#finish === null ? otherwise : finishWord(this.#finish)
    return word === 'tool_calls' && isLegacy(this.#facts.conversation) ? 'function_call' : word
  }
}

const event = (data: Json): string => `data: ${JSON.stringify(data)}\n\n`
