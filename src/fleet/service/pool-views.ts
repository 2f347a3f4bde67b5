import type { PoolViewWire } from '#protocol/admin/fleet.ts'
import type { PoolView } from '../contract.ts'
import type { Bay } from './bay.ts'
import type { Pool } from './pool.ts'
import type { Pools } from './pools.ts'
import { allLines, type FleetState } from './state.ts'

/**
 * All that is scarce: 1. the pools that were named, 2. those of audio, where any was asked for, 3. each deployment's
 * own places.
 */
export function poolViews(fleet: FleetState, pools: Pools): readonly PoolView[] {
  const lines = [...allLines(fleet)]
  const shared = new Set<Pool>(pools.named())
  for (const { pool } of lines) if (pool !== null && pool.isWanted) shared.add(pool)
  const own = [...fleet.bays.values()].filter((bay) => !bay.local?.isRemoved)
  return [
    ...[...shared].map((pool) => {
      const members = lines.filter((line) => line.pool === pool)
      const { name, kind, concurrency, perKey, inFlight } = pool
      return { name, kind, limit: concurrency, perKey, inFlight, ...lineOf(fleet, members) }
    }),
    ...own.map((bay) => ({
      name: bay.deployment,
      kind: 'deployment' as const,
      limit: limitOf(bay),
      perKey: null,
      inFlight: bay.slots?.inFlight ?? 0,
      ...lineOf(fleet, bay.audio ? [bay, bay.audio] : [bay]),
    })),
  ]
}

export function wirePool(view: PoolView): PoolViewWire {
  return { ...view, members: [...view.members] }
}

function limitOf(bay: Bay): number | null {
  const limit = bay.slots?.limit ?? bay.local?.recipe.parallel ?? Infinity
  return Number.isFinite(limit) ? limit : null
}

function lineOf(fleet: FleetState, lines: readonly Bay[]) {
  const now = fleet.clock.mono()
  const count = (priority: 'interactive' | 'batch') => lines.reduce((sum, line) => sum + line.queue.count(priority), 0)
  const oldest = lines.flatMap((line) => line.queue.oldestSince() ?? [])
  const times = lines.flatMap((line) => line.serviceMs ?? [])
  const members = new Set(lines.map((line) => line.deployment))
  return {
    waiting: { interactive: count('interactive'), batch: count('batch') },
    oldestWaitMs: oldest.length === 0 ? null : Math.round(now - Math.min(...oldest)),
    serviceMs: times.length === 0 ? null : Math.round(times.reduce((sum, one) => sum + one, 0) / times.length),
    members: [...members],
  }
}
