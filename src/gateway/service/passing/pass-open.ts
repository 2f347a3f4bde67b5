import type { Exchange } from '#passage/exchange.ts'
import { chance } from '#platform/crypto/random.ts'
import type { ChunkReader } from '#platform/egress/contract.ts'
import { PlainStreamWatch } from '#protocol/openai/plain-stream.ts'
import { readPlainAnswer, type PlainEndpoint } from '#protocol/openai/plain.ts'
import { unknownUsage } from '#protocol/openai/usage.ts'
import type { Usage } from '#kernel/words.ts'
import type { Route, Target } from '../../core/choose.ts'
import { tokensOfBytes } from '../../core/prompt-tokens.ts'
import { createItinerary } from '../../core/routing.ts'
import { sessionOf } from '../../core/session.ts'
import type { Permit } from '../../ports.ts'
import { heardBy } from '../answering/answer-stream.ts'
import { ownHeaders } from '../asking/addressing.ts'
import { openTarget, type Opened } from '../asking/open-target.ts'
import { brokenOff, compressed, malformed, refusedBy, wordless } from '../asking/received.ts'
import type { Answered, Received } from '../asking/received.ts'
import type { PassPorts } from './pass-ports.ts'
import type { PassAsk } from './pass-request.ts'
import { jsonType } from '../asking/upstream-status.ts'

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

/** Asks the targets of the route in turn. */
export function openPass(call: PassCall): Promise<Opened<PassTaken>> {
  const { ports, exchange, endpoint, route, ask, request } = call
  const limits = ports.limits()
  const question = {
    key: exchange.caller.key,
    session: sessionOf(request.headers, {}),
    promptTokens: tokensOfBytes(ask.textBytes),
    maxTokens: null,
    prefix: () => '',
  }
  return openTarget<PassTaken>(ports, exchange, route, {
    itinerary: createItinerary(route, question, ports.vitals, chance),
    signal: request.signal,
    session: () => question.session,
    work: endpoint.work,
    waitMs: limits.loadWaitMs,
    deadlines: limits.deadlines,
    outbound(target, permit) {
      const { body, contentType } = ask.body(target.model)
      const headers = { ...ownHeaders(exchange, target, permit), 'content-type': contentType }
      return { method: 'POST', path: endpoint.upstreamPath + target.query, headers, body, data: ask.data }
    },
    receive: (answer, target, permit) =>
      answer.status >= 300 ? refusedBy(answer, target) : received(call, answer, target, permit),
  })
}

async function received(
  { endpoint, ports }: PassCall,
  answer: Answered,
  target: Target,
  permit: Permit,
): Promise<Received<PassTaken>> {
  const limitBytes = ports.limits().responseBodyBytes
  const unreadable = compressed(answer, target)
  if (unreadable !== null) return unreadable
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
  return wordless(target)
}
