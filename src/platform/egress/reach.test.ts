import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createCell } from '#kernel/cell.ts'
import { systemClock } from '#platform/clock.ts'
import { silentLogger } from '#platform/log/logger.ts'
import { until } from '../../../test/env/until.ts'
import { startBlackHole, type BlackHole } from '../../../test/fakes/black-hole.ts'
import { openEgress } from './egress.ts'

let hole: BlackHole
const egress = openEgress({
  policy: createCell({ proxy: null }),
  log: silentLogger,
  clock: systemClock,
})
beforeAll(async () => {
  hole = await startBlackHole()
})
afterAll(async () => {
  await egress[Symbol.asyncDispose]()
  await hole[Symbol.asyncDispose]()
})

const question = { method: 'GET', path: '/models', headers: {}, body: null, data: ['metadata'] } as const
const ask = (port: number, connectMs: number) =>
  egress.inference.send({ name: 'up', baseUrl: `http://127.0.0.1:${port}/v1`, locality: 'lan' }, question, {
    deadlines: { connectMs, firstByteMs: 60_000, idleMs: 60_000, totalMs: 60_000 },
    signal: new AbortController().signal,
  })

test('a host that takes no connections is given up at the connect deadline, not at that of the first byte', async () => {
  expect(await ask(hole.port, 200)).toMatchObject({ kind: 'failed', reason: 'unreachable' })
})

test('a model that thinks longer than the connect deadline is waited for', async () => {
  const thinking = Promise.withResolvers<Response>()
  let connections = 0
  using server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: () => {
      connections++
      return thinking.promise
    },
  })
  const answer = ask(server.port ?? 0, 50)
  await until('it is asked', () => connections === 1)
  await Bun.sleep(120)
  thinking.resolve(new Response('late'))
  expect(await answer).toMatchObject({ kind: 'answer', status: 200 })
  await server.stop(true)
})
