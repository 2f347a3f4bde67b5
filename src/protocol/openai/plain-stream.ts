import type { Usage } from '../../kernel/words.ts'
import { eventData } from '../conversation/sse-split.ts'
import { isObject, parsedObject } from '../json/members.ts'
import { readUsage, unknownUsage } from './usage.ts'

const decoder = new TextDecoder()

/**
 * Follows a stream of events that pass as they are: whether its last event has come, what was used, and whether the
 * upstream told of an error.
 */
export class PlainStreamWatch {
  readonly #terminal: ReadonlySet<string>
  #isTerminal = false
  #usage: Usage = unknownUsage
  #error: string | null = null

  constructor(terminal: readonly string[]) {
    this.#terminal = new Set(terminal)
  }

  get isTerminal(): boolean {
    return this.#isTerminal
  }

  get usage(): Usage {
    return this.#usage
  }

  /** The upstream's own error, in its words; it has been passed on. */
  get error(): string | null {
    return this.#error
  }

  /** Whole events (see conversation/sse-split.ts). */
  pass(events: Uint8Array): void {
    const text = decoder.decode(events)
    if (!telling.test(text)) return
    for (const { event, data } of eventData(events)) this.#read(event, data)
  }

  #read(event: string, data: string): void {
    // vLLM and others close what is no stream of OpenAI's in the way of a chat.
    if (data.trim() === '[DONE]') {
      this.#isTerminal = true
      return
    }
    const chunk = parsedObject(data)
    const type = typeof chunk?.type === 'string' ? chunk.type : event
    if (this.#terminal.has(type)) this.#isTerminal = true
    if (isObject(chunk?.usage)) this.#usage = readUsage(chunk)
    const error = chunk?.error
    if ((isObject(error) && Object.keys(error).length > 0) || type === 'error') this.#error = errorText(error ?? chunk)
  }
}

/** Events without any of these end, count and break nothing. */
const telling = /\[DONE\]|"usage"|"error"|event:\s*error|\.(done|completed)"|event:[^\n]*\.(done|completed)/

function errorText(error: unknown): string {
  const message = isObject(error) ? error.message : undefined
  return (typeof message === 'string' ? message : (JSON.stringify(error) ?? 'an error')).slice(0, 500)
}
