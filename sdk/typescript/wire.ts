import { errorFromAnswer, HearthError } from './errors.ts'
import type { Transport, WireAnswer, WireRequest } from './transport.ts'

/** What every call takes. */
export interface CallOptions {
  readonly signal?: AbortSignal
  /** Whole-call deadline; default 30 s, none for streams. */
  readonly timeoutMs?: number
}

export interface Ask extends CallOptions {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Turns calls into requests with the key, and answers into values or HearthErrors. */
export interface Wire {
  readonly target: string
  json<T>(method: WireRequest['method'], path: string, ask?: Ask): Promise<T>
  text(method: WireRequest['method'], path: string, ask?: Ask): Promise<string>
  /** The body as it arrives; rejects unless the status is 2xx. No deadline of its own. */
  open(method: WireRequest['method'], path: string, ask?: Ask): Promise<WireAnswer>
}

const defaultTimeoutMs = 30_000
/** The largest answer that is read whole; a longer one ends the call. */
export const maxAnswerBytes = 256 * 1024 * 1024

export function createWire(options: {
  readonly transport: Transport
  readonly key: string | null
  readonly userAgent: string | null
}): Wire {
  const { transport, key, userAgent } = options

  async function open(method: WireRequest['method'], path: string, ask: Ask = {}): Promise<WireAnswer> {
    const headers: Record<string, string> = { accept: 'application/json', ...ask.headers }
    if (key !== null) headers['authorization'] = `Bearer ${key}`
    if (userAgent !== null) headers['user-agent'] = userAgent
    const body = ask.body === undefined ? null : JSON.stringify(ask.body)
    if (body !== null) headers['content-type'] = 'application/json'
    const full = `${path}${queryText(ask.query)}`
    const answer = await transport.send({ method, path: full, headers, body, signal: ask.signal ?? null })
    if (answer.status >= 200 && answer.status < 300) return answer
    throw errorFromAnswer({ status: answer.status, headers: answer.headers, text: await readText(answer) })
  }

  async function text(method: WireRequest['method'], path: string, ask: Ask = {}): Promise<string> {
    const deadline = startDeadline({ signal: ask.signal, timeoutMs: ask.timeoutMs ?? defaultTimeoutMs })
    try {
      return await readText(await open(method, path, { ...ask, signal: deadline.signal }))
    } catch (thrown) {
      throw deadline.passed() ? timedOut(transport.target, ask.timeoutMs ?? defaultTimeoutMs) : thrown
    } finally {
      deadline.clear()
    }
  }

  async function json<T>(method: WireRequest['method'], path: string, ask: Ask = {}): Promise<T> {
    const answer = await text(method, path, ask)
    try {
      return JSON.parse(answer) as T
    } catch (cause) {
      const message = `The answer to ${method} ${path} is not JSON: ${answer.slice(0, 200)}`
      throw new HearthError({ status: 200, code: 'malformed', message, cause })
    }
  }

  return { target: transport.target, open, text, json }
}

/** Ids may hold slashes; encoded, they stay one segment of the path. */
export function pathOf(parts: TemplateStringsArray, ...values: readonly string[]): string {
  return parts.map((part, index) => part + encodeURIComponent(values[index] ?? '')).join('')
}

function queryText(query: Ask['query'] = {}): string {
  const text = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) text.set(name, String(value))
  return text.size === 0 ? '' : `?${text.toString()}`
}

async function readText(answer: WireAnswer): Promise<string> {
  const decoder = new TextDecoder()
  let size = 0
  let text = ''
  for await (const chunk of answer.chunks) {
    size += chunk.byteLength
    if (size > maxAnswerBytes) {
      answer.discard()
      throw new HearthError({
        status: 0,
        code: 'malformed',
        message: `The answer is longer than ${maxAnswerBytes} bytes.`,
      })
    }
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

interface Deadline {
  readonly signal: AbortSignal
  passed(): boolean
  clear(): void
}

function startDeadline(options: { readonly signal: AbortSignal | undefined; readonly timeoutMs: number }): Deadline {
  const controller = new AbortController()
  let isPassed = false
  const timer = setTimeout(() => {
    isPassed = true
    controller.abort()
  }, options.timeoutMs)
  const abort = (): void => controller.abort()
  if (options.signal?.aborted) abort()
  options.signal?.addEventListener('abort', abort, { once: true })
  return {
    signal: controller.signal,
    passed: () => isPassed,
    clear() {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', abort)
    },
  }
}

function timedOut(target: string, timeoutMs: number): HearthError {
  const message = `The house at ${target} did not answer within ${timeoutMs / 1000} s.`
  return new HearthError({ status: 0, code: 'timeout', message })
}
