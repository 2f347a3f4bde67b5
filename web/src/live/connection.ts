import type { LiveEvent, LiveStatus } from './events.ts'
import { createSseReader, type SseItem } from './sse.ts'

/** What the connection needs of its surroundings: a window or a worker gives it the real ones, a test its own. */
export interface Surroundings {
  fetch(path: string, init: RequestInit): Promise<Response>
  now(): number
  /** Calls back after a while; the result takes it back. */
  after(ms: number, run: () => void): () => void
  random(): number
}

export interface LiveListener {
  onStatus(status: LiveStatus): void
  /** A fresh stream: what was read before may be old. */
  onFresh(): void
  onEvents(events: readonly LiveEvent[]): void
}

export interface LiveConnection {
  /** Connects unless it is connected; also after a refusal. Tries at once when it was waiting to try again. */
  start(): void
  /** The tab is seen again or the network is back: do not wait out the pause, and mistrust a stream that was silent. */
  wake(): void
  stop(): void
}

const firstPauseMs = 500
const longestPauseMs = 8_000
/** The server sends a comment at least every 15 s; three of them missing mean that the line is dead. */
const silenceMs = 50_000
const suspiciousSilenceMs = 20_000
/** Events are handed on in batches, so that a thousand a second are ten drawings a second. */
const batchMs = 100
const largestBatch = 2_000

/**
 * The stream of `/api/events`: resumed by id, with pauses between attempts, watched for silence. It is read by
 * `fetch`, not by EventSource, which hides the status code (an expired session looks like a server that restarts) and
 * the comments.
 */
export function createLiveConnection(around: Surroundings, listener: LiveListener): LiveConnection {
  return new EventsConnection(around, listener)
}

class EventsConnection implements LiveConnection {
  readonly #around: Surroundings
  readonly #listener: LiveListener
  readonly #batch: ReturnType<typeof createBatch>
  #lastId: string | null = null
  #attempt = 0
  #heardAt = 0
  #lostAt: number | null = null
  #current: AbortController | null = null
  #cancelPause: (() => void) | null = null

  constructor(around: Surroundings, listener: LiveListener) {
    this.#around = around
    this.#listener = listener
    this.#batch = createBatch(around, listener)
  }

  start(): void {
    if (this.#current) return
    if (!this.#cancelPause) this.#listener.onStatus({ kind: 'connecting', since: this.#around.now() })
    this.#begin()
  }

  wake(): void {
    if (this.#cancelPause) this.#begin()
    else if (this.#current && this.#around.now() - this.#heardAt > suspiciousSilenceMs) this.#current.abort()
  }

  stop(): void {
    this.#cancelPause?.()
    this.#cancelPause = null
    const stopped = this.#current
    this.#current = null
    stopped?.abort()
    this.#lastId = null
    this.#attempt = 0
    this.#lostAt = null
    this.#batch.drop()
    this.#listener.onStatus({ kind: 'off' })
  }

  #begin(): void {
    this.#cancelPause?.()
    this.#cancelPause = null
    this.#current = new AbortController()
    void this.#run(this.#current)
  }

  async #run(control: AbortController): Promise<void> {
    const refusal = await this.#readStream(control)
    if (this.#current !== control) return
    this.#current = null
    this.#batch.flush()
    if (refusal !== null) {
      this.#listener.onStatus({ kind: 'refused', status: refusal })
      return
    }
    this.#lostAt ??= this.#around.now()
    this.#listener.onStatus({ kind: 'reconnecting', since: this.#lostAt })
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** this.#attempt)
    this.#attempt += 1
    this.#cancelPause = this.#around.after(pauseMs * (0.75 + this.#around.random() / 2), () => this.#begin())
  }

  /** The status of a refusal, or null when the stream ended or never began. */
  async #readStream(control: AbortController): Promise<number | null> {
    this.#heardAt = this.#around.now()
    const cancelWatch = this.#watchSilence(control)
    try {
      const headers: Record<string, string> = { accept: 'text/event-stream' }
      if (this.#lastId !== null) headers['last-event-id'] = this.#lastId
      const init: RequestInit = { headers, signal: control.signal, cache: 'no-store' }
      const response = await this.#around.fetch('/api/events', init)
      if (response.status === 401 || response.status === 403) return response.status
      if (!response.ok || !response.body || this.#current !== control) return null
      if (this.#lastId === null) this.#listener.onFresh()
      this.#attempt = 0
      this.#lostAt = null
      this.#listener.onStatus({ kind: 'live', since: this.#around.now() })
      await this.#pump(response.body, control)
    } catch {
      // Every way to lose the line ends the same: try again.
    } finally {
      cancelWatch()
      control.abort()
    }
    return null
  }

  async #pump(body: ReadableStream<Uint8Array>, control: AbortController): Promise<void> {
    const events = createSseReader()
    const decoder = new TextDecoder()
    const reader = body.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done || this.#current !== control) return
      this.#heardAt = this.#around.now()
      for (const item of events.push(decoder.decode(value, { stream: true }))) this.#take(item)
    }
  }

  #take(item: SseItem): void {
    if (item.kind !== 'event') return
    if (item.id !== null) this.#lastId = item.id
    const data = parse(item.data)
    if (data !== undefined) this.#batch.add({ type: item.event, data })
  }

  #watchSilence(control: AbortController): () => void {
    const check = () => {
      const silentMs = this.#around.now() - this.#heardAt
      if (silentMs >= silenceMs) control.abort()
      else cancel = this.#around.after(silenceMs - silentMs, check)
    }
    let cancel = this.#around.after(silenceMs, check)
    return () => cancel()
  }
}

function createBatch(around: Surroundings, listener: LiveListener) {
  let waiting: LiveEvent[] = []
  let cancel: (() => void) | null = null
  function flush(): void {
    cancel?.()
    cancel = null
    if (waiting.length === 0) return
    const events = waiting
    waiting = []
    listener.onEvents(events)
  }
  return {
    flush,
    add(event: LiveEvent): void {
      waiting.push(event)
      if (waiting.length >= largestBatch) flush()
      else cancel ??= around.after(batchMs, flush)
    },
    drop(): void {
      waiting = []
      flush()
    },
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
