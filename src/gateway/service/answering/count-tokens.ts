import { modelName } from '#kernel/ids.ts'
import type { Exchange } from '#passage/exchange.ts'
import type { Outbound } from '#platform/egress/contract.ts'
import { readBody } from '#platform/http/body.ts'
import { toAppError } from '#platform/http/errors.ts'
import type { Connection } from '#platform/http/route.ts'
import { estimateTokens } from '#protocol/anthropic/estimate.ts'
import { lacksItsThought, mendedHistory } from '#protocol/anthropic/mended-history.ts'
import { spliceMembers } from '#protocol/json/bytes.ts'
import { chatUpstream } from '#protocol/openai/chat/upstream.ts'
import { unknownUsage } from '#protocol/openai/usage.ts'
import type { Target } from '../../core/choose.ts'
import { clientGone } from '../../errors.ts'
import type { Permit } from '../../ports.ts'
import type { AnswerPorts } from '../asking/answer-ports.ts'
import { endingOf, fail } from '../asking/endings.ts'
import { freeOf, routeOf } from '../asking/route-of.ts'
import { forwardedTo } from './forwarded.ts'
import { messagesLane, type LaneAsk } from './lanes.ts'
import { authorized, destinationOf, headerText } from '../asking/addressing.ts'
import { jsonType } from '../asking/upstream-status.ts'

/** Counting is quick where it is possible at all; who asks wants to know before it sends the request itself. */
const deadlines = { firstByteMs: 10_000, idleMs: 5000, totalMs: 15_000 }
/** Some engines tell every token, not only how many. */
const maxAnswerBytes = 16 * 2 ** 20
/** How many targets are asked before it is estimated. */
const mostAsked = 3

/** The header that says whose count it is: `upstream`, `engine` (its tokenizer) or `estimate`. */
const sourceHeader = 'x-hearth-token-count'

interface Count {
  readonly tokens: number
  readonly source: 'upstream' | 'engine' | 'estimate'
  /** Who counted; null = nobody was asked with success. */
  readonly target: Target | null
}

/** A refusal of the request itself, as the upstream wrote it. */
interface Refused {
  readonly status: number
  readonly contentType: string
  readonly bytes: Uint8Array
}

/** What counting needs to remember between requests. */
export interface Counter {
  readonly ports: AnswerPorts
  /** Targets that have no way to count: they are not asked again until the config or their list changes. */
  readonly speechless: WeakSet<Target>
}

/**
 * `POST /v1/messages/count_tokens`: how many tokens a request would have. The upstream's own count where it speaks the
 * Messages API; the engine's tokenizer where it stands in the house or the network and has one (vLLM and the engine of
 * Hearth, whose `/tokenize` takes messages); an estimate otherwise. Never loads a model and never waits for a place. It
 * goes through the same door as every request, and takes one request and no tokens from the key's limits.
 */
export async function countTokens(counter: Counter, request: Request, at: Connection): Promise<Response> {
  const { ports } = counter
  let exchange: Exchange | null = null
  try {
    exchange = ports.passage.begin(request, at, { endpoint: 'messages/count_tokens', scope: 'inference' })
    exchange.headers['request-id'] = exchange.id
    const limits = ports.limits()
    exchange.hold(() => at.setIdleTimeout(limits.idleConnectionSeconds))
    at.setIdleTimeout(limits.bodyReadSeconds)
    const bytes = await readBody(request, limits.requestBodyBytes)
    if (request.signal.aborted) throw clientGone()
    at.setIdleTimeout(0)
    const ask = messagesLane.read(bytes)
    exchange.model = modelName(ask.model)
    const route = await routeOf(ports, exchange)
    exchange.reserve(freeOf(route))
    const counted = await countAt(counter, { ask, request, exchange, targets: route.targets.slice(0, mostAsked) })
    if (request.signal.aborted) throw clientGone()
    return 'tokens' in counted ? tell(exchange, counted) : pass(exchange, counted)
  } catch (thrown) {
    const error = endingOf(toAppError(thrown), ports, { exchange, signal: request.signal })
    return fail(exchange, error, { log: ports.log, body: (said, facts) => messagesLane.errorBody(said, facts) })
  }
}

interface Asking {
  readonly ask: LaneAsk
  readonly request: Request
  readonly exchange: Exchange
  readonly targets: readonly Target[]
}

async function countAt(counter: Counter, asking: Asking): Promise<Count | Refused> {
  for (const target of asking.targets) {
    const counted = counter.speechless.has(target) ? null : await askTarget(counter, asking, target)
    if (counted !== null) return counted
  }
  return { tokens: estimateTokens(asking.ask.conversation()), source: 'estimate', target: null }
}

/** null: it cannot tell, or not now. */
async function askTarget(counter: Counter, asking: Asking, target: Target): Promise<Count | Refused | null> {
  const { places, inference } = counter.ports
  const speaks = target.apis.includes('messages')
  // A vendor that speaks another dialect has no tokenizer to ask, and should not get the text for nothing.
  if (!speaks && target.locality === 'cloud') return null
  const permit = places.tryAcquire({ deployment: target.deployment, key: asking.exchange.caller.key })
  if (permit === null) return null
  try {
    const to = destinationOf(target, permit)
    // The tokenizer of an engine stands beside its API, not in it.
    const at = speaks ? to : { ...to, baseUrl: to.baseUrl.replace(/\/v1$/, '') }
    const what = speaks ? nativeCall(asking, target) : tokenizeCall(asking, target, permit)
    const sent = await inference.send(at, what, { deadlines, signal: asking.request.signal })
    if (sent.kind !== 'answer') return null
    const read = await sent.bytes(maxAnswerBytes)
    if (read.kind === 'broken') return null
    if (sent.status === 404 || sent.status === 405 || sent.status === 501) counter.speechless.add(target)
    if (speaks && (sent.status === 400 || sent.status === 413))
      return { status: sent.status, contentType: jsonType(sent.headers), bytes: read.bytes }
    const tokens = sent.status === 200 ? countIn(read.bytes) : null
    if (tokens === null && sent.status === 200) counter.speechless.add(target)
    return tokens === null ? null : { tokens, source: speaks ? 'upstream' : 'engine', target }
  } finally {
    // Counting says nothing about how well it answers.
    permit.release('aborted')
  }
}

function nativeCall({ ask, request, exchange }: Asking, target: Target): Outbound {
  const { messages } = ask.body
  const history = mendedHistory(messages, target.model)
  const edits = {
    model: JSON.stringify(target.model),
    ...(history === null ? {} : { messages: JSON.stringify(history) }),
    ...(lacksItsThought(ask.body, history ?? messages, target.model) ? { thinking: '{"type":"disabled"}' } : {}),
  }
  return {
    method: 'POST',
    path: `/messages/count_tokens${target.query}`,
    headers: { ...target.headers, ...forwardedTo(target, { lane: messagesLane, request, exchange }) },
    body: spliceMembers(ask.bytes, edits),
    data: ask.data,
  }
}

const encoder = new TextEncoder()

function tokenizeCall({ ask }: Asking, target: Target, permit: Permit): Outbound {
  const { messages, tools } = chatUpstream.writeRequest(ask.conversation(), target.model)
  const body = { model: target.model, messages, tools, add_generation_prompt: true }
  return {
    method: 'POST',
    path: '/tokenize',
    headers: authorized(target, permit),
    body: encoder.encode(JSON.stringify(body)),
    data: ask.data,
  }
}

const decoder = new TextDecoder()

/** `input_tokens` of the vendor, `count` of a tokenizer. An engine that did not read the messages counts none. */
function countIn(bytes: Uint8Array): number | null {
  try {
    const { input_tokens, count } = JSON.parse(decoder.decode(bytes)) as { input_tokens?: unknown; count?: unknown }
    const tokens = input_tokens ?? count
    return typeof tokens === 'number' && Number.isSafeInteger(tokens) && tokens > 0 ? tokens : null
  } catch {
    return null
  }
}

function tell(exchange: Exchange, { tokens, source, target }: Count): Response {
  exchange.end({ status: 200, outcome: 'complete', usage: unknownUsage, reason: null })
  const by = target === null ? {} : { 'x-hearth-route': headerText(`${target.upstream}/${target.model}`) }
  return Response.json({ input_tokens: tokens }, { headers: { ...exchange.headers, ...by, [sourceHeader]: source } })
}

function pass(exchange: Exchange, { status, contentType, bytes }: Refused): Response {
  exchange.end({ status, outcome: 'failed', usage: unknownUsage, reason: 'upstream_error' })
  const headers = { ...exchange.headers, 'content-type': contentType, 'x-hearth-error': 'upstream' }
  return new Response(bytes as Uint8Array<ArrayBuffer>, { status, headers })
}
