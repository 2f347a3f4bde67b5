import type { UpstreamDialect } from '../../conversation/dialect.ts'
import { readAnswer } from './read-answer.ts'
import { ResponsesReader } from './stream-reader.ts'
import { writeRequest } from './write-request.ts'

/** OpenAI Responses, as upstreams speak it. */
export const responsesUpstream: UpstreamDialect = {
  name: 'responses',
  path: '/responses',
  writeRequest,
  readAnswer,
  createReader: () => new ResponsesReader(),
}
