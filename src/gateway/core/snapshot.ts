import { localDeployment, modelId, modelName, upstreamDeployment, upstreamName, type ModelName } from '#kernel/ids.ts'
import type { Locality } from '#kernel/words.ts'
import type { Snapshot, Target } from './choose.ts'

/** What the snapshot is built from: the config's decisions and what the upstreams said they have. */
export interface Facts {
  readonly upstreams: readonly UpstreamFacts[]
  /** `model` is the name that the engine itself knows it by. */
  readonly localModels: readonly { readonly id: string; readonly model: string }[]
  readonly routes: readonly { readonly model: string; readonly targets: readonly RouteTarget[] }[]
}

export interface UpstreamFacts {
  readonly name: string
  readonly baseUrl: string
  readonly locality: Locality | null
  /** As the config says; `*` = all it has. */
  readonly models: readonly string[]
  /** What its `/v1/models` listed; null = not read yet. */
  readonly listed: readonly string[] | null
  readonly headers: Readonly<Record<string, string>>
  readonly splitThink: boolean
}

export type RouteTarget = { readonly upstream: string; readonly model: string } | { readonly model: string }

/**
 * Names and where they lead. A name that several own belongs to the first: 1. routes, 2. local models, 3. upstreams in
 * the config's order; upstreams that offer the same name stand behind one another. Each upstream's models are also
 * `<upstream>/<model>`. A route's target without `upstream` may name anything that 2 and 3 made.
 */
export function buildSnapshot(facts: Facts): Snapshot {
  const names = new Map<ModelName, readonly Target[]>()
  for (const local of facts.localModels) names.set(modelName(local.id), [localTarget(local)])
  for (const upstream of facts.upstreams) {
    for (const model of offered(upstream)) {
      const target = upstreamTarget(upstream, model)
      names.set(modelName(`${upstream.name}/${model}`), [target])
      const bare = names.get(modelName(model)) ?? []
      if (!bare.some((known) => known.upstream === 'local')) names.set(modelName(model), [...bare, target])
    }
  }
  const byName = new Map(facts.upstreams.map((upstream) => [upstream.name, upstream]))
  const routed = facts.routes.map(
    (route) => [modelName(route.model), route.targets.flatMap((target) => resolve(target, names, byName))] as const,
  )
  for (const [name, targets] of routed) if (targets.length > 0) names.set(name, targets)
  const open = new Map(
    facts.upstreams
      .filter(isOpen)
      .map((upstream) => [upstream.name, (model: string) => upstreamTarget(upstream, model)]),
  )
  return { names, open }
}

const isOpen = (upstream: UpstreamFacts): boolean => upstream.models.includes('*')

function offered(upstream: UpstreamFacts): readonly string[] {
  const named = upstream.models.filter((model) => model !== '*')
  return isOpen(upstream) ? [...new Set([...named, ...(upstream.listed ?? [])])] : named
}

function resolve(
  target: RouteTarget,
  names: ReadonlyMap<ModelName, readonly Target[]>,
  upstreams: ReadonlyMap<string, UpstreamFacts>,
): readonly Target[] {
  if (!('upstream' in target)) return names.get(modelName(target.model)) ?? []
  const upstream = upstreams.get(target.upstream)
  return upstream ? [upstreamTarget(upstream, target.model)] : []
}

const contentType = { 'content-type': 'application/json' } as const

function localTarget({ id, model }: { readonly id: string; readonly model: string }): Target {
  return {
    deployment: localDeployment(modelId(id)),
    upstream: 'local',
    model,
    locality: 'host',
    baseUrl: null,
    headers: contentType,
    splitThink: false,
  }
}

function upstreamTarget(upstream: UpstreamFacts, model: string): Target {
  const name = upstreamName(upstream.name)
  const { baseUrl, locality, splitThink } = upstream
  const headers = { ...contentType, ...upstream.headers }
  return { deployment: upstreamDeployment(name), upstream: name, model, locality, baseUrl, headers, splitThink }
}
