import type { CallerDialect } from '../../conversation/dialect.ts'
import { readRequest } from './read-request.ts'
import { ChatWriter } from './stream-writer.ts'
import { writeAnswer } from './write-answer.ts'
import { writeError } from './write-error.ts'

/** Whoever speaks OpenAI's chat completions. */
export const chatCaller: CallerDialect = {
  name: 'chat',
  readRequest,
  writeAnswer,
  createWriter: (facts) => new ChatWriter(facts),
  writeError,
}
