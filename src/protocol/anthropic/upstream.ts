import type { UpstreamDialect } from '../conversation/dialect.ts'
import { readAnswer } from './read-answer.ts'
import { MessagesReader } from './stream-reader.ts'
import { writeRequest } from './write-request.ts'

/** Whoever is asked at `/messages`: Anthropic, and servers that speak its dialect. */
export const messagesUpstream: UpstreamDialect = {
  name: 'messages',
  path: '/messages',
  writeRequest,
  readAnswer,
  createReader: () => new MessagesReader(),
}
