import type { Waiting } from '../../api/types.ts'
import type { AnswerUsage } from './chat-reader.ts'

/** A conversation as the page keeps it. Pure: `chat-store.ts` does the asking. */
export interface Conversation {
  readonly turns: readonly Turn[]
  readonly model: string | null
  readonly system: string
  /** null = as the model decides. */
  readonly temperature: number | null
}

export type Turn = Question | Answer

export interface Question {
  readonly role: 'user'
  readonly id: number
  readonly content: string
}

export interface Answer {
  readonly role: 'assistant'
  readonly id: number
  readonly model: string
  readonly content: string
  readonly reasoning: string
  readonly state: AnswerState
  readonly usage: AnswerUsage | null
  /** From sending to the first word, and to the end. */
  readonly firstWordMs: number | null
  readonly totalMs: number | null
}

export type AnswerState =
  | { readonly kind: 'waiting'; readonly waiting: Waiting | null }
  | { readonly kind: 'streaming' }
  | { readonly kind: 'complete'; readonly reason: string }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'failed'; readonly message: string }

export const emptyConversation: Conversation = { turns: [], model: null, system: '', temperature: null }

const largestKept = 2_000_000

export function isBusy(conversation: Conversation): boolean {
  const last = conversation.turns.at(-1)
  return last?.role === 'assistant' && (last.state.kind === 'waiting' || last.state.kind === 'streaming')
}

/** What is sent: no thoughts, and no answer without words (it would only confuse the next one). */
export function messagesOf(conversation: Conversation): readonly { role: string; content: string }[] {
  const system = conversation.system.trim()
  const turns = conversation.turns
    .filter((turn) => turn.content !== '')
    .map((turn) => ({ role: turn.role, content: turn.content }))
  return system === '' ? turns : [{ role: 'system', content: system }, ...turns]
}

/** Tokens a second while words came; null where it cannot be known. */
export function tokensPerSecond(answer: Answer): number | null {
  const tokens = answer.usage?.completionTokens ?? null
  if (tokens === null || tokens < 2 || answer.firstWordMs === null || answer.totalMs === null) return null
  const ms = answer.totalMs - answer.firstWordMs
  return ms > 0 ? ((tokens - 1) / ms) * 1000 : null
}

/** For the browser's storage; when it is too long, its beginning is left out. */
export function pack(conversation: Conversation): string {
  let { turns } = conversation
  let packed = JSON.stringify(conversation)
  while (packed.length > largestKept && turns.length > 1) {
    turns = turns.slice(Math.ceil(turns.length / 4))
    packed = JSON.stringify({ ...conversation, turns })
  }
  return packed.length > largestKept ? JSON.stringify({ ...conversation, turns: [] }) : packed
}

/** What was kept; an answer that was being streamed when the page went away broke off. */
export function unpack(packed: string | null): Conversation {
  const kept = parse(packed)
  if (!kept || !Array.isArray(kept.turns)) return emptyConversation
  const turns = kept.turns.filter(isTurn).map((turn): Turn => {
    const wasRunning = turn.role === 'assistant' && (turn.state.kind === 'waiting' || turn.state.kind === 'streaming')
    return wasRunning ? { ...turn, state: { kind: 'incomplete' } } : turn
  })
  return {
    turns,
    model: typeof kept.model === 'string' ? kept.model : null,
    system: typeof kept.system === 'string' ? kept.system : '',
    temperature: typeof kept.temperature === 'number' ? kept.temperature : null,
  }
}

function isTurn(value: unknown): value is Turn {
  if (typeof value !== 'object' || value === null) return false
  const turn = value as Partial<Answer>
  if (typeof turn.content !== 'string' || typeof turn.id !== 'number') return false
  return (turn.role as string) === 'user' || (turn.role === 'assistant' && typeof turn.state?.kind === 'string')
}

function parse(packed: string | null): Partial<Record<keyof Conversation, unknown>> | null {
  try {
    const value: unknown = JSON.parse(packed ?? 'null')
    return typeof value === 'object' ? value : null
  } catch {
    return null
  }
}
