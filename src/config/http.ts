import { z } from 'zod'
import { AppError } from '#kernel/errors.ts'
import { route, type AnyRoute } from '#platform/http/route.ts'
import { configView, type ConfigView } from '#protocol/admin/config.ts'
import type { LiveConfig } from './live.ts'

const tag = 'config'
const params = z.object({ path: z.string() })

/** Values as `GET /api/config` shows them: secrets as `set` or `not set`. */
interface ConfigChange {
  readonly who: string
  readonly action: string
  readonly target: string
  readonly detail: string
  readonly from: string
  readonly before: unknown
  readonly after: unknown
}

/** Settings with where each value comes from, and the run-time overlay. Every change is recorded. */
export function configRoutes(live: LiveConfig, record: (entry: ConfigChange) => void): readonly AnyRoute[] {
  const view = (): ConfigView => {
    const { file, provenance, warnings } = live.facts.value
    return { file, settings: provenance.map((row) => ({ ...row })), warnings }
  }
  const shown = (path: string): unknown => live.facts.value.provenance.find((row) => row.path === path)?.value ?? null
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
        const before = shown(path)
        await live.put(path, body.value)
        const after = shown(path)
        const detail = JSON.stringify(after) ?? ''
        record({ who: caller.key, action: 'config.set', target: path, detail, from, before, after })
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
        const before = shown(path)
        if (!(await live.remove(path)))
          throw new AppError('not_found', `${path} was not set at run time, so there is nothing to take back.`, {
            reason: 'not_set',
            param: 'path',
          })
        record({ who: caller.key, action: 'config.unset', target: path, detail: '', from, before, after: shown(path) })
        return view()
      },
    }),
  ]
}
