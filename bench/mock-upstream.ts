/**
 * The mock upstream as a program of its own (pinned by its starter): whole answers of about 1 KB and streams of twenty
 * chunks, at once, in the three dialects; streams of chat at a pace of one chunk every 50 ms, each with the monotonic
 * time of its sending, for requests that say `In <n> chunks.` Bare sockets, so that it costs as little as can be. It
 * has two ports: on the first it speaks only chat, as engines do, on the second all three dialects.
 */
import type { Socket } from 'bun'
import { apis, type Api } from '../src/protocol/conversation/dialect.ts'
import { streamAnswer, wholeAnswer, wordAt } from './mock-answers.ts'
import { machineMicros } from './monotonic.ts'
import { createTaker, type HttpRequest } from './mock-request.ts'

const tickMs = 50
const phases = 50
const streamHead = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'
const usageEvent = { choices: [], usage: { prompt_tokens: 200, completion_tokens: 100, total_tokens: 300 } }

const ready = Object.fromEntries(
  apis.map((dialect) => [
    dialect,
    {
      whole: Buffer.from(message('200 OK', wholeAnswer(dialect))),
      // Each event is a chunk of the transfer, all in one write.
      stream: Buffer.from(`${streamHead}${eventsOf(streamAnswer(dialect)).map(chunk).join('')}0\r\n\r\n`),
      // Chat tells its usage only to those who ask for it.
      plain: Buffer.from(
        `${streamHead}${eventsOf(streamAnswer(dialect)).filter(isNoUsage).map(chunk).join('')}0\r\n\r\n`,
      ),
    },
  ]),
) as Record<Api, { readonly whole: Buffer; readonly stream: Buffer; readonly plain: Buffer }>
const models = Buffer.from(message('200 OK', '{"object":"list","data":[{"id":"echo","object":"model"}]}'))
const missing = Buffer.from(message('404 Not Found', '{"error":{"message":"No such path.","type":"not_found"}}'))

interface Connection {
  readonly take: (bytes: Buffer) => readonly HttpRequest[]
  readonly dialects: readonly Api[]
  stream: { left: number; said: number; readonly wantsUsage: boolean } | null
}

/** Streams by the millisecond of the tick on which they are due. */
const due: Set<Socket<Connection>>[] = Array.from({ length: phases }, () => new Set())
let nextPhase = 0

function listen(dialects: readonly Api[]): number {
  return Bun.listen<Connection>({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      open(socket) {
        socket.data = { take: createTaker(), dialects, stream: null }
      },
      data(socket, bytes) {
        for (const request of socket.data.take(bytes)) answer(socket, request)
      },
      close(socket) {
        for (const phase of due) phase.delete(socket)
      },
      error() {},
    },
  }).port
}

function answer(socket: Socket<Connection>, { path, body }: HttpRequest): void {
  const dialect = dialectOf(path)
  if (dialect === null || !socket.data.dialects.includes(dialect)) {
    return void socket.write(path.endsWith('/models') ? models : missing)
  }
  const { whole, stream, plain } = ready[dialect]
  if (!/"stream": ?true/.test(body)) return void socket.write(whole)
  const wantsUsage = dialect !== 'chat' || /"include_usage": ?true/.test(body)
  const chunks = Number(/In (\d+) chunks/.exec(body)?.[1] ?? 0)
  if (chunks === 0) return void socket.write(wantsUsage ? stream : plain)
  socket.data.stream = { left: chunks, said: 0, wantsUsage }
  socket.write(streamHead)
  sendChunk(socket)
  due[nextPhase++ % phases]?.add(socket)
}

function dialectOf(path: string): Api | null {
  if (path.endsWith('/chat/completions')) return 'chat'
  if (path.endsWith('/responses')) return 'responses'
  return path.endsWith('/messages') ? 'messages' : null
}

function sendChunk(socket: Socket<Connection>): void {
  const { stream } = socket.data
  if (!stream) return
  if (--stream.left <= 0) {
    for (const phase of due) phase.delete(socket)
    socket.data.stream = null
    const last = chunk(event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }))
    const usage = stream.wantsUsage ? chunk(event(usageEvent)) : ''
    return void socket.write(`${last}${usage}${chunk('data: [DONE]\n\n')}0\r\n\r\n`)
  }
  const content = `@${machineMicros()}@${wordAt(stream.said++)} `
  socket.write(chunk(event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })))
}

function event(members: Readonly<Record<string, unknown>>): string {
  const head = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'echo' }
  return `data: ${JSON.stringify({ ...head, ...members })}\n\n`
}

function eventsOf(text: string): readonly string[] {
  return text.split('\n\n').flatMap((each) => (each === '' ? [] : [`${each}\n\n`]))
}

function isNoUsage(text: string): boolean {
  return !text.includes('"choices":[]')
}

function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`
}

function message(status: string, body: string): string {
  return `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
}

let phase = 0
setInterval(() => {
  for (const socket of due[phase] ?? []) sendChunk(socket)
  phase = (phase + 1) % phases
}, tickMs / phases)

console.log(`listening ${listen(['chat'])} ${listen(apis)}.`)
