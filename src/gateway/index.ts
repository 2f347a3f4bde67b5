import type { Cell } from '#kernel/words.ts'
import type { Passage } from '#passage/passage.ts'
import type { SocketExit } from '#platform/egress/contract.ts'
import type { SpoolRoom } from '#platform/files/spool.ts'
import type { AnyRoute } from '#platform/http/route.ts'
import type { Task } from '#platform/tasks/task.ts'
import type { RouteView } from '#protocol/admin/gateway.ts'
import type { Target } from './core/choose.ts'
import type { UpstreamState } from './events.ts'
import { closingDown } from './errors.ts'
import { endpointRoutes } from './http/endpoints.ts'
import { messagesRoutes } from './http/messages.ts'
import { ollamaRoutes, withOllamaErrors } from './http/ollama.ts'
import { gatewayRoutes, type GatewayHttp } from './http/openai.ts'
import { responsesRoutes } from './http/responses.ts'
import { routeRoutes } from './http/routes.ts'
import type { BodyLog, Places } from './ports.ts'
import { answer } from './service/answering/answer.ts'
import type { AnswerLimits } from './service/asking/answer-ports.ts'
import { countTokens } from './service/answering/count-tokens.ts'
import { Directory, type DirectoryOptions, type DirectorySettings } from './service/directory/directory.ts'
import type { EngineUpstream } from './service/health/engine-loads.ts'
import { Interruptions } from './service/asking/interruptions.ts'
import type { KeptResponses } from './service/responses/kept-responses.ts'
import type { PassLimits, PassPorts } from './service/passing/pass-ports.ts'
import { passThrough } from './service/passing/pass-through.ts'
import { realtime } from './service/passing/realtime.ts'
import { ResponseCache, type CacheLimits } from './service/answering/response-cache.ts'
import { StreamWatchman } from './service/relaying/stream-watchman.ts'
import { proxyUpstream } from './service/passing/upstream-proxy.ts'
import { createTasks } from './tasks.ts'

export { migrations } from './migrations/index.ts'
export { KeptResponses } from './service/responses/kept-responses.ts'
export type { UpstreamState } from './events.ts'

/** What people decided, as far as the data plane rests on it. */
export interface GatewaySettings extends DirectorySettings {
  readonly upstreams: readonly (DirectorySettings['upstreams'][number] & EngineUpstream)[]
  readonly limits: AnswerLimits
  readonly passLimits: PassLimits
  readonly cache: CacheLimits
}

export interface GatewayOptions extends DirectoryOptions {
  readonly settings: Cell<GatewaySettings>
  readonly passage: Passage
  readonly places: Places
  readonly sockets: SocketExit
  /** Where uploads wait until they are whole. */
  readonly spool: SpoolRoom
  /** Not there: bodies are never kept. */
  readonly bodies?: BodyLog
  /** Not there: responses are not kept, and none runs in the background. */
  readonly kept?: KeptResponses
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
  const { settings, places, inference, clock } = options
  const directory = new Directory(options)
  const watchman = new StreamWatchman(clock)
  const interruptions = new Interruptions()
  const cache = new ResponseCache({ limits: () => settings.value.cache, clock })
  // Old answers may not be those of the new models. An upstream that comes and goes changes none.
  const forgetting = settings.onChange(() => cache.clear())
  const { vitals, lists } = directory
  const kept = options.kept ?? null
  const ports = {
    ...options,
    vitals,
    cache,
    watchman,
    interruptions,
    kept,
    bodies: options.bodies ?? null,
    snapshot: () => directory.snapshot,
    discover: () => lists.discover(),
    limits: () => settings.value.limits,
    passLimits: () => settings.value.passLimits,
  }
  const tasks = createTasks({
    ...{ lists, inference, places, vitals, clock },
    snapshot: () => directory.snapshot,
    upstreams: () => settings.value.upstreams,
  })
  const { routes, ollama } = routesOf(ports, directory)
  return {
    routes,
    ollama: { routes: ollama, shape: withOllamaErrors },
    tasks: [...(kept?.tasks ?? []), ...tasks],
    upstreams: () => directory.upstreams(),
    openStreams: () => watchman.count,
    cache: () => cache.counts,
    routeViews: () => directory.routeViews(),
    interrupt: () => interruptions.tellAll(closingDown()),
    [Symbol.dispose]() {
      forgetting[Symbol.dispose]()
      directory[Symbol.dispose]()
      watchman[Symbol.dispose]()
    },
  }
}

/** All that can be asked here, and the same again as Ollama has it. */
function routesOf(ports: PassPorts, directory: Directory) {
  const { kept } = ports
  const lane: GatewayHttp['answer'] = (way, request, at) => answer(ports, way, request, at)
  const models: GatewayHttp['models'] = (caller) => directory.models(caller)
  const counter = { ports, speechless: new WeakSet<Target>() }
  const openai = gatewayRoutes({ answer: lane, models })
  const routes: readonly AnyRoute[] = [
    ...openai,
    ...(kept === null ? [] : responsesRoutes(kept)),
    ...messagesRoutes({ countTokens: (request, at) => countTokens(counter, request, at) }),
    ...endpointRoutes({
      passThrough: (endpoint, request, at) => passThrough(ports, endpoint, request, at),
      realtime: (request, at) => realtime(ports, request, at),
      proxyUpstream: (upstream, request, at) => proxyUpstream(ports, upstream, request, at),
    }),
    ...routeRoutes(() => directory.routeViews()),
  ]
  return { routes, ollama: ollamaRoutes({ answer: lane, models, openai }) }
}
