import { afterAll, expect, test } from 'bun:test'
import { createCell } from '#kernel/cell.ts'
import type { Locality } from '#kernel/words.ts'
import { systemClock } from '#platform/clock.ts'
import { silentLogger } from '#platform/log/logger.ts'
import { openEgress } from './egress.ts'

const seen: (string | null)[] = []
const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch(request) {
    seen.push(request.headers.get('traceparent'))
    return new Response('{}')
  },
})
const egress = openEgress({
  policy: createCell({ cloudText: 'raw', proxy: null }),
  log: silentLogger,
  clock: systemClock,
})
afterAll(async () => {
  await egress[Symbol.asyncDispose]()
  await server.stop(true)
})

test.each([
  ['host', 'the trace'],
  ['lan', 'the trace'],
  [null, 'the trace'],
  ['cloud', null],
] as const)('an upstream with locality %p is told %p', async (locality: Locality | null, expected) => {
  seen.length = 0
  const sent = await egress.inference.send(
    { name: 'up', baseUrl: `http://127.0.0.1:${server.port}/v1`, locality },
    { method: 'POST', path: '/x', headers: { traceparent: 'the trace' }, body: new Uint8Array([123]), data: ['text'] },
    {
      deadlines: { firstByteMs: 5000, idleMs: 5000, totalMs: 5000 },
      signal: new AbortController().signal,
    },
  )
  if (sent.kind !== 'answer') throw new Error(sent.message)
  await sent.bytes(1000)
  expect(seen).toEqual([expected])
})
