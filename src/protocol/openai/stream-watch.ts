import type { AppError } from '../../kernel/errors.ts'
import type { Usage } from '../../kernel/words.ts'
import type { Carried, Carrier } from '../conversation/carrier.ts'
import type { Json } from '../conversation/conversation.ts'
import { eventData } from '../conversation/sse-split.ts'
import { createThinkSplitter, type ThinkSplitter } from '../conversation/think-split.ts'
import { concat } from '../json/bytes.ts'
import { isObject, objectsOf, parsedObject } from '../json/members.ts'
import { readUsage, unknownUsage } from './usage.ts'

export interface WatchOptions {
  /** How many choices have to finish. */
  readonly choices: number
  /** The usage chunk was asked for by Hearth, not by the caller: it is read and taken out. */
  readonly stripUsage: boolean
  readonly splitThink: boolean
  /** The error as an event that the caller's clients look for. */
  readonly breakOff: (error: AppError) => string
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()

/**
 * Follows a stream of chat or text completion events without standing in its way: most events are passed on unparsed.
 * It knows when the first word came, whether every choice has its `finish_reason`, what was used, and whether the
 * upstream reported an error or sent something that is no JSON. `pass` takes whole events (see sse-split.ts).
 */
export class StreamWatch implements Carrier {
  readonly #options: WatchOptions
  readonly #finished = new Set<number>()
  readonly #splitters = new Map<number, ThinkSplitter>()
  #usage: Usage = unknownUsage
  #hasOutput = false
  #isDone = false
  #error: ErrorEvent | null = null
  #isMalformed = false

  constructor(options: WatchOptions) {
    this.#options = options
  }

  /** A word, a thought or a tool call has been passed. */
  get hasOutput(): boolean {
    return this.#hasOutput
  }

  /** Every choice has its `finish_reason`, or the upstream said `[DONE]`. */
  get isTerminal(): boolean {
    return this.#isDone || this.#finished.size >= this.#options.choices
  }

  get usage(): Usage {
    return this.#usage
  }

  /** The upstream's own error event, in its words. */
  get error(): string | null {
    return this.#error?.message ?? null
  }

  /** It was passed on, because it has the form that clients look for; otherwise they have to be told. */
  get isErrorShown(): boolean {
    return this.#error?.isShown ?? false
  }

  get isMalformed(): boolean {
    return this.#isMalformed
  }

  pass(events: Uint8Array): Carried {
    const text = decoder.decode(events)
    if (this.#hasOutput && !this.#options.splitThink && isPlain(text)) return { bytes: events, isDone: false }
    const parts: Uint8Array[] = []
    let kept = 0
    /** Nothing behind `end` passes. */
    const upTo = (end: number): Carried => {
      parts.push(events.subarray(kept, end))
      return { bytes: concat(parts), isDone: this.#isDone }
    }
    for (const { event, data, start, end } of eventData(events)) {
      this.#isDone = data.trim() === '[DONE]'
      if (this.#isDone) return upTo(start)
      const chunk = parsedObject(data)
      this.#error = errorIn(event, data, chunk)
      if (this.#error) return upTo(this.#error.isShown ? end : start)
      this.#isMalformed = chunk === null
      if (chunk === null) return upTo(start)
      this.#read(chunk)
      const changed = this.#replacement(chunk)
      if (changed === null) continue
      parts.push(events.subarray(kept, start), encoder.encode(changed))
      kept = end
    }
    return kept === 0 ? { bytes: events, isDone: false } : upTo(events.length)
  }

  end(): string {
    return 'data: [DONE]\n\n'
  }

  breakOff(error: AppError): string {
    return this.#options.breakOff(error)
  }

  #read(chunk: Json): void {
    if (isObject(chunk.usage)) this.#usage = readUsage(chunk)
    for (const choice of objectsOf(chunk.choices)) {
      if (hasWords(choice)) this.#hasOutput = true
      if (typeof choice.finish_reason === 'string') this.#finished.add(indexOf(choice))
    }
  }

  /** What the caller gets instead of an event; null: the event as it came. */
  #replacement(chunk: Json): string | null {
    if (this.#options.stripUsage && isUsageOnly(chunk)) return ''
    return this.#options.splitThink ? splitChunk(chunk, this.#splitters) : null
  }
}

/**
 * Nothing in here ends, counts or breaks anything: one event that looks whole, or several. Quotes inside of texts are
 * escaped.
 */
function isPlain(text: string): boolean {
  if (!text.startsWith('data: {') || !(text.endsWith('}\n\n') || text.endsWith('}\r\n\r\n'))) return false
  return !telling.test(text)
}

/** Members that end, count or break something, and lines that are cut: whole ones end in a brace. */
const telling = /"finish_reason"\s*:\s*"|"usage"\s*:\s*\{|"error"\s*[:,}]|\[DONE\]|[^}\r\n]\r?\n/

interface ErrorEvent {
  readonly message: string
  readonly isShown: boolean
}

/** OpenAI puts errors into `error`, vLLM also sends them bare, others name the event so. */
function errorIn(event: string, data: string, chunk: Json | null): ErrorEvent | null {
  const { error } = chunk ?? {}
  const isSaid = typeof error === 'string' ? error !== '' : isObject(error) && Object.keys(error).length > 0
  if (isSaid) return { message: errorText(error), isShown: true }
  if (event === 'error' || chunk?.object === 'error') return { message: errorText(chunk ?? data), isShown: false }
  return null
}

const indexOf = (choice: Json): number => (typeof choice.index === 'number' ? choice.index : 0)

const isUsageOnly = (chunk: Json): boolean =>
  isObject(chunk.usage) &&
  (Array.isArray(chunk.choices) ? chunk.choices.length === 0 : (chunk.choices ?? null) === null)

/** A choice, of a stream or a whole answer, with a word, a thought or a tool call in it. */
export function hasWords(choice: Json): boolean {
  if (typeof choice.text === 'string' && choice.text !== '') return true
  const delta = choice.delta ?? choice.message
  if (!isObject(delta)) return false
  return ['content', 'reasoning_content', 'reasoning', 'refusal', 'tool_calls', 'function_call'].some((name) => {
    const value = delta[name]
    return typeof value === 'string' ? value !== '' : Array.isArray(value) ? value.length > 0 : isObject(value)
  })
}

function errorText(error: unknown): string {
  if (typeof error === 'string') return error.slice(0, 500)
  const message = isObject(error) ? error.message : undefined
  return (typeof message === 'string' ? message : JSON.stringify(error)).slice(0, 500)
}

/** The event anew with `<think>` moved to `reasoning_content`; null when nothing in it changes. */
function splitChunk(chunk: Json, splitters: Map<number, ThinkSplitter>): string | null {
  let hasChanged = false
  const choices = objectsOf(chunk.choices).map((choice) => {
    const delta = choice.delta
    if (!isObject(delta)) return choice
    const splitter = splitters.get(indexOf(choice)) ?? createThinkSplitter()
    splitters.set(indexOf(choice), splitter)
    const text = typeof delta.content === 'string' ? delta.content : ''
    const now = splitter.push(text)
    const last = typeof choice.finish_reason === 'string' ? splitter.flush() : { reasoning: '', content: '' }
    const reasoning = now.reasoning + last.reasoning
    const content = now.content + last.content
    if (reasoning === '' && content === text) return choice
    hasChanged = true
    const kept = Object.fromEntries(Object.entries(delta).filter(([name]) => name !== 'content'))
    return {
      ...choice,
      delta: {
        ...kept,
        ...(content === '' ? {} : { content }),
        ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
      },
    }
  })
  return hasChanged ? `data: ${JSON.stringify({ ...chunk, choices })}\n\n` : null
}
