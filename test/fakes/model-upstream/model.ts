import { fitting } from './fit-schema.ts'
import type { Json } from '../scripted-turn.ts'

/** What a deterministic model makes its answer of, whatever the dialect it was asked in. */
export interface Prompt {
  readonly system: string
  /** What the user said, oldest first. */
  readonly asked: readonly string[]
  /** Results that came after the last answer. */
  readonly results: readonly string[]
  /** What came beside the user's last words. */
  readonly media: readonly Medium[]
  readonly tools: readonly PlayedTool[]
  readonly choice: 'auto' | 'none' | 'required' | { readonly name: string }
  readonly isParallel: boolean
  readonly format: 'text' | 'json' | { readonly schema: Json }
  readonly thinks: boolean
  readonly maxTokens: number | null
  readonly stop: readonly string[]
}

export interface Medium {
  readonly kind: 'image' | 'file' | 'sound'
  readonly mediaType: string
  readonly bytes: number
}

export interface PlayedTool {
  readonly name: string
  /** null: it takes free text. */
  readonly schema: Json | null
}

export interface PlayedCall {
  readonly id: string
  readonly name: string
  readonly isFree: boolean
  /** JSON, or the free text. */
  readonly arguments: string
}

export interface Said {
  readonly thought: string | null
  readonly text: string
  /** It would not; `text` is then empty. */
  readonly refusal: string | null
  readonly calls: readonly PlayedCall[]
  readonly end: 'stop' | 'length' | 'stop_sequence' | 'calls' | 'refusal'
  readonly sequence: string | null
  readonly usage: PlayedUsage
  /** A word now and then, for as long as somebody listens. */
  readonly isEndless: boolean
}

export interface PlayedUsage {
  /** The cached ones included. */
  readonly prompt: number
  readonly cached: number
  /** The thought included. */
  readonly completion: number
  readonly reasoning: number
}

const thoughtOf = 'I think about it.'
const cachedTokens = 4
/** An endless answer ends all the same, should nobody ever hang up. */
const endlessWords = 3000

export function play(prompt: Prompt): Said {
  const thought = prompt.thinks ? thoughtOf : null
  const calls = callsOf(prompt)
  const last = prompt.asked.at(-1) ?? ''
  const refusal = calls.length === 0 && /\brefuse\b/i.test(last) ? 'I cannot help with that.' : null
  const isEndless = /\bcount for ever\b/i.test(last)
  const full = calls.length > 0 || refusal !== null ? '' : textOf(prompt)
  const { text, end, sequence } = bounded(full, prompt)
  const reasoning = thought === null ? 0 : tokensOf(thought).length
  const spoken = tokensOf(text).length + tokensOf(refusal ?? '').length + 5 * calls.length
  return {
    thought,
    text,
    refusal,
    calls,
    end: calls.length > 0 ? 'calls' : refusal === null ? end : 'refusal',
    sequence,
    usage: { prompt: promptTokens(prompt), cached: cachedTokens, completion: spoken + reasoning, reasoning },
    isEndless,
  }
}

/** Words with the blanks before them. */
export const tokensOf = (text: string): readonly string[] => text.match(/\s*\S+/g) ?? []

function promptTokens({ system, asked, results, media }: Prompt): number {
  return [system, ...asked, ...results].flatMap(tokensOf).length + 10 * media.length + 2 * cachedTokens
}

function callsOf({ asked, results, tools, choice, isParallel }: Prompt): readonly PlayedCall[] {
  if (choice === 'none' || results.length > 0) return []
  const last = asked.at(-1) ?? ''
  const isAsked = /\bweather\b/i.test(last)
  if (choice === 'auto' && !isAsked) return []
  const tool = typeof choice === 'object' ? tools.find(({ name }) => name === choice.name) : tools[0]
  if (tool === undefined) return []
  const cities = last.match(/\b(Oslo|Bergen)\b/g) ?? ['Oslo']
  return cities.slice(0, isParallel ? cities.length : 1).map((city, index) => ({
    id: `call_${asked.length}_${index}`,
    name: tool.name,
    isFree: tool.schema === null,
    arguments: tool.schema === null ? `city: ${city}` : argumentsOf(tool.schema, city),
  }))
}

function argumentsOf(schema: Json, city: string): string {
  const properties = (schema['properties'] ?? {}) as Json
  return JSON.stringify('city' in properties ? { city } : fitting(schema))
}

function textOf(prompt: Prompt): string {
  const { format, system } = prompt
  if (format === 'json' || /\bone JSON object\b/.test(system)) return JSON.stringify({ answer: 'Hello there' })
  if (format !== 'text') return JSON.stringify(fitting(format.schema))
  const words = wordsOf(prompt)
  return /\bcapitals\b/i.test(system) ? words.toUpperCase() : words
}

function wordsOf({ asked, results, media }: Prompt): string {
  if (results.length > 0) return `The result: ${results.join(' and ')}`
  if (media.length > 0) return media.map(described).join(' ')
  const last = asked.at(-1) ?? ''
  if (/\bcount for ever\b/i.test(last)) return counted(endlessWords)
  const most = /\bcount to (\d+)\b/i.exec(last)?.[1]
  if (most !== undefined) return counted(Number(most))
  if (/\bfirst\b/i.test(last)) return `First you said: ${asked[0] ?? ''}`
  return 'Hello there'
}

const counted = (most: number): string => Array.from({ length: most }, (_, index) => index + 1).join(' ')

const described = ({ kind, mediaType, bytes }: Medium): string =>
  `${kind === 'image' ? 'An image' : `A ${kind}`} of ${mediaType}, ${bytes} bytes.`

function bounded(full: string, { stop, maxTokens }: Prompt): Pick<Said, 'text' | 'end' | 'sequence'> {
  const met = stop
    .map((sequence) => ({ sequence, at: full.indexOf(sequence) }))
    .filter(({ at }) => at >= 0)
    .toSorted((one, other) => one.at - other.at)[0]
  const text = met === undefined ? full : full.slice(0, met.at)
  const tokens = tokensOf(text)
  if (maxTokens !== null && tokens.length > maxTokens)
    return { text: tokens.slice(0, maxTokens).join(''), end: 'length', sequence: null }
  return met === undefined
    ? { text, end: 'stop', sequence: null }
    : { text, end: 'stop_sequence', sequence: met.sequence }
}

/** `data:image/png;base64,…`, or bare base64 with its type. */
export function mediumOf(kind: Medium['kind'], data: string, type: string | null = null): Medium {
  const [, named, base64] = /^data:([^;,]+);base64,(.*)$/s.exec(data) ?? []
  return {
    kind,
    mediaType: named ?? type ?? 'an address',
    bytes: named === undefined && type === null ? 0 : Buffer.from(base64 ?? data, 'base64').length,
  }
}
