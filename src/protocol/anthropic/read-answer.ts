import { AppError } from '../../kernel/errors.ts'
import type { Json, Reply } from '../conversation/conversation.ts'
import { textOf } from '../json/members.ts'
import { readCounts } from './counts.ts'
import { readFinish } from './finish.ts'
import { outputParts } from './read-blocks.ts'

/** A whole answer of `POST /v1/messages`; null: this is none. */
export function readAnswer(body: Json): Reply | null {
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
