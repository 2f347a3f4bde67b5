/**
 * The mock upstream as a program of its own (pinned by its starter): whole answers of about 1 KB at once; streams of
 * one chunk every 50 ms, each with the monotonic time of its sending. Bare sockets, so that it costs as little as can
 * be.
 */
import type { Socket } from 'bun'
import { machineMicros } from './monotonic.ts'

const tickMs = 50
const phases = 50
const content = 'word '.repeat(150)
const answerText = JSON.stringify({
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  created: 1,
  model: 'echo',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 10, completion_tokens: 150, total_tokens: 160 },
})
const whole = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${answerText.length}\r\n\r\n${answerText}`
const streamHead = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'

interface Connection {
  received: string
  stream: { left: number } | null
}

/** Streams by the millisecond of the tick on which they are due. */
const due: Set<Socket<Connection>>[] = Array.from({ length: phases }, () => new Set())
let nextPhase = 0

const listener = Bun.listen<Connection>({
  hostname: '127.0.0.1',
  port: 0,
  socket: {
    open(socket) {
      socket.data = { received: '', stream: null }
    },
    data(socket, bytes) {
      const connection = socket.data
      connection.received += bytes.toString('latin1')
      for (let body = takeBody(connection); body !== null; body = takeBody(connection)) answer(socket, body)
    },
    close(socket) {
      for (const phase of due) phase.delete(socket)
    },
    error() {},
  },
})

function takeBody(connection: Connection): string | null {
  const end = connection.received.indexOf('\r\n\r\n')
  if (end === -1) return null
  const length = Number(/content-length: *(\d+)/i.exec(connection.received.slice(0, end))?.[1] ?? 0)
  const total = end + 4 + length
  if (connection.received.length < total) return null
  const body = connection.received.slice(end + 4, total)
  connection.received = connection.received.slice(total)
  return body
}

function answer(socket: Socket<Connection>, body: string): void {
  const chunks = /"stream": ?true/.test(body) ? Number(/"chunks":(\d+)/.exec(body)?.[1] ?? 100) : 0
  if (chunks === 0) return void socket.write(whole)
  socket.data.stream = { left: chunks }
  socket.write(streamHead)
  sendChunk(socket)
  due[nextPhase++ % phases]?.add(socket)
}

function sendChunk(socket: Socket<Connection>): void {
  const stream = socket.data.stream
  if (!stream) return
  if (--stream.left <= 0) {
    for (const phase of due) phase.delete(socket)
    const last = event({ delta: {}, finish_reason: 'stop' })
    socket.write(`${chunk(last)}${chunk('data: [DONE]\n\n')}0\r\n\r\n`)
    return
  }
  socket.write(chunk(event({ delta: { content: `@${machineMicros()}@` }, finish_reason: null })))
}

function event(choice: Readonly<Record<string, unknown>>): string {
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'echo', choices: [{ index: 0, ...choice }] })}\n\n`
}

function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`
}

let phase = 0
setInterval(() => {
  for (const socket of due[phase] ?? []) sendChunk(socket)
  phase = (phase + 1) % phases
}, tickMs / phases)

console.log(`listening ${listener.port}`)
