import type { Usage } from '../../kernel/words.ts'
import { concat } from './json-bytes.ts'
import { eventData } from './sse-split.ts'
import { createThinkSplitter, type ThinkSplitter } from './think-split.ts'
import { readUsage, unknownUsage } from './usage.ts'

export interface WatchOptions {
  /** How many choices have to finish. */
  readonly choices: number
  /** The usage chunk was asked for by Hearth, not by the caller: it is read and taken out. */
  readonly stripUsage: boolean
  readonly splitThink: boolean
}

export interface Watched {
  /** What the caller gets of these events; as they came, wherever nothing has to change. */
  readonly bytes: Uint8Array
  /** `[DONE]` was among them; it is not in `bytes`: who relays sends it last, when all is written down. */
  readonly isDone: boolean
}

type Json = Readonly<Record<string, unknown>>

const decoder = new TextDecoder()
const encoder = new TextEncoder()

/**
 * Follows a stream of chat or text completion events without standing in its way: most events are passed on unparsed.
 * It knows when the first word came, whether every choice has its `finish_reason`, what was used, and whether the
 * upstream reported an error or sent something that is no JSON. `pass` takes whole events (see sse-split.ts).
 */
export function createStreamWatch(options: WatchOptions) {
  const finished = new Set<number>()
  const splitters = new Map<number, ThinkSplitter>()
  let usage: Usage = unknownUsage
  let hasOutput = false
  let error: string | null = null
  let isMalformed = false

  const read = (chunk: Json): void => {
    if (chunk.error !== undefined && chunk.error !== null) error ??= errorText(chunk.error)
    if (isObject(chunk.usage)) usage = readUsage(chunk)
    for (const choice of choicesOf(chunk)) {
      if (hasWords(choice)) hasOutput = true
      if (typeof choice.finish_reason === 'string') finished.add(indexOf(choice))
    }
  }

  const pass = (events: Uint8Array): Watched => {
    const text = decoder.decode(events)
    if (hasOutput && !options.splitThink && isPlain(text)) return { bytes: events, isDone: false }
    const parts: Uint8Array[] = []
    let kept = 0
    for (const { data, start, end } of eventData(events)) {
      if (data.trim() === '[DONE]') {
        parts.push(events.subarray(kept, start))
        return { bytes: concat(parts), isDone: true }
      }
      const chunk = parseChunk(data)
      if (chunk === null) {
        isMalformed = true
        parts.push(events.subarray(kept, start))
        return { bytes: concat(parts), isDone: false }
      }
      read(chunk)
      const changed =
        options.stripUsage && isUsageOnly(chunk) ? '' : options.splitThink ? splitChunk(chunk, splitters) : null
      if (changed === null) continue
      parts.push(events.subarray(kept, start), encoder.encode(changed))
      kept = end
    }
    if (kept === 0) return { bytes: events, isDone: false }
    parts.push(events.subarray(kept))
    return { bytes: concat(parts), isDone: false }
  }

  return {
    pass,
    /** A word, a thought or a tool call has been passed. */
    get hasOutput() {
      return hasOutput
    },
    get isTerminal() {
      return finished.size >= options.choices
    },
    get usage() {
      return usage
    },
    /** The upstream's own error event, in its words. */
    get error() {
      return error
    },
    get isMalformed() {
      return isMalformed
    },
  }
}

export type StreamWatch = ReturnType<typeof createStreamWatch>

/**
 * Nothing in here ends, counts or breaks anything: one event that looks whole, or several. Quotes inside of texts are
 * escaped.
 */
function isPlain(text: string): boolean {
  if (!text.startsWith('data: {') || !(text.endsWith('}\n\n') || text.endsWith('}\r\n\r\n'))) return false
  return !/"finish_reason"\s*:\s*"|"usage"\s*:\s*\{|"error"\s*:|\[DONE\]/.test(text)
}

function parseChunk(data: string): Json | null {
  try {
    const chunk: unknown = JSON.parse(data)
    return isObject(chunk) ? chunk : null
  } catch {
    return null
  }
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

const choicesOf = (chunk: Json): readonly Json[] => (Array.isArray(chunk.choices) ? chunk.choices.filter(isObject) : [])

const indexOf = (choice: Json): number => (typeof choice.index === 'number' ? choice.index : 0)

const isUsageOnly = (chunk: Json): boolean =>
  isObject(chunk.usage) && Array.isArray(chunk.choices) && chunk.choices.length === 0

function hasWords(choice: Json): boolean {
  if (typeof choice.text === 'string' && choice.text !== '') return true
  const delta = choice.delta
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
  const choices = choicesOf(chunk).map((choice) => {
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
