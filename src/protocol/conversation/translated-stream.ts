import type { AppError } from '../../kernel/errors.ts'
import type { Carried, Carrier } from './carrier.ts'
import type { Delta, TokenCounts } from './conversation.ts'
import type { StreamReader, StreamWriter } from './dialect.ts'
import { Sight } from './same-stream.ts'
import { eventData } from './sse-split.ts'
import { createThinkSplitter, type ThinkSplitter } from './think-split.ts'

export interface TranslatedStreamOptions {
  readonly reader: StreamReader
  readonly writer: StreamWriter
  /** Moves `<think>…</think>` out of the words into thoughts. */
  readonly splitThink: boolean
}

/** Writers of some dialects keep an answer until its last event, which repeats it; nobody's answer is longer. */
const maxLetters = 16 * 2 ** 20

const encoder = new TextEncoder()

/** A stream that is read in one dialect and written in another. */
export class TranslatedStream implements Carrier {
  readonly #options: TranslatedStreamOptions
  readonly #sight = new Sight()
  readonly #splitter: ThinkSplitter | null
  #letters = 0

  constructor(options: TranslatedStreamOptions) {
    this.#options = options
    this.#splitter = options.splitThink ? createThinkSplitter() : null
  }

  get hasOutput(): boolean {
    return this.#sight.hasOutput
  }

  get isTerminal(): boolean {
    return this.#sight.hasFinished || this.#sight.hasEnded
  }

  get usage(): TokenCounts {
    return this.#sight.usage
  }

  get error(): string | null {
    return this.#sight.error
  }

  /** The upstream's words are in its own dialect: who relays tells the error in the caller's. */
  get isErrorShown(): boolean {
    return false
  }

  get isMalformed(): boolean {
    return this.#sight.isMalformed
  }

  pass(events: Uint8Array): Carried {
    let text = ''
    for (const { event, data } of eventData(events)) {
      const deltas = this.#options.reader.read({ event, data })
      if (deltas === null) {
        this.#sight.see(null)
        break
      }
      for (const delta of deltas) {
        this.#sight.seeOne(delta)
        if ('text' in delta) this.#letters += delta.text.length
        if (this.#letters > maxLetters) {
          this.#sight.error = 'its answer is longer than any that Hearth translates'
          return { bytes: encoder.encode(text), isDone: false }
        }
        if (delta.kind === 'error') return { bytes: encoder.encode(text), isDone: false }
        if (delta.kind === 'end') return { bytes: encoder.encode(text), isDone: true }
        text += this.#write(delta)
      }
    }
    return { bytes: encoder.encode(text), isDone: false }
  }

  end(): string {
    return this.#options.writer.end()
  }

  breakOff(error: AppError): string {
    return this.#options.writer.error(error)
  }

  #write(delta: Delta): string {
    const { writer } = this.#options
    if (this.#splitter === null) return writer.write(delta)
    if (delta.kind === 'text') return this.#writeSplit(this.#splitter.push(delta.text))
    if (delta.kind === 'finish') return this.#writeSplit(this.#splitter.flush()) + writer.write(delta)
    return writer.write(delta)
  }

  #writeSplit({ reasoning, content }: { readonly reasoning: string; readonly content: string }): string {
    const { writer } = this.#options
    const thought = reasoning === '' ? '' : writer.write({ kind: 'reasoning', text: reasoning })
    return thought + (content === '' ? '' : writer.write({ kind: 'text', text: content }))
  }
}
