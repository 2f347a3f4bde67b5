import { afterAll, describe, expect, test } from 'bun:test'
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppError } from '#kernel/errors.ts'
import { silentLogger } from '#platform/log/logger.ts'
import type { JournalFold, Position } from './contract.ts'
import { foldHere } from './fold-here.ts'
import type { JournalOptions } from './journal.ts'
import { openJournal } from './journal.ts'

interface Entry {
  readonly id: string
  readonly text?: string
}

const root = mkdtempSync(join(tmpdir(), 'hearth-test-journal-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let folders = 0
const newFolder = () => join(root, String(++folders))

const open = (folder: string, options: Partial<JournalOptions> = {}) =>
  openJournal<Entry>({
    folder,
    name: 'requests',
    segmentBytes: 1024 * 1024,
    maxBytes: 16 * 1024 * 1024,
    syncMs: 20,
    log: silentLogger,
    ...options,
  })

/** A database in memory that keeps the promises of a real one, and can be away. */
function memoryFold() {
  const rows = new Map<string, Entry>()
  const state = {
    rows,
    position: null as Position | null,
    batches: [] as number[],
    error: null as Error | null,
    refuses: (_entry: Entry) => false,
  }
  const records: JournalFold<Entry> = {
    position: async () => {
      if (state.error) throw state.error
      return state.position
    },
    fold: async ({ records, upTo }) => {
      await Promise.resolve()
      if (state.error) throw state.error
      if (records.some(state.refuses)) throw new AppError('internal', 'no such value')
      for (const record of records) if (!rows.has(record.id)) rows.set(record.id, record)
      state.batches.push(records.length)
      state.position = upTo
    },
  }
  return { state, fold: foldHere(records) }
}

const segmentsOf = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.jsonl'))
const ids = (count: number, prefix = 'r') => Array.from({ length: count }, (_, index) => ({ id: `${prefix}${index}` }))

describe('a journal', () => {
  test('brings every record to the database once and in order, in batches of 250 at most', async () => {
    const { state, fold } = memoryFold()
    await using journal = await open(newFolder())
    const folding = journal.startFolding(fold)
    for (const entry of ids(1234)) journal.append(entry)
    expect(journal.backlog.records).toBe(1234)
    expect(await folding.flush(5000)).toBe(true)
    expect([...state.rows.keys()]).toEqual(ids(1234).map((entry) => entry.id))
    expect(Math.max(...state.batches)).toBe(250)
    expect(journal.backlog).toEqual({ records: 0, bytes: 0 })
  })

  test('folds by itself soon after an append', async () => {
    const { state, fold } = memoryFold()
    await using journal = await open(newFolder())
    journal.startFolding(fold)
    journal.append({ id: 'a' })
    await until(() => state.rows.size === 1)
    journal.append({ id: 'b' })
    await until(() => state.rows.size === 2)
  })

  test('keeps what was not folded for the next process, and tells how much it is', async () => {
    const folder = newFolder()
    {
      await using journal = await open(folder, { segmentBytes: 200 })
      for (const entry of ids(100)) journal.append(entry)
    }
    const { state, fold } = memoryFold()
    await using journal = await open(folder)
    expect(journal.backlog.records).toBe(100)
    journal.append({ id: 'after' })
    expect(await journal.startFolding(fold).flush(5000)).toBe(true)
    expect([...state.rows.keys()]).toEqual([...ids(100).map((entry) => entry.id), 'after'])
    expect(journal.backlog).toEqual({ records: 0, bytes: 0 })
  })

  test('goes on where the database stands, and deletes segments that are folded', async () => {
    const folder = newFolder()
    const { state, fold } = memoryFold()
    for (let start = 0; start < 4; start++) {
      await using journal = await open(folder, { segmentBytes: 300 })
      const folding = journal.startFolding(fold)
      for (const entry of ids(100, `start${start}-`)) journal.append(entry)
      expect(await folding.flush(5000)).toBe(true)
    }
    expect(state.rows.size).toBe(400)
    expect(state.batches.reduce((sum, size) => sum + size)).toBe(400)
    expect(segmentsOf(folder).length).toBeLessThanOrEqual(3)
  })

  test('reads files when so many records wait that they are not kept in memory', async () => {
    const { state, fold } = memoryFold()
    state.error = new AppError('unavailable', 'away')
    await using journal = await open(newFolder(), { segmentBytes: 50_000 })
    const folding = journal.startFolding(fold)
    for (const entry of ids(20_000)) journal.append(entry)
    expect(await folding.flush(1000)).toBe(false)
    expect(folding.lastError).toBe('away')
    state.error = null
    const flushed = folding.flush(10_000)
    for (const entry of ids(3000, 'late')) journal.append(entry)
    expect(await flushed).toBe(true)
    expect(await folding.flush(10_000)).toBe(true)
    expect([...state.rows.keys()]).toEqual([...ids(20_000), ...ids(3000, 'late')].map((entry) => entry.id))
    expect(folding.lastError).toBe(null)
    expect(journal.backlog).toEqual({ records: 0, bytes: 0 })
  }, 20_000)

  test('is full at its limit, still takes work that was begun, and throws at twice as much', async () => {
    await using journal = await open(newFolder(), { maxBytes: 1000 })
    expect(journal.isFull).toBe(false)
    const record = { id: 'x', text: 'y'.repeat(100) }
    while (journal.backlog.bytes < 1000) journal.append(record)
    expect(journal.isFull).toBe(true)
    const overflow = () => {
      for (let more = 0; more < 20; more++) journal.append(record)
    }
    expect(overflow).toThrow('records that the database did not take yet')
    expect(journal.backlog.bytes).toBeLessThanOrEqual(2000)
  })

  test('sets a record aside that the database refuses, and goes on with the others', async () => {
    const folder = newFolder()
    const { state, fold } = memoryFold()
    state.refuses = (entry) => entry.id === 'r7'
    await using journal = await open(folder)
    const folding = journal.startFolding(fold)
    for (const entry of ids(20)) journal.append(entry)
    await until(() => state.rows.size === 19)
    expect(state.rows.has('r7')).toBe(false)
    expect(await folding.flush(5000)).toBe(true)
    expect(readFileSync(join(folder, 'requests.refused.jsonl'), 'utf8')).toBe('{"id":"r7"}\n')
  })

  test('refuses a record of more than 64 KiB, and takes one just below', async () => {
    await using journal = await open(newFolder())
    expect(() => journal.append({ id: 'x', text: 'ö'.repeat(32 * 1024) })).toThrow('at most 65536 bytes')
    journal.append({ id: 'y', text: 'ö'.repeat(32 * 1024 - 20) })
    expect(journal.backlog.records).toBe(1)
  })
})

describe('a journal that finds something odd', () => {
  const written = async (folder: string, count = 3) => {
    await using journal = await open(folder)
    for (const entry of ids(count)) journal.append(entry)
  }
  const folded = async (folder: string) => {
    const { state, fold } = memoryFold()
    await using journal = await open(folder)
    expect(await journal.startFolding(fold).flush(5000)).toBe(true)
    return [...state.rows.keys()]
  }
  const only = (folder: string) => join(folder, segmentsOf(folder)[0] ?? '')

  test.each([
    ['a torn last line', '{"id":"to', ['r0', 'r1', 'r2']],
    ['a torn line that would parse', '{"id":"torn"}', ['r0', 'r1', 'r2']],
    ['a damaged line in the middle', '\0\0\0\n{"id":"r3"}\n', ['r0', 'r1', 'r2', 'r3']],
    ['a torn line longer than a chunk', 'x'.repeat(600_000), ['r0', 'r1', 'r2']],
    ['a whole line longer than a chunk', `${'x'.repeat(600_000)}\n{"id":"r3"}\n`, ['r0', 'r1', 'r2', 'r3']],
  ])('gives all whole records of a file with %s', async (_what, tail, expected) => {
    const folder = newFolder()
    await written(folder)
    appendFileSync(only(folder), tail)
    expect(await folded(folder)).toEqual(expected)
  })

  test('removes a file that holds no whole line', async () => {
    const folder = newFolder()
    await written(folder, 0)
    writeFileSync(join(folder, 'requests-00000009-abc.jsonl'), '{"id"')
    expect(await folded(folder)).toEqual([])
    expect(segmentsOf(folder)).toEqual([])
  })

  test('steps over a segment that somebody deleted', async () => {
    const folder = newFolder()
    await using journal = await open(folder, { segmentBytes: 60 })
    const { state, fold } = memoryFold()
    state.error = new AppError('unavailable', 'away')
    const folding = journal.startFolding(fold)
    for (const entry of ids(9000)) journal.append(entry)
    rmSync(join(folder, segmentsOf(folder).sort()[3] ?? ''))
    state.error = null
    await until(async () => await folding.flush(500))
    expect(state.rows.size).toBeLessThan(9000)
    expect(state.rows.size).toBeGreaterThan(8990)
    expect(journal.backlog).toEqual({ records: 0, bytes: 0 })
  }, 20_000)

  test('folds all again when the database knows a position that is not here', async () => {
    const folder = newFolder()
    await written(folder)
    const { state, fold } = memoryFold()
    state.position = { segment: 'requests-00000001-other.jsonl', offset: 9 }
    await using journal = await open(folder)
    expect(await journal.startFolding(fold).flush(5000)).toBe(true)
    expect(state.rows.size).toBe(3)
  })

  test('is refused to a second owner, in this process and in another', async () => {
    const folder = newFolder()
    const journal = await open(folder)
    const thrown = await open(folder).catch((error: unknown) => error)
    expect(thrown).toMatchObject({ kind: 'conflict', reason: 'journal_locked' })
    expect(String(thrown)).toContain(`process ${process.pid}`)
    const other = startAppending(folder, 'other')
    expect(await other.exited).toBe(1)
    await journal[Symbol.asyncDispose]()
    await (await open(folder))[Symbol.asyncDispose]()
  })
})

describe('kill -9', () => {
  test('at random points loses no record that was acknowledged', async () => {
    const folder = newFolder()
    const acknowledged: string[] = []
    const seed = Math.floor(Math.random() * 2 ** 31)
    const random = randomFrom(seed)
    for (let round = 0; round < 8; round++) {
      const child = startAppending(folder, `round${round}`)
      const wanted = 1 + Math.floor(random() * 3000)
      acknowledged.push(...(await linesUntilKilled(child, wanted)))
    }
    const { state, fold } = memoryFold()
    await using journal = await open(folder)
    expect(await journal.startFolding(fold).flush(10_000)).toBe(true)
    const lost = acknowledged.filter((id) => !state.rows.has(id))
    expect({ seed, lost }).toEqual({ seed, lost: [] })
    expect(acknowledged.length).toBeGreaterThan(100)
  }, 60_000)
})

/** Appends records and says the id of each on stdout after `append` has returned, until it is killed. */
const appendUntilKilled = `
  import { silentLogger } from '#platform/log/logger.ts'
  import { openJournal } from '#platform/journal/journal.ts'
  const [folder, prefix] = process.argv.slice(1)
  const limits = { segmentBytes: 16 * 1024, maxBytes: 64 * 1024 * 1024, syncMs: 5 }
  const journal = await openJournal({ folder, name: 'requests', ...limits, log: silentLogger })
  process.stdout.write('open\\n')
  for (let number = 0; ; number++) {
    const id = prefix + '-' + number
    journal.append({ id, text: 'ö'.repeat(number % 300) })
    process.stdout.write(id + '\\n')
    // The pipe is written between turns of the loop.
    if (number % 20 === 0) await Bun.sleep(0)
  }`

function startAppending(folder: string, prefix: string) {
  return Bun.spawn([process.execPath, '--no-env-file', '-e', appendUntilKilled, folder, prefix], {
    cwd: join(import.meta.dir, '../../..'),
    stdout: 'pipe',
    stderr: 'ignore',
    env: {},
  })
}

/** The whole lines that arrived before and after the kill: all of them were said after their record was safe. */
async function linesUntilKilled(child: ReturnType<typeof startAppending>, wanted: number): Promise<readonly string[]> {
  const decoder = new TextDecoder()
  let said = ''
  for await (const chunk of child.stdout) {
    said += decoder.decode(chunk, { stream: true })
    if (said.split('\n').length > wanted) child.kill('SIGKILL')
  }
  await child.exited
  return said.split('\n').slice(1, -1)
}

function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('waited 10 s in vain')
    await new Promise<void>((resolve) => setTimeout(resolve, 5))
  }
}
