import type { Json, Reply } from '../conversation/conversation.ts'
import type { AnswerFacts } from '../conversation/dialect.ts'
import { isLoad } from './load.ts'
import { doneReason, ending, envelope, writeCall, type Shape } from './shape.ts'

/** A whole answer: the same object that ends a stream, with all that was said. */
export function writeAnswer({ parts, finish, usage }: Reply, facts: AnswerFacts, shape: Shape): Json {
  const { conversation } = facts
  const piece = isLoad(conversation) ? { text: '', thinking: '', calls: [] } : pieceOf(parts)
  return {
    ...envelope(facts),
    ...shape(piece),
    done: true,
    done_reason: doneReason(finish, conversation),
    ...ending(usage, { totalMs: facts.elapsedMs(), firstMs: null }),
  }
}

function pieceOf(parts: Reply['parts']): Parameters<Shape>[0] {
  const joined = (kinds: readonly string[]): string =>
    parts.map((part) => (part.kind !== 'tool_call' && kinds.includes(part.kind) ? part.text : '')).join('')
  return {
    text: joined(['text', 'refusal']),
    thinking: joined(['reasoning']),
    calls: parts.filter((part) => part.kind === 'tool_call').map(writeCall),
  }
}
