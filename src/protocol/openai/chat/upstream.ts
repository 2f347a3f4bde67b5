import type { UpstreamDialect } from '../../conversation/dialect.ts'
import { readAnswer } from './read-answer.ts'
import { ChatReader } from './stream-reader.ts'
import type { Server } from './write-messages.ts'
import { writeRequest } from './write-request.ts'

/** Engines in the house and in the network that speak OpenAI's chat completions. */
export const chatUpstream: UpstreamDialect = upstreamOf('engine')

/** The same for vendors, who refuse members that they do not know. */
export const vendorChatUpstream: UpstreamDialect = upstreamOf('vendor')

function upstreamOf(server: Server): UpstreamDialect {
  return {
    name: 'chat',
    path: '/chat/completions',
    writeRequest: (conversation, model) => writeRequest(conversation, model, server),
    readAnswer,
    createReader: () => new ChatReader(),
  }
}
