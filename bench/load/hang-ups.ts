/**
 * Callers who hang up and the upstream that waits for them, in one process: one clock for both ends. Takes one
 * HangUpAsk as a line of JSON, answers with one HangUpResult. Says where the upstream listens first.
 *
 *   bun bench/load/hang-ups.ts
 */
import type { Socket } from 'bun'
import { percentile } from '../machine.ts'
import { createTaker, type HttpRequest } from '../mock-request.ts'

export interface HangUpAsk {
  /** What the caller has waited for when it goes. */
  readonly moment: 'head' | 'token' | 'middle' | 'queue'
  readonly times: number
  readonly port: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly model: string
}

export interface HangUpResult {
  readonly seen: number
  readonly missed: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** A request at the upstream. */
interface Arrival {
  readonly socket: Socket<Connection>
  readonly at: number
  /** The caller's mark in its words. */
  readonly mark: string
  /** When the gateway let go of it; null: not within the deadline. */
  readonly gone: Promise<number | null>
}

interface Connection {
  readonly take: (bytes: Buffer) => readonly HttpRequest[]
  close: (() => void) | null
}

const deadlineMs = 3_000
/** What the gateway needs to take note of what it was sent: nobody tells when it has. */
const settleMs = 15
const writeEveryMs = 20
const mostMissesInARow = 10
const streamHead = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'

/** By mark: what a gateway tries again of an earlier round must not count for this one. */
const awaited = new Map<string, (arrival: Arrival) => void>()

const listener = Bun.listen<Connection>({
  hostname: '127.0.0.1',
  port: 0,
  socket: {
    open(socket) {
      socket.data = { take: createTaker(), close: null }
    },
    data(socket, bytes) {
      for (const request of socket.data.take(bytes)) arrived(socket, request)
    },
    end: (socket) => socket.data.close?.(),
    close: (socket) => socket.data.close?.(),
    error() {},
  },
})

function arrived(socket: Socket<Connection>, { path, body }: HttpRequest): void {
  if (!path.endsWith('/chat/completions')) {
    const list = '{"object":"list","data":[{"id":"echo","object":"model"}]}'
    return void socket.write(
      `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${list.length}\r\n\r\n${list}`,
    )
  }
  const { promise, resolve } = Promise.withResolvers<number | null>()
  const timer = setTimeout(() => resolve(null), deadlineMs)
  socket.data.close = () => {
    clearTimeout(timer)
    resolve(performance.now())
  }
  const mark = /mark-[a-z]+-\d+/.exec(body)?.[0] ?? ''
  awaited.get(mark)?.({ socket, at: performance.now(), mark, gone: promise })
}

/** The first request with one of the marks; null after the deadline. Has to be asked for before it can come. */
async function arrivalOf(...marks: readonly string[]): Promise<Arrival | null> {
  const { promise, resolve } = Promise.withResolvers<Arrival | null>()
  const timer = setTimeout(() => resolve(null), deadlineMs)
  for (const mark of marks) awaited.set(mark, resolve)
  const arrival = await promise
  clearTimeout(timer)
  for (const mark of marks) awaited.delete(mark)
  return arrival
}

interface Caller {
  readonly words: Promise<void>
  hangUp(): number
}

/** `words` holds once the third chunk of the stream has come. */
async function call(ask: HangUpAsk, mark: string): Promise<Caller> {
  const words = Promise.withResolvers<void>()
  let text = ''
  const socket = await Bun.connect({
    hostname: '127.0.0.1',
    port: ask.port,
    socket: {
      data(_, bytes) {
        text += bytes.toString('latin1')
        if (text.includes('word2')) words.resolve()
      },
      error() {},
    },
  })
  const messages = [{ role: 'user', content: mark }]
  const body = JSON.stringify({ model: ask.model, messages, max_tokens: 150, stream: true })
  const headers = { host: 'bench', 'content-type': 'application/json', 'content-length': body.length, ...ask.headers }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`POST ${ask.path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
  return {
    words: words.promise,
    hangUp() {
      const at = performance.now()
      socket.end()
      return at
    },
  }
}

async function oneCaller(ask: HangUpAsk, round: number): Promise<number | null> {
  const mark = `mark-${ask.moment}-${round}`
  const coming = arrivalOf(mark)
  const caller = await call(ask, mark)
  const arrival = await coming
  if (arrival === null) return null
  if (ask.moment !== 'head') arrival.socket.write(streamHead)
  const writer = ask.moment === 'middle' ? startWords(arrival.socket) : null
  if (ask.moment === 'middle') await Promise.race([caller.words, Bun.sleep(deadlineMs)])
  else await Bun.sleep(settleMs)
  const hungUpAt = caller.hangUp()
  const goneAt = await arrival.gone
  if (writer !== null) clearInterval(writer)
  arrival.socket.terminate()
  return goneAt === null ? null : goneAt - hungUpAt
}

function startWords(socket: Socket<Connection>): Timer {
  let number = 0
  return setInterval(() => {
    const choices = [{ index: 0, delta: { content: `word${number++} ` }, finish_reason: null }]
    const head = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'echo' }
    const event = `data: ${JSON.stringify({ ...head, choices })}\n\n`
    socket.write(`${event.length.toString(16)}\r\n${event}\r\n`)
  }, writeEveryMs)
}

/** Of two that wait the first goes, and then the one whose turn it was. */
async function inQueue(ask: HangUpAsk, round: number): Promise<number | null> {
  const first = arrivalOf(`mark-a-${round}`)
  const holder = await call(ask, `mark-a-${round}`)
  const held = await first
  if (held === null) return null
  const gone = await call(ask, `mark-b-${round}`)
  await Bun.sleep(settleMs)
  const last = await call(ask, `mark-c-${round}`)
  await Bun.sleep(settleMs)
  const coming = arrivalOf(`mark-b-${round}`, `mark-c-${round}`)
  gone.hangUp()
  const hungUpAt = holder.hangUp()
  const next = await coming
  last.hangUp()
  await next?.gone
  return next?.mark === `mark-c-${round}` ? next.at - hungUpAt : null
}

async function measure(ask: HangUpAsk): Promise<HangUpResult> {
  const times: number[] = []
  let missed = 0
  let inARow = 0
  for (let round = 0; round < ask.times && inARow < mostMissesInARow; round++) {
    const time = await (ask.moment === 'queue' ? inQueue(ask, round) : oneCaller(ask, round))
    if (time === null) missed++
    else times.push(time)
    inARow = time === null ? inARow + 1 : 0
  }
  const sorted = Float64Array.from(times)
  const [p50 = 0, p99 = 0, max = 0] = times.length === 0 ? [] : [0.5, 0.99, 1].map((share) => percentile(sorted, share))
  return { seen: times.length, missed, p50, p99, max }
}

console.log(`listening ${listener.port}`)
for await (const line of console) console.log(JSON.stringify(await measure(JSON.parse(line) as HangUpAsk)))
