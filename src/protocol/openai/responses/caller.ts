import type { Json } from '../../conversation/conversation.ts'
import type { AnswerFacts, CallerDialect } from '../../conversation/dialect.ts'
import { writeError } from '../chat/write-error.ts'
import { readRequest, type AskedConversation } from './read-request.ts'
import { ResponsesWriter } from './stream-writer.ts'
import { writeAnswer } from './write-answer.ts'

export interface ResponsesCaller extends CallerDialect {
  readRequest(body: Json): AskedConversation
  createWriter(facts: AnswerFacts): ResponsesWriter
}

/** OpenAI Responses, as clients speak it. */
export const responsesCaller: ResponsesCaller = {
  name: 'responses',
  readRequest,
  writeAnswer,
  createWriter: (facts) => new ResponsesWriter(facts),
  writeError,
}
