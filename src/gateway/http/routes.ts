import { route, type AnyRoute } from '#platform/http/route.ts'
import { routeList, type RouteView } from '#protocol/admin/gateway.ts'

/** Who answers for which name, and how they are. */
export function routeRoutes(list: () => readonly RouteView[]): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/api/routes',
      summary: 'Every name with its targets: policy, breakers, load, fallbacks',
      tag: 'routes',
      scope: 'monitor',
      responses: { 200: routeList },
      handle: async () => ({ data: list() }),
    }),
  ]
}
