import type { AppError } from '../../../kernel/errors.ts'
import type { Json, Reply } from '../../conversation/conversation.ts'
import type { AnswerFacts, CallerDialect, ErrorFacts } from '../../conversation/dialect.ts'
import { OutputBuilder } from './output-builder.ts'
import { deltasOf } from './part-deltas.ts'
import { readRequest, type AskedConversation } from './request.ts'
import { echoOf, endingOf, responseObject, usageOf } from './response-object.ts'
import { createWriter, type ResponseWriter } from './stream-writer.ts'

export interface ResponsesCaller extends CallerDialect {
  readRequest(body: Json): AskedConversation
  createWriter(facts: AnswerFacts): ResponseWriter
}

/** OpenAI Responses, as clients speak it. */
export const responsesCaller: ResponsesCaller = {
  name: 'responses',
  readRequest,
  writeAnswer,
  createWriter,
  writeError,
}

function writeAnswer(reply: Reply, facts: AnswerFacts): Json {
  const builder = new OutputBuilder(facts, () => {})
  let calls = 0
  for (const part of reply.parts) for (const delta of deltasOf(part, () => calls++)) builder.take(delta)
  const ending = endingOf(reply.finish, builder)
  builder.close(ending.status)
  const { createdAt, elapsedMs, conversation, newId } = facts
  return responseObject(
    {
      id: newId('resp_'),
      createdAt,
      ...ending,
      completedAt: ending.status === 'completed' ? createdAt + Math.floor(elapsedMs() / 1000) : null,
      output: builder.items,
      error: null,
      usage: usageOf(reply.usage),
    },
    echoOf(conversation),
  )
}

/** OpenAI's envelope. */
function writeError(error: AppError, { status }: ErrorFacts): Json {
  return {
    error: { message: error.message, type: typeOf(status), code: error.reason, param: error.param },
    ...error.details,
  }
}

/** OpenAI's `error.type` by status, as its other endpoints have it here. */
function typeOf(status: number): string {
  return types[status] ?? (status < 500 ? 'invalid_request_error' : 'server_error')
}

const types: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  409: 'conflict_error',
  429: 'rate_limit_error',
  502: 'upstream_error',
  504: 'timeout_error',
}
