import { z } from 'zod'
import { AppError } from '#kernel/errors.ts'
import { route, type AnyRoute } from '#platform/http/route.ts'
import { configView, type ConfigView } from '#protocol/admin/config.ts'
import type { LiveConfig } from './live.ts'

const tag = 'config'
const params = z.object({ path: z.string() })

/** Settings with where each value comes from, and the run-time overlay. Every change is recorded. */
export function configRoutes(
  live: LiveConfig,
  record: (entry: { who: string; action: string; target: string; detail: string; from: string }) => void,
): readonly AnyRoute[] {
  const view = (): ConfigView => {
    const { file, provenance, warnings } = live.facts.value
    return { file, settings: provenance.map((row) => ({ ...row })), warnings }
  }
  return [
    route({
      method: 'GET',
      path: '/api/config',
      summary: 'Every setting with its value and where that comes from.',
      tag,
      scope: 'admin',
      responses: { 200: configView },
      handle: view,
    }),
    route({
      method: 'PUT',
      path: '/api/config/{path+}',
      summary: 'Sets a value at run time, for example `server.loadWait`; environment and file go before it.',
      tag,
      scope: 'admin',
      params,
      body: z.object({ value: z.unknown() }),
      responses: { 200: configView },
      handle: async ({ params: { path }, body, caller, from }) => {
        await live.put(path, body.value)
        record({ who: caller.key, action: 'config.set', target: path, detail: JSON.stringify(body.value) ?? '', from })
        return view()
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/config/{path+}',
      summary: 'Takes a value back that was set at run time.',
      tag,
      scope: 'admin',
      params,
      responses: { 200: configView },
      handle: async ({ params: { path }, caller, from }) => {
        if (!(await live.remove(path)))
          throw new AppError('not_found', `${path} was not set at run time, so there is nothing to take back.`, {
            reason: 'not_set',
            param: 'path',
          })
        record({ who: caller.key, action: 'config.unset', target: path, detail: '', from })
        return view()
      },
    }),
  ]
}
