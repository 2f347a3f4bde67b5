import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keyId, modelName, requestId } from '#kernel/ids.ts'
import type { RequestRecord } from '#kernel/words.ts'
import { openDatabase } from '#platform/db/database.ts'
import { openSqliteFile } from '#platform/db/sqlite-file.ts'
import { openJournal } from '#platform/journal/journal.ts'
import { silentLogger } from '#platform/log/logger.ts'
import { until } from '../../../test/env/until.ts'
import { allUsage } from '../../../test/env/purse.ts'
import { migrations } from '../migrations/index.ts'
import { noFilter } from '../service/ledger.ts'
import { createKyselyRequestStore } from './kysely-request-store.ts'
import { foldIntoSqlite, startWorker } from './sqlite-fold-thread.ts'

const root = mkdtempSync(join(tmpdir(), 'hearth-test-fold-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let homes = 0

const record = (number: number): RequestRecord => ({
  id: requestId(`req_${number}`),
  at: Date.UTC(2026, 0, 31) + number,
  key: keyId('key1'),
  endpoint: 'chat.completions',
  model: modelName('tiny-a'),
  upstream: null,
  upstreamModel: null,
  status: 200,
  outcome: 'complete',
  isStream: false,
  usage: { promptTokens: 1, completionTokens: null, cachedTokens: null },
  ttftMs: null,
  durationMs: 3,
  costMicros: null,
  reason: null,
})

/** A journal, its SQLite file, and every thread that was started to fold the one into the other. */
async function open() {
  const folder = join(root, String(++homes))
  const file = `${folder}.db`
  const database = await openDatabase({ url: null, file, log: silentLogger })
  await database.migrate('metering', migrations)
  const limits = { segmentBytes: 64 * 1024, maxBytes: 256 * 1024 * 1024, syncMs: 50 }
  const journal = await openJournal<RequestRecord>({ folder, name: 'requests', ...limits, log: silentLogger })
  const threads: Worker[] = []
  const closed: Promise<unknown>[] = []
  const start = () => {
    const worker = startWorker()
    threads.push(worker)
    // From the start: a thread with little to do may be gone before anybody asks.
    closed.push(new Promise((resolve) => worker.addEventListener('close', resolve)))
    return worker
  }
  const folding = journal.startFolding(foldIntoSqlite({ file, log: silentLogger, start }))
  const store = createKyselyRequestStore(database)
  return {
    folder,
    file,
    journal,
    folding,
    threads,
    closed,
    database,
    counted: async () =>
      (await store.usage({ by: 'key', firstDay: null, lastDay: null, ...allUsage }))[0]?.requests ?? 0,
    rows: async () => (await store.page({ ...noFilter, limit: 100_000, after: null })).records.length,
    async [Symbol.asyncDispose]() {
      await journal[Symbol.asyncDispose]()
      await database.close()
    },
  }
}

describe('folding into SQLite on a thread of its own', () => {
  test('leaves the thread that serves its turns while 50,000 rows go to the database', async () => {
    await using house = await open()
    for (let number = 0; number < 50_000; number++) house.journal.append(record(number))
    let isFolding = true
    const flushed = house.folding.flush(60_000).finally(() => (isFolding = false))
    let turns = 0
    while (isFolding) {
      await new Promise<void>((resolve) => setImmediate(resolve))
      turns++
    }
    expect(await flushed).toBe(true)
    // On one thread there is a turn or two for each of the 200 batches; free, it has thousands.
    expect(turns).toBeGreaterThan(2000)
    expect(await house.rows()).toBe(50_000)
    expect(house.journal.backlog).toEqual({ records: 0, bytes: 0 })
  }, 90_000)

  test('lets others write in between', async () => {
    await using house = await open()
    const other = openSqliteFile({ file: house.file, isMade: false })
    other.run('create table mine (number integer)')
    for (let number = 0; number < 20_000; number++) house.journal.append(record(number))
    let isFolding = true
    const flushed = house.folding.flush(60_000).finally(() => (isFolding = false))
    let written = 0
    while (isFolding) {
      // Throws when the lock is not given up within the timeout.
      other.run('insert into mine values (1)')
      written++
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
    other.close()
    expect(await flushed).toBe(true)
    expect(written).toBeGreaterThan(20)
    expect(await house.rows()).toBe(20_000)
  }, 90_000)

  test('loses nothing and counts nothing twice when the thread dies again and again', async () => {
    await using house = await open()
    let appended = 0
    for (let death = 1; death <= 4; death++) {
      for (let number = 0; number < 4000; number++) house.journal.append(record(appended++))
      const before = house.journal.backlog.records
      const flushed = house.folding.flush(20_000)
      await until('some of it is folded', () => house.journal.backlog.records < before)
      house.threads.at(-1)?.terminate()
      await flushed
      await until('another thread folds', () => house.threads.length > death || house.journal.backlog.records === 0)
    }
    await until('all is folded', () => house.folding.flush(1000))
    expect(house.threads.length).toBeGreaterThan(1)
    expect(house.folding.lastError).toBe(null)
    expect(await house.rows()).toBe(appended)
    expect(await house.counted()).toBe(appended)
    expect(house.journal.backlog).toEqual({ records: 0, bytes: 0 })
  }, 60_000)

  test('sets a row aside that SQLite refuses, and folds the others', async () => {
    await using house = await open()
    for (let number = 0; number < 5; number++) house.journal.append(record(number))
    house.journal.append({ ...record(5), durationMs: null as never })
    house.journal.append(record(6))
    await until('all is folded', () => house.folding.flush(1000))
    expect(await house.rows()).toBe(6)
    expect(await house.counted()).toBe(6)
    const aside = readFileSync(join(house.folder, 'requests.refused.jsonl'), 'utf8')
    expect(JSON.parse(aside)).toMatchObject({ id: 'req_5' })
  }, 20_000)

  test('goes on after a thread that cannot even start', async () => {
    const folder = join(root, String(++homes))
    const file = `${folder}.db`
    const database = await openDatabase({ url: null, file, log: silentLogger })
    await database.migrate('metering', migrations)
    const limits = { segmentBytes: 64 * 1024, maxBytes: 1024 * 1024, syncMs: 50 }
    const journal = await openJournal<RequestRecord>({ folder, name: 'requests', ...limits, log: silentLogger })
    let starts = 0
    const start = () => (++starts === 1 ? new Worker('data:text/javascript,throw new Error("no")') : startWorker())
    const folding = journal.startFolding(foldIntoSqlite({ file, log: silentLogger, start }))
    journal.append(record(1))
    expect(await folding.flush(10_000)).toBe(false)
    expect(folding.lastError).toContain('thread')
    await until('all is folded', () => folding.flush(1000))
    expect(starts).toBe(2)
    await journal[Symbol.asyncDispose]()
    await database.close()
  })

  test('a closed journal leaves no thread and no open database behind', async () => {
    const house = await open()
    house.journal.append(record(1))
    await house.journal[Symbol.asyncDispose]()
    expect(house.threads).toHaveLength(1)
    await Promise.all(house.closed)
    expect(await house.rows()).toBe(1)
    // The last connection takes the write-ahead log away: the thread's was closed before.
    await house.database.close()
    expect(await Bun.file(`${house.file}-wal`).exists()).toBe(false)
  })
})
