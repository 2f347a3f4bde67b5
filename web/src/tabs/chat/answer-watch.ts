import { strings } from '../../strings.ts'
import { type AnswerUsage, type ChatStep, createEndingWatch, withPieces } from './chat-reader.ts'
import type { Answer, ToolCall } from './conversation.ts'

export interface AnswerWatch {
  /** The head of the answer: who it is in the ledger, and who gives it. */
  begin(headers: Headers): void
  note(step: ChatStep): void
  conclude(): void
  fail(thrown: unknown, wasStopped: boolean): void
}

const frameMs = 33

/** Gathers the steps of one answer; words are shown once per frame, however fast they come. */
export function createAnswerWatch(change: (how: (answer: Answer) => Answer) => void): AnswerWatch {
  const startedAt = performance.now()
  const ending = createEndingWatch()
  let content = ''
  let reasoning = ''
  let calls: readonly ToolCall[] = []
  let firstWordMs: number | null = null
  let usage: AnswerUsage | null = null
  let frame: ReturnType<typeof setTimeout> | null = null

  function show(state: Answer['state']): void {
    if (frame !== null) clearTimeout(frame)
    frame = null
    change((answer) => ({ ...answer, content, reasoning, calls, usage, firstWordMs, state }))
  }
  function finish(state: Answer['state']): void {
    show(state)
    change((answer) => ({ ...answer, totalMs: performance.now() - startedAt }))
  }
  function noteOutput(): void {
    firstWordMs ??= performance.now() - startedAt
    frame ??= setTimeout(() => show({ kind: 'streaming' }), frameMs)
  }
  const hasBegun = () => content !== '' || reasoning !== '' || calls.length > 0
  return {
    begin: (headers) =>
      change((answer) => ({
        ...answer,
        request: headers.get('x-request-id'),
        route: headers.get('x-hearth-route'),
      })),
    note(step) {
      ending.note(step)
      if (step.kind === 'waiting') show({ kind: 'waiting', waiting: step.waiting })
      else if (step.kind === 'usage') usage = step.usage
      else if (step.kind === 'text') {
        content += step.content
        reasoning += step.reasoning
        noteOutput()
      } else if (step.kind === 'calls') {
        calls = withPieces(calls, step.pieces)
        noteOutput()
      }
    },
    conclude: () => finish(stateOf(ending.ending(), hasBegun())),
    fail(thrown, wasStopped) {
      const told = ending.ending()
      if (wasStopped) finish({ kind: 'stopped' })
      else if (told.kind === 'complete') finish(told)
      else if (told.kind === 'failed') finish(stateOf(told, hasBegun()))
      else finish(hasBegun() ? { kind: 'incomplete' } : { kind: 'failed', message: sentenceOf(thrown) })
    },
  }
}

function stateOf(
  ending: ReturnType<ReturnType<typeof createEndingWatch>['ending']>,
  hasBegun: boolean,
): Answer['state'] {
  if (ending.kind === 'failed') return { kind: 'failed', message: ending.message || strings.chat.failed }
  if (ending.kind === 'incomplete' && !hasBegun) return { kind: 'failed', message: strings.chat.brokeOff }
  return ending
}

/** A refusal in the server's words; nobody's answer in ours. */
export function sentenceOf(thrown: unknown): string {
  const message = thrown instanceof Error && thrown.name === 'ApiError' ? thrown.message : ''
  return message || strings.errors.unreachable
}
