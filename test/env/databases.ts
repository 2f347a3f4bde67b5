import { afterAll, describe } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { randomText } from '../../src/platform/crypto/random.ts'
import type { Database } from '../../src/platform/db/database.ts'
import { openDatabase } from '../../src/platform/db/database.ts'
import { silentLogger } from '../../src/platform/log/logger.ts'

/** A database of a test's own: opening it again is a restart, or a second process. */
export interface ScratchDatabase {
  /** For another process. */
  readonly where: { readonly url: string | null; readonly file: string }
  open(): Promise<Database>
}

export interface DatabaseEngine {
  readonly dialect: Database['dialect']
  /** An empty database that goes away after the tests, with every handle that was opened on it. */
  scratch(): Promise<ScratchDatabase>
  /** A handle on an empty database, where one is enough. */
  open(): Promise<Database>
}

/**
 * Runs the same tests on SQLite and on PostgreSQL. The second needs a server that HEARTH_TEST_DATABASE_URL points at
 * (the
 * test runner starts one when HEARTH_TEST_SYSTEM=1) and is counted as skipped without.
 *
 *     forEachDatabase('the key store', (engine) => {
 *       test('keeps what it was given', async () => { const db = await engine.open() … })
 *     })
 */
export function forEachDatabase(subject: string, body: (engine: DatabaseEngine) => void): void {
  describe(`${subject} on SQLite`, () => body(engineWithCleanUp('sqlite', sqliteScratch)))
  const url = process.env['HEARTH_TEST_DATABASE_URL']
  if (url) describe(`${subject} on PostgreSQL`, () => body(engineWithCleanUp('postgresql', () => postgresScratch(url))))
  else describe.skip(`${subject} on PostgreSQL (needs HEARTH_TEST_SYSTEM=1)`, () => body(absentEngine))
}

type Scratch = { readonly url: string | null; readonly file: string; remove(): Promise<void> }

/** Skipped tests never ask; a hook of theirs would be counted as a skipped test. */
const absentEngine: DatabaseEngine = {
  dialect: 'postgresql',
  scratch: () => Promise.reject(new Error('There is no PostgreSQL for tests here.')),
  open: () => Promise.reject(new Error('There is no PostgreSQL for tests here.')),
}

function engineWithCleanUp(dialect: Database['dialect'], make: () => Promise<Scratch>): DatabaseEngine {
  const scratches: Scratch[] = []
  const handles: Database[] = []
  afterAll(async () => {
    for (const handle of handles) await handle.close()
    for (const scratch of scratches) await scratch.remove()
  })
  const scratch = async (): Promise<ScratchDatabase> => {
    const made = await make()
    scratches.push(made)
    return {
      where: { url: made.url, file: made.file },
      async open() {
        const handle = closeOnce(await openDatabase({ url: made.url, file: made.file, log: silentLogger }))
        handles.push(handle)
        return handle
      },
    }
  }
  return { dialect, scratch, open: async () => (await scratch()).open() }
}

/** A test may close its handle to play a restart; the end of the tests closes all of them. */
function closeOnce(database: Database): Database {
  let closing: Promise<void> | null = null
  return { ...database, close: () => (closing ??= database.close()) }
}

async function sqliteScratch(): Promise<Scratch> {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-test-db-'))
  return {
    url: null,
    file: join(folder, 'hearth.db'),
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

async function postgresScratch(serverUrl: string): Promise<Scratch> {
  const name = `hearth_test_${randomText(12, 'abcdefghijklmnopqrstuvwxyz0123456789')}`
  await onServer(serverUrl, `create database ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return { url: url.href, file: '', remove: () => onServer(serverUrl, `drop database if exists ${name} with (force)`) }
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
