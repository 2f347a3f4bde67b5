import type { DeploymentId } from '#kernel/ids.ts'
import type { Clock } from '#kernel/time.ts'
import type { Announce, Caller, Cell } from '#kernel/words.ts'
import type { InferenceExit } from '#platform/egress/contract.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { RouteView } from '#protocol/admin/gateway.ts'
import type { ModelCard } from '#protocol/openai/models.ts'
import type { Snapshot } from '../../core/choose.ts'
import {
  buildSnapshot,
  type Facts,
  type RouteFacts,
  type RoutingFacts,
  type UpstreamFacts,
} from '../../core/snapshot.ts'
import type { GatewayEvent, UpstreamState } from '../../events.ts'
import { listModels, type LocalModel } from './model-list.ts'
import { isProbed } from '../health/probes.ts'
import { listRoutes } from './route-views.ts'
import { UpstreamLists, type ListedUpstream } from './upstream-lists.ts'
import { Vitals, type VitalsOptions } from '../health/vitals.ts'

export interface DirectorySettings {
  readonly upstreams: readonly (ListedUpstream & Omit<UpstreamFacts, 'listed'>)[]
  readonly routes: readonly RouteFacts[]
  readonly routing: RoutingFacts & ReturnType<VitalsOptions['settings']>
}

export interface DirectoryOptions {
  readonly settings: Cell<DirectorySettings>
  /** Names of the local models: their own and the one their engine knows them by. */
  readonly localNames: Cell<Facts['localModels']>
  /** Read at the moment of the question. */
  readonly localModels: () => readonly LocalModel[]
  /** Requests that wait for a place. Not there: none is known. */
  readonly queued?: (deployment: DeploymentId) => number
  readonly inference: InferenceExit
  readonly clock: Clock
  readonly log: Logger
  readonly announce: Announce<GatewayEvent>
}

/** Which names lead where, and how those are who answer. Follows the config and what the upstreams list. */
export class Directory implements Disposable {
  readonly vitals: Vitals
  readonly lists: UpstreamLists
  readonly #options: DirectoryOptions
  readonly #subscriptions: readonly Disposable[]
  readonly #createdAt: number
  #snapshot: Snapshot = { names: new Map(), open: new Map() }

  constructor(options: DirectoryOptions) {
    const { settings, localNames, clock, announce } = options
    this.#options = options
    this.#createdAt = Math.floor(clock.now() / 1000)
    this.vitals = new Vitals({ clock, announce, isProbed, settings: () => settings.value.routing })
    this.lists = new UpstreamLists({ ...options, onChange: () => this.#rebuild() })
    this.#follow()
    this.#subscriptions = [
      settings.onChange(() => {
        this.#follow()
        void this.lists.refresh(new AbortController().signal)
      }),
      localNames.onChange(() => this.#rebuild()),
    ]
  }

  get snapshot(): Snapshot {
    return this.#snapshot
  }

  /** The models that this caller can use now. */
  async models(caller: Caller): Promise<readonly ModelCard[]> {
    if (this.upstreams().some(({ isReachable }) => isReachable === null)) await this.lists.discover()
    return listModels(this.#snapshot, this.#options.localModels(), caller, this.#createdAt)
  }

  upstreams(): readonly UpstreamState[] {
    return [...this.lists.states.values()]
  }

  routeViews(): readonly RouteView[] {
    return listRoutes({
      snapshot: this.#snapshot,
      vitals: this.vitals,
      queued: this.#options.queued ?? (() => 0),
    })
  }

  [Symbol.dispose](): void {
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]()
  }

  #follow(): void {
    this.lists.use(this.#options.settings.value.upstreams)
    this.#rebuild()
  }

  #rebuild(): void {
    const { settings, localNames } = this.#options
    const { routes, routing } = settings.value
    const upstreams = settings.value.upstreams.map((upstream) => ({
      ...upstream,
      listed: this.lists.contextOf(upstream.name),
    }))
    this.#snapshot = buildSnapshot({ upstreams, routes, routing, localModels: localNames.value })
    this.vitals.follow(this.#snapshot)
  }
}
