import type { AnyRoute } from '#platform/http/route.ts'
import { route } from '#platform/http/route.ts'
import { poolList } from '#protocol/admin/fleet.ts'
import type { PoolView } from '../contract.ts'
import { wirePool } from '../service/pool-views.ts'

/** `/api/pools`: what is scarce, and who waits for it; scope `monitor`. */
export function poolRoutes(pools: () => readonly PoolView[]): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/api/pools',
      summary: 'Places that requests take: limits, work in flight, and the lines before them.',
      tag: 'models',
      scope: 'monitor',
      responses: { 200: poolList },
      handle: () => ({ data: pools().map(wirePool) }),
    }),
  ]
}
