import { anthropicError, countTokensAnswer, countTokensRequest } from '#protocol/anthropic/wire.ts'
import type { RawRoute } from '#platform/http/route.ts'

/** What Anthropic's clients ask for beside `/v1/messages` itself, which is a lane of the data plane. */
export function messagesRoutes({ countTokens }: { readonly countTokens: RawRoute['handle'] }): readonly RawRoute[] {
  return [
    {
      method: 'POST',
      path: '/v1/messages/count_tokens',
      summary: 'How many tokens a request of `/v1/messages` would have; an estimate where nobody can tell.',
      tag: 'inference',
      scope: 'inference',
      raw: true,
      describe: {
        body: countTokensRequest,
        responses: {
          200: countTokensAnswer,
          400: anthropicError,
          401: anthropicError,
          404: anthropicError,
          429: anthropicError,
        },
      },
      handle: countTokens,
    },
  ]
}
