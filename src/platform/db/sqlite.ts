import type { SQLQueryBindings } from 'bun:sqlite'
import { Database as Sqlite } from 'bun:sqlite'
import { chmodSync } from 'node:fs'
import type { DatabaseConnection, SqliteDatabase, SqliteDialectConfig } from 'kysely'
import { CompiledQuery, Kysely, SqliteAdapter, SqliteDialect, SqliteDriver } from 'kysely'
import { AppError, messageOf } from '#kernel/errors.ts'
import type { Database } from './database.ts'
import { databaseError } from './errors.ts'
import { runMigrations } from './migrate.ts'

/**
 * How long a statement waits for another process that writes. It waits synchronously, the whole program with it: only
 * one
 * process is meant to write, this covers two that start together and a backup.
 */
const busyTimeoutMs = 5000
/** The write-ahead log gives its disk back above this, once it was carried over. */
const maxWalBytes = 64 * 2 ** 20

export async function openSqlite(file: string): Promise<Database> {
  const { writer, reader } = openFile(file)
  const write = new Kysely<unknown>({ dialect: new HearthSqliteDialect({ database: asKyselyWants(writer) }) })
  const read = new Kysely<unknown>({ dialect: new HearthSqliteDialect({ database: asKyselyWants(reader) }) })
  // Kysely closes only what it has used once.
  await write.executeQuery(CompiledQuery.raw('select 1'))
  await read.executeQuery(CompiledQuery.raw('select 1'))
  return {
    dialect: 'sqlite',
    write,
    read,
    place: file,
    migrate: (domain, migrations) => runMigrations(write, domain, migrations),
    async close() {
      await read.destroy()
      await write.destroy()
    },
  }
}

function openFile(file: string): { readonly writer: Sqlite; readonly reader: Sqlite } {
  let writer: Sqlite | null = null
  try {
    writer = new Sqlite(file, { create: true, readwrite: true })
    // Before any page is written: SQLite gives -wal and -shm the mode of the file.
    chmodSync(file, 0o600)
    // The timeout comes first: without it, changing to WAL fails at once when another process starts at the same
    // moment.
    writer.run(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
    writer.run('PRAGMA journal_mode = WAL')
    // In WAL mode NORMAL loses nothing when the process is killed; FULL would stop all streams for a disk flush at
    // every commit.
    writer.run('PRAGMA synchronous = NORMAL')
    writer.run('PRAGMA foreign_keys = ON')
    writer.run(`PRAGMA journal_size_limit = ${maxWalBytes}`)
    const reader = new Sqlite(file, { readonly: true })
    reader.run(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
    reader.query('select count(*) from sqlite_schema').get()
    return { writer, reader }
  } catch (thrown) {
    writer?.close()
    const check =
      'Check that its folder exists, that this user may write there, and that the file is a SQLite database; ' +
      'one that is damaged has to be moved away or put back from a copy.'
    const message = `The database ${file} cannot be opened: ${messageOf(thrown)}. ${check}`
    throw new AppError('unavailable', message, { reason: 'database_unavailable', cause: thrown })
  }
}

/**
 * better-sqlite3's interface, which Kysely speaks, in terms of bun:sqlite. `query` keeps the statements it has
 * prepared.
 */
function asKyselyWants(db: Sqlite): SqliteDatabase {
  return {
    close: () => db.close(),
    prepare: (sql) => {
      const statement = translated(() => db.query<unknown, SQLQueryBindings[]>(sql))
      return {
        reader: statement.columnNames.length > 0,
        all: (parameters) => translated(() => statement.all(...bindings(parameters))),
        run: (parameters) => translated(() => statement.run(...bindings(parameters))),
        iterate: (parameters) => statement.iterate(...bindings(parameters)),
      }
    },
  }
}

function bindings(parameters: readonly unknown[]): SQLQueryBindings[] {
  return parameters as SQLQueryBindings[]
}

function translated<T>(run: () => T): T {
  try {
    return run()
  } catch (thrown) {
    throw databaseError(thrown)
  }
}

class HearthSqliteDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig

  constructor(config: SqliteDialectConfig) {
    super(config)
    this.#config = config
  }

  override createDriver(): SqliteDriver {
    return new ImmediateSqliteDriver(this.#config)
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalSqliteAdapter()
  }
}

class ImmediateSqliteDriver extends SqliteDriver {
  /**
   * A deferred transaction that reads first and writes later fails at once when another process wrote in between,
   * whatever the timeout.
   */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }
}

class TransactionalSqliteAdapter extends SqliteAdapter {
  /**
   * SQLite can create tables inside a transaction, though Kysely says it cannot: a migration that fails leaves nothing
   * behind.
   * The transaction is immediate, so it is the lock between processes too.
   */
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}
