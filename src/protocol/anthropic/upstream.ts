import type { Json, Reply } from '../conversation/conversation.ts'
import type { UpstreamDialect } from '../conversation/dialect.ts'
import { AppError } from '../../kernel/errors.ts'
import { readCounts } from './counts.ts'
import { readFinish } from './finish.ts'
import { textOf } from '../json/members.ts'
import { outputParts } from './read-blocks.ts'
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

function readAnswer(body: Json): Reply | null {
  if (body.type !== 'message' || !Array.isArray(body.content)) return null
  try {
    return {
      id: textOf(body.id),
      model: textOf(body.model),
      parts: outputParts(body.content, 'content'),
      finish: readFinish(body.stop_reason, body.stop_sequence),
      usage: readCounts(body.usage),
    }
  } catch (error) {
    // A block that lacks what its kind must have.
    if (error instanceof AppError) return null
    throw error
  }
}
