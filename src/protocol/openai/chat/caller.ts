import type { CallerDialect } from '../../conversation/dialect.ts'
import { chatErrorBody } from './error-body.ts'
import { readChatRequest } from './read-request.ts'
import { ChatStreamWriter } from './stream-writer.ts'
import { writeChatAnswer } from './write-answer.ts'

/** Whoever speaks OpenAI's chat completions. */
export const chatCaller: CallerDialect = {
  name: 'chat',
  readRequest: readChatRequest,
  writeAnswer: writeChatAnswer,
  createWriter: (facts) => new ChatStreamWriter(facts),
  writeError: chatErrorBody,
}
