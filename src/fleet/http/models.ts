import { z } from 'zod'
import type { AnyRoute } from '#platform/http/route.ts'
import { route } from '#platform/http/route.ts'
import {
  logQuery,
  modelList,
  modelParams,
  modelView,
  newModel,
  operationAnswer,
  operationQuery,
} from '#protocol/admin/fleet.ts'
import type { Operations } from '../service/operations.ts'
import { wireModel } from '../service/views.ts'

const tag = 'models'

/**
 * `/api/models`: look with scope `monitor`, act with `fleet.operate`. Longer paths come first: an id may hold slashes.
 */
export function modelRoutes(operations: Operations): readonly AnyRoute[] {
  return [
    operation(operations, 'load', 'running', 'Loads a model; ?dryRun=1 only shows the plan.'),
    operation(operations, 'unload', 'stopped', 'Unloads a model; ?dryRun=1 only shows the plan.'),
    route({
      method: 'GET',
      path: '/api/models/{id+}/log',
      summary: "The last lines of a model's log.",
      tag,
      scope: 'monitor',
      params: modelParams,
      query: logQuery,
      responses: { 200: { contentType: 'text/plain', description: 'Oldest line first; empty when it never ran.' } },
      async handle({ params, query }) {
        const text = await operations.logTail(params.id, query.tail)
        return new Response(text, {
          headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
        })
      },
    }),
    route({
      method: 'GET',
      path: '/api/models',
      summary: 'All local models with their state.',
      tag,
      scope: 'monitor',
      responses: { 200: modelList },
      handle: () => ({ data: operations.views().map(wireModel) }),
    }),
    route({
      method: 'POST',
      path: '/api/models',
      summary: 'Adds a model at run time, written like an entry of `models:`.',
      tag,
      scope: 'fleet.operate',
      body: newModel,
      responses: { 201: modelView },
      status: 201,
      handle: async ({ body, caller }) => wireModel(await operations.addRecipe(body, caller)),
    }),
    route({
      method: 'GET',
      path: '/api/models/{id+}',
      summary: 'One local model.',
      tag,
      scope: 'monitor',
      params: modelParams,
      responses: { 200: modelView },
      handle: ({ params }) => wireModel(operations.view(params.id)),
    }),
    route({
      method: 'DELETE',
      path: '/api/models/{id+}',
      summary: 'Takes a model away that was added at run time; its files stay.',
      tag,
      scope: 'fleet.operate',
      params: modelParams,
      responses: { 200: modelView },
      handle: async ({ params, caller }) => wireModel(await operations.removeRecipe(params.id, caller)),
    }),
  ]
}

function operation(operations: Operations, verb: string, wanted: 'running' | 'stopped', summary: string): AnyRoute {
  return route({
    method: 'POST',
    path: `/api/models/{id+}/${verb}`,
    summary,
    tag,
    scope: 'fleet.operate',
    params: modelParams,
    query: operationQuery,
    body: z.looseObject({}).optional(),
    responses: { 200: operationAnswer },
    handle({ params, query, caller }) {
      const isDryRun = query.dryRun === '1' || query.dryRun === 'true'
      const done = operations.operate({ id: params.id, wanted, isDryRun, hash: query.hash ?? null, caller })
      return { ...done, model: wireModel(done.model) }
    },
  })
}
