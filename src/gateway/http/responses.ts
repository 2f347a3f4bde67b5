import { z } from 'zod'
import { AppError } from '#kernel/errors.ts'
import { route, type AnyRoute } from '#platform/http/route.ts'
import { errorEnvelope } from '#protocol/openai/wire.ts'
import { deletedResponse, itemPage, responseWire } from '#protocol/openai/responses/wire.ts'
import type { BackgroundRuns } from '../service/responses/background-runs.ts'
import type { StoredResponses } from '../service/responses/stored-responses.ts'

export interface ResponsesHttp {
  readonly responses: StoredResponses
  readonly background: BackgroundRuns
}

const tag = 'inference'
const params = z.object({ id: z.string() })
const found = { 200: responseWire, 401: errorEnvelope, 404: errorEnvelope } as const

/** A page of OpenAI's size. */
const itemsQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).prefault(20),
  after: z.string().optional(),
  order: z.enum(['asc', 'desc']).prefault('desc'),
})

/** What is kept. Making one is a way into the data plane: see openai.ts. */
export function responsesRoutes({ responses, background }: ResponsesHttp): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/v1/responses/{id}',
      summary: 'A response that was kept, or runs in the background.',
      tag,
      scope: 'inference',
      params,
      query: z.object({ stream: z.string().optional() }),
      responses: found,
      async handle({ caller, params: { id }, query }) {
        if (query.stream === 'true') throw noReplay()
        return asJson(await background.read(caller, id))
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/responses/{id}',
      summary: 'Forgets a response.',
      tag,
      scope: 'inference',
      params,
      responses: { 200: deletedResponse, 401: errorEnvelope, 404: errorEnvelope },
      async handle({ caller, params: { id } }) {
        await background.remove(caller, id)
        return { id, object: 'response', deleted: true }
      },
    }),
    route({
      method: 'GET',
      path: '/v1/responses/{id}/input_items',
      summary: 'The items that a response was made from.',
      tag,
      scope: 'inference',
      params,
      query: itemsQuery,
      responses: { 200: itemPage, 401: errorEnvelope, 404: errorEnvelope },
      handle: ({ caller, params: { id }, query: { limit, after, order } }) =>
        responses.inputItems(caller, id, { limit, after: after ?? null, order }),
    }),
    route({
      method: 'POST',
      path: '/v1/responses/{id}/cancel',
      summary: 'Ends a response that runs in the background.',
      tag,
      scope: 'inference',
      params,
      responses: { ...found, 400: errorEnvelope },
      handle: async ({ caller, params: { id } }) => asJson(await background.cancel(caller, id)),
    }),
  ]
}

const asJson = (text: string): Response => new Response(text, { headers: { 'content-type': 'application/json' } })

function noReplay(): AppError {
  return new AppError('invalid', 'The events of a kept response are gone; leave `stream` out to get it whole.', {
    reason: 'stream_not_kept',
    param: 'stream',
  })
}
