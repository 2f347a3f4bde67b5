import type { AppError } from '../../kernel/errors.ts'
import type { Conversation, Finish, Json, TokenCounts } from '../conversation/conversation.ts'
import type { AnswerFacts } from '../conversation/dialect.ts'
import { parsedObject } from '../json/members.ts'
import { isLoad } from './load.ts'

/** Where a piece of the answer stands: in a message, or flat. */
export type Shape = (piece: {
  readonly text: string
  readonly thinking: string
  readonly calls: readonly Json[]
}) => Json

export const chatShape: Shape = ({ text, thinking, calls }) => ({
  message: {
    role: 'assistant',
    content: text,
    ...(thinking === '' ? {} : { thinking }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  },
})

export const generateShape: Shape = ({ text, thinking }) => ({
  response: text,
  ...(thinking === '' ? {} : { thinking }),
})

/** The name is the one that was asked for: clients compare. */
export const envelope = ({ conversation, createdAt }: AnswerFacts): Json => ({
  model: conversation.model,
  created_at: new Date(createdAt * 1000).toISOString(),
})

export function writeCall(
  call: { readonly id: string; readonly name: string; readonly arguments: string },
  index: number,
): Json {
  return { id: call.id, function: { index, name: call.name, arguments: argumentsOf(call.arguments) } }
}

/** What a model wrote may be no object: then it stands under a name of its own rather than being lost. */
function argumentsOf(text: string): Json {
  if (text.trim() === '') return {}
  return parsedObject(text) ?? { malformed: text }
}

export function doneReason(finish: Finish | null, conversation: Conversation): string {
  if (isLoad(conversation)) return 'load'
  return finish?.reason === 'length' ? 'length' : 'stop'
}

const nanoseconds = (ms: number): number => Math.round(ms * 1_000_000)

/**
 * The counts, and the times that were measured: until the first word (a wait for a place or for the model included) and
 * from it to the end. How long loading took is not known here, so it is not told.
 */
export function ending(
  counts: TokenCounts,
  times: { readonly totalMs: number; readonly firstMs: number | null },
): Json {
  const { totalMs, firstMs } = times
  return {
    total_duration: nanoseconds(totalMs),
    ...(counts.promptTokens === null ? {} : { prompt_eval_count: counts.promptTokens }),
    ...(firstMs === null ? {} : { prompt_eval_duration: nanoseconds(firstMs) }),
    ...(counts.completionTokens === null ? {} : { eval_count: counts.completionTokens }),
    ...(firstMs === null ? {} : { eval_duration: nanoseconds(totalMs - firstMs) }),
  }
}

export const writeError = (error: AppError): Json => ({ error: error.message })
