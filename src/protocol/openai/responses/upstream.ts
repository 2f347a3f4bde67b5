import type { UpstreamDialect } from '../../conversation/dialect.ts'
import { createReader } from './stream-reader.ts'
import { readAnswer } from './upstream-answer.ts'
import { writeRequest } from './upstream-request.ts'

/** OpenAI Responses, as upstreams speak it. */
export const responsesUpstream: UpstreamDialect = {
  name: 'responses',
  path: '/responses',
  writeRequest,
  readAnswer,
  createReader,
}
