import { afterAll, expect, test } from 'bun:test'
import { createCell } from '#kernel/cell.ts'
import { systemClock } from '#platform/clock.ts'
import { silentLogger } from '#platform/log/logger.ts'
import { startRawServer, type RawRequest } from '../../../test/fakes/raw-http.ts'
import { until } from '../../../test/env/until.ts'
import type { BodySource, Sent } from './contract.ts'
import { openEgress } from './egress.ts'

const seen: RawRequest[] = []
/** What the server does with the nth request; it answers unless this says that it left. */
let hasLeft: (count: number) => boolean = () => false
const server = await startRawServer({
  onRequest(request, answer) {
    seen.push(request)
    if (hasLeft(seen.length)) return answer.reset()
    answer.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
    answer.done()
  },
})
const egress = openEgress({
  policy: createCell({ proxy: null }),
  log: silentLogger,
  clock: systemClock,
})
afterAll(async () => {
  await egress[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

const text = 'x'.repeat(300_000)
let opened = 0
let closed = 0
function source(more: Partial<BodySource> = {}): BodySource {
  return {
    lengthBytes: text.length,
    isRepeatable: true,
    async *open() {
      opened += 1
      try {
        for (let at = 0; at < text.length; at += 50_000) yield new TextEncoder().encode(text.slice(at, at + 50_000))
      } finally {
        closed += 1
      }
    },
    ...more,
  }
}

async function send(body: BodySource, signal = new AbortController().signal): Promise<Sent> {
  const sent = await egress.inference.send(
    { name: 'here', baseUrl: `http://127.0.0.1:${server.port}/v1`, locality: null },
    { method: 'PUT', path: '/files', headers: { 'content-type': 'a/b' }, body, data: ['file'] },
    { deadlines: { firstByteMs: 60_000, idleMs: 60_000, totalMs: 60_000 }, signal },
  )
  if (sent.kind === 'answer') await sent.bytes(100)
  return sent
}

test.each([
  [text.length, { 'content-length': String(text.length) }],
  [null, { 'transfer-encoding': 'chunked' }],
])('a body that is read while it is sent, of the length %p, comes whole', async (lengthBytes, header) => {
  seen.length = 0
  expect((await send(source({ lengthBytes }))).kind).toBe('answer')
  expect(seen[0]?.headers).toMatchObject({ ...header, 'content-type': 'a/b' })
  expect(Buffer.from(seen[0]?.body ?? []).toString() === text).toBe(true)
})

test.each([
  [true, 'answer', 2],
  [false, 'failed', 1],
])('on a stale connection one that may be opened again (%p) is an %s', async (isRepeatable, kind, times) => {
  await send(source())
  seen.length = 0
  opened = 0
  hasLeft = (count) => count === 1
  expect((await send(source({ isRepeatable }))).kind).toBe(kind as Sent['kind'])
  hasLeft = () => false
  expect(opened).toBe(times)
})

test('one that fails while it is sent fails the request', async () => {
  const failing = source({
    async *open() {
      yield new TextEncoder().encode('half')
      throw new Error('the client has gone')
    },
  })
  expect((await send(failing)).kind).toBe('failed')
})

test('one whose request is given up is closed', async () => {
  const leave = new AbortController()
  const never = Promise.withResolvers<void>()
  let isOpen = false
  closed = 0
  const endless = source({
    lengthBytes: null,
    async *open() {
      try {
        for (;;) {
          isOpen = true
          yield new Uint8Array(1000)
          await new Promise((resolve) => setImmediate(resolve))
        }
      } finally {
        closed += 1
        never.resolve()
      }
    },
  })
  const sending = send(endless, leave.signal)
  await until('it is being sent', () => isOpen)
  leave.abort()
  expect(await sending).toMatchObject({ kind: 'failed', reason: 'aborted' })
  await never.promise
  expect(closed).toBe(1)
})
