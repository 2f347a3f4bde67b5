import type { Phase, Waiting } from '../../api/types.ts'
import type { SseItem } from '../../live/sse.ts'
import type { ToolCall } from './conversation.ts'

/** One step of an answer that is being streamed. */
export type ChatStep =
  | { readonly kind: 'text'; readonly content: string; readonly reasoning: string }
  | { readonly kind: 'calls'; readonly pieces: readonly CallPiece[] }
  | { readonly kind: 'waiting'; readonly waiting: Waiting }
  | { readonly kind: 'usage'; readonly usage: AnswerUsage }
  | { readonly kind: 'finish'; readonly reason: string }
  | { readonly kind: 'done' }
  | { readonly kind: 'error'; readonly message: string; readonly code: string }

/** A part of a call the model makes; pieces of one place belong together, in order. */
export interface CallPiece {
  readonly place: number
  readonly id: string | null
  readonly name: string | null
  readonly arguments: string
}

export interface AnswerUsage {
  readonly promptTokens: number | null
  readonly completionTokens: number | null
}

/**
 * How an answer ended. A stream that says neither a finish reason nor `[DONE]` broke off, however cleanly it was
 * closed.
 */
export type Ending =
  | { readonly kind: 'complete'; readonly reason: string }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'failed'; readonly message: string; readonly code: string }

/** What one item of the stream says; several things at once, or nothing. */
export function readItem(item: SseItem): readonly ChatStep[] {
  if (item.kind === 'overflow') return []
  if (item.kind === 'comment') {
    const waiting = waitingInComment(item.text)
    return waiting ? [{ kind: 'waiting', waiting }] : []
  }
  if (item.data.trim() === '[DONE]') return [{ kind: 'done' }]
  const chunk = record(parse(item.data))
  if (!chunk) return []
  if (chunk.error !== undefined || item.event === 'error') return [errorStep(chunk)]
  return [...choiceSteps(chunk), ...usageSteps(chunk)]
}

/** The calls so far, with these pieces; without an id of the model's own a call is named for its place. */
export function withPieces(calls: readonly ToolCall[], pieces: readonly CallPiece[]): readonly ToolCall[] {
  const next = [...calls]
  for (const piece of pieces.filter(({ place }) => place >= 0 && place < mostCalls)) {
    while (next.length <= piece.place) next.push({ id: `call_${next.length}`, name: '', arguments: '' })
    const call = next[piece.place]
    if (!call) continue
    next[piece.place] = {
      id: piece.id || call.id,
      name: piece.name || call.name,
      arguments: call.arguments + piece.arguments,
    }
  }
  return next
}

const mostCalls = 64

/** Follows the steps to their end. */
export function createEndingWatch(): { note(step: ChatStep): void; ending(): Ending } {
  let finish: string | null = null
  let isDone = false
  let failure: Ending | null = null
  return {
    note(step) {
      if (step.kind === 'finish') finish = step.reason
      else if (step.kind === 'done') isDone = true
      else if (step.kind === 'error') failure ??= { kind: 'failed', message: step.message, code: step.code }
    },
    ending() {
      if (failure) return failure
      return finish !== null || isDone ? { kind: 'complete', reason: finish ?? 'stop' } : { kind: 'incomplete' }
    },
  }
}

/** The `loading` member of an answer or of a comment line; null when it is none. */
export function readWaiting(value: unknown): Waiting | null {
  const given = record(value)
  if (!given) return null
  if (!('phase' in given || 'state' in given || 'etaSeconds' in given || 'position' in given)) return null
  return {
    state: text(given.state),
    phase: text(given.phase) as Phase | null,
    position: count(given.position),
    etaSeconds: count(given.etaSeconds),
  }
}

/** `: loading state=loading phase=proving position=0 eta_seconds=4`; other comments only keep the line open. */
function waitingInComment(comment: string): Waiting | null {
  const [first, ...words] = comment.split(/\s+/)
  if (first !== 'loading') return null
  const facts = new Map(words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]))
  const amount = (name: string) => (facts.has(name) ? count(Number(facts.get(name))) : null)
  return {
    state: facts.get('state') ?? null,
    phase: (facts.get('phase') ?? null) as Phase | null,
    position: amount('position'),
    etaSeconds: amount('eta_seconds'),
  }
}

function choiceSteps(chunk: Readonly<Record<string, unknown>>): readonly ChatStep[] {
  const choice = record(Array.isArray(chunk.choices) ? chunk.choices[0] : null)
  if (!choice) return []
  const steps: ChatStep[] = []
  const delta = record(choice.delta) ?? record(choice.message)
  const content = text(delta?.content) ?? text(delta?.refusal) ?? ''
  const reasoning = text(delta?.reasoning_content) ?? text(delta?.reasoning) ?? ''
  if (content !== '' || reasoning !== '') steps.push({ kind: 'text', content, reasoning })
  const pieces = callPieces(delta?.tool_calls)
  if (pieces.length > 0) steps.push({ kind: 'calls', pieces })
  const reason = text(choice.finish_reason)
  if (reason) steps.push({ kind: 'finish', reason })
  return steps
}

function callPieces(value: unknown): readonly CallPiece[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((entry, place) => {
    const call = record(entry)
    if (!call) return []
    const named = record(call.function)
    return {
      place: count(call.index) ?? place,
      id: text(call.id),
      name: text(named?.name),
      arguments: text(named?.arguments) ?? '',
    }
  })
}

function usageSteps(chunk: Readonly<Record<string, unknown>>): readonly ChatStep[] {
  const usage = record(chunk.usage)
  if (!usage) return []
  const { prompt_tokens: prompt, completion_tokens: completion } = usage
  return [{ kind: 'usage', usage: { promptTokens: count(prompt), completionTokens: count(completion) } }]
}

function errorStep(chunk: Readonly<Record<string, unknown>>): ChatStep {
  const error = record(chunk.error) ?? chunk
  return {
    kind: 'error',
    message: text(error.message) ?? text(chunk.error) ?? '',
    code: text(error.code) ?? text(error.type) ?? '',
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}
