import type { Conversation, Json, Reply } from '../conversation/conversation.ts'
import type { AnswerFacts, CallerDialect } from '../conversation/dialect.ts'
import { isLoad } from './load.ts'
import { readOllamaChat } from './read-chat.ts'
import { readOllamaGenerate } from './read-generate.ts'
import { chatShape, doneReason, ending, envelope, errorBody, generateShape, writeCall, type Shape } from './shape.ts'
import { OllamaStreamWriter } from './stream-writer.ts'

/** Ollama's `/api/chat`. A stream is the default: `isStream` of the conversation says what was asked. */
export const ollamaChat: CallerDialect = callerOf('ollama/chat', readOllamaChat, chatShape)

/** Ollama's `/api/generate`. */
export const ollamaGenerate: CallerDialect = callerOf('ollama/generate', readOllamaGenerate, generateShape)

function callerOf(name: string, readRequest: (body: Json) => Conversation, shape: Shape): CallerDialect {
  return {
    name,
    readRequest,
    writeAnswer: (reply, facts) => writeAnswer(reply, facts, shape),
    createWriter: (facts) => new OllamaStreamWriter(shape, facts),
    writeError: errorBody,
  }
}

function writeAnswer({ parts, finish, usage }: Reply, facts: AnswerFacts, shape: Shape): Json {
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
