import { afterAll, expect, test } from 'bun:test'
import { createCell } from '#kernel/cell.ts'
import type { Locality } from '#kernel/words.ts'
import { systemClock } from '#platform/clock.ts'
import { silentLogger } from '#platform/log/logger.ts'
import { openEgress } from './egress.ts'
import { createSeal } from './seal.ts'

const seen: (string | null)[] = []
const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch(request) {
    seen.push(request.headers.get('traceparent'))
    return new Response('{}')
  },
})
const seal = createSeal()
const egress = openEgress({
  seal,
  policy: createCell({ proxy: null }),
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
  const to = { name: 'up', baseUrl: `http://127.0.0.1:${server.port}/v1`, locality }
  const headers = { traceparent: 'the trace' }
  const what = { method: 'POST', path: '/x', headers, body: new Uint8Array([123]), data: ['text'] } as const
  const deadlines = { firstByteMs: 5000, idleMs: 5000, totalMs: 5000 }
  const options = { deadlines, signal: new AbortController().signal }
  const sent = await (locality === 'cloud'
    ? egress.inference.sendSealed(to, seal.close(to, what), options)
    : egress.inference.send(to, what, options))
  if (sent.kind !== 'answer') throw new Error(sent.message)
  await sent.bytes(1000)
  expect(seen).toEqual([expected])
})
