import { createServer, type Server, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, test } from 'bun:test'
import { createCell } from '#kernel/cell.ts'
import { systemClock } from '#platform/clock.ts'
import { createLogger } from '#platform/log/logger.ts'
import type { Chunk, Deadlines, EgressPolicy, Outbound, Sent } from './contract.ts'
import { openEgress } from './egress.ts'
import { createSeal, type ScrubbedRequest } from './seal.ts'

const log = createLogger({ level: 'silent', format: 'lines', write: () => undefined, now: () => 0 })
const policy = createCell<EgressPolicy>({ proxy: null })
const open: (() => void)[] = []
afterAll(() => open.forEach((close) => close()))

const names: Record<string, readonly string[]> = {}
let asked = 0
const seal = createSeal()
const egress = openEgress({
  policy,
  seal,
  log,
  clock: systemClock,
  version: '1.2.3',
  resolve: async (host) => {
    asked++
    const found = names[host]
    if (!found) throw new Error('unknown name')
    return found
  },
})

const relaxed: Deadlines = { firstByteMs: 60_000, idleMs: 60_000, totalMs: 60_000 }
const question: Outbound = {
  method: 'POST',
  path: '/chat/completions',
  headers: { 'content-type': 'application/json', authorization: 'Bearer upstream-key' },
  body: new TextEncoder().encode('{"model":"x"}'),
  data: ['text'],
}
const to = (port: number, host = '127.0.0.1') => ({
  name: 'here',
  baseUrl: `http://${host}:${port}/v1`,
  locality: null,
})

/** A server that answers with bytes as given: what a real upstream does when it is broken. */
async function rawServer(onRequest: (socket: Socket, request: string, n: number) => void) {
  const sockets = new Set<Socket>()
  const requests: string[] = []
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    let text = ''
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (data) => {
      text += data.toString()
      const head = text.indexOf('\r\n\r\n')
      if (head < 0) return
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
      if (text.length < head + 4 + length) return
      requests.push(text)
      const whole = text
      text = ''
      onRequest(socket, whole, requests.length)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, requests, sockets }
}

const ok = (body: string, extra = '') => `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n${extra}\r\n${body}`

async function ask(
  port: number,
  deadlines: Partial<Deadlines> = {},
  signal = new AbortController().signal,
): Promise<Sent> {
  return egress.inference.send(to(port), question, { deadlines: { ...relaxed, ...deadlines }, signal })
}

function answered(sent: Sent) {
  if (sent.kind !== 'answer') throw new Error(`expected an answer, got ${JSON.stringify(sent)}`)
  return sent
}

async function drain(sent: Sent): Promise<{ readonly text: string; readonly last: Chunk }> {
  const reader = answered(sent).chunks()
  let text = ''
  for (;;) {
    const chunk = await reader.next()
    if (chunk.kind !== 'data') return { text, last: chunk }
    text += new TextDecoder().decode(chunk.bytes)
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve))
}

test('only headers of the allow-list go out, and compression is not asked for', async () => {
  const server = await rawServer((socket) => socket.write(ok('{}')))
  const headers = { ...question.headers, Cookie: 'a=b', 'x-forwarded-for': '1.2.3.4', te: 'trailers', 'X-Api-Key': 'k' }
  const sent = await egress.inference.send(
    to(server.port),
    { ...question, headers },
    { deadlines: relaxed, signal: new AbortController().signal },
  )
  expect(await answered(sent).bytes(100)).toEqual({ kind: 'whole', bytes: new Uint8Array([123, 125]) })
  const request = (server.requests[0] ?? '').toLowerCase()
  expect(request).toContain('post /v1/chat/completions http/1.1')
  expect(request).toContain('authorization: bearer upstream-key')
  expect(request).toContain('x-api-key: k')
  expect(request).toContain('accept-encoding: identity')
  expect(request).toContain('user-agent: hearth/1.2.3')
  for (const name of ['cookie', 'x-forwarded-for', 'te:', 'trailers']) expect(request).not.toContain(name)
})

test('a compressed answer passes as the upstream wrote it', async () => {
  const packed = Bun.gzipSync(new TextEncoder().encode('{"a":1}'))
  const server = await rawServer((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${packed.byteLength}\r\n\r\n`)
    socket.write(packed)
  })
  const sent = answered(await ask(server.port))
  expect(sent.headers.get('content-encoding')).toBe('gzip')
  const read = await sent.bytes(1000)
  expect(read.kind === 'whole' && Buffer.compare(read.bytes, packed)).toBe(0)
})

const brokenAnswers: readonly { readonly name: string; readonly answer: string; readonly reason: string }[] = [
  {
    name: 'a chunked body without its end',
    answer: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n',
    reason: 'reset',
  },
  {
    name: 'a chunk that is cut',
    answer: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nhello',
    reason: 'reset',
  },
  {
    name: 'a body shorter than its content-length',
    answer: 'HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhello',
    reason: 'reset',
  },
]

test.each(brokenAnswers)('$name is a broken answer, whole and in chunks', async ({ answer, reason }) => {
  const server = await rawServer((socket) => socket.end(answer))
  expect(await answered(await ask(server.port)).bytes(1000)).toMatchObject({ kind: 'broken', reason })
  const read = await drain(await ask(server.port))
  expect(read.last).toMatchObject({ kind: 'broken', reason })
})

test('what is longer than the limit is not read on, declared or not', async () => {
  const declared = await rawServer((socket) => socket.write(ok('x'.repeat(500))))
  expect(await answered(await ask(declared.port)).bytes(100)).toMatchObject({ kind: 'broken', reason: 'too_large' })
  const chunked = await rawServer((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
    socket.write(`c8\r\n${'x'.repeat(200)}\r\n`)
  })
  expect(await answered(await ask(chunked.port)).bytes(100)).toMatchObject({ kind: 'broken', reason: 'too_large' })
  await until(() => chunked.sockets.size === 0)
})

test(
  'garbage is malformed, a closed port refused, an unknown name dns, and none of them tells the ' + 'address',
  async () => {
    const garbage = await rawServer((socket) => socket.end('hello there, no HTTP here\r\n\r\n'))
    const closed = await rawServer(() => undefined)
    open.pop()?.()
    const results = [await ask(garbage.port), await ask(closed.port)]
    results.push(
      await egress.inference.send(to(80, 'nowhere.test'), question, {
        deadlines: relaxed,
        signal: new AbortController().signal,
      }),
    )
    expect(results.map((sent) => sent.kind === 'failed' && sent.reason)).toEqual(['malformed', 'refused', 'dns'])
    for (const sent of results) {
      expect(sent.kind === 'failed' && sent.message).toContain('here')
      expect(JSON.stringify(sent)).not.toMatch(/127\.0\.0\.1|nowhere|upstream-key/)
    }
  },
)

test('a silent upstream ends as timeout and is left', async () => {
  const server = await rawServer(() => undefined)
  expect(await ask(server.port, { firstByteMs: 100 })).toMatchObject({ kind: 'failed', reason: 'timeout' })
  await until(() => server.sockets.size === 0)
})

test('a body that stalls ends as timeout and is left', async () => {
  const server = await rawServer((socket) =>
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n'),
  )
  const read = await drain(await ask(server.port, { idleMs: 100 }))
  expect(read).toMatchObject({ text: 'hello', last: { kind: 'broken', reason: 'timeout' } })
  await until(() => server.sockets.size === 0)
  const short = await rawServer((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhello'))
  expect(await answered(await ask(short.port, { idleMs: 100 })).bytes(100)).toMatchObject({
    kind: 'broken',
    reason: 'timeout',
  })
})

test('the total deadline ends an answer that nobody reads', async () => {
  const server = await rawServer((socket) =>
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n'),
  )
  const sent = answered(await ask(server.port, { totalMs: 100 }))
  await until(() => server.sockets.size === 0)
  expect(await sent.chunks().next()).toMatchObject({ kind: 'broken', reason: 'timeout' })
})

test('a hang-up before the first byte reaches the upstream at once', async () => {
  const server = await rawServer(() => undefined)
  const client = new AbortController()
  const sent = ask(server.port, {}, client.signal)
  await until(() => server.requests.length === 1)
  client.abort(new Error('hung up'))
  expect(await sent).toMatchObject({ kind: 'failed', reason: 'aborted' })
  await until(() => server.sockets.size === 0)
})

test('an answer whose asker is gone is let go though nobody reads it', async () => {
  const server = await rawServer((socket) =>
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n'),
  )
  const client = new AbortController()
  const sent = answered(await ask(server.port, {}, client.signal))
  client.abort()
  await until(() => server.sockets.size === 0)
  expect(await sent.chunks().next()).toMatchObject({ kind: 'broken', reason: 'aborted' })
})

test('what is given up on our side ends as aborted, before the head and after it', async () => {
  const silent = await rawServer(() => undefined)
  const stalled = await rawServer((socket) =>
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n'),
  )
  let isOver = false
  const send = (port: number) =>
    egress.inference.send(to(port), question, {
      deadlines: relaxed,
      signal: new AbortController().signal,
      isGivenUp: () => isOver,
    })
  const waiting = send(silent.port)
  const reader = answered(await send(stalled.port)).chunks()
  expect((await reader.next()).kind).toBe('data')
  const next = reader.next()
  isOver = true
  expect(await waiting).toMatchObject({ kind: 'failed', reason: 'aborted' })
  expect(await next).toMatchObject({ kind: 'broken', reason: 'aborted' })
  await until(() => stalled.sockets.size === 0)
})

test('cancel in the middle of a stream reaches the upstream at once, and every later read says so', async () => {
  const server = await rawServer((socket) =>
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n'),
  )
  const reader = answered(await ask(server.port)).chunks()
  expect((await reader.next()).kind).toBe('data')
  const waiting = reader.next()
  reader.cancel()
  reader.cancel()
  expect(await waiting).toMatchObject({ kind: 'broken', reason: 'aborted' })
  expect(await reader.next()).toMatchObject({ kind: 'broken', reason: 'aborted' })
  await until(() => server.sockets.size === 0)
})

test('a POST on a connection that the upstream had closed while idle is sent once more', async () => {
  const server = await rawServer((socket, _request, n) => {
    if (n === 2) return void socket.destroy()
    socket.write(ok('{}'))
  })
  let dispatched = 0
  const send = () =>
    egress.inference.send(to(server.port), question, {
      deadlines: relaxed,
      signal: new AbortController().signal,
      onDispatch: () => dispatched++,
    })
  await answered(await send()).bytes(10)
  expect(await answered(await send()).bytes(10)).toMatchObject({ kind: 'whole' })
  expect(server.requests.length).toBe(3)
  expect(dispatched).toBe(2)
})

test('a reset is repeated once and no more, and never on the first connection', async () => {
  const always = await rawServer((socket, _request, n) => (n === 1 ? socket.write(ok('{}')) : socket.destroy()))
  await answered(await ask(always.port)).bytes(10)
  expect(await ask(always.port)).toMatchObject({ kind: 'failed', reason: 'reset' })
  expect(always.requests.length).toBe(3)
  const first = await rawServer((socket) => void socket.destroy())
  expect(await ask(first.port)).toMatchObject({ kind: 'failed', reason: 'reset' })
  expect(first.requests.length).toBe(1)
})

test('a redirect is not followed', async () => {
  const server = await rawServer((socket) =>
    socket.write('HTTP/1.1 307 Go\r\nlocation: https://elsewhere.test/?secret=1\r\ncontent-length: 0\r\n\r\n'),
  )
  const sent = await ask(server.port)
  expect(sent).toMatchObject({ kind: 'failed', reason: 'malformed' })
  expect(JSON.stringify(sent)).not.toContain('secret')
})

test('300 requests at once are answered each with its own', async () => {
  const server = await rawServer((socket, request) => {
    const id = /"id":(\d+)/.exec(request)?.[1] ?? ''
    setImmediate(() => socket.write(ok(id)))
  })
  const ask300 = Array.from({ length: 300 }, async (_, id) => {
    const what = { ...question, body: new TextEncoder().encode(`{"id":${id}}`) }
    const sent = await egress.inference.send(to(server.port), what, {
      deadlines: relaxed,
      signal: new AbortController().signal,
    })
    const read = await answered(sent).bytes(100)
    return read.kind === 'whole' ? new TextDecoder().decode(read.bytes) : 'broken'
  })
  expect(await Promise.all(ask300)).toEqual(Array.from({ length: 300 }, (_, id) => String(id)))
})

test(
  'a name is resolved by us, connected to as an address, and said in Host; the next request does not ' + 'ask again',
  async () => {
    const server = await rawServer((socket) => socket.write(ok('{}')))
    names['engine.lan.test'] = ['127.0.0.1']
    const before = asked
    for (let n = 0; n < 3; n++) {
      const sent = await egress.inference.send(to(server.port, 'engine.lan.test'), question, {
        deadlines: relaxed,
        signal: new AbortController().signal,
      })
      await answered(sent).bytes(10)
    }
    expect(asked - before).toBe(1)
    expect(server.requests[2]?.toLowerCase()).toContain(`host: engine.lan.test:${server.port}\r\n`)
  },
)

test('where one address refuses, the next one is tried', async () => {
  const server = await rawServer((socket) => socket.write(ok('{}')))
  names['two.lan.test'] = ['127.0.0.9', '127.0.0.1']
  const sent = await egress.inference.send(to(server.port, 'two.lan.test'), question, {
    deadlines: relaxed,
    signal: new AbortController().signal,
  })
  expect(sent.kind).toBe('answer')
  if (sent.kind === 'answer') expect((await sent.bytes(100)).kind).toBe('whole')
})

const denials: readonly {
  readonly addresses: readonly string[]
  readonly locality: 'lan' | null
  readonly says: string
}[] = [
  { addresses: ['203.0.113.7'], locality: null, says: 'privacy has not looked at' },
  { addresses: ['10.0.0.1', '203.0.113.7'], locality: null, says: 'privacy has not looked at' },
  { addresses: ['203.0.113.7'], locality: 'lan', says: '203.0.113.7' },
  { addresses: ['::ffff:203.0.113.7'], locality: 'lan', says: 'locality: cloud' },
  { addresses: ['169.254.169.254'], locality: 'lan', says: 'metadata service' },
]

test.each(denials)(
  'text to $addresses declared as $locality is denied and never sent',
  async ({ addresses, locality, says }) => {
    const host = `h${addresses.join('-').replace(/[^a-z0-9]/g, '-')}${locality ?? ''}.test`
    names[host] = addresses
    let dispatched = 0
    const destination = { name: 'acme', baseUrl: `http://${host}/v1`, locality }
    const sent = await egress.inference.send(destination, question, {
      deadlines: relaxed,
      signal: new AbortController().signal,
      onDispatch: () => dispatched++,
    })
    expect(sent).toMatchObject({ kind: 'denied', reason: 'egress_denied' })
    expect(sent.kind === 'denied' && sent.message).toContain(says)
    expect(dispatched).toBe(0)
  },
)

const calm = () => ({ deadlines: relaxed, signal: new AbortController().signal })

test('a cloud gets what was sealed for it, and nothing else', async () => {
  const server = await rawServer((socket) => socket.write(ok('{}')))
  const cloud = { name: 'acme', baseUrl: `http://127.0.0.1:${server.port}/v1`, locality: 'cloud' as const }
  const other = { ...cloud, baseUrl: `http://127.0.0.1:${server.port}/v2` }
  const list = { ...question, method: 'GET', path: '/models', body: null, data: ['metadata'] } as const
  const cast = { ...question } as unknown as ScrubbedRequest
  const refused = await Promise.all([
    egress.inference.send(cloud, question, calm()),
    egress.inference.send(cloud, list, calm()),
    egress.inference.sendSealed(cloud, cast, calm()),
    egress.inference.sendSealed(cloud, createSeal().close(cloud, question), calm()),
    egress.inference.sendSealed(cloud, seal.close(other, question), calm()),
  ])
  expect(refused.map(({ kind }) => kind)).toEqual(['denied', 'denied', 'denied', 'denied', 'denied'])
  expect(server.requests).toEqual([])
  const sent = await egress.inference.sendSealed(cloud, seal.close(cloud, question), calm())
  expect((await drain(sent)).text).toBe('{}')
  expect(server.requests.length).toBe(1)
})

test('what was sealed does not change any more', async () => {
  const server = await rawServer((socket) => socket.write(ok('{}')))
  const cloud = { name: 'acme', baseUrl: `http://127.0.0.1:${server.port}/v1`, locality: 'cloud' as const }
  const what = { ...question }
  const sealed = seal.close(cloud, what)
  Object.assign(what, { path: '/elsewhere' })
  await drain(await egress.inference.sendSealed(cloud, sealed, calm()))
  expect(server.requests[0]).toStartWith('POST /v1/chat/completions')
})

test('a door without a seal lets nothing out to a cloud', async () => {
  await using shut = openEgress({ policy, log, clock: systemClock })
  const server = await rawServer((socket) => socket.write(ok('{}')))
  const cloud = { name: 'acme', baseUrl: `http://127.0.0.1:${server.port}/v1`, locality: 'cloud' as const }
  expect((await shut.inference.sendSealed(cloud, seal.close(cloud, question), calm())).kind).toBe('denied')
  expect(server.requests).toEqual([])
})

test('a proxy of the config is used for clouds and for nothing else', async () => {
  const proxy = await rawServer((socket) => socket.write(ok('proxy')))
  const direct = await rawServer((socket) => socket.write(ok('direct')))
  policy.replace({ proxy: `http://127.0.0.1:${proxy.port}` })
  const cloud = { name: 'acme', baseUrl: 'http://only-the-proxy-knows.test/v1', locality: 'cloud' as const }
  const options = { deadlines: relaxed, signal: new AbortController().signal }
  const results = [
    await egress.inference.sendSealed(cloud, seal.close(cloud, question), options),
    await egress.inference.send(to(direct.port), question, options),
  ]
  policy.replace({ proxy: null })
  const texts = await Promise.all(results.map(async (sent) => (await drain(sent)).text))
  expect(texts).toEqual(['proxy', 'direct'])
  expect(proxy.requests[0]).toStartWith('POST http://only-the-proxy-knows.test/v1/chat/completions')
})

test('proxy variables of the environment are not honoured', async () => {
  const server = await rawServer((socket) => socket.write(ok('direct')))
  const proxy = await rawServer((socket) => socket.write(ok('captured')))
  const script = `
    import { createCell } from '#kernel/cell.ts'
    import { systemClock } from '#platform/clock.ts'
    import { createLogger } from '#platform/log/logger.ts'
    import { openEgress } from '${import.meta.dir}/egress.ts'
    const log = createLogger({ level: 'silent', format: 'lines', write: () => undefined, now: () => 0 })
    const egress = openEgress({ policy: createCell({ proxy: null }), log, clock: systemClock })
    const sent = await egress.inference.send(
      { name: 'here', baseUrl: 'http://127.0.0.1:${server.port}', locality: null },
      { method: 'POST', path: '/', headers: {}, body: new Uint8Array([1]), data: ['text'] },
      { deadlines: { firstByteMs: 60000, idleMs: 60000, totalMs: 60000 }, signal: new AbortController().signal },
    )
    const read = await sent.bytes(100)
    const options = { limitBytes: 100, timeoutMs: 5000, signal: new AbortController().signal }
    const got = await egress.download.text('http://127.0.0.1:${server.port}/', options)
    console.log(new TextDecoder().decode(read.bytes), got.text)
    process.exit(0)`
  const address = `http://127.0.0.1:${proxy.port}`
  const child = Bun.spawn([process.execPath, '--no-env-file', '-e', script], {
    cwd: `${import.meta.dir}/../../..`,
    env: { PATH: process.env['PATH'] ?? '', HTTP_PROXY: address, http_proxy: address, ALL_PROXY: address },
    stdout: 'pipe',
    stderr: 'inherit',
  })
  expect((await child.stdout.text()).trim()).toBe('direct direct')
  expect(proxy.requests).toEqual([])
})
