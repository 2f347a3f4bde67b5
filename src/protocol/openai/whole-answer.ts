import type { Usage } from '../../kernel/words.ts'
import type { Json } from '../conversation/conversation.ts'
import { createThinkSplitter } from '../conversation/think-split.ts'
import { isObject } from '../json/members.ts'
import type { Endpoint } from './ask.ts'
import { hasWords } from './stream-watch.ts'
import { readUsage } from './usage.ts'

export type WholeAnswer =
  /** `replaced` is the body anew where `<think>` had to be moved; null: pass the bytes as they came. */
  | {
      readonly kind: 'answer'
      readonly usage: Usage
      readonly isTerminal: boolean
      /** Complete, and not a word, thought or tool call in it. */
      readonly isEmpty: boolean
      readonly replaced: string | null
    }
  | { readonly kind: 'malformed'; readonly message: string }

const decoder = new TextDecoder()

/** Reads an answer that is not a stream: what was used, and whether every choice of it has finished. */
export function readWholeAnswer(endpoint: Endpoint, bytes: Uint8Array, splitThink: boolean): WholeAnswer {
  let body: unknown
  try {
    body = JSON.parse(decoder.decode(bytes))
  } catch {
    return { kind: 'malformed', message: 'its answer is not JSON' }
  }
  if (!isObject(body)) return { kind: 'malformed', message: 'its answer is not a JSON object' }
  const usage = readUsage(body)
  if (endpoint === 'embeddings' || endpoint === 'rerank') {
    const list = endpoint === 'embeddings' ? body.data : (body.results ?? body.data)
    return Array.isArray(list)
      ? { kind: 'answer', usage, isTerminal: true, isEmpty: false, replaced: null }
      : {
          kind: 'malformed',
          message: `its answer has no list of ${endpoint === 'embeddings' ? 'embeddings' : 'results'}`,
        }
  }
  if (!Array.isArray(body.choices)) return { kind: 'malformed', message: 'its answer has no choices' }
  const choices = body.choices.filter(isObject)
  const isTerminal = choices.length > 0 && choices.every((choice) => typeof choice.finish_reason === 'string')
  const isEmpty = isTerminal && !choices.some((choice) => hasWords(choice))
  return { kind: 'answer', usage, isTerminal, isEmpty, replaced: splitThink ? withoutThink(body, choices) : null }
}

function withoutThink(body: Json, choices: readonly Json[]): string | null {
  let hasChanged = false
  const split = choices.map((choice) => {
    const message = choice.message
    if (!isObject(message) || typeof message.content !== 'string') return choice
    const splitter = createThinkSplitter()
    const first = splitter.push(message.content)
    const last = splitter.flush()
    const reasoning = first.reasoning + last.reasoning
    if (reasoning === '') return choice
    hasChanged = true
    return { ...choice, message: { ...message, content: first.content + last.content, reasoning_content: reasoning } }
  })
  return hasChanged ? JSON.stringify({ ...body, choices: split }) : null
}
