import { z } from 'zod'
import { modelName } from '#kernel/ids.ts'
import { route, type AnyRoute, type RawRoute } from '#platform/http/route.ts'
import { modelCard, modelCards, type ModelCard } from '#protocol/openai/models.ts'
import {
  anyAnswer,
  chatRequest,
  completionRequest,
  embeddingRequest,
  errorEnvelope,
  messagesRequest,
  rerankRequest,
  responsesRequest,
} from '#protocol/openai/wire.ts'
import type { Caller } from '#kernel/words.ts'
import { unknownModel } from '../errors.ts'
import {
  chatLane,
  completionLane,
  embeddingLane,
  messagesLane,
  rerankLane,
  responsesLane,
  type Lane,
} from '../service/answering/lanes.ts'
import { findModel } from '../service/directory/model-list.ts'

export interface GatewayHttp {
  readonly answer: (lane: Lane, ...rest: Parameters<RawRoute['handle']>) => Promise<Response>
  readonly models: (caller: Caller) => Promise<readonly ModelCard[]>
}

const tag = 'inference'

interface Way {
  readonly lane: Lane
  readonly path: RawRoute['path']
  readonly summary: string
  readonly body: z.ZodType
}

const ways: readonly Way[] = [
  { lane: chatLane, path: '/v1/chat/completions', summary: 'Chat, streamed or whole.', body: chatRequest },
  {
    lane: completionLane,
    path: '/v1/completions',
    summary: 'Text completion, streamed or whole.',
    body: completionRequest,
  },
  { lane: embeddingLane, path: '/v1/embeddings', summary: 'Embeddings as floats or base64.', body: embeddingRequest },
  {
    lane: rerankLane,
    path: '/v1/rerank',
    summary: 'Documents in the order of their relevance to a query.',
    body: rerankRequest,
  },
  {
    lane: messagesLane,
    path: '/v1/messages',
    summary: 'Anthropic’s Messages, streamed or whole, for every model.',
    body: messagesRequest,
  },
  {
    lane: responsesLane,
    path: '/v1/responses',
    summary: 'OpenAI’s Responses, streamed or whole, for every model.',
    body: responsesRequest,
  },
]

export function gatewayRoutes({ answer, models }: GatewayHttp): readonly AnyRoute[] {
  const dataPlane = ways.map(({ lane, path, summary, body }): RawRoute => ({
    method: 'POST',
    path,
    summary,
    tag,
    scope: 'inference',
    raw: true,
    describe: {
      body,
      responses: {
        200: anyAnswer,
        400: errorEnvelope,
        401: errorEnvelope,
        404: errorEnvelope,
        429: errorEnvelope,
        503: errorEnvelope,
      },
    },
    handle: (request, at, params) => answer(lane, request, at, params),
  }))
  return [
    ...dataPlane,
    route({
      method: 'GET',
      path: '/v1/models',
      summary: 'The models this key can use now.',
      tag,
      scope: 'inference',
      responses: { 200: modelCards },
      handle: async ({ caller }) => ({ object: 'list', data: await models(caller) }),
    }),
    route({
      method: 'GET',
      path: '/v1/models/{id+}',
      summary: 'One model.',
      tag,
      scope: 'inference',
      params: z.object({ id: z.string() }),
      responses: { 200: modelCard, 404: errorEnvelope },
      handle: async ({ caller, params }) => {
        const card = findModel(await models(caller), modelName(params.id))
        if (!card) throw unknownModel(params.id, [])
        return card
      },
    }),
  ]
}
