import { AppError } from '#kernel/errors.ts'
import { modelName } from '#kernel/ids.ts'
import type { Clock } from '#kernel/time.ts'
import type { Exchange } from '#passage/exchange.ts'
import type { Passage } from '#passage/passage.ts'
import type { Deadlines, InferenceExit } from '#platform/egress/contract.ts'
import { newRequestId } from '#platform/crypto/ids.ts'
import { readBody } from '#platform/http/body.ts'
import { errorResponse, statusOf, toAppError } from '#platform/http/errors.ts'
import type { Connection } from '#platform/http/route.ts'
import type { Logger } from '#platform/log/logger.ts'
import { readAsk, type Ask, type Endpoint } from '#protocol/openai/ask.ts'
import { unknownUsage } from '#protocol/openai/usage.ts'
import { readWholeAnswer } from '#protocol/openai/whole-answer.ts'
import { choose, type Snapshot, type Target } from '../core/choose.ts'
import { clientGone, modelNotAllowed, unknownModel, upstreamFailed, upstreamMalformed } from '../errors.ts'
import type { Places } from '../ports.ts'
import { revocationOf, type Interruptions } from './interruptions.ts'
import { nameOf, openTarget, type Opened } from './open-target.ts'
import { StreamRelay, type Source } from './stream-relay.ts'
import type { StreamWatchman } from './stream-watchman.ts'
import { jsonType, maxErrorBytes, upstreamError } from './upstream-status.ts'

export interface AnswerPorts {
  readonly passage: Passage
  readonly places: Places
  readonly inference: InferenceExit
  readonly snapshot: () => Snapshot
  /** Reads the lists of upstreams that were never read, once in a while; true when the snapshot may know more now. */
  readonly discover: () => Promise<boolean>
  readonly watchman: StreamWatchman
  readonly interruptions: Interruptions
  readonly clock: Clock
  readonly log: Logger
  readonly limits: () => AnswerLimits
}

export interface AnswerLimits {
  readonly requestBodyBytes: number
  readonly responseBodyBytes: number
  readonly loadWaitMs: number
  readonly stalledReaderMs: number
  readonly bodyReadSeconds: number
  readonly idleConnectionSeconds: number
  readonly deadlines: Deadlines
}

/** A streaming caller waits this long in silence (a refusal is still possible), then gets 200 and comments. */
const silentWaitMs = 2000
const heartbeatMs = 15_000
const maxEventBytes = 4 * 2 ** 20
/** Bytes per token, for what a request takes from a key's tokens per minute before its true usage is known. */
const bytesPerToken = 4

/** The data plane: one request of the OpenAI dialect from its head to its last byte. */
export async function answer(
  ports: AnswerPorts,
  endpoint: Endpoint,
  request: Request,
  at: Connection,
): Promise<Response> {
  let exchange: Exchange | null = null
  try {
    // 1. Who asks, and whether a row could be written.
    exchange = ports.passage.begin(request, at, { endpoint, scope: 'inference' })
    const limits = ports.limits()
    // 2. What is asked. The listener cuts a body that drips for this long; from then on the wait is ours.
    exchange.hold(() => at.setIdleTimeout(limits.idleConnectionSeconds))
    if (isLarge(request)) at.setIdleTimeout(limits.bodyReadSeconds)
    const bytes = await readBody(request, limits.requestBodyBytes)
    if (request.signal.aborted) throw clientGone()
    at.setIdleTimeout(0)
    const ask = readAsk(endpoint, bytes)
    exchange.model = modelName(ask.model)
    exchange.isStream = ask.isStream
    // 3. Where it leads.
    const targets = await route(ports, exchange)
    // 4. What it may take.
    exchange.reserve(Math.ceil(bytes.length / bytesPerToken) + (ask.maxTokens ?? 0) * ask.choices)
    // 5. A place, the way out, the answer; 6. the row: see open-target.ts, stream-relay.ts.
    const call: OpenCall = { ports, exchange, targets, endpoint, ask, bytes, signal: request.signal, limits }
    return ask.isStream ? await answerStream(call) : await answerWhole(call)
  } catch (thrown) {
    return fail(exchange, endingOf(toAppError(thrown), ports, { exchange, signal: request.signal }), ports.log)
  }
}

/** What ended a request that gave up: its client, or we ourselves. */
function endingOf(
  error: AppError,
  { interruptions }: AnswerPorts,
  { exchange, signal }: { readonly exchange: Exchange | null; readonly signal: AbortSignal },
): AppError {
  if (error.kind === 'internal' || exchange === null) return error
  if (signal.aborted) return clientGone()
  return error.reason === 'client_gone' ? (interruptions.of(exchange.caller) ?? error) : error
}

/** What takes a slow line longer than an idle connection may last; smaller ones need no second look. */
const largeBodyBytes = 256 * 1024

function isLarge(request: Request): boolean {
  const declared = request.headers.get('content-length')
  return declared === null || Number(declared) > largeBodyBytes
}

interface OpenCall {
  readonly ports: AnswerPorts
  readonly exchange: Exchange
  readonly targets: readonly Target[]
  readonly endpoint: Endpoint
  readonly ask: Ask
  readonly bytes: Uint8Array
  readonly signal: AbortSignal
  readonly limits: AnswerLimits
}

async function route(ports: AnswerPorts, exchange: Exchange): Promise<readonly Target[]> {
  const { model, caller } = exchange
  const look = () => choose(ports.snapshot(), model, (name) => caller.mayUse(name))
  let choice = look()
  if (choice.kind === 'unknown_model' && (await ports.discover())) choice = look()
  if (choice.kind === 'targets') return choice.targets
  throw choice.kind === 'not_allowed' ? modelNotAllowed(model) : unknownModel(model, choice.nearest)
}

function open(call: OpenCall, onWait: Parameters<typeof openTarget>[3]['onWait']): Promise<Opened> {
  const { ports, exchange, targets, endpoint, ask, bytes, signal, limits } = call
  return openTarget(ports, exchange, targets, {
    endpoint,
    ask,
    bytes,
    signal,
    isGivenUp: () => exchange.hasEnded || ports.interruptions.of(exchange.caller) !== null,
    interruptions: ports.interruptions,
    onWait,
    waitMs: ask.isStream ? limits.deadlines.totalMs : limits.loadWaitMs,
    deadlines: limits.deadlines,
  })
}

async function answerWhole(call: OpenCall): Promise<Response> {
  const { exchange, endpoint, ports } = call
  const { opened, bytes } = await readWhole(call)
  const { target, answer: sent } = opened
  if (bytes === null) return passError(exchange, opened)
  const whole = readWholeAnswer(endpoint, bytes, target.splitThink)
  if (whole.kind === 'malformed') throw upstreamMalformed(nameOf(target), whole.message)
  const revocation = revocationOf(exchange.caller)
  if (revocation) throw revocation
  exchange.firstOutput()
  const outcome = whole.isTerminal ? 'complete' : 'incomplete'
  exchange.end({ status: 200, outcome, usage: whole.usage, reason: whole.isTerminal ? null : 'no_finish_reason' })
  const headers: Record<string, string> = {
    ...exchange.headers,
    ...opened.headers,
    'content-type': jsonType(sent.headers),
  }
  if (!whole.isTerminal) {
    headers['x-hearth-error'] = 'incomplete'
    ports.log.warn('an answer has no finish_reason', { request: exchange.id, target: nameOf(target) })
  }
  return new Response(whole.replaced ?? (bytes as Uint8Array<ArrayBuffer>), { headers })
}

/** `bytes` is null for an answer of 300 and above. */
async function readWhole(call: OpenCall): Promise<{ opened: Opened & { ok: true }; bytes: Uint8Array | null }> {
  const opened = await open(call, () => {})
  if (!opened.ok) throw opened.error
  const { answer: sent } = opened
  if (sent.status >= 300) return { opened, bytes: null }
  mustBeReadable(opened)
  const read = await sent.bytes(call.limits.responseBodyBytes)
  if (read.kind === 'broken') throw upstreamFailed(read)
  return { opened, bytes: read.bytes }
}

async function answerStream(call: OpenCall): Promise<Response> {
  const { exchange, ports, limits } = call
  let relay: StreamRelay | null = null
  let commit: () => void = () => {}
  let timer: ReturnType<typeof setTimeout> | null = null
  const waitedLong = new Promise<'waited long'>((resolve) => {
    commit = () => resolve('waited long')
  })
  const opening = open(call, (waiting) => {
    if (waiting && !timer) timer = setTimeout(() => commit(), silentWaitMs)
    if (!waiting && timer && !relay) {
      clearTimeout(timer)
      timer = null
    }
    relay?.tell(waiting)
  })
  const options = {
    exchange,
    clock: ports.clock,
    watchman: ports.watchman,
    interruptions: ports.interruptions,
    stalledReaderMs: limits.stalledReaderMs,
    heartbeatMs,
    maxEventBytes,
  }
  const first = await Promise.race([opening, waitedLong])
  if (first === 'waited long') {
    relay = new StreamRelay(opening.then((opened) => sourceOf(opened, call)).catch(toAppError), options)
    return new Response(relay.body, { headers: { ...exchange.headers, ...streamHeaders } })
  }
  if (!first.ok) throw first.error
  if (first.answer.status >= 300) return passError(exchange, first)
  const source = await sourceOf(first, call)
  if (source instanceof AppError) throw source
  relay = new StreamRelay(source, options)
  return new Response(relay.body, { headers: { ...exchange.headers, ...first.headers, ...streamHeaders } })
}

const streamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
}

/** What a relay reads from, or why there is nothing to read. */
async function sourceOf(opened: Opened, { ask }: OpenCall): Promise<Source | AppError> {
  if (!opened.ok) return opened.error
  const { answer: sent, target } = opened
  if (sent.status >= 300) {
    const error = await readError(opened)
    return error instanceof AppError
      ? error
      : new AppError('upstream', `${nameOf(target)} refused: ${(await error.text()).slice(0, 500)}`, {
          reason: 'upstream_error',
        })
  }
  const type = sent.headers.get('content-type') ?? ''
  const reader = sent.chunks()
  if (/json|html/.test(type)) {
    reader.cancel()
    return upstreamMalformed(nameOf(target), `its answer to a streaming request is ${type}, not text/event-stream`)
  }
  mustBeReadable(opened)
  return {
    reader,
    name: nameOf(target),
    choices: ask.choices,
    stripUsage: !ask.wantsUsage,
    splitThink: target.splitThink,
  }
}

/** An answer of 300 and above: as the upstream wrote it where it concerns the caller, in our words otherwise. */
async function passError(exchange: Exchange, opened: Opened & { ok: true }): Promise<Response> {
  const error = await readError(opened)
  if (error instanceof AppError) throw error
  exchange.end({ status: error.status, outcome: 'failed', usage: unknownUsage, reason: 'upstream_error' })
  for (const [name, value] of Object.entries({ ...exchange.headers, ...opened.headers })) error.headers.set(name, value)
  return error
}

async function readError({ answer: sent, target }: Opened & { ok: true }): Promise<Response | AppError> {
  const read = await sent.bytes(maxErrorBytes)
  return upstreamError(nameOf(target), sent.status, sent.headers, read.kind === 'whole' ? read.bytes : new Uint8Array())
}

/** Bodies are asked for as they are; a compressed one can be neither read nor passed on as what it says it is. */
function mustBeReadable({ answer: sent, target }: Opened & { ok: true }): void {
  const coding = sent.headers.get('content-encoding') ?? 'identity'
  if (/^(identity)?$/i.test(coding)) return
  sent.chunks().cancel()
  throw upstreamMalformed(nameOf(target), `its answer is compressed (${coding}), which was not asked for`)
}

function fail(exchange: Exchange | null, error: AppError, log: Logger): Response {
  const isGone = error.reason === 'client_gone'
  exchange?.end({
    status: isGone ? 499 : statusOf(error),
    outcome: isGone || error.reason === 'key_revoked' ? 'aborted' : 'failed',
    usage: unknownUsage,
    reason: error.reason,
  })
  const headers = exchange?.headers ?? { 'x-request-id': newRequestId() }
  return errorResponse(error, log.child({ request: headers['x-request-id'] }), headers)
}
