import type { Delta, Json } from '../../conversation/conversation.ts'
import type { StreamReader } from '../../conversation/dialect.ts'
import { isObject, objectsOf, parsedObject, someTextOf, textOf, textOrEmpty } from '../../json/members.ts'
import { CallFragments } from './call-fragments.ts'
import { readCounts } from './counts.ts'
import { readFinish } from './finish.ts'
import { thinkingText } from './read-parts.ts'

/**
 * Reads chunks as OpenAI and the many servers that follow it send them. Only the first choice is read: more than one
 * is never asked for where an answer is translated.
 */
export class ChatReader implements StreamReader {
  #hasStarted = false
  #id: string | null = null
  #isThinking = false
  #hasRefusal = false
  #hasSaid = false
  readonly #calls = new CallFragments(() => this.#id)

  read({ event, data }: { readonly event: string; readonly data: string }): readonly Delta[] | null {
    const trimmed = data.trim()
    if (trimmed === '') return []
    if (trimmed === '[DONE]') return [{ kind: 'end' }]
    const chunk = parsedObject(trimmed)
    const error = errorIn(event, trimmed, chunk)
    if (error !== null) return [error]
    return chunk === null ? null : this.#readChunk(chunk)
  }

  #readChunk(chunk: Json): readonly Delta[] {
    const deltas: Delta[] = []
    if (!this.#hasStarted) {
      this.#hasStarted = true
      this.#id = someTextOf(chunk.id)
      deltas.push({ kind: 'start', id: this.#id, model: someTextOf(chunk.model) })
    }
    for (const choice of objectsOf(chunk.choices)) {
      if ((choice.index ?? 0) === 0) this.#readChoice(choice, deltas)
    }
    const usage = readCounts(chunk)
    if (usage !== null) deltas.push({ kind: 'usage', usage })
    return deltas
  }

  #readChoice(choice: Json, into: Delta[]): void {
    const delta = this.#deltaOf(choice)
    const thoughts = thoughtsIn(delta)
    if (thoughts !== '') {
      this.#isThinking = true
      into.push({ kind: 'reasoning', text: thoughts })
    }
    const said = this.#wordsIn(delta)
    const ends = someTextOf(choice.finish_reason) !== null
    if (this.#isThinking && (said.length > 0 || ends)) {
      this.#isThinking = false
      into.push({ kind: 'reasoning_end', signature: null, sealed: null })
    }
    into.push(...said)
    this.#hasSaid ||= said.length > 0 || thoughts !== ''
    if (ends) into.push(this.#readEnd(choice))
  }

  /** A server that does not stream sends its whole message in one event; others repeat in the last what was said. */
  #deltaOf({ delta, message }: Json): Json {
    if (isObject(delta)) return delta
    return isObject(message) && !this.#hasSaid ? message : {}
  }

  #wordsIn(delta: Json): readonly Delta[] {
    const words: Delta[] = []
    const text = textIn(delta.content)
    if (text !== '') words.push({ kind: 'text', text })
    const refusal = textOrEmpty(delta.refusal)
    if (refusal !== '') {
      this.#hasRefusal = true
      words.push({ kind: 'refusal', text: refusal })
    }
    const fragments = isObject(delta.tool_calls) ? [delta.tool_calls] : objectsOf(delta.tool_calls)
    for (const fragment of fragments) words.push(...this.#calls.read(fragment))
    if (isObject(delta.function_call)) words.push(...this.#calls.read({ index: 0, function: delta.function_call }))
    return words
  }

  #readEnd(choice: Json): Delta {
    const read = readFinish(choice, { hasCalls: this.#calls.hasCalls, hasRefusal: this.#hasRefusal })
    if (read.kind === 'finish') return { kind: 'finish', finish: read.finish }
    const word = read.kind === 'failed' ? read.word : ''
    return { kind: 'error', message: `The answer broke off with finish_reason "${word}".`, code: word }
  }
}

/** Under one of the names servers use; some send the same thought under two. */
export function thoughtsIn(message: Json): string {
  const told = [message.reasoning_content, message.reasoning, message.thinking].map(thinkingText)
  const named = told.find((text) => text !== '')
  if (named !== undefined) return named
  // Every chunk of a stream comes by here; lists are the exception.
  if (!Array.isArray(message.content) && !Array.isArray(message.reasoning_details)) return ''
  const parts = objectsOf(message.content).filter((part) => part.type === 'thinking')
  const details = objectsOf(message.reasoning_details).map(
    (detail) => textOf(detail.text) ?? textOrEmpty(detail.summary),
  )
  return parts.length > 0 ? parts.map((part) => thinkingText(part.thinking)).join('') : details.join('')
}

/** A text, or Mistral's list of parts. */
export function textIn(content: unknown): string {
  if (typeof content === 'string') return content
  return objectsOf(content)
    .map((part) => (part.type === 'text' ? textOrEmpty(part.text) : ''))
    .join('')
}

/** OpenAI puts errors into `error`, vLLM also sends them bare, others name the event so and write plain words. */
function errorIn(event: string, data: string, chunk: Json | null): Delta | null {
  if (chunk !== null && chunk.error !== undefined && chunk.error !== null) return errorOf(chunk.error)
  if (chunk?.object === 'error') return errorOf(chunk)
  if (event === 'error') return errorOf(chunk ?? data)
  return null
}

const longestMessage = 500

function errorOf(error: unknown): Delta {
  if (!isObject(error)) return { kind: 'error', message: String(error).slice(0, longestMessage), code: null }
  const message = someTextOf(error.message) ?? someTextOf(error.detail) ?? JSON.stringify(error)
  const code = typeof error.code === 'number' ? String(error.code) : (someTextOf(error.code) ?? someTextOf(error.type))
  return { kind: 'error', message: message.slice(0, longestMessage), code }
}
