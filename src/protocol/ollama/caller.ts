import type { Conversation, Json } from '../conversation/conversation.ts'
import type { CallerDialect } from '../conversation/dialect.ts'
import { readChat } from './read-chat.ts'
import { readGenerate } from './read-generate.ts'
import { chatShape, generateShape, writeError, type Shape } from './shape.ts'
import { OllamaWriter } from './stream-writer.ts'
import { writeAnswer } from './write-answer.ts'

/** Ollama's `/api/chat`. A stream is the default: `isStream` of the conversation says what was asked. */
export const ollamaChat: CallerDialect = callerOf('ollama/chat', readChat, chatShape)

/** Ollama's `/api/generate`. */
export const ollamaGenerate: CallerDialect = callerOf('ollama/generate', readGenerate, generateShape)

function callerOf(name: string, readRequest: (body: Json) => Conversation, shape: Shape): CallerDialect {
  return {
    name,
    readRequest,
    writeAnswer: (reply, facts) => writeAnswer(reply, facts, shape),
    createWriter: (facts) => new OllamaWriter(shape, facts),
    writeError,
  }
}
