import { afterAll, expect, test } from 'bun:test'
import { createCell } from '#kernel/cell.ts'
import { messageOf } from '#kernel/errors.ts'
import { systemClock } from '#platform/clock.ts'
import { createLogger } from '#platform/log/logger.ts'
import { startHub } from '../../../test/fakes/hub.ts'
import type { ChunkReader, EgressPolicy } from './contract.ts'
import { nextHop } from './download.ts'
import { openEgress } from './egress.ts'

const log = createLogger({ level: 'silent', format: 'lines', write: () => undefined, now: () => 0 })
const file = new Uint8Array(300_000).map((_, index) => index % 251)
const hub = await startHub({ 'org/repo': { files: { 'a.gguf': file, 'README.md': new Uint8Array([72, 105]) } } })
const policy = createCell<EgressPolicy>({ proxy: null })
const names: Record<string, readonly string[]> = {
  'public.test': ['203.0.113.9'],
  'half.test': ['127.0.0.1', '203.0.113.9'],
}
const egress = openEgress({
  policy,
  log,
  clock: systemClock,
  resolve: async (host) => names[host] ?? [],
})
const redirects = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch(request) {
    const url = new URL(request.url)
    if (url.pathname === '/loop') return Response.redirect('/loop', 302)
    if (url.pathname === '/file') return Response.redirect('file:///etc/passwd', 302)
    if (url.pathname === '/inside') return Response.redirect('http://127.0.0.1:1/secrets', 302)
    if (url.pathname === '/silent') return new Promise<Response>(() => undefined)
    if (url.pathname === '/seen') return Response.json([...request.headers.keys()])
    return new Response('x'.repeat(1000))
  },
})
afterAll(async () => {
  await redirects.stop(true)
  await hub[Symbol.asyncDispose]()
  await egress[Symbol.asyncDispose]()
})

const signal = new AbortController().signal
const from = (path: string) => `http://127.0.0.1:${redirects.port}${path}`

async function all(reader: ChunkReader) {
  const pieces: Uint8Array[] = []
  for (;;) {
    const chunk = await reader.next()
    if (chunk.kind !== 'data') return { bytes: Buffer.concat(pieces), last: chunk }
    pieces.push(chunk.bytes)
  }
}

test('a file is fetched through a redirect, and the token stays with the origin it was given for', async () => {
  hub.requests.length = 0
  const opened = await egress.download.open(`${hub.url}/org/repo/resolve/main/a.gguf`, {
    offset: 0,
    idleMs: 5000,
    signal,
    headers: { authorization: 'Bearer t' },
  })
  if (opened.kind !== 'answer') throw new Error(opened.message)
  expect(opened).toMatchObject({ status: 200, totalBytes: file.byteLength })
  const got = await all(opened.chunks())
  expect(got.last).toEqual({ kind: 'end' })
  expect(Buffer.compare(got.bytes, file)).toBe(0)
  expect(hub.requests.map((request) => [request.at, request.hasToken])).toEqual([
    ['hub', true],
    ['cdn', false],
  ])
})

test('a part is fetched from its offset on', async () => {
  const opened = await egress.download.open(`${hub.url}/org/repo/resolve/main/a.gguf`, {
    offset: 299_000,
    idleMs: 5000,
    signal,
  })
  if (opened.kind !== 'answer') throw new Error(opened.message)
  expect(opened).toMatchObject({ status: 206, totalBytes: file.byteLength })
  expect(Buffer.compare((await all(opened.chunks())).bytes, file.subarray(299_000))).toBe(0)
})

test('a connection that is cut in the middle ends as reset, after the bytes that came', async () => {
  hub.cuts.push(100_000)
  const opened = await egress.download.open(`${hub.url}/org/repo/resolve/main/a.gguf`, {
    offset: 0,
    idleMs: 5000,
    signal,
  })
  if (opened.kind !== 'answer') throw new Error(opened.message)
  expect((await all(opened.chunks())).last).toMatchObject({ kind: 'broken', reason: 'reset' })
})

test('a small document comes whole, and one that is too long is refused', async () => {
  const options = { limitBytes: 2000, timeoutMs: 5000, signal }
  expect(await egress.download.text(from('/'), options)).toMatchObject({ status: 200, text: 'x'.repeat(1000) })
  const tooLong = await egress.download.text(from('/'), { ...options, limitBytes: 10 }).catch(messageOf)
  expect(tooLong).toContain('more than 10 bytes')
})

test('silence ends as timeout', async () => {
  const silent = await egress.download.text(from('/silent'), { limitBytes: 10, timeoutMs: 50, signal }).catch(messageOf)
  expect(silent).toContain('did not answer in time')
})

const refused = [
  { path: '/loop', says: 'more than 5 times' },
  { path: '/file', says: 'not encrypted' },
] as const

test.each(refused)('a redirect to $path is refused', async ({ path, says }) => {
  const opened = await egress.download.open(from(path), { offset: 0, idleMs: 5000, signal })
  expect(opened).toMatchObject({ kind: 'failed', reason: 'refused' })
  expect(opened.kind === 'failed' && opened.message).toContain(says)
})

const hops = [
  { from: 'https://hub.example/a', location: 'http://cdn.example/b', mayBePrivate: false, to: null },
  { from: 'https://hub.example/a', location: 'http://10.0.0.1/b', mayBePrivate: true, to: 'http://10.0.0.1/b' },
  { from: 'http://hub.example/a', location: 'http://cdn.example/b', mayBePrivate: false, to: 'http://cdn.example/b' },
  { from: 'https://hub.example/a', location: '/b?c', mayBePrivate: false, to: 'https://hub.example/b?c' },
  { from: 'https://hub.example/a', location: 'ftp://cdn.example/b', mayBePrivate: true, to: null },
  { from: 'https://hub.example/a', location: 'https://[', mayBePrivate: false, to: null },
] as const

test.each(hops)('a redirect from $from to $location leads to $to', ({ from: start, location, mayBePrivate, to }) => {
  const hop = nextHop({ location, from: new URL(start), mayBePrivate })
  expect(hop.kind === 'hop' ? hop.next.href : null).toBe(to)
})

test('a public host cannot lead a download into this network', async () => {
  // Through a proxy, because no test may reach a public host.
  policy.replace({ proxy: `http://127.0.0.1:${redirects.port}` })
  const opened = await egress.download.open('http://public.test/inside', { offset: 0, idleMs: 5000, signal })
  policy.replace({ proxy: null })
  expect(opened).toMatchObject({ kind: 'failed', reason: 'refused' })
  expect(opened.kind === 'failed' && opened.message).toContain('inside this network')
})

test('only headers of the allow-list go out', async () => {
  const headers = { cookie: 'a=b', 'x-api-key': 'k', 'if-range': '"e"', authorization: 'Bearer t' }
  const seen: unknown = JSON.parse(
    (await egress.download.text(from('/seen'), { limitBytes: 1000, timeoutMs: 5000, signal, headers })).text,
  )
  expect(seen).toContain('authorization')
  expect(seen).toContain('if-range')
  expect(seen).not.toContain('cookie')
  expect(seen).not.toContain('x-api-key')
})

test('localityOf says where a host is', async () => {
  expect(await egress.localityOf('http://10.0.0.5:80/v1')).toEqual({ locality: 'lan', addresses: ['10.0.0.5'] })
  expect((await egress.localityOf('https://public.test')).locality).toBe('cloud')
  expect((await egress.localityOf('https://half.test')).locality).toBe('cloud')
})
