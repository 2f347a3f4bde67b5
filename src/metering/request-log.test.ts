import { expect, test } from 'bun:test'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCell } from '#kernel/cell.ts'
import { keyId, modelName, requestId, upstreamName } from '#kernel/ids.ts'
import type { Caller, RequestRecord, RequestTrace } from '#kernel/words.ts'
import { systemClock } from '#platform/clock.ts'
import { newRequestId } from '#platform/crypto/ids.ts'
import type { Database } from '#platform/db/database.ts'
import { createRouter } from '#platform/http/router.ts'
import { silentLogger } from '#platform/log/logger.ts'
import type { RequestDetail, RequestPage, UsageReport } from '#protocol/admin/metering.ts'
import { noBodies } from '../../test/env/body-settings.ts'
import { forEachDatabase } from '../../test/env/databases.ts'
import type { BodyLogSettings } from './contract.ts'
import { openMetering } from './index.ts'
import { until } from '../../test/env/until.ts'

let isAdmin = true
const caller: Caller = {
  key: keyId('watcherwatch'),
  name: 'watcher',
  limits: { requestsPerMinute: null, tokensPerMinute: null, concurrency: null },
  may: (scope) => scope !== 'admin' || isAdmin,
  mayUse: () => true,
  onRevoke: () => ({ [Symbol.dispose]: () => {} }),
}
const midnight = Date.UTC(2026, 0, 31)
const hourMs = 3_600_000

function record(more: Partial<RequestRecord> = {}): RequestRecord {
  return {
    id: newRequestId(midnight),
    at: midnight,
    key: keyId('key1'),
    endpoint: 'chat/completions',
    model: modelName('tiny-a'),
    upstream: 'local',
    upstreamModel: 'tiny-a',
    status: 200,
    outcome: 'complete',
    isStream: false,
    usage: { promptTokens: 10, completionTokens: 5, cachedTokens: null },
    ttftMs: null,
    durationMs: 3,
    costMicros: null,
    reason: null,
    ...more,
  }
}

const attempt = {
  upstream: upstreamName('office'),
  model: 'qwen3',
  startedMs: 0.1,
  placedMs: 0.2,
  headMs: null,
  status: null,
  failure: 'refused',
  endedMs: 1,
} as const
const trace: RequestTrace = { route: 'retry 1 after refused', cache: 'miss', attempts: [attempt] }

async function open(database: Database, bodies: Partial<BodyLogSettings> = {}) {
  const settings = createCell<BodyLogSettings>({ ...noBodies, ...bodies })
  const metering = await openMetering({
    database,
    folder: mkdtempSync(join(tmpdir(), 'hearth-test-request-log-')),
    maxJournalBytes: 64 * 1024 * 1024,
    retentionDays: () => 30,
    prices: createCell([]),
    bodies: settings,
    keyName: (id) => (id === 'key1' ? 'laptop' : null),
    clock: systemClock,
    log: silentLogger,
    announce: () => {},
  })
  const { routes } = metering
  const gate = { admit: () => caller }
  const router = createRouter({ routes, gate, log: silentLogger, controlBodyBytes: 1000, fallback: () => null })
  const at = { from: '127.0.0.1', isLocalSocket: false, setIdleTimeout: () => {} }
  const ask = (path: string) => router(new Request(`http://localhost${path}`), at)
  const get = async <T>(path: string) => (await (await ask(path)).json()) as T
  const run = async (name: string) =>
    metering.tasks.find((task) => task.name === name)?.activate(new AbortController().signal)
  const add = (...records: readonly RequestRecord[]) => records.forEach((each) => metering.ledger.append(each))
  const ids = async (query: string) => (await get<RequestPage>(`/api/requests?${query}`)).data.map((row) => row.model)
  return {
    metering,
    settings,
    ask,
    add,
    ids,
    detail: (id: string) => get<RequestDetail>(`/api/requests/${id}`),
    get,
    run,
    [Symbol.asyncDispose]: () => metering[Symbol.asyncDispose](),
  }
}

const named = (model: string, more: Partial<RequestRecord> = {}) => record({ model: modelName(model), ...more })
const bytes = (text: string) => new TextEncoder().encode(text)

forEachDatabase('the request log', (engine) => {
  test('a row tells what was decided on its way, and who its key is', async () => {
    await using house = await open(await engine.open())
    const row = record({ trace })
    house.add(row)
    expect(await house.detail(row.id)).toMatchObject({ id: row.id, keyName: 'laptop', trace, bodies: null })
    expect(await house.get<RequestPage>('/api/requests')).not.toHaveProperty('data.0.trace')
  })

  test('a row of an earlier version is found by its id, and has no trace', async () => {
    await using house = await open(await engine.open())
    const old = record({ id: requestId('req_zzzzzzzzzzzzzzzzzzzzzzzz'), key: keyId('gone') })
    house.add(old, ...Array.from({ length: 50 }, (_, n) => record({ at: midnight + n })))
    expect(await house.detail(old.id)).toMatchObject({ id: old.id, keyName: null, trace: null })
  })

  test('an id that is none, or whose row is gone, is told as such', async () => {
    await using house = await open(await engine.open())
    house.add(record())
    for (const id of ['req_nothing', newRequestId(midnight), "'; drop table request; --"]) {
      const answer = await house.ask(`/api/requests/${encodeURIComponent(id)}`)
      expect([answer.status, await answer.json()]).toMatchObject([404, { error: { code: 'request_not_found' } }])
    }
  })

  test('a trace that no database would take is mended: too many attempts, zero characters', async () => {
    await using house = await open(await engine.open())
    const attempts = Array.from({ length: 100 }, (_, n) => ({ ...attempt, model: `m\0${n}`, startedMs: n }))
    const row = record({ trace: { route: 'x'.repeat(10_000), cache: null, attempts } })
    house.add(row)
    const { trace: kept } = await house.detail(row.id)
    expect(kept?.route).toHaveLength(500)
    expect(kept?.attempts.map(({ startedMs }) => startedMs)).toEqual([
      ...Array.from({ length: 16 }, (_, n) => n),
      ...Array.from({ length: 16 }, (_, n) => 84 + n),
    ])
    expect(kept?.attempts[0]?.model).toBe('m\uFFFD0')
  })

  test('lists are narrowed by whom, how, where, when and by a part of a text', async () => {
    await using house = await open(await engine.open())
    const office = upstreamName('office')
    house.add(
      named('a', { upstream: office, status: 429, outcome: 'failed', reason: 'rate_limit_exceeded' }),
      named('b', { upstream: office, status: 502, outcome: 'incomplete', reason: 'stream_incomplete' }),
      named('c_d', { endpoint: 'embeddings', at: midnight + hourMs }),
      named('cXd', { upstreamModel: 'Qwen3-30B', at: midnight + 2 * hourMs }),
    )
    expect(await house.ids('upstream=office')).toEqual(expect.arrayContaining(['a', 'b']))
    expect(await house.ids('upstream=local')).toEqual(['cXd', 'c_d'])
    expect(await house.ids('outcome=incomplete')).toEqual(['b'])
    expect(await house.ids('status=429')).toEqual(['a'])
    expect(await house.ids('status=5xx')).toEqual(['b'])
    expect(await house.ids('status=2xx&endpoint=embeddings')).toEqual(['c_d'])
    expect(await house.ids('text=RATE_LIMIT')).toEqual(['a'])
    expect(await house.ids('text=qwen3')).toEqual(['cXd'])
    // A line below is itself, not any letter.
    expect(await house.ids('text=c_d')).toEqual(['c_d'])
    expect(await house.ids('text=100%25')).toEqual([])
    expect(await house.ids('since=2026-01-31T01:00:00Z')).toEqual(['cXd', 'c_d'])
    expect(await house.ids('since=2026-01-31T02:00:00%2B01:00&until=2026-01-31T02:00:00Z')).toEqual(['c_d'])
    expect(await house.ids('until=2026-01-31')).toEqual([])
  })

  test('a search through thousands of rows finds the one that fits, and pages go on behind it', async () => {
    await using house = await open(await engine.open())
    const rare = [10, 2500, 4999].map((n) => named(`rare-${n}`, { at: midnight + n, status: 500 }))
    house.add(...Array.from({ length: 5000 }, (_, n) => record({ at: midnight + n })), ...rare)
    // A list waits two seconds for what is new; so many rows may take a busy machine longer.
    await until('the rows are in the database', () => house.metering.ledger.flush())
    expect(await house.ids('status=500')).toEqual(['rare-4999', 'rare-2500', 'rare-10'])
    const first = await house.get<RequestPage>('/api/requests?status=500&limit=1')
    const second = await house.get<RequestPage>(`/api/requests?status=500&limit=2&cursor=${first.next}`)
    expect([...first.data, ...second.data].map((row) => row.model)).toEqual(['rare-4999', 'rare-2500', 'rare-10'])
    expect(await house.ids('status=418')).toEqual([])
  })

  test('usage is summed over whole days', async () => {
    await using house = await open(await engine.open())
    const dayMs = 24 * hourMs
    house.add(...[-1, 0, 0, 1].map((day) => record({ at: midnight + day * dayMs + hourMs })))
    const days = async (query: string) =>
      (await house.get<UsageReport>(`/api/usage?by=day&${query}`)).data.map(({ day, requests }) => [day, requests])
    expect(await days('since=2026-01-31')).toEqual([
      ['2026-02-01', 1],
      ['2026-01-31', 2],
    ])
    expect(await days('since=2026-01-31T13:00:00Z&until=2026-02-01')).toEqual([['2026-01-31', 2]])
    expect(await days('until=2026-01-31T00:00:01Z')).toEqual([
      ['2026-01-31', 2],
      ['2026-01-30', 1],
    ])
  })

  test('bodies that were kept stand with their request, cut where they are long, until their time is over', async () => {
    await using house = await open(await engine.open(), { bodies: 'all', bodyBytes: 8 })
    const [row, long] = [record(), record()]
    const { bodies } = house.metering
    house.add(row, long)
    bodies.keep(row.id, { request: bytes('{"a":1}'), response: bytes('ok\0'), isCut: false, isFailed: false })
    bodies.keep(long.id, { request: bytes('{"b":12345}'), response: null, isCut: false, isFailed: false })
    await house.run('metering-bodies')
    expect((await house.detail(row.id)).bodies).toEqual({ request: '{"a":1}', response: 'ok\uFFFD', isCut: false })
    isAdmin = false
    expect((await house.detail(row.id)).bodies).toBe(null)
    isAdmin = true
    expect((await house.detail(long.id)).bodies).toEqual({ request: '{"b":123', response: null, isCut: true })
    expect(bodies.counts).toEqual({ kept: 2, lost: 0, waitingBytes: 0 })

    expect(await house.run('metering-body-retention')).toBe(null)
    house.settings.replace({ ...noBodies, bodies: 'all', maxBytes: 10 })
    expect(await house.run('metering-body-retention')).toBe('deleted the bodies of 2 requests')
    expect((await house.detail(row.id)).bodies).toBe(null)
    bodies.keep(row.id, { request: bytes('{}'), response: null, isCut: false, isFailed: false })
    await house.run('metering-bodies')
    house.settings.replace({ ...noBodies, bodies: 'all', retentionDays: -1 })
    expect(await house.run('metering-body-retention')).toBe('deleted the bodies of 1 requests')
  })

  test('a hundred bodies at once are written in pieces; what finds no room is lost and counted', async () => {
    await using house = await open(await engine.open(), { bodies: 'all', bodyBytes: 2 ** 20 })
    const { bodies } = house.metering
    const large = new Uint8Array(200 * 1024).fill(97)
    const keep = () =>
      bodies.keep(newRequestId(midnight), { request: large, response: null, isCut: false, isFailed: false })
    for (let n = 0; n < 100; n++) keep()
    expect(bodies.counts).toMatchObject({ kept: 0, lost: 19 })
    expect(await house.run('metering-bodies')).toContain('19 bodies were lost')
    expect(bodies.counts).toEqual({ kept: 81, lost: 19, waitingBytes: 0 })
  })
})

forEachDatabase('which bodies are kept', (engine) => {
  const said = (value: string | null) => new Headers(value === null ? {} : { 'x-hearth-log': value })

  test.each([
    [{ bodies: 'off' }, null, false],
    [{ bodies: 'off' }, 'on', false],
    [{ bodies: 'off', mayOptIn: true }, 'on', true],
    [{ bodies: 'off', mayOptIn: true }, null, false],
    [{ bodies: 'all' }, null, true],
    [{ bodies: 'all' }, 'off', false],
    [{ bodies: 'errors' }, null, true],
    [{ bodies: 'all', exceptKeys: ['watcherwatch'] }, null, false],
    [{ bodies: 'off', mayOptIn: true, exceptKeys: ['watcherwatch'] }, 'on', false],
  ] as const)('with %p and x-hearth-log: %p: %p', async (settings, header, expected) => {
    await using house = await open(await engine.open(), settings)
    expect(house.metering.bodies.wants(caller, said(header))).toBe(expected)
  })

  test('with errors only, those of a request that failed, or that asked for it', async () => {
    await using house = await open(await engine.open(), { bodies: 'errors', mayOptIn: true })
    const { bodies } = house.metering
    const kept = { request: bytes('{}'), response: null, isCut: false }
    bodies.keep(newRequestId(midnight), { ...kept, isFailed: false })
    bodies.keep(newRequestId(midnight), { ...kept, isFailed: true })
    bodies.keep(newRequestId(midnight), { ...kept, isFailed: false, isAsked: true })
    await house.run('metering-bodies')
    expect(bodies.counts.kept).toBe(2)
  })
})
