import type { Json, Reply } from '../../conversation/conversation.ts'
import type { AnswerFacts } from '../../conversation/dialect.ts'
import { writeCounts } from './counts.ts'
import { endingOf } from './finish.ts'
import { OutputBuilder } from './output-builder.ts'
import { deltasOf } from './part-deltas.ts'
import { echoOf, responseObject } from './response-object.ts'

/** A whole answer of `POST /v1/responses`. */
export function writeAnswer(reply: Reply, facts: AnswerFacts): Json {
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
      usage: writeCounts(reply.usage),
    },
    echoOf(conversation),
  )
}
