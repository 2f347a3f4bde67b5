import { modelName } from '#kernel/ids.ts'
import type { Exchange } from '#passage/exchange.ts'
import { tagsOfBody } from '#passage/tags.ts'
import { readBody } from '#platform/http/body.ts'
import { toAppError } from '#platform/http/errors.ts'
import type { Connection } from '#platform/http/route.ts'
import type { Json } from '#protocol/conversation/conversation.ts'
import { unknownUsage } from '#protocol/openai/usage.ts'
import { candidatesOf, namesOf, outputBoundOf, promptBoundOf, usualBoundOf } from '../../core/bounds.ts'
import type { Route } from '../../core/choose.ts'
import { tokensOfBytes } from '../../core/prompt-tokens.ts'
import { clientGone } from '../../errors.ts'
import type { AnswerPorts } from '../asking/answer-ports.ts'
import { endingOf, fail, testify } from '../asking/endings.ts'
import { freeOf, routeOf } from '../asking/route-of.ts'
import { witnessOf, type Witness } from '../asking/witness.ts'
import { answerStream } from './answer-stream.ts'
import { answerWhole } from './answer-whole.ts'
import type { Call } from './call.ts'
import type { Entered, EnteringRequest } from '../responses/kept-responses.ts'
import type { Lane, LaneAsk } from './lanes.ts'
import { cacheHeaders, type Looked } from './response-cache.ts'

/** The data plane: one request from its head to its last byte. */
export async function answer(ports: AnswerPorts, lane: Lane, request: Request, at: Connection): Promise<Response> {
  let exchange: Exchange | null = null
  let witness: Witness | null = null
  try {
    // 1. Who asks, and whether a row could be written.
    exchange = ports.passage.begin(request, at, { endpoint: lane.endpoint, scope: 'inference' })
    if (lane.requestIdHeader !== null) exchange.headers[lane.requestIdHeader] = exchange.id
    const limits = ports.limits()
    // 2. What is asked. The listener cuts a body that drips for this long; from then on the wait is ours.
    exchange.hold(() => at.setIdleTimeout(limits.idleConnectionSeconds))
    if (isLarge(request)) at.setIdleTimeout(limits.bodyReadSeconds)
    const bytes = await readBody(request, limits.requestBodyBytes)
    if (request.signal.aborted) throw clientGone()
    at.setIdleTimeout(0)
    const read = lane.read(bytes)
    exchange.model = modelName(read.model)
    exchange.isStream = read.isStream
    exchange.tags = tagsOfBody(read.body['metadata'], exchange.tags)
    const entered = await enter(ports, lane, { exchange, request, ask: read, at })
    if (entered.kind === 'queued') return answerQueued(exchange, entered.response)
    const { ask, keeping } = entered
    // 3. Where it leads.
    const route = await routeOf(ports, exchange)
    // 4. Whether it was answered before.
    const { caller } = exchange
    const { headers } = request
    const looked =
      keeping === null ? ports.cache.look({ route, caller, endpoint: lane.endpoint, body: bytes, headers }) : notCached
    if (looked.kind !== 'off') Object.assign(exchange.headers, cacheHeaders(looked))
    if (looked.kind === 'hit') return answerAgain(exchange, looked)
    if (looked.kind === 'miss') exchange.cache = 'miss'
    witness = witnessOf({ bodies: ports.bodies, exchange, looked, headers, request: bytes })
    // 5. What it may take.
    const promptTokens = tokensOfBytes(ask.bytes.length)
    const longest = reserve(exchange, lane, route, ask)
    // 6. A place, the way out, the answer; 7. the row: see open-target.ts, stream-relay.ts.
    const { signal } = request
    const facts = { ports, exchange, lane, route, ask, keeping, promptTokens, longest }
    const call: Call = { ...facts, request, signal, limits, witness }
    return ask.isStream ? await answerStream(call) : await answerWhole(call)
  } catch (thrown) {
    const error = endingOf(toAppError(thrown), ports, { exchange, signal: request.signal })
    const failed = fail(exchange, error, { log: ports.log, body: (said, facts) => lane.errorBody(said, facts) })
    if (witness !== null) testify(witness, failed.clone() as Response)
    return failed
  }
}

/** What is kept has an id of its own each time. */
const notCached = { kind: 'off' } as const

/**
 * Takes the most that it may use. A number: so long may each of its answers be, which the target must be told, because
 * somebody's tokens or dollars are limited and the caller says nothing of it.
 */
function reserve(exchange: Exchange, lane: Lane, route: Route, ask: LaneAsk): number | null {
  const usual = usualBoundOf(route)
  const isAnswered = lane.passing !== 'embeddings' && lane.passing !== 'rerank'
  const isBounded = exchange.reserve({
    promptTokens: promptBoundOf(ask),
    outputTokens: isAnswered ? outputBoundOf(ask.body, { ...ask, usual }) : 0,
    targets: candidatesOf(route),
    models: namesOf(route),
  })
  return isBounded && isAnswered && ask.maxTokens === null ? usual : null
}

/** What a request of the Responses API rests on, and whether anybody waits for it. */
async function enter(
  ports: AnswerPorts,
  lane: Lane,
  what: Pick<EnteringRequest, 'request' | 'ask'> & { readonly exchange: Exchange; readonly at: Connection },
): Promise<Entered> {
  const { exchange, request, ask, at } = what
  if (lane.api !== 'responses' || ports.kept === null) return { kind: 'asked', ask, keeping: null }
  if (ask.body['background'] === true) {
    // What it may not do, or has no room for, is told now; what is taken here goes back before its own run takes it.
    exchange.reserve(freeOf(await routeOf(ports, exchange)))
  }
  const nobodys = { from: at.from, isLocalSocket: at.isLocalSocket, setIdleTimeout: () => {} }
  const run = (again: Request): Promise<Response> => answer(ports, lane, again, nobodys)
  return ports.kept.enter({ caller: exchange.caller, request, ask, run })
}

/** It runs on by itself, with a row of its own. */
function answerQueued(exchange: Exchange, response: Json): Response {
  exchange.end({ status: 200, outcome: 'complete', usage: unknownUsage, reason: null })
  return Response.json(response, { headers: exchange.headers })
}

/** An answer that was given before, and costs nothing. */
function answerAgain(exchange: Exchange, { answer: kept }: Looked & { readonly kind: 'hit' }): Response {
  exchange.cache = 'hit'
  exchange.firstOutput()
  exchange.end({ status: 200, outcome: 'complete', usage: unknownUsage, reason: null })
  return new Response(kept.bytes as Uint8Array<ArrayBuffer>, {
    headers: { ...exchange.headers, 'content-type': kept.contentType },
  })
}

/** What takes a slow line longer than an idle connection may last; smaller ones need no second look. */
const largeBodyBytes = 256 * 1024

function isLarge(request: Request): boolean {
  const declared = request.headers.get('content-length')
  return declared === null || Number(declared) > largeBodyBytes
}
