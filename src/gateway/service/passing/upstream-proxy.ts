import { modelName } from '#kernel/ids.ts'
import type { Caller, DataClass } from '#kernel/words.ts'
import type { Estimate, Exchange } from '#passage/exchange.ts'
import type { BodySource, Outbound } from '#platform/egress/contract.ts'
import { toAppError } from '#platform/http/errors.ts'
import { readBody } from '#platform/http/body.ts'
import type { Connection } from '#platform/http/route.ts'
import { parsedObject } from '#protocol/json/members.ts'
import { unknownUsage } from '#protocol/openai/usage.ts'
import { AppError } from '#kernel/errors.ts'
import { attachmentTokens, outputBoundOf, usualOutputTokens } from '../../core/bounds.ts'
import type { Route, Snapshot, Target } from '../../core/choose.ts'
import type { Itinerary } from '../../core/itinerary.ts'
import { tokensOfBytes } from '../../core/prompt-tokens.ts'
import { sessionOf } from '../../core/session.ts'
import { safeUpstreamPath } from '../../core/upstream-path.ts'
import { badUpstreamPath, clientGone, proxyNotAllowed, uploadTooLarge } from '../../errors.ts'
import { endingOf, fail, refuse } from '../asking/endings.ts'
import { revocationOf } from '../asking/interruptions.ts'
import { nameOf, ownHeaders } from '../asking/addressing.ts'
import { openTarget, type Opened } from '../asking/open-target.ts'
import { refusedBy, type Answered, type Received } from '../asking/received.ts'
import type { PassPorts } from './pass-ports.ts'
import { PassStream } from '../relaying/pass-stream.ts'

/** Up to this declared length a body is read first: it can then be sent again where a connection was stale. */
const heldBodyBytes = 1024 * 1024
/**
 * `/upstreams/{name}/{path}`: whatever an upstream has that Hearth has no endpoint for. The body streams to it and the
 * answer streams back; places, the egress door, limits and the row are those of every request. Nobody can see which
 * model is asked, so it is for keys that may use every model of that upstream.
 */
export async function proxyUpstream(
  ports: PassPorts,
  upstream: string,
  request: Request,
  at: Connection,
): Promise<Response> {
  let exchange: Exchange | null = null
  try {
    exchange = ports.passage.begin(request, at, { endpoint: 'upstreams', scope: 'inference' })
    const limits = ports.limits()
    exchange.hold(() => at.setIdleTimeout(limits.idleConnectionSeconds))
    const target = targetOf(ports.snapshot(), upstream)
    if (target === null) throw unknownUpstream(upstream)
    if (!mayProxy(exchange.caller, upstream)) throw proxyNotAllowed(upstream)
    const path = pathOf(request.url, target)
    const upload = await uploadOf(ports, request)
    const what = outboundOf(request, path, upload.body)
    if (request.signal.aborted) throw clientGone()
    at.setIdleTimeout(0)
    exchange.model = modelName(`${upstream}/*`)
    exchange.reserve(estimateOf(upstream, what))
    const opened = await open(ports, exchange, request, { target, what, isTooLarge: upload.isTooLarge })
    if (!opened.ok && upload.isTooLarge()) throw uploadTooLarge(ports.passLimits().uploadBodyBytes)
    if (!opened.ok) return refuse(exchange, opened)
    const revocation = revocationOf(exchange.caller)
    if (revocation) {
      opened.value.chunks().cancel()
      throw revocation
    }
    return relay(ports, exchange, opened)
  } catch (thrown) {
    return fail(exchange, endingOf(toAppError(thrown), ports, { exchange, signal: request.signal }), ports)
  }
}

/** A name that no list holds by accident: only a pattern that takes every model of the upstream matches it. */
export function mayProxy(caller: Caller, upstream: string): boolean {
  return caller.may('admin') || caller.mayUse(modelName(`${upstream}/\u0001`))
}

/** The upstream, whatever model it is asked for. */
function targetOf(snapshot: Snapshot, upstream: string): Target | null {
  const any = snapshot.open.get(upstream)?.('*').targets[0] ?? named(snapshot, upstream)
  return any === undefined ? null : { ...any, key: `${upstream}/*`, model: '*' }
}

function named({ names }: Snapshot, upstream: string): Target | undefined {
  for (const { targets } of names.values()) {
    const found = targets.find((target) => target.upstream === upstream && upstream !== 'local')
    if (found) return found
  }
  return undefined
}

function pathOf(url: string, target: Target): string {
  const { pathname, search } = split(url)
  const base = new URL(target.baseUrl ?? 'http://localhost').pathname
  const path = safeUpstreamPath(pathname, base.slice(base.lastIndexOf('/') + 1))
  if (path === null) throw badUpstreamPath()
  return path + (target.query === '' ? search : target.query + search.replace('?', '&'))
}

function outboundOf(request: Request, path: string, body: Outbound['body']): Outbound {
  const type = request.headers.get('content-type')
  return {
    method: methodOf(request.method),
    path,
    headers: { ...forwarded(request.headers), ...(type === null ? {} : { 'content-type': type }) },
    body,
    // A query holds words.
    data: body === null ? (split(request.url).search === '' ? ['metadata'] : ['text']) : dataOf(type),
  }
}

/** Behind `/upstreams/<name>/`, as it was written: decoded, it could mean something else. */
function split(url: string): { readonly pathname: string; readonly search: string } {
  const [whole = '', ...rest] = url.slice(url.indexOf('/', url.indexOf('//') + 2)).split('?')
  return { pathname: whole.split('/').slice(3).join('/'), search: rest.length === 0 ? '' : `?${rest.join('?')}` }
}

function methodOf(method: string): Outbound['method'] {
  const known = (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).find((each) => each === method)
  if (known === undefined)
    throw new AppError('invalid', `${method} is not possible here.`, { reason: 'method_not_allowed' })
  return known
}

interface Upload {
  readonly body: Outbound['body']
  /** More came of it than an upload may be: it was broken off, and the fault is not the upstream's. */
  readonly isTooLarge: () => boolean
}

const isNever = (): boolean => false

async function uploadOf(ports: PassPorts, request: Request): Promise<Upload> {
  const { body } = request
  if (body === null || request.method === 'GET') return { body: null, isTooLarge: isNever }
  const declared = Number(request.headers.get('content-length') ?? Number.NaN)
  const limit = ports.passLimits().uploadBodyBytes
  if (declared > limit) throw uploadTooLarge(limit)
  if (declared <= heldBodyBytes) return { body: await readBody(request, heldBodyBytes), isTooLarge: isNever }
  return streamed(body, Number.isNaN(declared) ? null : declared, limit)
}

function streamed(body: ReadableStream<Uint8Array>, lengthBytes: number | null, limit: number): Upload {
  let total = 0
  const source: BodySource = {
    lengthBytes,
    isRepeatable: false,
    async *open() {
      for await (const chunk of body) {
        total += chunk.length
        // The upstream sees a body that breaks off.
        if (total > limit) throw new Error('the body is larger than limits.uploadBody')
        yield chunk
      }
    },
  }
  return { body: source, isTooLarge: () => total > limit }
}

/**
 * Nobody sees what such a request uses: the most that it may is what limits and budgets are charged with, at the price
 * of the model that it names, or of the dearest one.
 */
function estimateOf(upstream: string, { body, data }: Outbound): Estimate {
  const models = [`${upstream}/*`]
  if (body === null) return { promptTokens: 0, outputTokens: 0, targets: [], models }
  const bytes = lengthOf(body)
  const json = 'open' in body ? null : parsedObject(decoder.decode(body))
  const model = typeof json?.['model'] === 'string' ? json['model'] : '*'
  const isText = data.every((each) => each === 'text' || each === 'metadata')
  const choices = typeof json?.['n'] === 'number' && json['n'] > 1 ? json['n'] : 1
  return {
    promptTokens: isText ? bytes : Math.min(tokensOfBytes(bytes), attachmentTokens),
    outputTokens: outputBoundOf(json ?? {}, { maxTokens: null, choices, usual: usualOutputTokens }),
    targets: [{ upstream, model }],
    models,
  }
}

const decoder = new TextDecoder()

const lengthOf = (body: Outbound['body']): number =>
  body === null ? 0 : 'open' in body ? (body.lengthBytes ?? 0) : body.length

const forwardedHeaders = ['accept', 'accept-language', 'anthropic-beta', 'anthropic-version', 'idempotency-key'].concat(
  ['openai-beta'],
)

function forwarded(headers: Headers): Record<string, string> {
  const entries = forwardedHeaders.map((name) => [name, headers.get(name)] as const)
  return Object.fromEntries(entries.filter((entry): entry is readonly [string, string] => entry[1] !== null))
}

/** A target's own headers say that its requests are JSON. */
function withoutType(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'content-type'))
}

/** By its type; what is not known for words could be anything. */
export function dataOf(contentType: string | null): readonly DataClass[] {
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (/^application\/([\w.-]+\+)?json$|^text\/[\w.-]+$|^application\/x-(www-form-urlencoded|ndjson)$/.test(type))
    return ['text']
  if (type.startsWith('audio/')) return ['audio']
  return type.startsWith('image/') ? ['image'] : ['file']
}

function workOf(data: readonly DataClass[]): 'text' | 'audio' | 'image' {
  if (data.includes('audio')) return 'audio'
  return data.includes('image') ? 'image' : 'text'
}

interface Errand {
  readonly target: Target
  readonly what: Outbound
  readonly isTooLarge: () => boolean
}

function open(
  ports: PassPorts,
  exchange: Exchange,
  request: Request,
  { target, what, isTooLarge }: Errand,
): Promise<Opened<Answered>> {
  const limits = ports.limits()
  return openTarget<Answered>(ports, exchange, routeTo(target), {
    itinerary: onlyTo(target),
    signal: request.signal,
    isGivenUp: isTooLarge,
    session: () => sessionOf(request.headers, {}),
    work: workOf(what.data),
    waitMs: limits.loadWaitMs,
    deadlines: limits.deadlines,
    outbound: (_, permit) => ({
      ...what,
      headers: { ...what.headers, ...withoutType(ownHeaders(exchange, target, permit)) },
    }),
    // What concerns Hearth's own key and the load of the upstream is told as everywhere; the rest passes.
    receive: (answer) => receivedFrom(answer, target),
  })
}

async function receivedFrom(answer: Answered, target: Target): Promise<Received<Answered>> {
  return [401, 403, 429, 503, 529].includes(answer.status) || answer.status > 599
    ? refusedBy(answer, target)
    : { kind: 'taken', value: answer }
}

function routeTo(target: Target): Route {
  return {
    name: modelName(target.key),
    policy: 'priority',
    targets: [target],
    fallbacks: [],
    retries: {
      attempts: 1,
      maxAttempts: 1,
      backoffMs: 0,
      maxBackoffMs: 0,
      maxRetryAfterMs: 0,
      whenAllOpen: 'ask',
    },
    deadlines: null,
    cacheTtlMs: null,
    isConfigured: false,
  }
}

const onlyTo = (target: Target): Itinerary => ({
  first: () => ({ target, waitMs: 0, why: 'named' }),
  next: () => null,
  impasse: null,
})

const passedHeaders = ['content-type', 'content-disposition', 'content-encoding', 'content-language'].concat([
  'etag',
  'last-modified',
])

function relay(ports: PassPorts, exchange: Exchange, opened: Opened<Answered> & { readonly ok: true }): Response {
  const { clock, watchman, interruptions } = ports
  const answer = opened.value
  const passed = passedHeaders.flatMap((name) => {
    const value = answer.headers.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  const headers = { ...exchange.headers, ...opened.headers, ...Object.fromEntries(passed), ...harmless }
  const { status } = answer
  if ([204, 205, 304].includes(status)) {
    answer.chunks().cancel()
    exchange.end({ status, outcome: 'complete', usage: unknownUsage, reason: null })
    return new Response(null, { status, headers })
  }
  const stream = new PassStream({
    exchange,
    clock,
    watchman,
    interruptions,
    stalledReaderMs: ports.limits().stalledReaderMs,
    name: nameOf(opened.target),
    first: null,
    reader: answer.chunks(),
    watch: null,
    status,
  })
  return new Response(stream.body, { status, headers })
}

/** An upstream's page in Hearth's own origin could act for whoever is signed in. */
const harmless = {
  'content-security-policy': "sandbox; default-src 'none'",
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
}

function unknownUpstream(name: string): AppError {
  return new AppError('not_found', `There is no upstream "${name.slice(0, 100)}" here.`, {
    reason: 'upstream_not_found',
  })
}
