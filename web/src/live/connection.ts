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
 * The stream of `/api/events`: resumed by id, with pauses between attempts, watched for silence. It is read by `fetch`, not
 * by EventSource, which hides the status code (an expired session looks like a server that restarts) and the comments.
 */
export function createLiveConnection(around: Surroundings, listener: LiveListener): LiveConnection {
  let lastId: string | null = null
  let attempt = 0
  let heardAt = 0
  let current: AbortController | null = null
  let cancelPause: (() => void) | null = null
  let lostAt: number | null = null
  const batch = createBatch(around, listener)

  async function run(control: AbortController): Promise<void> {
    const refusal = await readStream(control)
    if (current !== control) return
    current = null
    batch.flush()
    if (refusal !== null) {
      listener.onStatus({ kind: 'refused', status: refusal })
      return
    }
    lostAt ??= around.now()
    listener.onStatus({ kind: 'reconnecting', since: lostAt })
    const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** attempt) * (0.75 + around.random() / 2)
    attempt += 1
    cancelPause = around.after(pause, begin)
  }

  /** The status of a refusal, or null when the stream ended or never began. */
  async function readStream(control: AbortController): Promise<number | null> {
    heardAt = around.now()
    const cancelWatch = watchSilence(control)
    try {
      const headers: Record<string, string> = { accept: 'text/event-stream' }
      if (lastId !== null) headers['last-event-id'] = lastId
      const response = await around.fetch('/api/events', { headers, signal: control.signal, cache: 'no-store' })
      if (response.status === 401 || response.status === 403) return response.status
      if (!response.ok || !response.body) return null
      if (lastId === null) listener.onFresh()
      attempt = 0
      lostAt = null
      listener.onStatus({ kind: 'live', since: around.now() })
      await pump(response.body)
    } catch {
      // Every way to lose the line ends the same: try again.
    } finally {
      cancelWatch()
      control.abort()
    }
    return null
  }

  async function pump(body: ReadableStream<Uint8Array>): Promise<void> {
    const events = createSseReader()
    const decoder = new TextDecoder()
    const reader = body.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      heardAt = around.now()
      for (const item of events.push(decoder.decode(value, { stream: true }))) take(item)
    }
  }

  function take(item: SseItem): void {
    if (item.kind !== 'event') return
    if (item.id !== null) lastId = item.id
    const data = parse(item.data)
    if (data !== undefined) batch.add({ type: item.event, data })
  }

  function watchSilence(control: AbortController): () => void {
    let cancel = around.after(silenceMs, check)
    function check(): void {
      const silentMs = around.now() - heardAt
      if (silentMs >= silenceMs) control.abort()
      else cancel = around.after(silenceMs - silentMs, check)
    }
    return () => cancel()
  }

  function begin(): void {
    cancelPause?.()
    cancelPause = null
    current = new AbortController()
    void run(current)
  }

  return {
    start() {
      if (current) return
      if (!cancelPause) listener.onStatus({ kind: 'connecting', since: around.now() })
      begin()
    },
    wake() {
      if (cancelPause) begin()
      else if (current && around.now() - heardAt > suspiciousSilenceMs) current.abort()
    },
    stop() {
      cancelPause?.()
      cancelPause = null
      const stopped = current
      current = null
      stopped?.abort()
      lastId = null
      attempt = 0
      lostAt = null
      batch.drop()
      listener.onStatus({ kind: 'off' })
    },
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
