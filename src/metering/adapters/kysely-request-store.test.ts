import { afterAll, expect, test } from 'bun:test'
import { keyId, modelName, requestId, upstreamName } from '#kernel/ids.ts'
import type { RequestRecord } from '#kernel/words.ts'
import { openSqliteFile } from '#platform/db/sqlite-file.ts'
import type { JournalFold } from '#platform/journal/contract.ts'
import type { DatabaseEngine } from '../../../test/env/databases.ts'
import { forEachDatabase } from '../../../test/env/databases.ts'
import { migrations } from '../migrations/index.ts'
import type { UsageGrouping } from '#protocol/admin/metering.ts'
import { allUsage } from '../../../test/env/purse.ts'
import { noFilter } from '../service/ledger.ts'
import { createKyselyRequestStore } from './kysely-request-store.ts'
import { createSqliteFold } from './sqlite-fold.ts'

const noon = Date.UTC(2026, 0, 31, 12)
const dayMs = 86_400_000
const upTo = { segment: 'requests-00000001-abc.jsonl', offset: 1234 }

function record(number: number, more: Partial<RequestRecord> = {}): RequestRecord {
  return {
    id: requestId(`req_${String(number).padStart(6, '0')}`),
    at: noon + number,
    key: keyId('key1'),
    endpoint: 'chat.completions',
    model: modelName('tiny-a'),
    upstream: upstreamName('office'),
    upstreamModel: 'qwen3',
    status: 200,
    outcome: 'complete',
    isStream: true,
    usage: { promptTokens: 10, completionTokens: 5, cachedTokens: null },
    ttftMs: 12.345,
    durationMs: 99.5,
    costMicros: null,
    reason: null,
    ...more,
  }
}

const records = (count: number, from = 0) => Array.from({ length: count }, (_, index) => record(from + index))

async function openStore(engine: DatabaseEngine) {
  const database = await engine.open()
  await database.migrate('metering', migrations)
  const store = createKyselyRequestStore(database)
  const into = database.dialect === 'sqlite' ? sqliteFold(database.place) : store
  const fold = (batch: readonly RequestRecord[], position = upTo) =>
    into.fold({ journal: 'j1', records: batch, upTo: position })
  const page = (more: Partial<Parameters<typeof store.page>[0]> = {}) =>
    store.page({ ...noFilter, limit: 1000, after: null, ...more }).then(({ records: found }) => found)
  const usage = (by: UsageGrouping) => store.usage({ by, firstDay: null, lastDay: null, ...allUsage })
  return { store: { ...store, position: into.position }, fold, page, usage }
}

const sqliteFolds: Disposable[] = []
afterAll(() => sqliteFolds.forEach((each) => each[Symbol.dispose]()))

function sqliteFold(file: string): JournalFold<RequestRecord> {
  const made = createSqliteFold(openSqliteFile({ file, isMade: false }))
  sqliteFolds.push(made)
  return made
}

forEachDatabase('the request store', (engine) => {
  test('gives every member of a record back as it was', async () => {
    const { fold, page } = await openStore(engine)
    const odd = record(1, {
      upstream: null,
      upstreamModel: null,
      isStream: false,
      usage: { promptTokens: null, completionTokens: null, cachedTokens: 3 },
      ttftMs: null,
      durationMs: 0.001,
      costMicros: 4_000_000_000_000,
      outcome: 'failed',
      status: 503,
      reason: 'model_loading',
      model: modelName('ö"\'; drop table request; --'),
    })
    await fold([record(0), odd])
    expect(await page()).toEqual([odd, record(0)])
  })

  test('remembers each journal’s position', async () => {
    const { store, fold } = await openStore(engine)
    expect(await store.position('j1')).toBe(null)
    await fold(records(3))
    await fold([], { segment: 'next', offset: 5 })
    expect(await store.position('j1')).toEqual({ segment: 'next', offset: 5 })
    expect(await store.position('j2')).toBe(null)
  })

  test('a replay, whole or in part, changes neither rows nor sums', async () => {
    const { usage, fold, page } = await openStore(engine)
    await fold(records(120))
    await fold(records(120))
    await fold(records(60, 100))
    await fold([record(200), record(200)])
    expect(await page()).toHaveLength(161)
    expect(await usage('key')).toMatchObject([{ name: 'key1', requests: 161, promptTokens: 1610 }])
  })

  test('a batch that the database refuses leaves nothing: no rows, no sums, no position', async () => {
    const { store, fold, page, usage } = await openStore(engine)
    const impossible = record(7, { durationMs: null as never })
    expect(await fold([...records(70), impossible]).catch((error: unknown) => error)).toMatchObject({
      kind: 'internal',
    })
    expect(await page()).toEqual([])
    expect(await usage('day')).toEqual([])
    expect(await store.position('j1')).toBe(null)
  })

  test('pages run from the newest to the oldest without gap or repetition, also among equal times', async () => {
    const { fold, page } = await openStore(engine)
    const all = records(50).map((each, index) => ({ ...each, at: noon + Math.floor(index / 7) }))
    await fold(all)
    const seen: RequestRecord[] = []
    for (;;) {
      const last = seen.at(-1)
      const found = await page({ limit: 8, after: last ? { at: last.at, id: last.id } : null })
      if (found.length === 0) break
      seen.push(...found)
    }
    expect(seen).toEqual(all.toReversed())
  })

  test('finds rows by key, by model, and by both', async () => {
    const { fold, page } = await openStore(engine)
    const other = { key: keyId('key2') }
    const large = { model: modelName('large') }
    await fold([record(0), record(1, other), record(2, large), record(3, { ...other, ...large })])
    const numbers = async (ask: Parameters<typeof page>[0]) => (await page(ask)).map((row) => row.at - noon)
    expect(await numbers({ key: 'key2' })).toEqual([3, 1])
    expect(await numbers({ model: 'large' })).toEqual([3, 2])
    expect(await numbers({ key: 'key2', model: 'large' })).toEqual([3])
    expect(await numbers({ key: 'key2', after: { at: noon + 3, id: record(3).id } })).toEqual([1])
    expect(await numbers({ key: 'nobody' })).toEqual([])
  })

  test('sums by key, model and day; a cost that is nowhere known is null', async () => {
    const { fold, usage } = await openStore(engine)
    const used = { promptTokens: 1, completionTokens: 2, cachedTokens: 3 }
    const unknown = { promptTokens: null, completionTokens: null, cachedTokens: null }
    await fold([record(0), record(1, { costMicros: 5, usage: used }), record(2, { outcome: 'failed', usage: unknown })])
    await fold([record(3, { costMicros: 7, key: keyId('key2'), at: noon + dayMs / 2 })])
    await fold([record(4, { key: keyId('key3'), at: noon + dayMs / 2 - 1, model: modelName('large') })])
    const sums = { promptTokens: 11, completionTokens: 7, cachedTokens: 3, costMicros: 5, failed: 1 }
    const one = { requests: 1, promptTokens: 10, completionTokens: 5, cachedTokens: 0, failed: 0 }
    expect(await usage('key')).toEqual([
      { name: 'key1', requests: 3, ...sums },
      { name: 'key2', ...one, costMicros: 7 },
      { name: 'key3', ...one, costMicros: null },
    ])
    expect((await usage('model')).map(({ name, requests, costMicros }) => [name, requests, costMicros])).toEqual([
      ['large', 1, null],
      ['tiny-a', 4, 12],
    ])
    expect((await usage('day')).map(({ name, requests }) => [name, requests])).toEqual([
      ['2026-02-01', 1],
      ['2026-01-31', 4],
    ])
  })

  test('deletes the oldest rows in pieces, and their sums only when these are too old themselves', async () => {
    const { store, fold, page, usage } = await openStore(engine)
    await fold(records(30))
    expect(await store.deleteBefore(noon + 20, 15)).toBe(15)
    expect(await store.deleteBefore(noon + 20, 15)).toBe(5)
    expect(await store.deleteBefore(noon + 20, 15)).toBe(0)
    expect((await page()).map((row) => row.at - noon)).toEqual([29, 28, 27, 26, 25, 24, 23, 22, 21, 20])
    expect(await usage('day')).toMatchObject([{ name: '2026-01-31', requests: 30 }])
    await store.deleteUsageBefore('2026-02-01')
    expect(await usage('day')).toEqual([])
  })
})
