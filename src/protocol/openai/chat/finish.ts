import type { Finish, Json } from '../../conversation/conversation.ts'
import { someTextOf } from '../../json/members.ts'

export type ReadFinish =
  /** Nothing is said yet; some servers send an empty text until the end. */
  | { readonly kind: 'open' }
  | { readonly kind: 'finish'; readonly finish: Finish }
  /** The engine gave up in the middle of the answer and says so here instead of in an error. */
  | { readonly kind: 'failed'; readonly word: string }

/**
 * `finish_reason` of a choice. `seen` is what the answer held: some servers say `stop` after tool calls, and a refusal
 * ends with `stop` at OpenAI. vLLM tells the stop sequence that was met in `stop_reason`.
 */
export function readFinish(
  choice: Json,
  seen: { readonly hasCalls: boolean; readonly hasRefusal: boolean },
): ReadFinish {
  const word = someTextOf(choice.finish_reason)
  if (word === null) return { kind: 'open' }
  if (failures.has(word)) return { kind: 'failed', word }
  const sequence = someTextOf(choice.stop_reason)
  const reason = reasons.get(word) ?? 'stop'
  if (reason !== 'stop') return { kind: 'finish', finish: { reason, sequence: null } }
  if (seen.hasCalls) return { kind: 'finish', finish: { reason: 'tool_calls', sequence: null } }
  if (seen.hasRefusal) return { kind: 'finish', finish: { reason: 'refusal', sequence: null } }
  return { kind: 'finish', finish: { reason: sequence === null ? 'stop' : 'stop_sequence', sequence } }
}

const reasons: ReadonlyMap<string, Finish['reason']> = new Map([
  ['length', 'length'],
  ['max_tokens', 'length'],
  ['tool_calls', 'tool_calls'],
  ['function_call', 'tool_calls'],
  ['tool_use', 'tool_calls'],
  ['content_filter', 'content_filter'],
  ['refusal', 'refusal'],
])

const failures: ReadonlySet<string> = new Set(['error', 'abort', 'cancelled', 'insufficient_system_resource'])

/** In the words of the chat dialect, which has none for a pause and tells refusals of others' as filtered. */
export function finishWord(finish: Finish): string {
  switch (finish.reason) {
    case 'stop':
    case 'stop_sequence':
    case 'pause':
      return 'stop'
    case 'refusal':
      return 'content_filter'
    default:
      return finish.reason
  }
}
