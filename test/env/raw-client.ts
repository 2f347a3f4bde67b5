import { connect } from 'node:net'
import type { Socket } from 'node:net'

/** A client that can be as rude as it likes. */
export interface RawConnection {
  send(text: string | Uint8Array): void
  /** All bytes so far, as latin1. */
  readonly received: string
  readonly isClosed: boolean
  /** Resolves when the received bytes hold it, or the connection ended. */
  until(condition: (received: string) => boolean): Promise<string>
  /** All bytes up to the end of the connection. */
  toEnd(): Promise<string>
  /** FIN and RST alike for the other side: nobody reads any more. */
  hangUp(): void
}

export async function openRaw(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url)
  const socket = await connected(hostname, Number(port))
  const watchers = new Set<() => void>()
  let received = ''
  let isClosed = false
  const changed = () => {
    for (const watcher of [...watchers]) watcher()
  }
  socket.on('data', (bytes) => {
    received += Buffer.from(bytes).toString('latin1')
    changed()
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    isClosed = true
    changed()
  })
  const until = (condition: (received: string) => boolean) => {
    const { promise, resolve } = Promise.withResolvers<string>()
    const watcher = () => {
      if (!isClosed && !condition(received)) return
      watchers.delete(watcher)
      resolve(received)
    }
    watchers.add(watcher)
    watcher()
    return promise
  }
  return {
    send: (text) => void socket.write(text),
    get received() {
      return received
    },
    get isClosed() {
      return isClosed
    },
    until,
    toEnd: () => until(() => false),
    hangUp: () => void socket.destroy(),
  }
}

function connected(host: string, port: number): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const socket = connect({ host, port, allowHalfOpen: false })
  socket.once('connect', () => resolve(socket))
  socket.once('error', reject)
  return promise
}

export interface RawPost {
  readonly path: string
  readonly key: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

export function postText({ path, key, body, headers = {} }: RawPost): string {
  const all = {
    host: 'hearth',
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`
}
