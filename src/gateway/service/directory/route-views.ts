import { modelName, type DeploymentId, type ModelName } from '#kernel/ids.ts'
import type { RouteView, TargetView } from '#protocol/admin/gateway.ts'
import type { Route, Snapshot, Target } from '../../core/choose.ts'
import type { Vitals } from '../health/vitals.ts'

export interface RouteViewParts {
  readonly snapshot: Snapshot
  readonly vitals: Vitals
  /** Requests that wait for a place; who is not in it has none. */
  readonly queued: (deployment: DeploymentId) => number
}

/**
 * Every name with who answers for it and how they are, routes of the config first. `<upstream>/<model>` is told only
 * where the model's name alone leads elsewhere.
 */
export function listRoutes(parts: RouteViewParts): readonly RouteView[] {
  const { names } = parts.snapshot
  const aliases = new Map<Route, ModelName[]>()
  for (const [name, route] of names) {
    const own = aliases.get(route) ?? []
    if (name !== route.name) own.push(name)
    aliases.set(route, own)
  }
  const shown = [...aliases].filter(([route]) => route.isConfigured || !isAlsoShort(route, names))
  return shown
    .map(([route, others]) => viewOf(route, others, parts))
    .toSorted((one, other) => Number(other.isConfigured) - Number(one.isConfigured))
}

function isAlsoShort({ name, targets: [target] }: Route, names: Snapshot['names']): boolean {
  if (target === undefined || name !== `${target.upstream}/${target.model}`) return false
  return names.get(modelName(target.model))?.targets.some(({ key }) => key === target.key) === true
}

function viewOf(route: Route, aliases: readonly ModelName[], parts: RouteViewParts): RouteView {
  return {
    name: route.name,
    aliases,
    policy: route.policy,
    isConfigured: route.isConfigured,
    targets: route.targets.map((target) => targetView(target, parts)),
    fallbacks: route.fallbacks.map(({ on, model }) => ({ on: on ?? [], model })),
  }
}

function targetView(target: Target, { vitals, queued }: RouteViewParts): TargetView {
  const vital = vitals.peek(target)
  const engine = vital?.engine ?? null
  return {
    deployment: target.deployment,
    upstream: target.upstream,
    model: target.model,
    locality: target.locality,
    weight: target.weight,
    priority: target.priority,
    breaker: vital?.breaker ?? 'closed',
    retryInMs: vital !== null && vital.breaker !== 'closed' ? Math.ceil(vital.retryInMs) : null,
    inFlight: vital?.inFlight ?? 0,
    queued: queued(target.deployment),
    firstByteMs: vital?.averageMs ?? null,
    engine: engine && { running: engine.running, waiting: engine.waiting, cacheUsage: engine.cacheUsage },
    failures: vital?.failures ?? 0,
    lastFailure: vital?.lastFailure ?? null,
  }
}
