import type { Socket } from 'bun'

/** One keep-alive connection of a load generator: sends a prepared request, tells when its answer is whole. */
export interface Lane {
  readonly isIdle: boolean
  send(request: Uint8Array, onAnswer: (isGood: boolean) => void): void
  close(): void
}

interface State {
  received: string
  wanted: number
  isGood: boolean
  onAnswer: ((isGood: boolean) => void) | null
}

export async function openLane(port: number): Promise<Lane> {
  const socket: Socket<State> = await Bun.connect<State>({
    hostname: '127.0.0.1',
    port,
    data: { received: '', wanted: -1, isGood: false, onAnswer: null },
    socket: {
      data: (each, bytes) => receive(each.data, bytes.toString('latin1')),
      close: (each) => finish(each.data, false),
      error() {},
    },
  })
  return {
    get isIdle() {
      return socket.data.onAnswer === null
    },
    send(request, onAnswer) {
      if (socket.readyState <= 0) return onAnswer(false) // closed by the other side while it rested
      socket.data.onAnswer = onAnswer
      socket.write(request)
    },
    close: () => socket.terminate(),
  }
}

/** Bodies by content-length or chunked: the end of the latter is `0\r\n\r\n`. */
function receive(state: State, text: string): void {
  state.received += text
  if (state.wanted === -1) {
    const end = state.received.indexOf('\r\n\r\n')
    if (end === -1) return
    const head = state.received.slice(0, end)
    state.isGood = head.startsWith('HTTP/1.1 200')
    const length = /content-length: *(\d+)/i.exec(head)?.[1]
    state.wanted = length === undefined ? Number.POSITIVE_INFINITY : end + 4 + Number(length)
  }
  if (state.received.length >= state.wanted || state.received.endsWith('\r\n0\r\n\r\n')) finish(state, state.isGood)
}

function finish(state: State, isGood: boolean): void {
  const { onAnswer } = state
  state.received = ''
  state.wanted = -1
  state.onAnswer = null
  onAnswer?.(isGood)
}
