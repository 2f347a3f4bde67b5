import type { Cell } from '#kernel/words.ts'
import { AppError } from '#kernel/errors.ts'
import type { Clock } from '#kernel/time.ts'
import type { Logger } from '#platform/log/logger.ts'
import { addressKind } from './addresses.ts'
import { Answer } from './answer.ts'
import type { DownloadExit, EgressPolicy, SendFailure } from './contract.ts'
import { dispatch, fetchSettings, reasonOf, type Head } from './dispatch.ts'
import { failureOf, failureSentence } from './failures.ts'
import { downloadHeadersOf } from './headers.ts'
import type { Sweep } from './sweep.ts'
import type { Way, Ways } from './ways.ts'

const maxRedirects = 5

export interface DownloadParts {
  readonly policy: Cell<EgressPolicy>
  readonly ways: Ways
  readonly sweep: Sweep
  readonly clock: Clock
  readonly userAgent: string
  readonly log: Logger
}

type Fetched =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly reason: SendFailure; readonly message: string }

/**
 * Files and small documents from outside. Only GET, never a body. Redirects are followed here, hop by hop:
 *   1. at most five; 2. http and https only; 3. from https to http only inside the house; 4. to a private address
 * only when
 *   the first host, which a person configured, is private too; 5. a token stays with the origin that it was given for.
 */
export class DownloadDoor implements DownloadExit {
  readonly #parts: DownloadParts

  constructor(parts: DownloadParts) {
    this.#parts = parts
  }

  async text(url: string, options: Parameters<DownloadExit['text']>[1]): ReturnType<DownloadExit['text']> {
    const { timeoutMs, signal, limitBytes } = options
    const totalAt = this.#parts.clock.mono() + timeoutMs
    const fetched = await this.#follow({ url, headers: options.headers ?? {}, idleMs: timeoutMs, totalAt, signal })
    if (fetched.kind === 'failed') throw asError(fetched)
    const { answer } = fetched
    const read = await answer.bytes(limitBytes)
    if (read.kind === 'broken') throw asError(read)
    return { status: answer.status, headers: answer.headers, text: new TextDecoder().decode(read.bytes) }
  }

  async open(url: string, options: Parameters<DownloadExit['open']>[1]): ReturnType<DownloadExit['open']> {
    const { offset, idleMs, signal } = options
    const headers = offset > 0 ? { ...options.headers, range: `bytes=${offset}-` } : (options.headers ?? {})
    const fetched = await this.#follow({ url, headers, idleMs, totalAt: Infinity, signal })
    if (fetched.kind === 'failed') return fetched
    const { answer } = fetched
    return {
      kind: 'answer',
      status: answer.status,
      headers: answer.headers,
      totalBytes: wholeSize(answer),
      chunks: () => answer.chunks(),
    }
  }

  async #follow(job: Job): Promise<Fetched> {
    let url = new URL(job.url)
    let headers = job.headers
    let mayBePrivate: boolean | null = null
    for (let hop = 0; hop <= maxRedirects; hop++) {
      const way = await this.#way(url)
      if (way.kind !== 'way') return way
      mayBePrivate ??= way.locality !== 'cloud'
      // One private address among public ones is enough: it could be the one that is connected to.
      if (!mayBePrivate && way.addresses.some((address) => addressKind(address) !== 'cloud')) {
        return refusal(
          `A download was led to ${url.hostname}, an address inside this network: nothing was fetched from there.`,
        )
      }
      const fetched = await this.#get(url, way, { ...job, headers })
      if (fetched.kind === 'failed') return fetched
      const location = redirectOf(fetched.answer)
      if (location === null) return fetched
      fetched.answer.cancel()
      const hop = nextHop({ location, from: url, mayBePrivate })
      if (hop.kind === 'failed') return hop
      const { next } = hop
      if (next.origin !== url.origin) headers = withoutToken(headers)
      this.#parts.log.debug('download redirected', { from: url.hostname, to: next.hostname })
      url = next
    }
    return refusal(`${new URL(job.url).hostname} redirected a download more than ${maxRedirects} times.`)
  }

  async #way(url: URL): Promise<Way | (Fetched & { readonly kind: 'failed' })> {
    const { ways, policy } = this.#parts
    const to = { name: url.hostname, baseUrl: url.origin, locality: null }
    let found = await ways.find(to)
    // Behind a proxy only the proxy may know names outside.
    if (found.kind === 'unresolved' && policy.value.proxy !== null)
      found = await ways.find({ ...to, locality: 'cloud' })
    if (found.kind === 'unresolved') return failure(url, 'dns')
    if (found.kind === 'forbidden') return refusal(found.message)
    return found
  }

  async #get(url: URL, way: Way, job: Job): Promise<Fetched> {
    const own = new AbortController()
    const abort = () => own.abort()
    job.signal.addEventListener('abort', abort, { once: true })
    const unlink = () => job.signal.removeEventListener('abort', abort)
    if (job.signal.aborted) own.abort()
    const head = await this.#attempts(url, way, { ...job, signal: own.signal }, abort)
    if (head.kind !== 'head') {
      unlink()
      const reason = job.signal.aborted ? 'aborted' : reasonOf(head)
      return failure(url, reason)
    }
    const { clock, sweep } = this.#parts
    const answer = new Answer({
      response: head.response,
      name: url.hostname,
      signal: job.signal,
      idleMs: job.idleMs,
      totalAt: job.totalAt,
      clock,
      sweep,
      abort,
      onEnd: unlink,
    })
    return { kind: 'answer', answer }
  }

  async #attempts(url: URL, way: Way, job: Job, abort: () => void): Promise<Head> {
    const { policy, clock, sweep, userAgent } = this.#parts
    const proxy = way.locality === 'cloud' ? policy.value.proxy : null
    const prefixes = proxy === null ? way.prefixes : [way.namedPrefix]
    let head: Head = { kind: 'thrown', thrown: { code: 'ENOTFOUND' } }
    for (const prefix of prefixes) {
      const headers = downloadHeadersOf(job.headers, userAgent)
      const init: BunFetchRequestInit = { ...fetchSettings, headers, signal: job.signal, timeout: false }
      if (proxy === null) {
        if (way.host !== null) headers['host'] = way.host
        if (way.tls) init.tls = way.tls
      } else {
        init.proxy = proxy
      }
      const firstByteAt = Math.min(clock.mono() + job.idleMs, job.totalAt)
      head = await dispatch({ url: prefix + url.pathname + url.search, init, firstByteAt, sweep, abort })
      if (head.kind !== 'thrown' || failureOf(head.thrown) !== 'refused') return head
    }
    return head
  }
}

interface Job {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly idleMs: number
  readonly totalAt: number
  readonly signal: AbortSignal
}

type Hop = { readonly kind: 'hop'; readonly next: URL } | (Fetched & { readonly kind: 'failed' })

/** Where a redirect leads, if it may: http and https only, and from https to http only inside the house. */
export function nextHop(at: { readonly location: string; readonly from: URL; readonly mayBePrivate: boolean }): Hop {
  const { location, from, mayBePrivate } = at
  if (!URL.canParse(location, from.href))
    return refusal(`${from.hostname} redirected a download to an address that is none.`)
  const next = new URL(location, from.href)
  const isPlain = next.protocol === 'http:' && (from.protocol === 'http:' || mayBePrivate)
  if (next.protocol === 'https:' || isPlain) return { kind: 'hop', next }
  return refusal(
    `${from.hostname} redirected a download from ${from.protocol}// to ${next.protocol}//${next.hostname}, ` +
      'which is not encrypted: nothing was fetched from there.',
  )
}

function redirectOf(answer: Answer): string | null {
  return [301, 302, 303, 307, 308].includes(answer.status) ? answer.headers.get('location') : null
}

/** `Content-Range: bytes 100-199/200` for a part, `Content-Length` for a whole. */
function wholeSize(answer: Answer): number | null {
  if (answer.status !== 206) return answer.declaredBytes
  const total = /\/(\d+)$/.exec(answer.headers.get('content-range') ?? '')?.[1]
  return total === undefined ? null : Number(total)
}

function withoutToken(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'))
}

function failure(url: URL, reason: SendFailure): Fetched & { readonly kind: 'failed' } {
  return { kind: 'failed', reason, message: failureSentence(url.hostname, reason) }
}

function refusal(message: string): Fetched & { readonly kind: 'failed' } {
  return { kind: 'failed', reason: 'refused', message }
}

function asError(broken: { readonly reason: string; readonly message: string }): AppError {
  const kind = broken.reason === 'timeout' ? 'timeout' : 'upstream'
  return new AppError(kind, broken.message, { reason: `download_${broken.reason}` })
}
