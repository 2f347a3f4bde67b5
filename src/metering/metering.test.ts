import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCell } from '#kernel/cell.ts'
import { keyId, modelName, requestId, upstreamName } from '#kernel/ids.ts'
import type { Caller, RequestRecord, RequestTrace } from '#kernel/words.ts'
import { systemClock } from '#platform/clock.ts'
import { openDatabase } from '#platform/db/database.ts'
import type { Database } from '#platform/db/database.ts'
import { createRouter } from '#platform/http/router.ts'
import { silentLogger } from '#platform/log/logger.ts'
import type { RequestPage, UsageReport } from '#protocol/admin/metering.ts'
import { noBodies } from '../../test/env/body-settings.ts'
import { forEachDatabase } from '../../test/env/databases.ts'
import { until } from '../../test/env/until.ts'
import type { UpstreamPrices } from './core/prices.ts'
import type { MeteringEvent } from './events.ts'
import { openMetering } from './index.ts'

const root = mkdtempSync(join(tmpdir(), 'hearth-test-metering-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let folders = 0
const newFolder = () => join(root, String(++folders))

const caller: Caller = {
  key: keyId('watcher'),
  name: 'watcher',
  limits: { requestsPerMinute: 1, tokensPerMinute: null, concurrency: null },
  may: () => true,
  mayUse: () => true,
  onRevoke: () => ({ [Symbol.dispose]: () => {} }),
}

const trace: RequestTrace = {
  route: 'priority 1 of 2',
  cache: null,
  attempts: [
    {
      upstream: upstreamName('office'),
      model: 'qwen3',
      startedMs: 1,
      placedMs: 2,
      headMs: null,
      status: null,
      failure: 'refused',
      endedMs: 3,
    },
    {
      upstream: 'local',
      model: 'tiny-a',
      startedMs: 3,
      placedMs: 4,
      headMs: 8,
      status: 200,
      failure: null,
      endedMs: null,
    },
  ],
}
const aDay = Date.UTC(2026, 0, 31)

function record(number: number, more: Partial<RequestRecord> = {}): RequestRecord {
  return {
    id: requestId(`req_${number}`),
    at: aDay + number,
    key: keyId('key1'),
    endpoint: 'chat.completions',
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

async function open(database: Database, folder = newFolder(), retentionDays = 30) {
  const told: MeteringEvent[] = []
  const prices = createCell<readonly UpstreamPrices[]>([])
  const metering = await openMetering({
    database,
    folder,
    maxJournalBytes: 64 * 1024 * 1024,
    retentionDays: () => retentionDays,
    prices,
    bodies: createCell(noBodies),
    keyName: () => null,
    clock: systemClock,
    log: silentLogger,
    announce: (event) => told.push(event),
  })
  const gate = { admit: () => caller }
  const router = createRouter({
    routes: metering.routes,
    gate,
    log: silentLogger,
    controlBodyBytes: 1000,
    fallback: () => null,
  })
  const at = { from: '127.0.0.1', isLocalSocket: false, setIdleTimeout: () => {} }
  const get = async (path: string) => {
    const response = await router(new Request(`http://localhost${path}`), at)
    return { status: response.status, body: (await response.json()) as never }
  }
  const page = async (query = ''): Promise<RequestPage> => (await get(`/api/requests${query}`)).body
  const usage = async (by: string): Promise<UsageReport> => (await get(`/api/usage?by=${by}`)).body
  return { metering, told, prices, get, page, usage, [Symbol.asyncDispose]: () => metering[Symbol.asyncDispose]() }
}

forEachDatabase('metering', (engine) => {
  test('a row is in the list as soon as it was appended, in its wire form', async () => {
    await using house = await open(await engine.open())
    house.metering.ledger.append(record(5))
    expect(await house.page()).toEqual({
      data: [
        {
          id: 'req_5',
          at: '2026-01-31T00:00:00.005Z',
          key: 'key1',
          user: null,
          team: null,
          tags: [],
          endpoint: 'chat.completions',
          model: 'tiny-a',
          upstream: 'local',
          upstreamModel: 'tiny-a',
          status: 200,
          outcome: 'complete',
          isStream: false,
          tokens: 15,
          usage: { promptTokens: 10, completionTokens: 5, cachedTokens: null },
          ttftMs: null,
          durationMs: 3,
          costMicros: null,
          reason: null,
        },
      ],
      next: null,
    })
  })

  test('lists of every length are whole JSON, newest first, and go on by their cursor', async () => {
    await using house = await open(await engine.open())
    for (let number = 0; number < 2345; number++) house.metering.ledger.append(record(number))
    const ids = (numbers: readonly number[]) => numbers.map((number) => `req_${number}`)
    const downFrom = (from: number, count: number) => ids(Array.from({ length: count }, (_, index) => from - index))
    const all = await house.page('?limit=100000')
    expect(all.data.map((row) => row.id)).toEqual(downFrom(2344, 2345))
    expect(all.next).toBe(null)
    const first = await house.page('?limit=1200')
    expect(first.data.map((row) => row.id)).toEqual(downFrom(2344, 1200))
    const second = await house.page(`?limit=1200&cursor=${first.next}`)
    expect(second.data.map((row) => row.id)).toEqual(downFrom(1144, 1145))
    expect(second.next).toBe(null)
    expect((await house.page()).data).toHaveLength(100)
    expect((await house.page('?limit=2345')).next).toBe(null)
  })

  test('filters stay on over pages', async () => {
    await using house = await open(await engine.open())
    for (let number = 0; number < 30; number++) {
      house.metering.ledger.append(record(number, { key: keyId(`key${number % 3}`) }))
    }
    const first = await house.page('?limit=4&key=key1')
    const second = await house.page(`?limit=100&key=key1&cursor=${first.next}`)
    expect([...first.data, ...second.data].map((row) => row.key)).toEqual(Array.from({ length: 10 }, () => 'key1'))
  })

  test('usage holds what was appended a moment ago, under the name of its grouping', async () => {
    await using house = await open(await engine.open())
    house.metering.ledger.append(record(1, { costMicros: 12 }))
    const sums = { requests: 1, promptTokens: 10, completionTokens: 5, cachedTokens: 0, costMicros: 12, failed: 0 }
    expect(await house.usage('key')).toEqual({ data: [{ key: 'key1', ...sums }] })
    expect(await house.usage('model')).toEqual({ data: [{ model: 'tiny-a', ...sums }] })
    expect(await house.usage('day')).toEqual({ data: [{ day: '2026-01-31', ...sums }] })
  })

  test('names that no database or journal would take are cut and mended', async () => {
    await using house = await open(await engine.open())
    house.metering.ledger.append(record(1, { model: modelName(`a\0b${'x'.repeat(1_000_000)}`), reason: 'r\0' }))
    const [row] = (await house.page()).data
    expect(row?.model).toHaveLength(500)
    expect(row?.model.slice(0, 4)).toBe('a\uFFFDbx')
    expect(row?.reason).toBe('r\uFFFD')
  })

  test('rows that a process left in its journal are in the list after the next start, once', async () => {
    const scratch = await engine.scratch()
    const folder = newFolder()
    for (let start = 0; start < 3; start++) {
      const database = await scratch.open()
      await using house = await open(database, folder)
      for (let number = 0; number < 100; number++) house.metering.ledger.append(record(start * 100 + number))
    }
    await using house = await open(await scratch.open(), folder)
    expect((await house.page('?limit=1000')).data).toHaveLength(300)
    expect((await house.usage('key')).data).toMatchObject([{ requests: 300 }])
  })

  test('retention deletes old rows and keeps their sums', async () => {
    await using house = await open(await engine.open(), newFolder(), 7)
    const now = Date.now()
    for (let number = 0; number < 1200; number++) {
      house.metering.ledger.append(record(number, { at: now - 8 * 86_400_000 + number }))
    }
    house.metering.ledger.append(record(9999, { at: now }))
    expect((await house.page('?limit=5000')).data).toHaveLength(1201)
    const [task] = house.metering.tasks
    expect(await task?.activate(new AbortController().signal)).toBe('deleted 1200 rows older than 7 days')
    expect((await house.page('?limit=5000')).data.map((row) => row.id)).toEqual(['req_9999'])
    expect((await house.usage('key')).data).toMatchObject([{ requests: 1201 }])
  })
})

describe('metering', () => {
  const withHouse = async (check: (house: Awaited<ReturnType<typeof open>>) => Promise<void> | void) => {
    const folder = newFolder()
    const database = await openDatabase({ url: null, file: `${folder}.db`, log: silentLogger })
    {
      await using house = await open(database, folder)
      await check(house)
    }
    await database.close()
  }

  test.each([
    ['/api/requests?limit=0', 'limit', 'at least 1'],
    ['/api/requests?limit=100001', 'limit', 'at most 100000'],
    ['/api/requests?limit=many', 'limit', 'from 1 to 100000'],
    ['/api/requests?limit=1.5', 'limit', 'whole number'],
    ['/api/requests?cursor=nonsense', 'cursor', '“nonsense”'],
    ['/api/usage', 'by', 'key, user, team, model'],
    ['/api/usage?by=week', 'by', '"week"'],
  ])('%s is refused and %s named', (path, param, part) =>
    withHouse(async ({ get }) => {
      const { status, body } = await get(path)
      expect(status).toBe(400)
      expect(body).toMatchObject({ error: { param } })
      expect(JSON.stringify(body).replaceAll('\\', '')).toContain(part)
    }),
  )

  test('a finished request is told in its wire form', () =>
    withHouse(({ metering, told }) => {
      metering.ledger.append(record(1))
      expect(JSON.parse(JSON.stringify(told))).toMatchObject([
        { type: 'request.finished', data: { id: 'req_1', at: '2026-01-31T00:00:00.001Z', tokens: 15 } },
      ])
    }))

  test('prices follow the configuration', () =>
    withHouse(({ metering, prices }) => {
      const usage = { promptTokens: 1000, completionTokens: 100, cachedTokens: 0 }
      const target = { upstream: 'cloud', model: 'm' }
      expect(metering.prices.costMicros(target, usage)).toBe(null)
      prices.replace([{ name: 'cloud', prices: { '*': { input: 1, output: 10, cached: null } } }])
      expect(metering.prices.costMicros(target, usage)).toBe(2000)
    }))

  test('the purse goes by the caller’s own limits', () =>
    withHouse(({ metering }) => {
      const reserve = () => metering.purse.reserve({ caller, models: ['m'], tags: [], tokens: 5, micros: 0 })
      expect(reserve().ok).toBe(true)
      expect(reserve()).toMatchObject({ ok: false, limit: 'requestsPerMinute', amount: 1 })
    }))
})

describe('kill -9', () => {
  test('of a process with journal and database loses no acknowledged row, and counts none twice', async () => {
    const folder = newFolder()
    const file = `${folder}.db`
    const acknowledged: string[] = []
    for (let round = 0; round < 6; round++) {
      const child = startAppending(folder, file, round)
      const wanted = 500 + round * 1500
      let said = ''
      for await (const chunk of child.stdout) {
        said += new TextDecoder().decode(chunk)
        if (said.split('\n').length > wanted) child.kill('SIGKILL')
      }
      await child.exited
      acknowledged.push(...said.split('\n').slice(0, -1))
    }
    const database = await openDatabase({ url: null, file, log: silentLogger })
    {
      await using house = await open(database, folder)
      await until('all is folded', async () => {
        await house.page('?limit=1')
        return house.metering.backlog.records === 0
      })
      const { data } = await house.page('?limit=100000')
      const rows = new Set(data.map((row) => row.id))
      const last = await house.metering.ledger.find(acknowledged.at(-1) ?? '')
      expect(last?.trace).toEqual(trace)
      expect(acknowledged.filter((id) => !rows.has(id))).toEqual([])
      expect(data.length).toBe(rows.size)
      expect((await house.usage('model')).data).toMatchObject([{ requests: rows.size }])
      expect(acknowledged.length).toBeGreaterThan(3000)
    }
    await database.close()
  }, 60_000)
})

/** Appends records and says the id of each on stdout after `append` has returned, until it is killed. */
const appendUntilKilled = `
  import { createCell } from '#kernel/cell.ts'
  import { openMetering } from '#metering/index.ts'
  import { systemClock } from '#platform/clock.ts'
  import { openDatabase } from '#platform/db/database.ts'
  import { silentLogger } from '#platform/log/logger.ts'
  const [folder, file, prefix, example, bodies] = process.argv.slice(1)
  const metering = await openMetering({
    database: await openDatabase({ url: null, file, log: silentLogger }),
    folder,
    maxJournalBytes: 64 * 1024 * 1024,
    retentionDays: () => 30,
    prices: createCell([]),
    bodies: createCell(JSON.parse(bodies)),
    keyName: () => null,
    clock: systemClock,
    log: silentLogger,
    announce: () => {},
  })
  for (let number = 0; ; number++) {
    const id = 'req_' + prefix + '-' + number
    metering.ledger.append({ ...JSON.parse(example), id, at: systemClock.now() })
    process.stdout.write(id + '\\n')
    // The database folds between turns of the loop; the pipe is written there too.
    if (number % 10 === 0) await Bun.sleep(1)
  }`

function startAppending(folder: string, file: string, round: number) {
  const parameters = [folder, file, String(round), JSON.stringify(record(0, { trace })), JSON.stringify(noBodies)]
  return Bun.spawn([process.execPath, '--no-env-file', '-e', appendUntilKilled, ...parameters], {
    cwd: join(import.meta.dir, '../..'),
    stdout: 'pipe',
    stderr: 'inherit',
    env: {},
  })
}
