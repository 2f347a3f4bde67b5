import { AppError } from '#kernel/errors.ts'
import { modelName } from '#kernel/ids.ts'
import type { Exchange } from '#passage/exchange.ts'
import { chance } from '#platform/crypto/random.ts'
import type { InferenceExit, Sent } from '#platform/egress/contract.ts'
import { toAppError } from '#platform/http/errors.ts'
import type { Connection } from '#platform/http/route.ts'
import { checkedModel } from '#protocol/json/body.ts'
import { offeredProtocols } from '#protocol/openai/realtime.ts'
import { candidatesOf, namesOf } from '../../core/bounds.ts'
import type { Route, Target } from '../../core/choose.ts'
import { createItinerary } from '../../core/routing.ts'
import { endingOf, fail, refuse } from '../asking/endings.ts'
import { routeOf } from '../asking/route-of.ts'
import { nameOf, ownHeaders } from '../asking/addressing.ts'
import { openTarget, type Opened } from '../asking/open-target.ts'
import { refusedBy } from '../asking/received.ts'
import type { PassPorts } from './pass-ports.ts'
import { oneTurn, RealtimeSession } from './realtime-session.ts'

/** How long an upstream may take to open a WebSocket. */
const openMs = 30_000

interface RealtimeCall {
  readonly ports: PassPorts
  readonly exchange: Exchange
  readonly route: Route
  readonly request: Request
  /** The client asks for what came before the stable form. */
  readonly isBeta: boolean
  /** Aborted when the client leaves before its WebSocket is there. */
  readonly signal: AbortSignal
}

/**
 * `/v1/realtime`: a WebSocket to whoever answers for the model of the query. The upstream is opened first, so that a
 * refusal is an HTTP answer with a sentence and not a socket that closes. One row for a session, with the usage of all
 * its answers.
 */
export async function realtime(ports: PassPorts, request: Request, at: Connection): Promise<Response> {
  let exchange: Exchange | null = null
  let session: RealtimeSession | null = null
  // The request ends when it becomes a WebSocket; what belongs to the session must not end with it.
  const leave = new AbortController()
  const onAbort = (): void => leave.abort()
  request.signal.addEventListener('abort', onAbort, { once: true })
  try {
    const { protocol, isBeta, key } = offeredProtocols(request.headers.get('sec-websocket-protocol'))
    // 1. Who asks, and whether a row could be written.
    exchange = ports.passage.begin(withKey(request, key), at, { endpoint: 'realtime', scope: 'inference' })
    exchange.isStream = true
    // 2. What is asked.
    const { upgrade } = at
    if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket' || upgrade === undefined) throw noSocket()
    exchange.model = modelName(askedModel(request.url))
    if (key !== null && protocol === null) throw onlyKey()
    at.setIdleTimeout(0)
    // 3. Where it leads. 4. What it may take.
    const route = await routeOf(ports, exchange)
    exchange.reserve({ ...oneTurn, targets: candidatesOf(route), models: namesOf(route) })
    // 5. A place, the way out, the upstream's WebSocket.
    const opened = await reach({ ports, exchange, route, request, isBeta, signal: leave.signal })
    if (!opened.ok) return refuse(exchange, opened)
    session = opened.value
    const headers = { ...exchange.headers, ...opened.headers }
    // 6. The client's; the row comes with the end of the session.
    request.signal.removeEventListener('abort', onAbort)
    if (leave.signal.aborted || !upgrade({ listener: session.forClient, protocol, headers })) session.abandon()
    return new Response()
  } catch (thrown) {
    at.setIdleTimeout(ports.limits().idleConnectionSeconds)
    const failed = fail(exchange, endingOf(toAppError(thrown), ports, { exchange, signal: leave.signal }), ports)
    // The upstream's end, where it is open already: nobody would ever close it.
    session?.abandon()
    return failed
  } finally {
    request.signal.removeEventListener('abort', onAbort)
  }
}

function reach(call: RealtimeCall): Promise<Opened<RealtimeSession>> {
  const { ports, exchange, route, request, isBeta, signal } = call
  const limits = ports.limits()
  const { inference, taken } = socketInference(call)
  const question = { key: exchange.caller.key, session: null, promptTokens: 0, maxTokens: null, prefix: () => '' }
  return openTarget<RealtimeSession>({ ...ports, inference }, exchange, route, {
    itinerary: createItinerary(route, question, ports.vitals, chance),
    signal,
    session: () => null,
    work: 'audio',
    waitMs: limits.loadWaitMs,
    deadlines: limits.deadlines,
    outbound(target, permit) {
      taken.target = target
      const own = ownHeaders(exchange, target, permit)
      const beta = request.headers.get('openai-beta') ?? (isBeta ? 'realtime=v1' : null)
      return {
        method: 'GET',
        path: upstreamPath(request.url, target),
        headers: beta === null ? own : { ...own, 'openai-beta': beta },
        body: null,
        data: ['audio', 'text'],
      }
    },
    async receive(answer, target) {
      const reached = taken.reached
      if (answer.status === 101 && reached !== null) return { kind: 'taken', value: reached }
      return refusedBy(answer, target)
    },
  })
}

/**
 * A WebSocket that is opened as if it were a request that is sent: routes, places, breakers and traces are the same for
 * both. `taken` holds the session that the last one of them made.
 */
function socketInference({ ports, exchange, signal }: RealtimeCall) {
  const taken: { target: Target | null; reached: RealtimeSession | null } = { target: null, reached: null }
  const inference: InferenceExit = {
    async send(to, { path, headers }, { isGivenUp, deadlines }): Promise<Sent> {
      const { target } = taken
      taken.reached = null
      if (target === null) throw new Error('a WebSocket to nobody')
      const session = sessionWith(ports, exchange, { target, totalMs: deadlines.totalMs })
      const opened = await ports.sockets.open(
        to,
        { path, headers },
        {
          openMs: Math.min(openMs, deadlines.firstByteMs),
          signal,
          ...(isGivenUp ? { isGivenUp } : {}),
          maxMessageBytes: ports.passLimits().socketMessageBytes,
          listener: session.forUpstream,
        },
      )
      if (opened.kind === 'refused') return answered(opened.status, () => {})
      if (opened.kind !== 'open') return opened
      session.attach(opened.socket)
      taken.reached = session
      return answered(101, () => opened.socket.cut())
    },
  }
  return { inference, taken }
}

function sessionWith(
  ports: PassPorts,
  exchange: Exchange,
  { target, totalMs }: { readonly target: Target; readonly totalMs: number },
): RealtimeSession {
  const { clock, watchman, interruptions } = ports
  const { caller } = exchange
  return new RealtimeSession({
    exchange,
    clock,
    watchman,
    interruptions,
    name: nameOf(target),
    rule: {
      asked: exchange.model,
      model: target.model,
      mayUse: (model) => target.upstream !== 'local' && caller.mayUse(modelName(`${target.upstream}/${model}`)),
    },
    idleMs: ports.passLimits().socketIdleMs,
    totalAt: clock.mono() + totalMs,
    stalledReaderMs: ports.limits().stalledReaderMs,
  })
}

/** An answer without a body. */
function answered(status: number, cancel: () => void): Sent {
  return {
    kind: 'answer',
    status,
    headers: new Headers(),
    bytes: async () => ({ kind: 'whole', bytes: new Uint8Array() }),
    chunks: () => ({ next: async () => ({ kind: 'end' }), cancel }),
  }
}

/**
 * As the gate reads it: with the key of the subprotocol in its usual header, and as something that changes the world,
 * so that a session's cookie counts only for Hearth's own page (any page may open a WebSocket).
 */
function withKey(request: Request, key: string | null): Request {
  const headers = new Headers(request.headers)
  if (key !== null && !headers.has('authorization')) headers.set('authorization', `Bearer ${key}`)
  return new Request(request.url, { method: 'POST', headers })
}

function askedModel(url: string): string {
  const { searchParams } = new URL(url)
  const models = searchParams.getAll('model')
  if (models.length > 1) throw invalid('model', 'model: It stands in the query more than once.')
  if (searchParams.has('call_id'))
    throw invalid('call_id', 'call_id: Calls of a telephone are not possible here; name a model.')
  return checkedModel(models[0])
}

/** Only what is known goes on: another member could name another model. */
function upstreamPath(url: string, target: Target): string {
  const intent = new URL(url).searchParams.get('intent')
  const query = new URLSearchParams(target.query)
  query.set('model', target.model)
  if (intent !== null) query.set('intent', intent)
  return `/realtime?${query.toString()}`
}

function invalid(param: string, message: string): AppError {
  return new AppError('invalid', message, { reason: 'invalid_request', param })
}

/** The runtime would send the key back as the subprotocol that was chosen. */
function onlyKey(): AppError {
  return invalid('sec-websocket-protocol', 'Offer the subprotocol `realtime` beside the one that holds the key.')
}

function noSocket(): AppError {
  return new AppError('invalid', 'This address takes WebSockets only: send `Upgrade: websocket`.', {
    reason: 'websocket_required',
  })
}
