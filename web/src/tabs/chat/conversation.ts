import type { Waiting } from '../../api/types.ts'
import type { AnswerUsage } from './chat-reader.ts'
import { plainSampling, type Sampling } from './sampling.ts'

/** A conversation as the page keeps it. Pure: `chat-store.ts` does the asking, `keeping.ts` the keeping. */
export interface Conversation {
  readonly turns: readonly Turn[]
  readonly model: string | null
  /** The model that answers beside the first one; null = none is compared. */
  readonly rival: string | null
  readonly system: string
  /** Functions the model may ask for, as they were written (`tool-text.ts`). */
  readonly tools: string
  readonly sampling: Sampling
}

/** Who of two models beside each other; alone it is `main`. */
export type Side = 'main' | 'rival'

export type Turn = Question | Answer | ToolResult | Summary

export interface Question {
  readonly role: 'user'
  readonly id: number
  readonly content: string
  /** `data:` addresses of pictures. */
  readonly images: readonly string[]
}

export interface ToolCall {
  readonly id: string
  readonly name: string
  /** JSON as the model wrote it, perhaps broken. */
  readonly arguments: string
}

export interface Answer {
  readonly role: 'assistant'
  readonly id: number
  readonly side: Side
  readonly model: string
  readonly content: string
  readonly reasoning: string
  readonly calls: readonly ToolCall[]
  readonly state: AnswerState
  readonly usage: AnswerUsage | null
  /** From sending to the first word, and to the end. */
  readonly firstWordMs: number | null
  readonly totalMs: number | null
  /** The answer's `x-request-id` and `x-hearth-route`. */
  readonly request: string | null
  readonly route: string | null
}

export interface ToolResult {
  readonly role: 'tool'
  readonly id: number
  readonly side: Side
  readonly call: string
  readonly name: string
  readonly content: string
}

/** Stands for turns that were taken out, until somebody wants them back. */
export interface Summary {
  readonly role: 'summary'
  readonly id: number
  readonly model: string
  readonly content: string
  readonly replaced: readonly Turn[]
}

export type AnswerState =
  | { readonly kind: 'waiting'; readonly waiting: Waiting | null }
  | { readonly kind: 'streaming' }
  | { readonly kind: 'complete'; readonly reason: string }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'failed'; readonly message: string }

export const emptyConversation: Conversation = {
  turns: [],
  model: null,
  rival: null,
  system: '',
  tools: '',
  sampling: plainSampling,
}

export function newAnswer(id: number, side: Side, model: string): Answer {
  return {
    role: 'assistant',
    id,
    side,
    model,
    content: '',
    reasoning: '',
    calls: [],
    state: { kind: 'waiting', waiting: null },
    usage: null,
    firstWordMs: null,
    totalMs: null,
    request: null,
    route: null,
  }
}

export function isRunning(turn: Turn): boolean {
  return turn.role === 'assistant' && (turn.state.kind === 'waiting' || turn.state.kind === 'streaming')
}

export function isBusy(conversation: Conversation): boolean {
  return conversation.turns.some(isRunning)
}

/** A question (or the summary) with everything that was said to it. */
export interface Round {
  readonly head: Question | Summary | null
  readonly main: readonly (Answer | ToolResult)[]
  readonly rival: readonly (Answer | ToolResult)[]
}

export function roundsOf(turns: readonly Turn[]): readonly Round[] {
  const rounds: { head: Round['head']; main: (Answer | ToolResult)[]; rival: (Answer | ToolResult)[] }[] = []
  for (const turn of turns) {
    if (turn.role === 'user' || turn.role === 'summary') rounds.push({ head: turn, main: [], rival: [] })
    else {
      if (rounds.length === 0) rounds.push({ head: null, main: [], rival: [] })
      rounds.at(-1)?.[turn.side].push(turn)
    }
  }
  return rounds
}

/** The calls of an answer that nobody has answered. */
export function openCalls(answer: Answer, said: readonly (Answer | ToolResult)[]): readonly ToolCall[] {
  const after = said.slice(said.indexOf(answer) + 1)
  const answered = new Set(after.flatMap((turn) => (turn.role === 'tool' ? [turn.call] : [])))
  return answer.calls.filter((call) => !answered.has(call.id))
}

/** Without the last answer of one side, so that it can be asked for anew. */
export function withoutLastAnswer(turns: readonly Turn[], side: Side): readonly Turn[] {
  const at = turns.findLastIndex((turn) => turn.role === 'assistant' && turn.side === side)
  return at === -1 ? turns : turns.toSpliced(at, 1)
}

/** The question said otherwise, and nothing after it. null: there is no such question. */
export function withQuestion(turns: readonly Turn[], id: number, content: string): readonly Turn[] | null {
  const at = turns.findIndex((turn) => turn.id === id && turn.role === 'user')
  const question = turns[at]
  return question?.role === 'user' ? [...turns.slice(0, at), { ...question, content }] : null
}

/** Tokens a second while words came; null where it cannot be known. */
export function tokensPerSecond(answer: Answer): number | null {
  const tokens = answer.usage?.completionTokens ?? null
  if (tokens === null || tokens < 2 || answer.firstWordMs === null || answer.totalMs === null) return null
  const ms = answer.totalMs - answer.firstWordMs
  return ms > 0 ? ((tokens - 1) / ms) * 1000 : null
}
