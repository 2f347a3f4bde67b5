import { localDeployment, modelId, modelName, upstreamDeployment, upstreamName, type ModelName } from '#kernel/ids.ts'
import type { FailureClass, Policy } from '#kernel/routing.ts'
import type { Locality } from '#kernel/words.ts'
import type { Api } from '#protocol/conversation/dialect.ts'
import type { Fallback, KnownModel, Retries, Route, RouteDeadlines, Snapshot, Target, TokenPrice } from './choose.ts'

/** What the snapshot is built from: the config's decisions and what the upstreams said they have. */
export interface Facts {
  readonly upstreams: readonly UpstreamFacts[]
  readonly localModels: readonly LocalFacts[]
  readonly routes: readonly RouteFacts[]
  readonly routing: RoutingFacts
}

export interface LocalFacts {
  readonly id: string
  /** The name that the engine itself knows it by. */
  readonly model: string
  /** Not said = unknown. */
  readonly contextTokens?: number | null
}

export interface UpstreamFacts {
  readonly name: string
  readonly baseUrl: string
  /**
   * Where the address of a model is its own (`…/deployments/<model>`): the base with `{model}` in it; null = all models
   * are at `baseUrl`.
   */
  readonly modelUrl?: string | null
  readonly query?: string
  readonly locality: Locality | null
  /** As the config says; `*` = all it has. */
  readonly models: readonly string[]
  /** What its `/v1/models` listed, with the tokens of context where it tells them; null = not read yet. */
  readonly listed: ReadonlyMap<string, number | null> | null
  readonly headers: Readonly<Record<string, string>>
  readonly splitThink: boolean
  /** Not said = chat. */
  readonly apis?: readonly Api[]
  /** Tokens by model name, `*` for all others. */
  readonly context?: Readonly<Record<string, number>>
  readonly prices?: Readonly<Record<string, TokenPrice>>
  /** What the catalogue knows of its models: what is offered until its own list was read. Not there = nothing. */
  readonly known?: ReadonlyMap<string, KnownModel>
  readonly refusesStreamOptions?: boolean
}

export interface RouteFacts {
  readonly model: string
  /** Further names for the same. */
  readonly aliases?: readonly string[]
  /** Not said = `priority`. */
  readonly policy?: Policy
  readonly targets: readonly RouteTarget[]
  readonly fallbacks?: readonly { readonly on: readonly FailureClass[] | null; readonly model: string }[]
  /** What it says otherwise than `routing`. */
  readonly retries?: Partial<Omit<Retries, 'whenAllOpen'>>
  readonly deadlines?: RouteDeadlines | null
  readonly cacheTtlMs?: number | null
}

export interface RouteTarget {
  /** Not said = a local model, or whoever answers to that name. */
  readonly upstream?: string
  readonly model: string
  /** Not said = 1. */
  readonly weight?: number
  /** Not said: its place in the list where the policy is `priority`, the same for all otherwise. */
  readonly priority?: number
}

/** What holds for every name. */
export interface RoutingFacts {
  /** For names that several upstreams share. */
  readonly policy: Policy
  readonly retries: Omit<Retries, 'whenAllOpen'>
  readonly breaker: { readonly whenAllOpen: Retries['whenAllOpen'] }
}

/**
 * Names and where they lead. A name that several own belongs to the first: 1. routes, 2. local models, 3. upstreams in
 * the config's order; upstreams that offer the same name share it by the policy of `routing`. Each upstream's models
 * are also `<upstream>/<model>`. A route's target without `upstream` may name anything that 2 and 3 made.
 */
export function buildSnapshot(facts: Facts): Snapshot {
  const { routing } = facts
  const targets = new Map<ModelName, readonly Target[]>()
  for (const local of facts.localModels) targets.set(modelName(local.id), [localTarget(local)])
  for (const upstream of facts.upstreams) {
    for (const model of offered(upstream)) {
      const target = upstreamTarget(upstream, model)
      targets.set(modelName(`${upstream.name}/${model}`), [target])
      const bare = targets.get(modelName(model)) ?? []
      if (!bare.some((known) => known.upstream === 'local')) targets.set(modelName(model), [...bare, target])
    }
  }
  const names = new Map<ModelName, Route>()
  for (const [name, those] of targets) names.set(name, plainRoute(name, those, routing))
  const byName = new Map(facts.upstreams.map((upstream) => [upstream.name, upstream]))
  const open = new Map(
    facts.upstreams
      .filter(isOpen)
      .map((upstream) => [
        upstream.name,
        (model: string) =>
          plainRoute(modelName(`${upstream.name}/${model}`), [upstreamTarget(upstream, model)], routing),
      ]),
  )
  const snapshot: Snapshot = { names, open }
  for (const route of facts.routes) {
    const resolved = route.targets.flatMap((target, index) => {
      const priority = target.priority ?? (isInOrder(route) ? index : 0)
      return resolve(target, targets, byName).map((place) => ({ ...place, weight: target.weight ?? 1, priority }))
    })
    if (resolved.length === 0) continue
    const made = configuredRoute(route, resolved, routing, names)
    for (const name of [route.model, ...(route.aliases ?? [])]) names.set(modelName(name), made)
  }
  return snapshot
}

function plainRoute(name: ModelName, targets: readonly Target[], routing: RoutingFacts): Route {
  const { policy } = routing
  const inOrder = policy === 'priority' ? targets.map((target, priority) => ({ ...target, priority })) : targets
  return {
    name,
    policy,
    targets: targets.length === 1 ? targets : inOrder,
    fallbacks: [],
    retries: retriesOf(routing),
    deadlines: null,
    cacheTtlMs: null,
    isConfigured: false,
  }
}

function configuredRoute(
  route: RouteFacts,
  targets: readonly Target[],
  routing: RoutingFacts,
  names: ReadonlyMap<ModelName, Route>,
): Route {
  const fallbacks = (route.fallbacks ?? []).map(({ on, model }): Fallback => {
    const name = modelName(model)
    return { on, model: name, route: () => names.get(name) ?? null }
  })
  return {
    name: modelName(route.model),
    policy: route.policy ?? 'priority',
    targets,
    fallbacks,
    retries: { ...retriesOf(routing), ...route.retries },
    deadlines: route.deadlines ?? null,
    cacheTtlMs: route.cacheTtlMs ?? null,
    isConfigured: true,
  }
}

const retriesOf = ({ retries, breaker: { whenAllOpen } }: RoutingFacts): Retries => ({ ...retries, whenAllOpen })

const isInOrder = ({ policy = 'priority' }: RouteFacts): boolean => policy === 'priority'

const isOpen = (upstream: UpstreamFacts): boolean => upstream.models.includes('*')

function offered(upstream: UpstreamFacts): readonly string[] {
  const named = upstream.models.filter((model) => model !== '*')
  if (!isOpen(upstream)) return named
  return [...new Set([...named, ...(upstream.listed?.keys() ?? knownNames(upstream))])]
}

const knownNames = ({ known = new Map() }: UpstreamFacts): readonly string[] =>
  [...known].flatMap(([name, { stage }]) => (stage === 'deprecated' ? [] : [name]))

function resolve(
  target: RouteTarget,
  names: ReadonlyMap<ModelName, readonly Target[]>,
  upstreams: ReadonlyMap<string, UpstreamFacts>,
): readonly Target[] {
  if (target.upstream === undefined) return names.get(modelName(target.model)) ?? []
  const upstream = upstreams.get(target.upstream)
  return upstream ? [upstreamTarget(upstream, target.model)] : []
}

const contentType = { 'content-type': 'application/json' } as const

function localTarget({ id, model, contextTokens = null }: LocalFacts): Target {
  return {
    key: `local/${model}`,
    deployment: localDeployment(modelId(id)),
    upstream: 'local',
    model,
    locality: 'host',
    baseUrl: null,
    query: '',
    headers: contentType,
    splitThink: false,
    apis: chatOnly,
    weight: 1,
    priority: 0,
    contextTokens,
    costPerMillion: null,
  }
}

const chatOnly: readonly Api[] = ['chat']

function upstreamTarget(upstream: UpstreamFacts, model: string): Target {
  const name = upstreamName(upstream.name)
  const { baseUrl, modelUrl = null, query = '', locality, splitThink, apis = chatOnly, context = {} } = upstream
  const known = upstream.known?.get(model) ?? null
  const price = upstream.prices?.[model] ?? upstream.prices?.['*'] ?? null
  return {
    key: `${name}/${model}`,
    deployment: upstreamDeployment(name),
    upstream: name,
    model,
    locality,
    baseUrl: modelUrl === null ? baseUrl : modelUrl.replace('{model}', encodeURIComponent(model)),
    query,
    headers: { ...contentType, ...upstream.headers },
    splitThink,
    apis,
    weight: 1,
    priority: 0,
    contextTokens: context[model] ?? upstream.listed?.get(model) ?? context['*'] ?? known?.contextTokens ?? null,
    costPerMillion: costOf(price),
    price,
    known,
    refusesStreamOptions: upstream.refusesStreamOptions ?? false,
  }
}

/** Three tokens of the prompt for one of the answer. */
function costOf(price: TokenPrice | null): number | null {
  return price === null ? null : (3 * price.input + price.output) / 4
}
