/** What a key may not do, it may not do in the background either; and what it may costs it once. */
import { afterEach, expect, test } from 'bun:test'
import { forEachDatabase } from '../../test/env/databases.ts'
import { openGatewayAlone, type AloneOptions, type GatewayAlone } from '../../test/env/gateway-alone.ts'
import { until } from '../../test/env/until.ts'
import { systemClock } from '#platform/clock.ts'
import { silentLogger } from '#platform/log/logger.ts'
import { answersOf } from '../../test/fakes/dialect-answers.ts'
import { createKyselyResponseStore } from './adapters/kysely-response-store.ts'
import { migrations } from './migrations/index.ts'
import { KeptResponses } from './service/responses/kept-responses.ts'

let gateway: GatewayAlone
afterEach(() => gateway[Symbol.asyncDispose]())

/** A key that may have so many requests in all, one at a time. */
function purseOf(requests: number): NonNullable<AloneOptions['purse']> {
  let left = requests
  let inFlight = 0
  return {
    reserve() {
      if (left === 0 || inFlight > 0)
        return {
          ok: false,
          subject: { kind: 'key', id: 'abc' },
          limit: 'requestsPerMinute',
          amount: requests,
          retryAfterMs: 1000,
          headers: {},
        }
      left--
      inFlight++
      const release = (): void => {
        left++
        inFlight--
      }
      const hold = { tokens: 0, micros: 0, grow: () => true, settle: () => void inFlight--, release }
      return { ok: true, headers: {}, isBounded: false, hold }
    },
  }
}

forEachDatabase('responses in the background', (engine) => {
  const open = async (options: AloneOptions): Promise<KeptResponses> => {
    const database = await engine.open()
    await database.migrate('gateway', migrations)
    const kept = new KeptResponses({
      store: createKyselyResponseStore(database),
      clock: systemClock,
      log: silentLogger,
      isAlone: true,
      settings: () => ({
        isStoring: true,
        retentionDays: 1,
        bodyBytes: 100_000,
        background: 10,
        conversationBytes: 100_000,
      }),
    })
    gateway = await openGatewayAlone({ ...options, kept })
    const { events, terminal } = answersOf('m').chat
    const words = events.join('') + terminal
    gateway.play(() => new Response(words, { headers: { 'content-type': 'text/event-stream' } }))
    return kept
  }
  const ask = (model = 'up/m') => {
    const body = JSON.stringify({ model, input: 'Hi', background: true })
    return fetch(`${gateway.url}/v1/responses`, { method: 'POST', body })
  }

  test('are refused at once where the key has no request left, and nothing is kept of them', async () => {
    await using kept = await open({ purse: purseOf(0) })
    const response = await ask()
    expect([response.status, kept.background.count]).toEqual([429, 0])
    expect(gateway.rows).toMatchObject([{ status: 429, reason: 'rate_limit_exceeded' }])
  })

  test('are refused at once for a model that the key may not use, and for one that is not there', async () => {
    await using kept = await open({ caller: { mayUse: () => false } })
    expect([(await ask()).status, (await ask('nobody')).status, kept.background.count]).toEqual([403, 404, 0])
  })

  test('take one request of the key and no more', async () => {
    await using kept = await open({ purse: purseOf(1) })
    const response = await ask()
    const { id, status } = (await response.json()) as { readonly id: string; readonly status: string }
    expect([response.status, status]).toEqual([200, 'queued'])
    await until('it has ended', () => kept.background.count === 0)
    const read = await (await fetch(`${gateway.url}/v1/responses/${id}`)).json()
    expect(read).toMatchObject({ status: 'completed' })
    expect(gateway.rows.map((row) => row.upstream as string | null)).toEqual([null, 'up'])
    expect((await ask()).status).toBe(429)
  })
})
