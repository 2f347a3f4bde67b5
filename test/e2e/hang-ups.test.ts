/**
 * Callers that go away: at every point between dispatch and the last byte the upstream must stop working for nobody.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { chatBody, requestRows, settled, startGatewayHouse } from '../env/gateway-house.ts'
import type { GatewayHouse } from '../env/gateway-house.ts'
import { openRaw, postText } from '../env/raw-client.ts'
import { seeded } from '../env/seed.ts'
import { until } from '../env/until.ts'

let both: GatewayHouse
beforeAll(async () => {
  both = await startGatewayHouse()
}, 60_000)
afterAll(() => both[Symbol.asyncDispose](), 60_000)

const hangUps = 1_000
const atOnce = 40
/** Longer than the test: an answer that nobody aborts stays open and is seen. */
const endless = { tokens: 100_000, tokenMs: 4, firstByteMs: 3 }
/** Hearth also asks for the list of models now and then. */
const dispatched = () => both.upstream.requests.filter((request) => request.path === '/v1/chat/completions')
const openFiles = (pid: number) => readdirSync(`/proc/${pid}/fd`).length

test(`${hangUps} hang-ups at random points abort the upstream, leave one row each, and leak nothing`, async () => {
  const { house, upstream } = both
  const random = seeded('hang-ups')
  upstream.play(endless)
  await Promise.all(Array.from({ length: 20 }, () => house.ask('/health', { headers: { authorization: '' } })))
  const filesBefore = openFiles(house.pid)
  const halfSent = new Set<string>()

  const one = async (index: number) => {
    const body = chatBody({ stream: random() < 0.7, user: `caller-${index}` })
    const text = postText({ path: '/v1/chat/completions', key: house.adminKey, body })
    const connection = await openRaw(house.url)
    const isHalf = random() < 0.2
    if (isHalf) halfSent.add(`caller-${index}`)
    connection.send(isHalf ? text.slice(0, Math.floor(random() * (text.length - 1))) : text)
    const bytes = Math.floor(random() * 2_000)
    const isAfterBytes = !isHalf && random() < 0.3
    const enough = connection.until((received) => isAfterBytes && received.length > bytes)
    // Where no byte will come, time is the random point.
    await Promise.race([enough, Bun.sleep(isAfterBytes ? 150 : random() * 30)])
    connection.hangUp()
  }
  let next = 0
  const lane = async () => {
    for (let index = next++; index < hangUps; index = next++) await one(index)
  }
  await Promise.all(Array.from({ length: atOnce }, lane))

  // A request that was cut a moment ago may still be on its way to the upstream and back.
  await until('every request that reached the upstream was aborted', () => upstream.aborts === dispatched().length)
  await settled(both)
  const callers = dispatched().map((request) => String(request.body['user']))
  expect(callers.length).toBeGreaterThan(hangUps / 2)
  expect(callers.filter((caller) => halfSent.has(caller))).toEqual([])
  expect(upstream.aborts).toBe(callers.length)
  await until('every dispatched request has its row', async () => (await aborted()) >= callers.length)
  // Keep-alive sockets to the upstream may stay: hung-up ones may not.
  await until('files are closed', () => openFiles(house.pid) <= filesBefore + 100)
  upstream.play({})
  expect((await house.ask('/v1/chat/completions', { method: 'POST', body: chatBody() })).status).toBe(200)
}, 120_000)

async function aborted(): Promise<number> {
  return (await requestRows(both.house)).filter((row) => row.outcome === 'aborted').length
}

test('a caller that goes before the first byte of a silent upstream aborts it at once', async () => {
  const { house, upstream } = both
  upstream.forget()
  upstream.play({ mode: 'silent' })
  const connection = await openRaw(house.url)
  connection.send(postText({ path: '/v1/chat/completions', key: house.adminKey, body: chatBody({ stream: true }) }))
  await upstream.until(() => dispatched().length === 1)
  connection.hangUp()
  await upstream.until(({ aborts }) => aborts === 1)
  await settled(both)
}, 30_000)
