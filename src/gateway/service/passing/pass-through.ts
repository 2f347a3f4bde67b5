import { modelName } from '#kernel/ids.ts'
import type { Estimate, Exchange } from '#passage/exchange.ts'
import { toAppError } from '#platform/http/errors.ts'
import type { Connection } from '#platform/http/route.ts'
import type { PlainEndpoint } from '#protocol/openai/plain.ts'
import { candidatesOf, namesOf, usualOutputTokens } from '../../core/bounds.ts'
import type { Route } from '../../core/choose.ts'
import { clientGone } from '../../errors.ts'
import { endingOf, fail, refuse, testify } from '../asking/endings.ts'
import { routeOf } from '../asking/route-of.ts'
import { revocationOf } from '../asking/interruptions.ts'
import { nameOf } from '../asking/addressing.ts'
import type { Opened } from '../asking/open-target.ts'
import { openPass, type PassTaken } from './pass-open.ts'
import type { PassPorts } from './pass-ports.ts'
import { readPassAsk, type PassAsk } from './pass-request.ts'
import { streamHeaders } from '../relaying/stream-headers.ts'
import { PassStream } from '../relaying/pass-stream.ts'
import { witnessOf, type Witness } from '../asking/witness.ts'

/** The data plane for endpoints that pass as they are, in the order of `answer`. */
export async function passThrough(
  ports: PassPorts,
  endpoint: PlainEndpoint,
  request: Request,
  at: Connection,
): Promise<Response> {
  let exchange: Exchange | null = null
  let witness: Witness | null = null
  try {
    // 1. Who asks, and whether a row could be written.
    exchange = ports.passage.begin(request, at, { endpoint: endpoint.name, scope: 'inference' })
    const limits = ports.limits()
    exchange.hold(() => at.setIdleTimeout(limits.idleConnectionSeconds))
    // 2. What is asked. The listener cuts a body that drips for this long; from then on the wait is ours.
    at.setIdleTimeout(limits.bodyReadSeconds)
    const ask = await readPassAsk(ports, endpoint, request, exchange)
    if (request.signal.aborted) throw clientGone()
    at.setIdleTimeout(0)
    exchange.model = modelName(ask.model)
    exchange.isStream = ask.isStream
    // 3. Where it leads.
    const route = await routeOf(ports, exchange)
    const { bodies } = ports
    const { headers } = request
    if (ask.kept !== null) witness = witnessOf({ bodies, exchange, looked: notCached, headers, request: ask.kept })
    // 4. What it may take.
    exchange.reserve(estimateOf(route, ask))
    // 5. A place, the way out, as much of the answer as shows that it is one.
    const opened = await openPass({ ports, exchange, endpoint, route, ask, request })
    if (!opened.ok) return refuse(exchange, opened, witness)
    // 6. The answer and its row.
    const revocation = revocationOf(exchange.caller)
    if (revocation) {
      if (opened.value.kind === 'stream') opened.value.reader.cancel()
      throw revocation
    }
    return opened.value.kind === 'whole'
      ? answerWhole(exchange, opened, opened.value, witness)
      : answerStream(ports, exchange, opened, { ...opened.value, witness })
  } catch (thrown) {
    const failed = fail(exchange, endingOf(toAppError(thrown), ports, { exchange, signal: request.signal }), ports)
    if (witness !== null) testify(witness, failed.clone() as Response)
    return failed
  }
}

/** Few of these endpoints have answers that are counted in tokens; those that do have a price. */
function estimateOf(route: Route, { textBytes: promptTokens }: PassAsk): Estimate {
  const targets = candidatesOf(route)
  const outputTokens = targets.some(({ costPerMillion }) => costPerMillion !== null) ? usualOutputTokens : 0
  return { promptTokens, outputTokens, targets, models: namesOf(route) }
}

/** Answers of these endpoints are not given again. */
const notCached = { kind: 'off' } as const

type Found = Opened<unknown> & { readonly ok: true }

function answerWhole(
  exchange: Exchange,
  { headers }: Found,
  value: PassTaken & { readonly kind: 'whole' },
  witness: Witness | null,
): Response {
  exchange.firstOutput()
  exchange.end({ status: 200, outcome: 'complete', usage: value.usage, reason: null })
  witness?.saw(value.bytes)
  witness?.leave(value.type)
  return new Response(value.bytes as Uint8Array<ArrayBuffer>, {
    headers: { ...exchange.headers, ...headers, 'content-type': value.type, ...noSniff },
  })
}

function answerStream(
  ports: PassPorts,
  exchange: Exchange,
  { headers, target }: Found,
  { type, witness, ...source }: PassTaken & { readonly kind: 'stream' } & { readonly witness: Witness | null },
): Response {
  const { clock, watchman, interruptions } = ports
  const { stalledReaderMs } = ports.limits()
  exchange.isStream = true
  // Of sound and pictures only the question is kept; the witness has to have heard of the end first.
  exchange.hold(() => queueMicrotask(() => witness?.leave(type)))
  const stream = new PassStream({
    ...source,
    exchange,
    clock,
    watchman,
    interruptions,
    stalledReaderMs,
    name: nameOf(target),
    status: 200,
  })
  return new Response(stream.body, {
    headers: { ...exchange.headers, ...headers, ...streamHeaders, 'content-type': type, ...noSniff },
  })
}

/** Whatever an upstream says of its bytes: a browser must not take them for a page of ours. */
const noSniff = { 'x-content-type-options': 'nosniff' }
