import type { Cell, Locality } from '#kernel/words.ts'
import type { Clock } from '#kernel/time.ts'
import { Answer } from './answer.ts'
import type {
  BodySource,
  Destination,
  EgressPolicy,
  InferenceDoor,
  Outbound,
  SendFailure,
  SendOptions,
  Sent,
} from './contract.ts'
import { dispatch, fetchSettings, reasonOf, type Head } from './dispatch.ts'
import { failureSentence } from './failures.ts'
import { inferenceHeadersOf } from './headers.ts'
import { reach } from './reach.ts'
import type { ScrubbedRequest, Seal } from './seal.ts'
import type { Sweep } from './sweep.ts'
import type { Way, Ways } from './ways.ts'

/**
 * Where the deadline for the first byte is shorter than this, the fetch gets a controller of its own so that the
 * upstream is left in the same moment. Above it, fetch's own coarse `timeout` (late by up to 8 s) ends what nobody
 * waits for any more: a linked controller costs a tenth of the throughput.
 */
const exactBelowMs = 30_000
/**
 * A reset within this time on a connection that was kept alive is a stale connection; later, the request was at
 * work.
 */
const staleResetMs = 1_000
/** One that answered within this time is there: whether it takes connections is not asked again. */
const surelyThereMs = 30_000
/** Servers close idle connections after seconds; one that answered longer ago than this has none of ours. */
const keptAliveMs = 15 * 60_000

export interface InferenceParts {
  readonly policy: Cell<EgressPolicy>
  readonly ways: Ways
  readonly sweep: Sweep
  readonly clock: Clock
  readonly userAgent: string
  /** Opens what may go to a cloud. */
  readonly seal: Pick<Seal, 'open'>
}

export class InferenceWay implements InferenceDoor {
  readonly #parts: InferenceParts

  constructor(parts: InferenceParts) {
    this.#parts = parts
  }

  localityOf(to: Destination): Locality | null {
    return this.#parts.ways.known(to)?.locality ?? null
  }

  async locate(to: Destination): Promise<Locality | null> {
    const way = await this.#parts.ways.find(to)
    return way.kind === 'way' ? way.locality : null
  }

  send(to: Destination, what: Outbound, options: SendOptions): Promise<Sent> {
    return this.#send(to, { what, isSealed: false }, options)
  }

  async sendSealed(to: Destination, request: ScrubbedRequest, options: SendOptions): Promise<Sent> {
    const what = this.#parts.seal.open(to, request)
    if (what === null) return { kind: 'denied', reason: 'egress_denied', message: unsealed(to) }
    return this.#send(to, { what, isSealed: true }, options)
  }

  async #send(
    to: Destination,
    { what, isSealed }: { readonly what: Outbound; readonly isSealed: boolean },
    options: SendOptions,
  ): Promise<Sent> {
    const way = this.#parts.ways.known(to) ?? (await this.#parts.ways.find(to))
    if (way.kind === 'unresolved') return failed(to, 'dns')
    if (way.kind === 'forbidden') return { kind: 'denied', reason: 'egress_denied', message: way.message }
    if (way.locality === 'cloud' && !isSealed) return { kind: 'denied', reason: 'egress_denied', message: unsealed(to) }
    if (options.signal.aborted) return failed(to, 'aborted')
    const proxy = way.locality === 'cloud' ? this.#parts.policy.value.proxy : null
    if (proxy === null && way.prefixes.length === 0) return failed(to, 'dns')
    return this.#exchange({ to, what, options, way, proxy })
  }

  async #exchange(job: Job): Promise<Sent> {
    const { to, options, way } = job
    const { clock } = this.#parts
    const startedAt = clock.mono()
    const isUnsure = startedAt - way.answeredAt >= surelyThereMs && options.deadlines.connectMs !== undefined
    const isExact = isUnsure || options.deadlines.firstByteMs < exactBelowMs
    let own = isExact ? linkedController(options.signal) : null
    const isKeptAlive = startedAt - way.answeredAt < keptAliveMs
    let addressesLeft = job.proxy === null ? way.prefixes.length : 1
    let mayRepeat = isKeptAlive && isRepeatable(job.what.body)
    options.onDispatch?.()
    for (;;) {
      const sentAt = clock.mono()
      const head = isUnsure ? await this.#attemptUnsure(job, own, startedAt) : await this.#attempt(job, own, startedAt)
      if (head.kind === 'head') {
        way.answeredAt = clock.mono()
        return this.#answer(job, head.response, own, startedAt)
      }
      const reason = options.signal.aborted ? 'aborted' : reasonOf(head)
      const isNobodyThere = reason === 'refused' || reason === 'unreachable'
      if (isNobodyThere && --addressesLeft > 0 && isRepeatable(job.what.body)) {
        way.preferred = (way.preferred + 1) % way.prefixes.length
        // The one before is aborted where nobody took the connection.
        own?.unlink()
        own = isExact ? linkedController(options.signal) : null
        continue
      }
      if (reason === 'reset' && mayRepeat && isReset(head) && clock.mono() - sentAt < staleResetMs) {
        mayRepeat = false
        continue
      }
      own?.unlink()
      return failed(to, reason)
    }
  }

  /** Beside the request a connection of its own shows whether anybody is there. */
  async #attemptUnsure(job: Job, own: LinkedController | null, startedAt: number): Promise<Head> {
    const { way, proxy, options } = job
    const prefix = proxy ?? way.prefixes[way.preferred] ?? way.namedPrefix
    using watched = reach(prefix, options.deadlines.connectMs ?? 0)
    const first = await Promise.race([this.#attempt(job, own, startedAt), watched.unreachable])
    if (first !== 'unreachable') return first
    own?.abort()
    return { kind: 'unreachable' }
  }

  #attempt(job: Job, own: LinkedController | null, startedAt: number): Promise<Head> {
    const { what, options, way, proxy } = job
    const { deadlines } = options
    const headers = inferenceHeadersOf(what.headers, this.#parts.userAgent)
    // Which traces are whose is nothing that a cloud should know.
    const trace = way.locality === 'cloud' ? undefined : what.headers['traceparent']
    if (trace !== undefined) headers['traceparent'] = trace
    const init: BunFetchRequestInit = {
      ...fetchSettings,
      method: what.method,
      headers,
      body: isSource(what.body) ? opened(what.body, headers) : (what.body as Uint8Array<ArrayBuffer> | null),
      signal: own ? own.signal : options.signal,
      timeout: Math.max(deadlines.firstByteMs, deadlines.idleMs),
    }
    let prefix = way.namedPrefix
    if (proxy === null) {
      prefix = way.prefixes[way.preferred] ?? prefix
      if (way.host !== null) headers['host'] = way.host
      if (way.tls) init.tls = way.tls
    } else {
      init.proxy = proxy
    }
    return dispatch({
      url: prefix + what.path,
      init,
      firstByteAt: startedAt + Math.min(deadlines.firstByteMs, deadlines.totalMs),
      sweep: this.#parts.sweep,
      isGivenUp: options.isGivenUp,
      abort: own ? own.abort : null,
    })
  }

  #answer(job: Job, response: Response, own: LinkedController | null, startedAt: number): Sent {
    const { to, options } = job
    if (response.status >= 300 && response.status < 400 && response.headers.has('location')) {
      response.body?.cancel().catch(() => undefined)
      own?.unlink()
      const message =
        `${nameOf(to)} answered with a redirect (${response.status}), and redirects are not ` +
        `followed: set its baseUrl to the final address.`
      return { kind: 'failed', reason: 'malformed', message }
    }
    const { clock, sweep } = this.#parts
    return new Answer({
      response,
      name: nameOf(to),
      signal: options.signal,
      isGivenUp: options.isGivenUp,
      idleMs: options.deadlines.idleMs,
      totalAt: startedAt + options.deadlines.totalMs,
      clock,
      sweep,
      abort: own ? own.abort : null,
      onEnd: own ? own.unlink : null,
    })
  }
}

interface Job {
  readonly to: Destination
  readonly what: Outbound
  readonly options: SendOptions
  readonly way: Way
  readonly proxy: string | null
}

const isSource = (body: Outbound['body']): body is BodySource => body !== null && 'open' in body

const isRepeatable = (body: Outbound['body']): boolean => !isSource(body) || body.isRepeatable

/** With its length where that is known: some servers take no chunks. */
function opened(body: BodySource, headers: Record<string, string>): ReadableStream<Uint8Array> {
  if (body.lengthBytes !== null) headers['content-length'] = String(body.lengthBytes)
  const pieces = body.open()[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await pieces.next()
      if (done === true) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      await pieces.return?.()
    },
  })
}

interface LinkedController {
  readonly signal: AbortSignal
  readonly abort: () => void
  readonly unlink: () => void
}

function linkedController(signal: AbortSignal): LinkedController {
  const controller = new AbortController()
  const abort = () => controller.abort()
  signal.addEventListener('abort', abort, { once: true })
  return { signal: controller.signal, abort, unlink: () => signal.removeEventListener('abort', abort) }
}

/** A connection that was closed under us before any byte of an answer; other failures may have been at work already. */
function isReset(head: Head): boolean {
  return head.kind === 'thrown' && (head.thrown as { readonly code?: unknown } | null)?.code === 'ECONNRESET'
}

function failed(to: Destination, reason: SendFailure): Sent {
  return { kind: 'failed', reason, message: failureSentence(nameOf(to), reason) }
}

function unsealed(to: Destination): string {
  return `${nameOf(to)} is a cloud, and nothing goes to a cloud that privacy has not looked at: nothing was sent.`
}

function nameOf(to: Destination): string {
  return `The upstream ${to.name}`
}
