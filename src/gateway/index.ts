import type { DeploymentId } from '#kernel/ids.ts'
import type { Clock } from '#kernel/time.ts'
import type { Announce, Cell } from '#kernel/words.ts'
import type { Passage } from '#passage/passage.ts'
import type { InferenceExit, SocketExit } from '#platform/egress/contract.ts'
import type { SpoolRoom } from '#platform/files/spool.ts'
import type { AnyRoute } from '#platform/http/route.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { Task } from '#platform/tasks/task.ts'
import type { RouteView } from '#protocol/admin/gateway.ts'
import type { Snapshot, Target } from './core/choose.ts'
import { buildSnapshot, type Facts, type RouteFacts, type RoutingFacts, type UpstreamFacts } from './core/snapshot.ts'
import type { GatewayEvent, UpstreamState } from './events.ts'
import { closingDown } from './errors.ts'
import { endpointRoutes } from './http/endpoints.ts'
import { messagesRoutes } from './http/messages.ts'
import { ollamaRoutes, withOllamaErrors } from './http/ollama.ts'
import { gatewayRoutes, type GatewayHttp } from './http/openai.ts'
import { routeRoutes } from './http/routes.ts'
import type { BodyLog, Places } from './ports.ts'
import type { KeptResponses } from './service/kept-responses.ts'
import { responsesRoutes } from './http/responses.ts'
import { answer, type AnswerLimits } from './service/answer.ts'
import { countTokens } from './service/count-tokens.ts'
import type { EngineUpstream } from './service/engine-loads.ts'
import { Interruptions } from './service/interruptions.ts'
import { listModels, type LocalModel } from './service/model-list.ts'
import type { PassLimits } from './service/pass-ports.ts'
import { isProbed } from './service/probes.ts'
import { passThrough } from './service/pass-through.ts'
import { realtime } from './service/realtime.ts'
import { ResponseCache, type CacheLimits } from './service/response-cache.ts'
import { listRoutes } from './service/route-views.ts'
import { StreamWatchman } from './service/stream-watchman.ts'
import { proxyUpstream } from './service/upstream-proxy.ts'
import { Vitals, type VitalsOptions } from './service/vitals.ts'
import { UpstreamLists, type ListedUpstream } from './service/upstream-lists.ts'
import { createTasks } from './tasks.ts'

export { migrations } from './migrations/index.ts'
export { KeptResponses } from './service/kept-responses.ts'
export type { GatewayEvent, UpstreamState } from './events.ts'

/** What people decided, as far as the data plane rests on it. */
export interface GatewaySettings {
  readonly upstreams: readonly (ListedUpstream & EngineUpstream & Omit<UpstreamFacts, 'listed'>)[]
  readonly routes: readonly RouteFacts[]
  readonly routing: RoutingFacts & ReturnType<VitalsOptions['settings']>
  readonly limits: AnswerLimits
  readonly passLimits: PassLimits
  readonly cache: CacheLimits
}

export interface GatewayOptions {
  readonly settings: Cell<GatewaySettings>
  /** Names of the local models: their own and the one their engine knows them by. */
  readonly localNames: Cell<Facts['localModels']>
  /** Requests that wait for a place; who is not in it has none. */
  readonly queued?: () => ReadonlyMap<DeploymentId, number>
  /** Read at the moment of the question. */
  readonly localModels: () => readonly LocalModel[]
  readonly passage: Passage
  readonly places: Places
  readonly inference: InferenceExit
  readonly sockets: SocketExit
  /** Where uploads wait until they are whole. */
  readonly spool: SpoolRoom
  /** Not there: bodies are never kept. */
  readonly bodies?: BodyLog
  /** Not there: responses are not kept, and none runs in the background. */
  readonly kept?: KeptResponses
  readonly clock: Clock
  readonly log: Logger
  readonly announce: Announce<GatewayEvent>
}

export interface Gateway extends Disposable {
  readonly routes: readonly AnyRoute[]
  /** For a listener of its own: Ollama's routes, and the form of what the router refuses there. */
  readonly ollama: { readonly routes: readonly AnyRoute[]; readonly shape: typeof withOllamaErrors }
  readonly tasks: readonly Task[]
  readonly upstreams: () => readonly UpstreamState[]
  /** Streams on their way to clients. */
  readonly openStreams: () => number
  readonly cache: () => ResponseCache['counts']
  /** Who answers for which name, and how they are. */
  readonly routeViews: () => readonly RouteView[]
  /** Ends all requests that still run, each with a word about it: for a house that closes. */
  readonly interrupt: () => void
}

export function openGateway(options: GatewayOptions): Gateway {
  const { settings, localNames, passage, places, inference, clock, log } = options
  const watchman = new StreamWatchman(clock)
  const interruptions = new Interruptions()
  const vitals = new Vitals({ clock, announce: options.announce, isProbed, settings: () => settings.value.routing })
  const cache = new ResponseCache({ limits: () => settings.value.cache, clock })
  let snapshot: Snapshot = { names: new Map(), open: new Map() }
  const rebuild = (): void => {
    const upstreams = settings.value.upstreams.map((upstream) => ({
      ...upstream,
      listed: lists.contextOf(upstream.name),
    }))
    const { routes, routing } = settings.value
    snapshot = buildSnapshot({ upstreams, routes, routing, localModels: localNames.value })
    vitals.follow(snapshot)
  }
  const lists = new UpstreamLists({ inference, clock, log, announce: options.announce, onChange: rebuild })
  const follow = (): void => {
    lists.use(settings.value.upstreams)
    rebuild()
  }
  follow()
  const created = Math.floor(clock.now() / 1000)
  const subscriptions = [
    settings.onChange(() => {
      // Old answers may not be those of the new models. An upstream that comes and goes changes none.
      cache.clear()
      follow()
      void lists.refresh(new AbortController().signal)
    }),
    localNames.onChange(rebuild),
  ]
  const kept = options.kept ?? null
  const ports = {
    passage,
    places,
    inference,
    vitals,
    cache,
    bodies: options.bodies ?? null,
    kept,
    watchman,
    interruptions,
    clock,
    log,
    snapshot: () => snapshot,
    discover: () => lists.discover(),
    limits: () => settings.value.limits,
    passLimits: () => settings.value.passLimits,
    sockets: options.sockets,
    spool: options.spool,
  }
  const routeViews = () => listRoutes({ snapshot, vitals, queued: options.queued?.() ?? new Map() })
  const lane: GatewayHttp['answer'] = (way, request, at) => answer(ports, way, request, at)
  const listed: GatewayHttp['models'] = async (caller) => {
    if ([...lists.states.values()].some((state) => state.isReachable === null)) await lists.discover()
    return listModels(snapshot, options.localModels(), caller, created)
  }
  const counter = { ports, speechless: new WeakSet<Target>() }
  const openai = gatewayRoutes({ answer: lane, models: listed })
  return {
    routes: [
      ...openai,
      ...(kept === null ? [] : responsesRoutes(kept)),
      ...messagesRoutes({ countTokens: (request, at) => countTokens(counter, request, at) }),
      ...endpointRoutes({
        passThrough: (endpoint, request, at) => passThrough(ports, endpoint, request, at),
        realtime: (request, at) => realtime(ports, request, at),
        proxyUpstream: (upstream, request, at) => proxyUpstream(ports, upstream, request, at),
      }),
      ...routeRoutes(routeViews),
    ],
    ollama: { routes: ollamaRoutes({ answer: lane, models: listed, openai }), shape: withOllamaErrors },
    tasks: [
      ...(kept?.tasks ?? []),
      ...createTasks({
        lists,
        inference,
        places,
        vitals,
        clock,
        snapshot: () => snapshot,
        upstreams: () => settings.value.upstreams,
      }),
    ],
    upstreams: () => [...lists.states.values()],
    openStreams: () => watchman.count,
    cache: () => cache.counts,
    routeViews,
    interrupt: () => interruptions.tellAll(closingDown()),
    [Symbol.dispose]() {
      for (const subscription of subscriptions) subscription[Symbol.dispose]()
      watchman[Symbol.dispose]()
    },
  }
}
