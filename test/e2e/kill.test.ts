/** `kill -9` at a bad moment: what was acknowledged stays in the books, and no engine is left behind. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { chatBody, requestRows, startGatewayHouse } from '../env/gateway-house.ts'
import type { GatewayHouse } from '../env/gateway-house.ts'
import { seeded } from '../env/seed.ts'
import { until } from '../env/until.ts'

let both: GatewayHouse
beforeAll(async () => {
  both = await startGatewayHouse()
}, 60_000)
afterAll(() => both[Symbol.asyncDispose](), 60_000)

const requests = 200

test('every acknowledged request has its usage row after a restart, and the engine is gone', async () => {
  const { house, upstream } = both
  const random = seeded('kill')
  const smoke = await house.ask('/v1/chat/completions', {
    method: 'POST',
    body: chatBody({ model: 'hearth/smoke', max_tokens: 2 }),
  })
  expect(smoke.status).toBe(200)
  expect(enginesOf(house.home).length).toBeGreaterThan(0)

  upstream.play({ tokens: 8, tokenMs: 2, firstByteMs: 2 })
  const acknowledged: string[] = []
  const killAfter = 60 + Math.floor(random() * 80)
  const enough = Promise.withResolvers<void>()
  const ask = async () => {
    const body = chatBody({ stream: random() < 0.5 })
    const response = await house.ask('/v1/chat/completions', { method: 'POST', body })
    const text = await response.text()
    const isWhole = response.status === 200 && (text.includes('[DONE]') || text.includes('"finish_reason":"stop"'))
    if (!isWhole) return
    acknowledged.push(response.headers.get('x-request-id') ?? 'no id')
    if (acknowledged.length === killAfter) enough.resolve()
  }
  const asking = Promise.allSettled(Array.from({ length: requests }, ask))
  await enough.promise
  await house.kill()
  await asking
  expect(acknowledged.length).toBeGreaterThanOrEqual(killAfter)

  await house.restart()
  const rows = async () => new Set((await requestRows(house)).map((row) => row.id))
  await until('the journal is in the books', async () => (await rows()).isSupersetOf(new Set(acknowledged)))
  await until('no engine is left', () => enginesOf(house.home).length === 0)
  // The house that came back is whole.
  const again = await house.ask('/v1/chat/completions', {
    method: 'POST',
    body: chatBody({ model: 'hearth/smoke', max_tokens: 2 }),
  })
  expect(again.status).toBe(200)
}, 120_000)

test('a key made before the kill is still good', async () => {
  const { house, upstream } = both
  upstream.play({})
  const made = await house.ask('/api/keys', { method: 'POST', body: JSON.stringify({ name: 'kept' }) })
  const { key } = (await made.json()) as { key: string }
  await house.kill()
  await house.restart()
  const answer = await house.ask('/v1/models', { headers: { authorization: `Bearer ${key}` } })
  expect(answer.status).toBe(200)
}, 60_000)

/** Processes that carry this house's home in their environment, the server itself left out. */
function enginesOf(home: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === both.house.pid) return false
    try {
      return (
        readFileSync(`/proc/${pid}/environ`, 'latin1').includes('HEARTH_ENGINE=') &&
        readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(home)
      )
    } catch {
      return false // gone in between, or a zombie
    }
  })
}
