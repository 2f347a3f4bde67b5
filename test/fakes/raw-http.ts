import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

/** A request as it came over the wire, whole. */
export interface RawRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** The wire itself: nothing is added, so that an answer can be wrong in every way. */
export interface RawAnswer {
  readonly isClosed: boolean
  write(bytes: string | Uint8Array): void
  /** The next request may come on this connection. */
  done(): void
  /** FIN, after what was written. */
  end(): void
  /** RST: what was written may be lost. */
  reset(): void
  /** Called once when the peer went before `done`, `end` or `reset`. */
  onHangUp(listener: () => void): void
}

export interface RawServer extends AsyncDisposable {
  readonly port: number
}

export interface RawOptions {
  readonly onHead?: () => void
  /** Whatever came over the wire, before anybody has looked at it; connections are counted. */
  readonly onBytes?: (connection: number, bytes: Uint8Array) => void
  readonly onRequest: (request: RawRequest, answer: RawAnswer) => void
}

/** HTTP/1.1 on bare sockets: one request at a time per connection, bodies by content-length or chunked. */
export async function startRawServer(options: RawOptions): Promise<RawServer> {
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    const connection = ++connections
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    if (options.onBytes) socket.on('data', (bytes) => options.onBytes?.(connection, Buffer.from(bytes)))
    serveSocket(socket, options)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 511, resolve))
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

function serveSocket(socket: Socket, options: RawOptions): void {
  let received = Buffer.alloc(0)
  let answering: { hangUp(): void } | null = null
  const next = () => {
    if (answering) return
    const request = takeRequest(received)
    if (!request) return
    received = received.subarray(request.length)
    const { answer, hangUp } = createAnswer(socket, () => {
      answering = null
      next()
    })
    answering = { hangUp }
    options.onRequest(request, answer)
  }
  socket.on('data', (bytes) => {
    received = Buffer.concat([received, Buffer.from(bytes)])
    next()
  })
  socket.on('error', () => socket.destroy())
  socket.on('close', () => answering?.hangUp())
  socket.on('end', () => socket.destroy())
}

function createAnswer(socket: Socket, onDone: () => void): { readonly answer: RawAnswer; hangUp(): void } {
  let isOver = false
  let listener = () => {}
  const over = (act: () => void) => {
    if (isOver) return
    isOver = true
    act()
  }
  return {
    hangUp: () => over(() => listener()),
    answer: {
      get isClosed() {
        return isOver || socket.destroyed
      },
      write: (bytes) => void (isOver || socket.destroyed || socket.write(bytes)),
      done: () => over(onDone),
      end: () => over(() => void socket.end()),
      reset: () => over(() => void socket.resetAndDestroy()),
      onHangUp: (each) => {
        listener = each
      },
    },
  }
}

function takeRequest(received: Buffer): (RawRequest & { readonly length: number }) | null {
  const end = received.indexOf('\r\n\r\n')
  if (end === -1) return null
  const [first = '', ...lines] = received.subarray(0, end).toString('latin1').split('\r\n')
  const [method = '', path = ''] = first.split(' ')
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const start = end + 4
  if (headers['transfer-encoding'] === 'chunked') {
    const body = takeChunks(received.subarray(start))
    return body && { method, path, headers, body: body.bytes, length: start + body.length }
  }
  const size = Number(headers['content-length'] ?? 0)
  if (received.length < start + size) return null
  return { method, path, headers, body: received.subarray(start, start + size), length: start + size }
}

function takeChunks(received: Buffer): { readonly bytes: Buffer; readonly length: number } | null {
  const parts: Buffer[] = []
  for (let at = 0; ;) {
    const line = received.indexOf('\r\n', at)
    if (line === -1) return null
    const size = Number.parseInt(received.subarray(at, line).toString('latin1'), 16)
    if (received.length < line + 2 + size + 2) return null
    if (size === 0) return { bytes: Buffer.concat(parts), length: line + 4 }
    parts.push(received.subarray(line + 2, line + 2 + size))
    at = line + 2 + size + 2
  }
}
