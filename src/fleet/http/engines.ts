import type { AnyRoute } from '#platform/http/route.ts'
import { route } from '#platform/http/route.ts'
import { engineList, engineParams, engineView } from '#protocol/admin/fleet.ts'
import type { Installations } from '../service/installations.ts'
import { unknownEngine } from '../errors.ts'

const tag = 'engines'

/** `/api/engines`: which embedded engines are here, and getting one. */
export function engineRoutes(installations: Installations): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/api/engines',
      summary: 'The embedded engines and whether they are installed.',
      tag,
      scope: 'monitor',
      responses: { 200: engineList },
      handle: async () => ({ data: await installations.list() }),
    }),
    route({
      method: 'POST',
      path: '/api/engines/{name}/install',
      summary: 'Installs an embedded engine; answers when it is there. Progress comes as `engine.install` events.',
      tag,
      scope: 'fleet.operate',
      params: engineParams,
      responses: { 200: engineView },
      async handle({ params, request, keepOpen }) {
        const known = await installations.list()
        if (!known.some((engine) => engine.name === params.name))
          throw unknownEngine(
            params.name,
            known.map((engine) => engine.name),
          )
        keepOpen()
        await installations.install(params.name, () => {}, request.signal)
        const now = (await installations.list()).find((engine) => engine.name === params.name)
        if (now === undefined) throw unknownEngine(params.name, [])
        return now
      },
    }),
  ]
}
