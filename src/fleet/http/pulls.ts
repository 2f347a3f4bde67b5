import { AppError } from '#kernel/errors.ts'
import { route, type AnyRoute } from '#platform/http/route.ts'
import { libraryList, newPull, pullList, pullParams, pullView, suggestionList } from '#protocol/admin/pulls.ts'
import type { Library } from '../service/library.ts'
import type { PullService } from '../service/pulls.ts'

const tag = 'pulls'

/** `/api/pulls`, `/api/library`, `/api/suggestions`: getting model files and finding those that are here. */
export function pullRoutes(pulls: PullService, library: Library): readonly AnyRoute[] {
  return [
    route({
      method: 'POST',
      path: '/api/pulls',
      summary: 'Pulls a model from the hub and adds it; progress comes as `pull.progress` events.',
      tag,
      scope: 'fleet.operate',
      body: newPull,
      status: 202,
      responses: { 202: pullView },
      handle: ({ body }) => pulls.start(body.ref, body.id ?? null),
    }),
    route({
      method: 'GET',
      path: '/api/pulls',
      summary: 'Pulls that run, wait, or ended lately.',
      tag,
      scope: 'monitor',
      responses: { 200: pullList },
      handle: () => ({ data: pulls.list() }),
    }),
    route({
      method: 'DELETE',
      path: '/api/pulls/{id}',
      summary: 'Cancels a pull and throws away what came of it.',
      tag,
      scope: 'fleet.operate',
      params: pullParams,
      responses: { 200: pullView },
      async handle({ params }) {
        const view = await pulls.cancel(params.id)
        if (view) return view
        throw new AppError('not_found', `There is no pull ${params.id}; GET /api/pulls lists them.`, {
          reason: 'pull_not_found',
          param: 'id',
        })
      },
    }),
    route({
      method: 'GET',
      path: '/api/library',
      summary: 'Model files on this machine: of Hearth, Ollama, LM Studio and the Hugging Face cache.',
      tag,
      scope: 'monitor',
      responses: { 200: libraryList },
      handle: async () => ({ data: await library.files() }),
    }),
    route({
      method: 'GET',
      path: '/api/suggestions',
      summary: 'A short list of models, and which fit this machine.',
      tag,
      scope: 'monitor',
      responses: { 200: suggestionList },
      handle: () => library.suggestions(),
    }),
  ]
}
