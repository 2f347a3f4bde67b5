/**
 * What metering costs on the hot path and behind it: reserve, append, fold into SQLite (on a thread of its own: the CPU
 * of both, and how long the serving one stood still), a large list.
 * `bun bench/micro/metering.ts [rows]`. Figures of one run on one machine: read them beside each other.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCell } from '../../src/kernel/cell.ts'
import { keyId, modelName, requestId } from '../../src/kernel/ids.ts'
import type { Caller, KeyLimits, RequestRecord } from '../../src/kernel/words.ts'
import { openMetering } from '../../src/metering/index.ts'
import { Limiter } from '../../src/metering/core/limiter.ts'
import { createPurse } from '../../src/metering/service/purse.ts'
import { noFilter } from '../../src/metering/service/ledger.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { newRequestId } from '../../src/platform/crypto/ids.ts'
import { openDatabase } from '../../src/platform/db/database.ts'
import { silentLogger } from '../../src/platform/log/logger.ts'
import { allUsage } from '../../test/env/purse.ts'
import { noBodies } from '../../test/env/body-settings.ts'

const rows = Number(process.argv[2] ?? 20_000)
const folder = mkdtempSync(join(tmpdir(), 'hearth-bench-metering-'))
const database = await openDatabase({ url: null, file: join(folder, 'hearth.db'), log: silentLogger })
const metering = await openMetering({
  database,
  folder: join(folder, 'journal'),
  maxJournalBytes: 256 * 1024 * 1024,
  retentionDays: () => 30,
  prices: createCell([]),
  bodies: createCell(noBodies),
  keyName: () => null,
  clock: systemClock,
  log: silentLogger,
  announce: () => {},
})

reserving('reserve + settle, no limits', { requestsPerMinute: null, tokensPerMinute: null, concurrency: null })
reserving('reserve + settle, all limits', { requestsPerMinute: 1e9, tokensPerMinute: 1e12, concurrency: 1000 })
reserving('refusal by requests per minute', { requestsPerMinute: 1, tokensPerMinute: null, concurrency: null })
budgets()
appending()
const lag = watchLoop()
await folding()
await listing()
lag.stop()
await metering[Symbol.asyncDispose]()
await database.close()
rmSync(folder, { recursive: true, force: true })

function reserving(name: string, limits: KeyLimits): void {
  const caller: Caller = {
    key: keyId('bench'),
    name,
    limits,
    may: () => true,
    mayUse: () => true,
    onRevoke: () => ({ [Symbol.dispose]: () => {} }),
  }
  timed(name, 200_000, () => {
    const reserved = metering.purse.reserve({ caller, models: ['tiny-a'], tags: [], tokens: 100, micros: 1000 })
    if (reserved.ok) reserved.hold.settle({ tokens: 50, micros: 500, at: systemClock.now() })
  })
}

/** Every limit and budget there is, of a key with an owner and a request with three tags and two names of its model. */
function budgets(): void {
  const limits: KeyLimits = {
    ...{ requestsPerMinute: 1e9, requestsPerHour: 1e9, requestsPerDay: 1e9, requestsPerMonth: 1e9, concurrency: 1e6 },
    ...{ tokensPerMinute: 1e12, tokensPerHour: 1e12, tokensPerDay: 1e12, tokensPerMonth: 1e12 },
  }
  const limiter = new Limiter(systemClock)
  const purse = createPurse(limiter)
  const rule = { limits, budget: { usd: 1e6, period: 'month' } } as const
  const owner = { user: 'ann', team: 'search' }
  const three = ['a', 'b', 'c']
  const models = ['fast', 'cap/m']
  for (const id of three) limiter.setRule({ kind: 'tag', id }, rule)
  for (const id of models) limiter.setRule({ kind: 'model', id }, rule)
  limiter.setRule({ kind: 'user', id: 'ann' }, rule)
  limiter.setRule({ kind: 'team', id: 'search' }, rule)
  const caller = { key: keyId('bench'), owner, ...rule }
  timed('all limits of eight subjects', 100_000, () => {
    const reserved = purse.reserve({ caller, models, tags: three, tokens: 100, micros: 1000 })
    if (reserved.ok) reserved.hold.settle({ tokens: 50, micros: 0, at: systemClock.now() })
  })
}

function appending(): void {
  const at = systemClock.now()
  let number = 0
  timed('ledger append (one write)', rows, () => metering.ledger.append(record(at + number++)))
}

async function folding(): Promise<void> {
  const before = process.cpuUsage()
  const started = performance.now()
  while (metering.backlog.records > 0)
    await metering.ledger.usage({ by: 'day', firstDay: null, lastDay: null, ...allUsage })
  const { user, system } = process.cpuUsage(before)
  const took = `${((performance.now() - started) / 1000).toFixed(2)} s`
  console.log(`${'fold into SQLite'.padEnd(34)} ${((user + system) / rows).toFixed(2)} µs of CPU per row, ${took}`)
  lag.tell()
}

async function listing(): Promise<void> {
  const started = performance.now()
  let count = 0
  for await (const { records } of metering.ledger.list({ ...noFilter, limit: 100_000, after: null })) {
    count += records.length
  }
  console.log(`${'list of all rows'.padEnd(34)} ${count} in ${(performance.now() - started).toFixed(0)} ms`)
  lag.tell()
}

function timed(name: string, times: number, work: () => void): void {
  for (let warm = 0; warm < Math.min(1000, times / 10); warm++) work()
  const started = performance.now()
  for (let time = 0; time < times; time++) work()
  const us = ((performance.now() - started) * 1000) / times
  console.log(`${name.padEnd(34)} ${us.toFixed(3)} µs, ${Math.round(1e6 / us).toLocaleString('en')} per second`)
}

/** The longest time that the event loop stood still since the last telling. */
function watchLoop() {
  let longest = 0
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last - 1)
    last = now
  }, 1)
  return {
    tell: () => {
      console.log(`${'  longest stand of the event loop'.padEnd(34)} ${longest.toFixed(1)} ms`)
      longest = 0
    },
    stop: () => clearInterval(timer),
  }
}

function record(at: number): RequestRecord {
  return {
    id: requestId(newRequestId(at)),
    at,
    key: keyId('abcdefghijkl'),
    endpoint: 'chat.completions',
    model: modelName('tiny-a'),
    upstream: 'local',
    upstreamModel: 'tiny-a',
    status: 200,
    outcome: 'complete',
    isStream: true,
    usage: { promptTokens: 120, completionTokens: 80, cachedTokens: null },
    ttftMs: 12.345,
    durationMs: 345.678,
    costMicros: null,
    reason: null,
    trace: {
      route: 'priority 1 of 1',
      cache: null,
      attempts: [
        {
          upstream: 'local',
          model: 'tiny-a',
          startedMs: 0.123,
          placedMs: 0.234,
          headMs: 11.345,
          status: 200,
          failure: null,
          endedMs: null,
        },
      ],
    },
  }
}
