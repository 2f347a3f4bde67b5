import type { Cell } from '#kernel/words.ts'
import type { Clock } from '#kernel/time.ts'
import { Answer } from './answer.ts'
import type { EgressPolicy, SendFailure, TelemetryExit, TelemetryPosted } from './contract.ts'
import { dispatch, fetchSettings, reasonOf, type Head } from './dispatch.ts'
import { failureSentence } from './failures.ts'
import { telemetryHeadersOf } from './headers.ts'
import type { Sweep } from './sweep.ts'
import type { Way, Ways } from './ways.ts'

/** A receiver says in a few words what it did not take. */
const maxAnswerBytes = 64 * 1024
const name = 'The receiver of traces'

export interface TelemetryParts {
  readonly policy: Cell<EgressPolicy>
  readonly ways: Ways
  readonly sweep: Sweep
  readonly clock: Clock
  readonly userAgent: string
}

/**
 * Figures about requests, to the one address that a person configured and to no other: nothing phones home. One POST,
 * no redirect, no repeat; whoever sends decides about those.
 */
export class TelemetryDoor implements TelemetryExit {
  readonly #parts: TelemetryParts

  constructor(parts: TelemetryParts) {
    this.#parts = parts
  }

  async post(job: Parameters<TelemetryExit['post']>[0]): Promise<TelemetryPosted> {
    const policy = this.#parts.policy.value
    if (policy.telemetry === undefined || policy.telemetry === null || policy.telemetry !== job.url)
      return { kind: 'denied', message: `Telemetry goes only where telemetry.otlp says, and that is not this address.` }
    const to = { name, baseUrl: job.url, locality: null }
    let way = await this.#parts.ways.find(to)
    // Behind a proxy only the proxy may know names outside.
    if (way.kind === 'unresolved' && policy.proxy !== null)
      way = await this.#parts.ways.find({ ...to, locality: 'cloud' })
    if (way.kind === 'unresolved') return failed('dns')
    if (way.kind === 'forbidden') return { kind: 'denied', message: way.message }
    const proxy = way.locality === 'cloud' ? policy.proxy : null
    if (proxy === null && way.prefixes.length === 0) return failed('dns')
    return this.#send(job, way, proxy)
  }

  async #send(job: Parameters<TelemetryExit['post']>[0], way: Way, proxy: string | null): Promise<TelemetryPosted> {
    const { clock, sweep } = this.#parts
    const totalAt = clock.mono() + job.timeoutMs
    const own = new AbortController()
    const abort = (): void => own.abort()
    job.signal.addEventListener('abort', abort, { once: true })
    const unlink = (): void => job.signal.removeEventListener('abort', abort)
    if (job.signal.aborted) own.abort()
    const head = await this.#attempt({ job, way, proxy, totalAt, own })
    if (head.kind !== 'head') {
      unlink()
      return failed(job.signal.aborted ? 'aborted' : reasonOf(head))
    }
    const { response } = head
    const idleMs = job.timeoutMs
    const answer = new Answer({
      response,
      name,
      signal: job.signal,
      idleMs,
      totalAt,
      clock,
      sweep,
      abort,
      onEnd: unlink,
    })
    const read = await answer.bytes(maxAnswerBytes)
    const text = read.kind === 'whole' ? new TextDecoder().decode(read.bytes) : ''
    return { kind: 'answer', status: response.status, headers: response.headers, text }
  }

  #attempt({ job, way, proxy, totalAt, own }: Errand): Promise<Head> {
    const headers = telemetryHeadersOf(job.headers, this.#parts.userAgent)
    const init: BunFetchRequestInit = {
      ...fetchSettings,
      method: 'POST',
      headers,
      body: job.body as Uint8Array<ArrayBuffer>,
      signal: own.signal,
      timeout: job.timeoutMs,
    }
    let url = way.namedPrefix
    if (proxy === null) {
      url = way.prefixes[way.preferred] ?? url
      if (way.host !== null) headers['host'] = way.host
      if (way.tls) init.tls = way.tls
    } else {
      init.proxy = proxy
    }
    return dispatch({ url, init, firstByteAt: totalAt, sweep: this.#parts.sweep, abort: () => own.abort() })
  }
}

interface Errand {
  readonly job: Parameters<TelemetryExit['post']>[0]
  readonly way: Way
  readonly proxy: string | null
  readonly totalAt: number
  readonly own: AbortController
}

const failed = (reason: SendFailure): TelemetryPosted => ({
  kind: 'failed',
  reason,
  message: failureSentence(name, reason),
})
