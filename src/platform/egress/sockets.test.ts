import { afterAll, beforeEach, describe, expect, test } from 'bun:test'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { createCell } from '#kernel/cell.ts'
import { systemClock } from '#platform/clock.ts'
import { silentLogger } from '#platform/log/logger.ts'
import { until } from '../../../test/env/until.ts'
import type { OutSocketListener, SocketOptions } from './contract.ts'
import { openEgress } from './egress.ts'

/** What the server saw and does. */
const seen: { headers: Record<string, string>; url: string }[] = []
const received: (string | Buffer)[] = []
let closed: number | null = null
let onOpen: (socket: Bun.ServerWebSocket<unknown>) => void = () => {}
let onDrain: (socket: Bun.ServerWebSocket<unknown>) => void = () => {}
const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch(request, self) {
    seen.push({ headers: Object.fromEntries(request.headers), url: request.url })
    const { pathname } = new URL(request.url)
    if (pathname.endsWith('/no')) return new Response('no', { status: 403 })
    if (pathname.endsWith('/never')) return new Promise<Response>(() => {})
    return self.upgrade(request, { data: undefined }) ? undefined : new Response('no upgrade', { status: 400 })
  },
  websocket: {
    backpressureLimit: 64 * 2 ** 20,
    open: (socket) => onOpen(socket),
    drain: (socket) => onDrain(socket),
    message: (_, data) => void received.push(data),
    close: (_, code) => void (closed = code),
  },
})
const junk = createServer((socket) => socket.end('what?\r\n\r\n'))
await new Promise<void>((resolve) => junk.listen(0, '127.0.0.1', resolve))

const egress = openEgress({
  policy: createCell({ proxy: null }),
  log: silentLogger,
  clock: systemClock,
  resolve: async (name) => (name === 'voice.example' ? ['127.0.0.1'] : []),
})
afterAll(async () => {
  await egress[Symbol.asyncDispose]()
  await server.stop(true)
  junk.close()
})
beforeEach(() => {
  seen.length = 0
  received.length = 0
  closed = null
  onOpen = () => {}
  onDrain = () => {}
})

function listening() {
  const events: string[] = []
  let bytes = 0
  const listener: OutSocketListener = {
    message: (data) => {
      bytes += data.length
      events.push(typeof data === 'string' ? data : `${data.length} bytes`)
    },
    drained: () => void events.push('drained'),
    closed: (code, reason) => void events.push(`closed ${code} ${reason}`),
  }
  return { events, listener, bytes: () => bytes }
}

const base = `http://127.0.0.1:${server.port}/v1`
const open = (listener: OutSocketListener, more: Partial<SocketOptions> & { path?: string; baseUrl?: string } = {}) =>
  egress.sockets.open(
    { name: 'up', baseUrl: more.baseUrl ?? base, locality: null },
    {
      path: more.path ?? '/realtime?model=m',
      headers: { authorization: 'Bearer secret', cookie: 'no', 'openai-beta': 'realtime=v1' },
    },
    { openMs: 10_000, signal: new AbortController().signal, maxMessageBytes: 1000, listener, ...more },
  )

async function opened(...rest: Parameters<typeof open>) {
  const result = await open(...rest)
  if (result.kind !== 'open') throw new Error(JSON.stringify(result))
  return result
}

describe('a WebSocket to an upstream', () => {
  test('carries the allowed headers and messages of both kinds', async () => {
    onOpen = (socket) => {
      socket.send('hello')
      socket.send(new Uint8Array(3))
    }
    const { events, listener } = listening()
    const { socket } = await opened(listener)
    expect([socket.send('a'), socket.send(new Uint8Array([1, 2]))]).toEqual(['sent', 'sent'])
    await until('both came', () => received.length === 2 && events.length === 2)
    expect([events, received]).toEqual([
      ['hello', '3 bytes'],
      ['a', Buffer.from([1, 2])],
    ])
    const [{ headers, url } = { headers: {} as Record<string, string>, url: '' }] = seen
    expect([url, headers['authorization'], headers['openai-beta'], headers['cookie']]).toEqual([
      `${base}/realtime?model=m`,
      'Bearer secret',
      'realtime=v1',
      undefined,
    ])
    socket.close(4000, 'bye')
    await until('the server saw it', () => closed === 4000)
    await until('we saw it', () => events.at(-1) === 'closed 4000 bye')
    expect(socket.send('late')).toBe('closed')
  })

  test('goes to an address that was judged, with the name in Host', async () => {
    const { listener } = listening()
    const { socket } = await opened(listener, { baseUrl: `http://voice.example:${server.port}/v1` })
    expect(seen[0]?.headers['host']).toBe(`voice.example:${server.port}`)
    socket.cut()
    await until('it is gone', () => closed !== null)
  })

  test.each([
    ['an answer that is none', { path: '/no' }, { kind: 'refused', status: 403 }],
    ['nobody there', { baseUrl: 'http://127.0.0.1:9/v1' }, { kind: 'failed', reason: 'refused' }],
    [
      'something that is no HTTP',
      { baseUrl: `http://127.0.0.1:${(junk.address() as AddressInfo).port}` },
      { kind: 'failed', reason: 'malformed' },
    ],
    ['no answer in time', { path: '/never', openMs: 50 }, { kind: 'failed', reason: 'timeout' }],
    ['a request that is given up', { path: '/never', isGivenUp: () => true }, { kind: 'failed', reason: 'aborted' }],
    ['a client that has gone', { signal: AbortSignal.abort() }, { kind: 'failed', reason: 'aborted' }],
    ['an unknown host', { baseUrl: 'http://nowhere.example/v1' }, { kind: 'failed', reason: 'dns' }],
    ['a metadata service', { baseUrl: 'http://169.254.169.254/v1' }, { kind: 'denied' }],
  ] as const)('meets %s', async (_, more, expected) => {
    expect(await open(listening().listener, more)).toMatchObject(expected)
  })

  test('is not opened to a cloud: nobody could look at what is said on it', async () => {
    const result = await egress.sockets.open(
      { name: 'far', baseUrl: base, locality: 'cloud' },
      { path: '/realtime', headers: {} },
      { openMs: 1000, signal: new AbortController().signal, maxMessageBytes: 1, listener: listening().listener },
    )
    expect(result).toMatchObject({ kind: 'denied', message: expect.stringContaining('far is a cloud') })
    expect(seen).toEqual([])
  })

  test('ends with a message that is too long', async () => {
    onOpen = (socket) => void socket.send('x'.repeat(1001))
    const { events, listener } = listening()
    await opened(listener)
    await until('it ended', () => events.length > 0)
    expect(events).toEqual(['closed 1009 the upstream sent a message that is too long'])
  })

  test('ends with the client that it is for', async () => {
    const client = new AbortController()
    const { events, listener } = listening()
    await opened(listener, { signal: client.signal })
    client.abort()
    await until('both know', () => closed !== null && events.length === 1)
    expect(events[0]).toStartWith('closed 1006')
  })

  test('holds the upstream back while it is paused', async () => {
    const total = 64 * 2 ** 20
    let sent = 0
    const pump = (socket: Bun.ServerWebSocket<unknown>) => {
      while (sent < total) {
        const size = socket.send(new Uint8Array(65_536))
        sent += 65_536
        if (size <= 0) return
      }
    }
    onOpen = pump
    onDrain = pump
    const { listener, bytes } = listening()
    const { socket } = await opened(listener, { maxMessageBytes: 1e6 })
    socket.pause()
    let before = -1
    await until('the server waits', () => {
      const isStill = sent === before
      before = sent
      return isStill && sent > 0
    })
    expect(sent).toBeLessThan(total)
    socket.resume()
    await until('all has come', () => bytes() === total)
    socket.cut()
  })

  test('says when it takes no more, and when it does again', async () => {
    const { events, listener } = listening()
    const { socket } = await opened(listener)
    let state = socket.send(new Uint8Array(60_000))
    for (let count = 0; state === 'sent' && count < 2000; count++) state = socket.send(new Uint8Array(60_000))
    expect(state).toBe('full')
    await until('it is empty', () => events.includes('drained'))
    socket.cut()
  })
})
