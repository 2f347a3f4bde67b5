import type { DeploymentId, ModelName, UpstreamName } from '#kernel/ids.ts'
import { nearestNames } from '#kernel/nearest.ts'
import type { FailureClass, Policy } from '#kernel/routing.ts'
import type { Locality } from '#kernel/words.ts'
import type { Api } from '#protocol/conversation/dialect.ts'

/** One place that can answer a name. Immutable; built by `buildSnapshot`. */
export interface Target {
  /** Names the place, whatever route leads there: what is known of its health is kept under it. */
  readonly key: string
  readonly deployment: DeploymentId
  readonly upstream: UpstreamName | 'local'
  /** The model's name there. */
  readonly model: string
  readonly locality: Locality | null
  /** null: the permit of a local engine tells it. */
  readonly baseUrl: string | null
  /** Appended to the path of every call, with its `?`; usually empty. */
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  readonly splitThink: boolean
  /** The dialects it may be spoken to in, never empty; the first is what it likes best. */
  readonly apis: readonly Api[]
  /** Its share among targets of the same priority; 0 = only when no other can. */
  readonly weight: number
  /** Lower is asked first. */
  readonly priority: number
  /** Prompt and answer together; null = unknown. */
  readonly contextTokens: number | null
  /** Dollars for a million tokens, three of the prompt for one of the answer; null = unknown. */
  readonly costPerMillion: number | null
  /** Its price, in dollars per million tokens; not there or null = unknown. */
  readonly price?: TokenPrice | null
  /** What is known of the model beside that; not there or null = nothing. */
  readonly known?: KnownModel | null
  /** It refuses requests with `stream_options`. */
  readonly refusesStreamOptions?: boolean
}

export interface TokenPrice {
  readonly input: number
  readonly output: number
  readonly cached?: number | null
}

/** Facts of a model that the catalogue has; null = unknown. */
export interface KnownModel {
  readonly name: string
  readonly contextTokens: number | null
  readonly outputTokens: number | null
  readonly input: readonly string[] | null
  readonly output: readonly string[] | null
  readonly hasTools: boolean | null
  readonly hasReasoning: boolean | null
  /** `deprecated` ones are not offered by themselves. */
  readonly stage: string | null
}

/** Where a name leads, and what is done when that comes to nothing. */
export interface Route {
  readonly name: ModelName
  readonly policy: Policy
  readonly targets: readonly Target[]
  readonly fallbacks: readonly Fallback[]
  readonly retries: Retries
  /** What the route says otherwise than the house; null = nothing. */
  readonly deadlines: RouteDeadlines | null
  /** null: its answers are not kept. */
  readonly cacheTtlMs: number | null
  /** false: the name of a model itself, without an entry in `routes`. */
  readonly isConfigured: boolean
}

export interface Fallback {
  /** null: every failure that lies with who was asked. */
  readonly on: readonly FailureClass[] | null
  readonly model: ModelName
  /** Looked up when it is needed; null = nobody answers to that name just now. */
  readonly route: () => Route | null
}

export interface Retries {
  /** How often one target is asked for one request. */
  readonly attempts: number
  /** How often anybody is asked for one request, fallbacks included. */
  readonly maxAttempts: number
  /** The wait before a target is asked again lies between 0 and this, doubled with every round up to the largest. */
  readonly backoffMs: number
  readonly maxBackoffMs: number
  /** A `Retry-After` up to this is waited for; a longer one is told to the caller. */
  readonly maxRetryAfterMs: number
  /** What to do when the breakers of all targets are open. */
  readonly whenAllOpen: 'ask' | 'refuse'
}

export interface RouteDeadlines {
  readonly connectMs?: number
  readonly firstByteMs?: number
  readonly idleMs?: number
  readonly totalMs?: number
}

/** What people decided, as the data plane reads it: one immutable value, replaced whole. */
export interface Snapshot {
  /** Every name that is known. */
  readonly names: ReadonlyMap<ModelName, Route>
  /** Upstreams that take any model name after `<upstream>/`. */
  readonly open: ReadonlyMap<string, (model: string) => Route>
}

export type Choice =
  | { readonly kind: 'route'; readonly route: Route }
  | { readonly kind: 'not_allowed' }
  | { readonly kind: 'unknown_model'; readonly nearest: readonly string[] }

/**
 * Where a model name leads. 1. a name that is known; 2. `<upstream>/<anything>` for an upstream that offers all it has,
 * so that a model is reachable before its list was read; 3. unknown, with the nearest names among those the caller may
 * use.
 */
export function choose(snapshot: Snapshot, model: ModelName, mayUse: (model: ModelName) => boolean): Choice {
  const route = snapshot.names.get(model) ?? openRoute(snapshot, model)
  if (route) return mayUse(model) ? { kind: 'route', route } : { kind: 'not_allowed' }
  const usable = [...snapshot.names.keys()].filter(mayUse)
  return { kind: 'unknown_model', nearest: nearestNames(model, usable) }
}

function openRoute(snapshot: Snapshot, model: string): Route | null {
  const slash = model.indexOf('/')
  if (slash <= 0 || slash === model.length - 1) return null
  return snapshot.open.get(model.slice(0, slash))?.(model.slice(slash + 1)) ?? null
}
