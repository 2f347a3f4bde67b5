import type { AppError } from '../../kernel/errors.ts'
import type { Carried, Carrier } from './carrier.ts'
import { mergedCounts, noCounts, type Delta, type TokenCounts } from './conversation.ts'
import type { StreamReader } from './dialect.ts'
import { eventData } from './sse-split.ts'

export interface SameStreamOptions {
  readonly reader: StreamReader
  /** The caller's dialect says it so. */
  readonly breakOff: (error: AppError) => string
  /**
   * The terminal event, for an upstream that told why it ended and forgot to say that it had; null: without it the
   * answer is not whole.
   */
  readonly terminal: string | null
  /** Events that need no look once the first word is out: see plain-deltas.ts. */
  readonly isPlain: (events: string) => boolean
}

const decoder = new TextDecoder()

/**
 * A stream whose dialect the caller speaks: the bytes pass, the reader only looks. The terminal event is kept back
 * until the request is written down.
 */
export class SameStream implements Carrier {
  readonly #options: SameStreamOptions
  readonly #sight = new Sight()
  #terminal: string | null = null

  constructor(options: SameStreamOptions) {
    this.#options = options
  }

  get hasOutput(): boolean {
    return this.#sight.hasOutput
  }

  get isTerminal(): boolean {
    return this.#sight.hasEnded || (this.#sight.hasFinished && this.#options.terminal !== null)
  }

  get usage(): TokenCounts {
    return this.#sight.usage
  }

  get error(): string | null {
    return this.#sight.error
  }

  get isErrorShown(): boolean {
    return true
  }

  get isMalformed(): boolean {
    return this.#sight.isMalformed
  }

  pass(events: Uint8Array): Carried {
    if (this.#sight.hasOutput && this.#options.isPlain(decoder.decode(events))) return { bytes: events, isDone: false }
    for (const { event, data, start, end } of eventData(events)) {
      this.#sight.see(this.#options.reader.read({ event, data }))
      if (this.#sight.isMalformed) return { bytes: events.subarray(0, start), isDone: false }
      if (this.#sight.error !== null) return { bytes: events.subarray(0, end), isDone: false }
      if (!this.#sight.hasEnded) continue
      this.#terminal = decoder.decode(events.subarray(start, end))
      return { bytes: events.subarray(0, start), isDone: true }
    }
    return { bytes: events, isDone: false }
  }

  end(): string {
    return this.#terminal ?? this.#options.terminal ?? ''
  }

  breakOff(error: AppError): string {
    return this.#options.breakOff(error)
  }
}

/** What is known of a stream from its deltas. */
export class Sight {
  hasOutput = false
  hasFinished = false
  hasEnded = false
  isMalformed = false
  error: string | null = null
  usage: TokenCounts = noCounts

  see(deltas: readonly Delta[] | null): void {
    if (deltas === null) this.isMalformed = true
    else for (const delta of deltas) this.seeOne(delta)
  }

  seeOne(delta: Delta): void {
    switch (delta.kind) {
      case 'text':
      case 'refusal':
      case 'reasoning':
      case 'arguments':
        if (delta.text !== '') this.hasOutput = true
        return
      case 'reasoning_end':
        if (delta.sealed !== null) this.hasOutput = true
        return
      case 'tool_call':
        this.hasOutput = true
        return
      case 'finish':
        this.hasFinished = true
        return
      case 'usage':
        this.usage = mergedCounts(this.usage, delta.usage)
        return
      case 'error':
        this.error = delta.message
        return
      case 'end':
        this.hasEnded = true
        return
      case 'start':
    }
  }
}
