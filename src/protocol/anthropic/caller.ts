import type { CallerDialect } from '../conversation/dialect.ts'
import { readRequest } from './read-request.ts'
import { MessagesWriter } from './stream-writer.ts'
import { writeAnswer } from './write-answer.ts'
import { writeError } from './write-error.ts'

/** Whoever asks at `POST /v1/messages`: Anthropic's clients and Claude Code. */
export const messagesCaller: CallerDialect = {
  name: 'messages',
  readRequest,
  writeAnswer,
  createWriter: (facts) => new MessagesWriter(facts),
  writeError,
}
