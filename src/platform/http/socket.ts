import type { WebSocketHandler, ServerWebSocket } from 'bun'

/** The client's end of a WebSocket. */
export interface ClientSocket {
  /** `full`: taken, but wait for `drained` before more; `closed`: nobody will read it. */
  send(data: string | Uint8Array): 'sent' | 'full' | 'closed'
  /** No more messages until `resume`, except for a few that are on their way; the client feels it. */
  pause(): void
  resume(): void
  close(code: number, reason: string): void
  /** At once, without a word. */
  cut(): void
}

/** Called by the listener; nothing after `closed`. */
export interface ClientSocketListener {
  opened(socket: ClientSocket): void
  message(data: string | Uint8Array): void
  /** What was queued has gone, after `send` said `full`. */
  drained(): void
  /** 1006: it broke off without a word. */
  closed(code: number, reason: string): void
}

export interface Upgrade {
  readonly listener: ClientSocketListener
  /** Of those that the client offered; null: none. */
  readonly protocol: string | null
  readonly headers: Readonly<Record<string, string>>
}

export interface SocketLimits {
  /** Of one message; a longer one ends the connection with 1009. */
  readonly messageBytes: number
  /** Half-open connections: a client that answers no ping for so long is gone. */
  readonly pingSeconds: number
}

export const usualSocketLimits: SocketLimits = { messageBytes: 16 * 2 ** 20, pingSeconds: 120 }

/** What a listener does with all of its WebSockets: each has its own `ClientSocketListener`. */
export function socketHandler(limits: SocketLimits): WebSocketHandler<ClientSocketListener> {
  return {
    // Sound is compressed already, and a small frame could unfold to one that fills the memory.
    perMessageDeflate: false,
    maxPayloadLength: limits.messageBytes,
    // Whoever sends stops at the first `full`: this holds what was on its way by then.
    backpressureLimit: 4 * limits.messageBytes,
    idleTimeout: limits.pingSeconds,
    sendPings: true,
    open: (socket) => socket.data.opened(clientSocket(socket)),
    message: (socket, data) => socket.data.message(data),
    drain: (socket) => socket.data.drained(),
    close: (socket, code, reason) => socket.data.closed(code, reason),
  }
}

/** The runtime has these two; its types do not. */
interface Pausable {
  pause(): void
  resume(): void
}

function clientSocket(socket: ServerWebSocket<ClientSocketListener>): ClientSocket {
  const pausable = socket as unknown as Pausable
  return {
    send(data) {
      // 0: dropped, because it is closed or because the queue is over its limit; both mean that the message is lost.
      const sent = socket.send(data)
      return sent > 0 ? 'sent' : sent === 0 && data.length > 0 ? 'closed' : 'full'
    },
    pause: () => pausable.pause(),
    resume: () => pausable.resume(),
    close: (code, reason) => socket.close(code, reason),
    cut: () => socket.terminate(),
  }
}
