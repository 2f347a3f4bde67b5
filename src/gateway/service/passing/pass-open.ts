import type { Exchange } from '#passage/exchange.ts'
import { chance } from '#platform/crypto/random.ts'
import type { ChunkReader } from '#platform/egress/contract.ts'
import { PlainStreamWatch } from '#protocol/openai/plain-stream.ts'
import { readPlainAnswer, type PlainEndpoint } from '#protocol/openai/plain.ts'
import { unknownUsage } from '#protocol/openai/usage.ts'
import type { Usage } from '#kernel/words.ts'
import type { Route, Target } from '../../core/choose.ts'
import { classOf } from '../../core/failures.ts'
import { createItinerary } from '../../core/routing.ts'
import { sessionOf } from '../../core/session.ts'
import { emptyAnswer, upstreamFailed } from '../../errors.ts'
import type { Permit } from '../../ports.ts'
import { heardBy } from '../answering/answer-stream.ts'
import { malformed } from '../answering/call.ts'
import { nameOf, openTarget, type Answered, type Opened, type Received } from '../asking/open-target.ts'
import type { PassPorts } from './pass-ports.ts'
import type { PassAsk } from './pass-request.ts'
import { jsonType, maxErrorBytes, retryAfterMs, upstreamError } from '../asking/upstream-status.ts'

export interface PassCall {
  readonly ports: PassPorts
  readonly exchange: Exchange
  readonly endpoint: PlainEndpoint
  readonly route: Route
  readonly ask: PassAsk
  readonly request: Request
}

/** As much of an answer as shows that it is one: all of it, or its beginning and where the rest comes from. */
export type PassTaken =
  | { readonly kind: 'whole'; readonly type: string; readonly bytes: Uint8Array; readonly usage: Usage }
  | {
      readonly kind: 'stream'
      readonly type: string
      readonly first: Uint8Array
      readonly reader: ChunkReader
      /** null: bytes that tell nothing of themselves; whole when the upstream's body is. */
      readonly watch: PlainStreamWatch | null
    }

/** Bytes per token, for what a request takes from a key's tokens per minute before its true usage is known. */
export const bytesPerToken = 4

/** Asks the targets of the route in turn. */
export function openPass(call: PassCall): Promise<Opened<PassTaken>> {
  const { ports, exchange, endpoint, route, ask, request } = call
  const { interruptions } = ports
  const limits = ports.limits()
  const question = {
    key: exchange.caller.key,
    session: sessionOf(request.headers, {}),
    promptTokens: Math.ceil(ask.textBytes / bytesPerToken),
    maxTokens: null,
    prefix: () => '',
  }
  return openTarget<PassTaken>(ports, exchange, route, {
    itinerary: createItinerary(route, question, ports.vitals, chance),
    signal: request.signal,
    isGivenUp: () => exchange.hasEnded || interruptions.of(exchange.caller) !== null,
    interruptions,
    work: endpoint.work,
    waitMs: limits.loadWaitMs,
    deadlines: limits.deadlines,
    onWait: () => {},
    outbound(target, permit) {
      const { body, contentType } = ask.body(target.model)
      const headers = { ...ownHeaders(exchange, target, permit), 'content-type': contentType }
      return { method: 'POST', path: endpoint.upstreamPath + target.query, headers, body, data: ask.data }
    },
    receive: (answer, target, permit) =>
      answer.status >= 300 ? refusedBy(answer, target) : received(call, answer, target, permit),
  })
}

/** What the target is told beside the request: its key, and which trace it belongs to. */
export function ownHeaders(exchange: Exchange, target: Target, permit: Permit): Record<string, string> {
  const headers: Record<string, string> = { ...target.headers }
  if (permit.token !== null) headers['authorization'] = `Bearer ${permit.token}`
  const { traceparent } = exchange
  // Which traces are whose is nothing that a cloud should know.
  if (traceparent !== null && target.locality !== 'cloud') headers['traceparent'] = traceparent
  return headers
}

/** An answer of 300 and above: as it is written where the fault is the request's own. */
export async function refusedBy(answer: Answered, target: Target): Promise<Received<never>> {
  const read = await answer.bytes(maxErrorBytes)
  const bytes = read.kind === 'whole' ? read.bytes : new Uint8Array()
  const refusal = upstreamError(nameOf(target), answer.status, answer.headers, bytes)
  const kind = classOf(answer.status, bytes)
  if (kind === null) return { kind: 'refused', refusal }
  return { kind: 'missed', failure: { kind, retryAfterMs: retryAfterMs(answer.headers) }, refusal }
}

async function received(
  { endpoint, ports }: PassCall,
  answer: Answered,
  target: Target,
  permit: Permit,
): Promise<Received<PassTaken>> {
  const limitBytes = ports.limits().responseBodyBytes
  const coding = answer.headers.get('content-encoding') ?? 'identity'
  // Bodies are asked for as they are; a compressed one can be neither read nor passed on as what it says it is.
  if (coding !== '' && coding.toLowerCase() !== 'identity')
    return malformed(answer, target, `its answer is compressed (${coding}), which was not asked for`)
  const type = (answer.headers.get('content-type') ?? 'application/octet-stream').toLowerCase()
  if (type.startsWith('text/event-stream') && endpoint.terminal.length > 0)
    return began(answer, target, { type: eventStream, watch: new PlainStreamWatch(endpoint.terminal), permit })
  if (/^application\/([\w.+-]+\+)?json\b/.test(type)) return wholeJson(endpoint, answer, target, limitBytes)
  if (endpoint.other === 'text' && textTypes.test(type))
    return wholeText(answer, { type: `${type.split(';')[0]}; charset=utf-8`, limitBytes })
  if (endpoint.other === 'bytes' && soundTypes.test(type)) return began(answer, target, { type, watch: null, permit })
  // Some servers send JSON without saying so.
  if (endpoint.other === 'none' && !type.includes('html')) return wholeJson(endpoint, answer, target, limitBytes)
  return malformed(answer, target, `its answer is ${type.slice(0, 100)}, which ${endpoint.name} has none of`)
}

const eventStream = 'text/event-stream; charset=utf-8'

const textTypes = /^(text\/(plain|vtt|srt)|application\/x-subrip)\b/

const soundTypes = /^(audio\/[\w.+-]+|application\/octet-stream|application\/ogg)\b/

async function wholeJson(
  endpoint: PlainEndpoint,
  answer: Answered,
  target: Target,
  limitBytes: number,
): Promise<Received<PassTaken>> {
  const read = await answer.bytes(limitBytes)
  if (read.kind === 'broken') return brokenOff(read)
  const whole = readPlainAnswer(endpoint, read.bytes)
  if (whole.kind === 'malformed') return malformed(answer, target, whole.message)
  return {
    kind: 'taken',
    value: { kind: 'whole', type: jsonType(answer.headers), bytes: read.bytes, usage: whole.usage },
  }
}

async function wholeText(
  answer: Answered,
  { type, limitBytes }: { readonly type: string; readonly limitBytes: number },
): Promise<Received<PassTaken>> {
  const read = await answer.bytes(limitBytes)
  if (read.kind === 'broken') return brokenOff(read)
  return { kind: 'taken', value: { kind: 'whole', type, bytes: read.bytes, usage: unknownUsage } }
}

/** Nothing is promised to the caller before the first bytes are there: until then another target can stand in. */
async function began(
  answer: Answered,
  target: Target,
  { type, watch, permit }: { readonly type: string; readonly watch: PlainStreamWatch | null; readonly permit: Permit },
): Promise<Received<PassTaken>> {
  const reader = heardBy(permit, answer.chunks())
  let chunk = await reader.next()
  while (chunk.kind === 'data' && chunk.bytes.length === 0) chunk = await reader.next()
  if (chunk.kind === 'data')
    return { kind: 'taken', value: { kind: 'stream', type, first: chunk.bytes, reader, watch } }
  if (chunk.kind === 'broken') return brokenOff(chunk)
  return {
    kind: 'missed',
    failure: { kind: 'empty', retryAfterMs: null },
    refusal: { error: emptyAnswer(nameOf(target)) },
  }
}

function brokenOff(read: { readonly reason: string; readonly message: string }): Received<never> {
  const refusal = { error: upstreamFailed(read) }
  if (read.reason === 'too_large') return { kind: 'refused', refusal }
  return { kind: 'missed', failure: { kind: 'broken', retryAfterMs: null }, refusal }
}
