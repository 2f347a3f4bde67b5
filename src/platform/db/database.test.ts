import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { AppError } from '#kernel/errors.ts'
import { silentLogger } from '#platform/log/logger.ts'
import { forEachDatabase } from '../../../test/env/databases.ts'
import { openDatabase } from './database.ts'
import { isUniqueViolation } from './errors.ts'
import type { Migration } from './migrate.ts'

type Tables = {
  readonly cat: { readonly name: string; readonly born_at: number; readonly lives: number | null }
}

const first: Migration = {
  name: '0001-cats',
  async up(db) {
    await db.schema
      .createTable('cat')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('born_at', 'bigint', (column) => column.notNull())
      .addColumn('lives', 'integer')
      .execute()
  },
}

const bornAt = 1_900_000_000_123

forEachDatabase('the database', (engine) => {
  const openWithCats = async () => {
    const database = await engine.open()
    await database.migrate('pets', [first])
    return { database, cats: database.write.withTables<Tables>() }
  }

  test('times come back as numbers, and so do counts', async () => {
    const { database, cats } = await openWithCats()
    await cats.insertInto('cat').values({ name: 'Minka', born_at: bornAt, lives: 9 }).execute()
    const read = database.read.withTables<Tables>()
    expect(await read.selectFrom('cat').selectAll().execute()).toEqual([{ name: 'Minka', born_at: bornAt, lives: 9 }])
    const { count } = await read
      .selectFrom('cat')
      .select((all) => all.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    expect(count).toBe(1)
  })

  test('a unique value that stands already is a conflict that can be told apart', async () => {
    const { cats } = await openWithCats()
    const insert = () => cats.insertInto('cat').values({ name: 'Minka', born_at: bornAt, lives: null }).execute()
    await insert()
    const thrown = await insert().catch((error: unknown) => error)
    expect(thrown).toBeInstanceOf(AppError)
    expect(thrown).toMatchObject({ kind: 'conflict', reason: 'already_exists' })
    expect(isUniqueViolation(thrown)).toBe(true)
  })

  test('a wrong statement is our fault and its text is not told to callers', async () => {
    const { database } = await openWithCats()
    const thrown = await sql`select * from dog`.execute(database.write).catch((error: unknown) => error)
    expect(thrown).toMatchObject({
      kind: 'internal',
      reason: 'database_error',
      message: 'The database refused a statement.',
    })
  })

  test('a transaction that fails leaves nothing, and the connection is usable after it', async () => {
    const { cats } = await openWithCats()
    const failing = cats.transaction().execute(async (transaction) => {
      await transaction.insertInto('cat').values({ name: 'Minka', born_at: bornAt, lives: null }).execute()
      throw new Error('changed my mind')
    })
    expect(await failing.catch(String)).toContain('changed my mind')
    expect(await cats.selectFrom('cat').selectAll().execute()).toEqual([])
  })

  test('reads do not wait for a transaction that is under way', async () => {
    const { database, cats } = await openWithCats()
    const { promise: done, resolve: finish } = Promise.withResolvers<void>()
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    const writing = cats.transaction().execute(async (transaction) => {
      await transaction.insertInto('cat').values({ name: 'Minka', born_at: bornAt, lives: null }).execute()
      begin()
      await done
    })
    await begun
    expect(await database.read.withTables<Tables>().selectFrom('cat').selectAll().execute()).toEqual([])
    finish()
    await writing
    expect(await database.read.withTables<Tables>().selectFrom('cat').selectAll().execute()).toHaveLength(1)
  })

  test('migrations of several domains grow independently and run once', async () => {
    const { database, cats } = await openWithCats()
    const dogs: Migration = {
      name: '0001-dogs',
      up: (db) => db.schema.createTable('dog').addColumn('name', 'text').execute(),
    }
    const second: Migration = {
      name: '0002-owners',
      up: (db) => db.schema.alterTable('cat').addColumn('owner', 'text').execute(),
    }
    await database.migrate('kennel', [dogs])
    await database.migrate('pets', [first, second])
    await database.migrate('pets', [first, second])
    await cats.insertInto('cat').values({ name: 'Minka', born_at: bornAt, lives: null }).execute()
    expect(await cats.selectFrom('cat').selectAll().execute()).toEqual([
      { name: 'Minka', born_at: bornAt, lives: null, owner: null } as never,
    ])
  })

  test('a migration that fails leaves nothing of any step behind, and runs whole once it is mended', async () => {
    const database = await engine.open()
    const broken: Migration = {
      name: '0002-broken',
      async up(db) {
        await db.schema.createTable('half').addColumn('name', 'text').execute()
        await sql`insert into nowhere values (1)`.execute(db)
      },
    }
    const thrown = await database.migrate('pets', [first, broken]).catch((error: unknown) => error)
    expect(thrown).toMatchObject({ kind: 'unavailable', reason: 'migration_failed' })
    expect(String(thrown)).toContain('step 0002-broken failed')
    expect(String(thrown)).toContain('nowhere')
    const tables = await database.write.introspection.getTables()
    expect(tables.map((table) => table.name)).not.toContain('half')
    expect(tables.map((table) => table.name)).not.toContain('cat')
    await database.migrate('pets', [first, { name: '0002-broken', up: async () => {} }])
  })

  test('a database of a newer version is refused', async () => {
    const { database } = await openWithCats()
    const thrown = await database.migrate('pets', [{ name: '0000-other', up: async () => {} }]).catch(String)
    expect(thrown).toContain('Was it used by a newer version?')
  })

  test('of three processes that migrate at once, one does and the others find it done', async () => {
    const scratch = await engine.scratch()
    const program = `
      import { openDatabase } from './src/platform/db/database.ts'
      import { silentLogger } from './src/platform/log/logger.ts'
      const database = await openDatabase({ ...JSON.parse(process.argv[1]), log: silentLogger })
      const createTable = (db) => db.schema.createTable('cat').addColumn('name', 'text').execute()
      const up = (db) => createTable(db).then(() => console.log('created'))
      await database.migrate('pets', [{ name: '0001-cats', up }])
      await database.close()`
    const start = () =>
      Bun.spawn([process.execPath, '--no-env-file', '-e', program, JSON.stringify(scratch.where)], {
        stdout: 'pipe',
        stderr: 'inherit',
        env: {},
      })
    const processes = [start(), start(), start()]
    const said = await Promise.all(processes.map((process) => new Response(process.stdout).text()))
    expect(await Promise.all(processes.map((process) => process.exited))).toEqual([0, 0, 0])
    expect(said.join('')).toBe('created\n')
  }, 20_000)

  test('what was written is there after a restart', async () => {
    const scratch = await engine.scratch()
    const before = await scratch.open()
    await before.migrate('pets', [first])
    await before.write
      .withTables<Tables>()
      .insertInto('cat')
      .values({ name: 'Minka', born_at: bornAt, lives: 9 })
      .execute()
    await before.close()
    const after = await scratch.open()
    expect(await after.read.withTables<Tables>().selectFrom('cat').select('name').execute()).toEqual([
      { name: 'Minka' },
    ])
  })
})

describe('opening a database', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-test-open-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const open = (where: { readonly url?: string; readonly file?: string }) =>
    openDatabase({ url: where.url ?? null, file: where.file ?? join(folder, 'hearth.db'), log: silentLogger })

  test('a SQLite file and its companions belong to their owner alone', async () => {
    const database = await open({})
    await database.migrate('pets', [first])
    for (const suffix of ['', '-wal', '-shm'])
      expect(statSync(join(folder, `hearth.db${suffix}`)).mode & 0o777).toBe(0o600)
    await database.close()
  })

  test('the read-only connection cannot write', async () => {
    const database = await open({})
    const thrown = await sql`create table forbidden (name text)`.execute(database.read).catch((error: unknown) => error)
    expect(String((thrown as AppError).cause)).toContain('readonly')
    await database.close()
  })

  test('a folder that does not exist is named, with what to do', async () => {
    expect(await open({ file: join(folder, 'missing', 'hearth.db') }).catch(String)).toMatch(
      /missing\/hearth\.db cannot be opened: .*Check that its folder exists/,
    )
  })

  test('a file that is no database is named', async () => {
    writeFileSync(join(folder, 'letter.db'), 'Dear Sir or Madam, '.repeat(100))
    expect(await open({ file: join(folder, 'letter.db') }).catch(String)).toMatch(/letter\.db cannot be opened/)
  })

  test('a PostgreSQL that does not answer is named by host and port, never with the password', async () => {
    const thrown = await open({ url: 'postgres://ada:s3cret@127.0.0.1:1/hearth' }).catch((error: unknown) => error)
    expect(thrown).toMatchObject({ kind: 'unavailable', reason: 'database_unavailable' })
    expect(String(thrown)).toContain('127.0.0.1:1/hearth')
    expect(String(thrown)).not.toContain('s3cret')
  })

  test.each(['mysql://ada:s3cret@host/db', 'postgres://ada:s3c ret@[host', 'ada:s3cret'])(
    '%p is refused without repeating it',
    async (url) => {
      const thrown = await open({ url }).catch((error: unknown) => error)
      expect(thrown).toMatchObject({ kind: 'invalid' })
      expect(String(thrown)).toContain('postgres://user:password@host')
      expect(String(thrown)).not.toContain('s3c')
    },
  )
})
