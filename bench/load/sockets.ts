import type { Socket } from 'bun'
import { noAnswer, unchunked, type Answer } from './answers.ts'

/** One keep-alive connection of a load generator: sends a prepared request, tells when its answer is whole. */
export interface Lane {
  readonly isOpen: boolean
  send(request: Uint8Array, on: Listener): void
  /** Whoever waits for an answer is told nothing any more. */
  close(): void
}

export interface Listener {
  readonly first?: () => void
  readonly done: (answer: Answer) => void
}

interface State {
  received: string
  /** Of the whole message; -1 before its head is in. */
  wanted: number
  status: number
  bodyAt: number
  isChunked: boolean
  on: Listener | null
}

const fresh = (): State => ({ received: '', wanted: -1, status: 0, bodyAt: 0, isChunked: false, on: null })

export async function openLane(port: number): Promise<Lane> {
  const socket: Socket<State> = await Bun.connect<State>({
    hostname: '127.0.0.1',
    port,
    data: fresh(),
    socket: {
      data: (each, bytes) => receive(each, bytes.toString('latin1')),
      close: (each) => broken(each),
      error() {},
    },
  })
  return {
    get isOpen() {
      return socket.readyState > 0
    },
    send(request, on) {
      if (socket.readyState <= 0) return on.done(noAnswer) // closed by the other side while it rested
      socket.data.on = on
      socket.write(request)
    },
    close() {
      socket.data.on = null
      socket.end()
    },
  }
}

function receive(socket: Socket<State>, text: string): void {
  const state = socket.data
  if (state.received === '') state.on?.first?.()
  state.received += text
  if (state.wanted === -1 && !readHead(state)) return
  const isOver = state.isChunked ? state.received.endsWith('\r\n0\r\n\r\n') : state.received.length >= state.wanted
  if (isOver) finish(socket, true)
}

/** Bodies by content-length, chunked (the end is `0\r\n\r\n`), or up to the connection's end. */
function readHead(state: State): boolean {
  const end = state.received.indexOf('\r\n\r\n')
  if (end === -1) return false
  const head = state.received.slice(0, end)
  state.status = Number(head.slice(9, 12))
  state.bodyAt = end + 4
  state.isChunked = /transfer-encoding: *chunked/i.test(head)
  const length = /content-length: *(\d+)/i.exec(head)?.[1]
  state.wanted = length === undefined ? Number.POSITIVE_INFINITY : state.bodyAt + Number(length)
  return true
}

function broken(socket: Socket<State>): void {
  const { wanted, isChunked } = socket.data
  finish(socket, wanted === Number.POSITIVE_INFINITY && !isChunked)
}

function finish(socket: Socket<State>, isWhole: boolean): void {
  const { on, received, bodyAt, status, isChunked } = socket.data
  socket.data = fresh()
  if (on === null) return
  const body = received.slice(bodyAt)
  on.done({ status, isWhole, body: isChunked ? unchunked(body) : body })
}
