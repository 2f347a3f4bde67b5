import { expect, test } from 'bun:test'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCell } from '#kernel/cell.ts'
import { keyId, modelName, requestId, upstreamName } from '#kernel/ids.ts'
import type { Caller, RequestRecord } from '#kernel/words.ts'
import { systemClock } from '#platform/clock.ts'
import type { Database } from '#platform/db/database.ts'
import { createRouter } from '#platform/http/router.ts'
import { silentLogger } from '#platform/log/logger.ts'
import { noBodies } from '../../test/env/body-settings.ts'
import { forEachDatabase } from '../../test/env/databases.ts'
import { openMetering } from './index.ts'

const caller: Caller = {
  key: keyId('key1'),
  name: 'a key',
  limits: { requestsPerMinute: null, tokensPerMinute: null, concurrency: null },
  owner: { user: 'ann', team: 'search' },
  may: () => true,
  mayUse: () => true,
  onRevoke: () => ({ [Symbol.dispose]: () => {} }),
}

function charged(number: number, micros: number, more: Partial<RequestRecord> = {}): RequestRecord {
  return {
    id: requestId(`req_${number}`),
    at: systemClock.now(),
    key: caller.key,
    endpoint: 'chat/completions',
    model: modelName('fast'),
    upstream: upstreamName('cap'),
    upstreamModel: 'm',
    status: 200,
    outcome: 'complete',
    isStream: false,
    usage: { promptTokens: 10, completionTokens: 5, cachedTokens: null },
    ttftMs: 1,
    durationMs: 2,
    costMicros: micros,
    reason: null,
    owner: { user: 'ann', team: 'search' },
    tags: ['nightly', '=evil'],
    charge: { tokens: 15, micros, models: ['fast', 'cap/m'] },
    ...more,
  }
}

async function open(database: Database, folder = mkdtempSync(join(tmpdir(), 'hearth-test-allowances-'))) {
  const changes: string[] = []
  const metering = await openMetering({
    database,
    folder,
    maxJournalBytes: 64 * 2 ** 20,
    retentionDays: () => 30,
    prices: createCell([]),
    bodies: createCell(noBodies),
    keyName: () => 'laptop',
    audit: ({ action, target, detail }) => changes.push(`${action} ${target}: ${detail}`),
    clock: systemClock,
    log: silentLogger,
    announce: () => {},
  })
  const gate = { admit: () => caller, identify: () => caller }
  const router = createRouter({
    routes: metering.routes,
    gate,
    log: silentLogger,
    controlBodyBytes: 10_000,
    fallback: () => null,
  })
  const at = { from: '127.0.0.1', isLocalSocket: false, setIdleTimeout: () => {} }
  const ask = (method: string, path: string, body?: object) =>
    router(
      new Request(`http://localhost${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      }),
      at,
    )
  const reserve = (micros: number) =>
    metering.purse.reserve({ caller, models: ['fast', 'cap/m'], tags: ['nightly'], tokens: 10, micros })
  return { metering, changes, ask, reserve, folder, [Symbol.asyncDispose]: () => metering[Symbol.asyncDispose]() }
}

forEachDatabase('allowances', (engine) => {
  test.each(['user/ann', 'team/search', 'tag/nightly', 'model/cap%2Fm', 'model/fast'])(
    '%s: what was spent before counts, after a restart too, until it is taken back',
    async (path) => {
      const scratch = await engine.scratch()
      const first = await scratch.open()
      let folder = ''
      {
        await using house = await open(first)
        folder = house.folder
        house.metering.ledger.append(charged(1, 600_000))
        const set = await house.ask('PUT', `/api/allowances/${path}`, { budget: { usd: 1, period: 'month' } })
        expect(set.status).toBe(200)
        expect(await set.json()).toMatchObject({ state: { spentUsd: 0.6, heldUsd: 0 } })
        expect(house.reserve(400_001)).toMatchObject({ ok: false, limit: 'budget', retryAfterMs: expect.any(Number) })
        expect(house.changes).toEqual([
          `allowance.set ${path.replace('/', ' ').replace('%2F', '/')}: nothing → $1 per month`,
        ])
      }
      await first.close()
      await using house = await open(await scratch.open(), folder)
      expect(house.reserve(400_001).ok).toBe(false)
      const held = house.reserve(400_000)
      expect(held).toMatchObject({ ok: true, isBounded: true, headers: { 'x-hearth-budget-remaining': '0' } })
      expect((await house.ask('DELETE', `/api/allowances/${path}`)).status).toBe(200)
      expect(house.reserve(400_000).ok).toBe(true)
      expect((await house.ask('DELETE', `/api/allowances/${path}`)).status).toBe(404)
      expect(await (await house.ask('GET', '/api/allowances')).json()).toEqual({ data: [] })
    },
  )

  test('what is set wrongly is refused in a sentence', async () => {
    await using house = await open(await engine.open())
    const refused = async (path: string, body: object) => {
      const answer = await house.ask('PUT', path, body)
      return [answer.status, ((await answer.json()) as { error: { message: string } }).error.message]
    }
    expect(await refused('/api/allowances/tag/a', {})).toEqual([400, expect.stringContaining('limits nothing')])
    expect(await refused('/api/allowances/key/a', { budget: { usd: 1, period: 'day' } })).toEqual([
      400,
      expect.stringContaining('user, team, tag, model'),
    ])
    expect(await refused('/api/allowances/tag/a', { budget: { usd: 0, period: 'day' } })).toEqual([
      400,
      expect.stringContaining('dollars above 0'),
    ])
  })

  test('a budget in all outlives the sums of its days', async () => {
    const database = await engine.open()
    await using house = await open(database)
    const old = systemClock.now() - 1200 * 86_400_000
    house.metering.ledger.append(charged(1, 600_000, { at: old }))
    house.metering.ledger.append(charged(2, 100_000))
    await house.metering.ledger.flush()
    const retention = house.metering.tasks.find(({ name }) => name === 'metering-retention')
    await retention?.activate(new AbortController().signal)
    await retention?.activate(new AbortController().signal)
    const set = await house.ask('PUT', '/api/allowances/team/search', { budget: { usd: 1, period: 'total' } })
    expect(await set.json()).toMatchObject({ state: { spentUsd: 0.7, endsAt: null } })
  })

  test('usage goes by all that a request belongs to, and comes as a table that runs nothing', async () => {
    await using house = await open(await engine.open())
    house.metering.ledger.append(charged(1, 600_000))
    house.metering.ledger.append(charged(2, 50_000, { owner: { user: null, team: null }, tags: [] }))
    const by = async (query: string) =>
      ((await (await house.ask('GET', `/api/usage?${query}`)).json()) as never)['data']
    expect(await by('by=user')).toMatchObject([
      { user: null, requests: 1, costMicros: 50_000 },
      { user: 'ann', requests: 1, costMicros: 600_000 },
    ])
    expect(await by('by=upstream')).toMatchObject([{ upstream: 'cap', requests: 2 }])
    expect(await by('by=model&tag=nightly')).toMatchObject([{ model: 'fast', requests: 1 }])
    expect(await by('by=key&team=search')).toMatchObject([{ key: 'key1', requests: 1 }])
    const csv = await house.ask('GET', '/api/usage.csv?by=tag')
    expect(csv.headers.get('content-type')).toContain('text/csv')
    expect(await csv.text()).toBe(
      'tag,requests,failed,prompt_tokens,completion_tokens,cached_tokens,cost_usd\r\n' +
        "'=evil,1,0,10,5,0,0.600000\r\nnightly,1,0,10,5,0,0.600000\r\n",
    )
  })
})
