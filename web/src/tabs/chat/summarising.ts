import { strings } from '../../strings.ts'
import { type Conversation, roundsOf, type Turn } from './conversation.ts'
import { messagesOf } from './messages.ts'

/** The newest rounds stay word for word: what is being talked about must not be blurred. */
const roundsKept = 2

export interface Parts {
  readonly older: readonly Turn[]
  readonly newer: readonly Turn[]
}

/** What a summary would replace; null when there is too little of it. */
export function olderPart(turns: readonly Turn[]): Parts | null {
  const heads = roundsOf(turns).flatMap(({ head }) => (head ? [head] : []))
  const firstKept = heads.at(-roundsKept)
  if (!firstKept || heads.length <= roundsKept) return null
  const at = turns.indexOf(firstKept)
  const older = turns.slice(0, at)
  return older.some((turn) => turn.role === 'assistant') ? { older, newer: turns.slice(at) } : null
}

/** The request that makes it: the older part, and the wish at its end. Not streamed: nobody reads it growing. */
export function summaryBody(conversation: Conversation, older: readonly Turn[]): Readonly<Record<string, unknown>> {
  const heard = messagesOf({ ...conversation, system: '', turns: older }, 'main')
  return {
    model: conversation.model,
    messages: [...heard, { role: 'user', content: strings.chat.summary.wish }],
  }
}

/** The words of a whole (not streamed) answer; null when there are none. */
export function wordsOfAnswer(answer: unknown): string | null {
  const choices = (answer as { choices?: unknown } | null)?.choices
  const first = Array.isArray(choices) ? (choices[0] as { message?: { content?: unknown } } | undefined) : undefined
  const content = first?.message?.content
  return typeof content === 'string' && content.trim() !== '' ? content.trim() : null
}
