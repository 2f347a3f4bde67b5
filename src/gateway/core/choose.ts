import type { DeploymentId, ModelName, UpstreamName } from '#kernel/ids.ts'
import { nearestNames } from '#kernel/nearest.ts'
import type { Locality } from '#kernel/words.ts'

/** One place that can answer a name. Immutable; built by `buildSnapshot`. */
export interface Target {
  readonly deployment: DeploymentId
  readonly upstream: UpstreamName | 'local'
  /** The model's name there. */
  readonly model: string
  readonly locality: Locality | null
  /** null: the permit of a local engine tells it. */
  readonly baseUrl: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly splitThink: boolean
}

/** What people decided, as the data plane reads it: one immutable value, replaced whole. */
export interface Snapshot {
  /** Every name that is known, with its targets in order of preference. */
  readonly names: ReadonlyMap<ModelName, readonly Target[]>
  /** Upstreams that take any model name after `<upstream>/`. */
  readonly open: ReadonlyMap<string, (model: string) => Target>
}

export type Choice =
  | { readonly kind: 'targets'; readonly targets: readonly Target[] }
  | { readonly kind: 'not_allowed' }
  | { readonly kind: 'unknown_model'; readonly nearest: readonly string[] }

/**
 * Where a model name leads. 1. a name that is known; 2. `<upstream>/<anything>` for an upstream that offers all it has,
 * so that a model is reachable before its list was read; 3. unknown, with the nearest names among those the caller may
 * use.
 */
export function choose(snapshot: Snapshot, model: ModelName, mayUse: (model: ModelName) => boolean): Choice {
  const targets = snapshot.names.get(model) ?? openTarget(snapshot, model)
  if (targets) return mayUse(model) ? { kind: 'targets', targets } : { kind: 'not_allowed' }
  const usable = [...snapshot.names.keys()].filter(mayUse)
  return { kind: 'unknown_model', nearest: nearestNames(model, usable) }
}

function openTarget(snapshot: Snapshot, model: string): readonly Target[] | null {
  const slash = model.indexOf('/')
  if (slash <= 0 || slash === model.length - 1) return null
  const make = snapshot.open.get(model.slice(0, slash))
  return make ? [make(model.slice(slash + 1))] : null
}
