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
import { writeCounts } from './counts.ts'
import { endingOf } from './finish.ts'
import { OutputBuilder } from './output-builder.ts'
import { echoOf, failureOf, responseObject, responseText, type Head } from './response-object.ts'

/**
 * `response.created`, `in_progress`, then the items, then `completed`, `incomplete` or `failed`; every event has the
 * next `sequence_number`. There is no `[DONE]` in this dialect.
 */
export class ResponsesWriter implements StreamWriter {
  #response: Json | null = null
  readonly #facts: AnswerFacts
  readonly #builder: OutputBuilder
  readonly #id: string
  readonly #echo: Json
  readonly #echoText: string
  #text = ''
  #sequence = 0
  #hasBegun = false
  #finish: Finish | null = null
  #counts: TokenCounts = noCounts

  constructor(facts: AnswerFacts) {
    this.#facts = facts
    this.#id = facts.newId('resp_')
    this.#echo = echoOf(facts.conversation)
    this.#echoText = JSON.stringify(this.#echo)
    this.#builder = new OutputBuilder(facts, (type, members) => this.#event(type, JSON.stringify(members).slice(1)))
  }

  /** The whole Response object, for keeping; null until `end` or `error` was called. */
  get response(): Json | null {
    return this.#response
  }

  write(delta: Delta): string {
    this.#begin()
    if (delta.kind === 'finish') this.#finish = delta.finish
    else if (delta.kind === 'usage') this.#counts = mergedCounts(this.#counts, delta.usage)
    else this.#builder.take(delta)
    return this.#taken()
  }

  end(): string {
    this.#begin()
    const ending = endingOf(this.#finish, this.#builder)
    this.#builder.close(ending.status)
    this.#last({ ...ending, error: null })
    return this.#taken()
  }

  /** The `error` event is for clients that look at events alone, `response.failed` for those that keep the response. */
  error(error: AppError): string {
    this.#begin()
    const failure = failureOf(error)
    this.#event('error', JSON.stringify({ ...failure, param: error.param }).slice(1))
    this.#last({ status: 'failed', incomplete: null, error: failure })
    return this.#taken()
  }

  #begin(): void {
    if (this.#hasBegun) return
    this.#hasBegun = true
    const head = this.#head({ status: 'in_progress', incomplete: null, error: null })
    const response = `"response":${responseText(head, this.#echoText)}}`
    this.#event('response.created', response)
    this.#event('response.in_progress', response)
  }

  #last(ending: Pick<Head, 'status' | 'incomplete' | 'error'>): void {
    const head = this.#head(ending)
    this.#response = responseObject(head, this.#echo)
    this.#event(`response.${ending.status}`, `"response":${responseText(head, this.#echoText)}}`)
  }

  #head(ending: Pick<Head, 'status' | 'incomplete' | 'error'>): Head {
    const { createdAt, elapsedMs } = this.#facts
    const completedAt = ending.status === 'completed' ? createdAt + Math.floor(elapsedMs() / 1000) : null
    const usage = writeCounts(this.#counts)
    return { ...ending, id: this.#id, createdAt, completedAt, output: this.#builder.items, usage }
  }

  /** `rest` is the JSON of the other members without its opening brace. */
  #event(type: string, rest: string): void {
    this.#text += `event: ${type}\ndata: {"type":"${type}","sequence_number":${this.#sequence},${rest}\n\n`
    this.#sequence += 1
  }

  #taken(): string {
    const text = this.#text
    this.#text = ''
    return text
  }
}
