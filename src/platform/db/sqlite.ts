import type { SQLQueryBindings } from 'bun:sqlite'
import { Database as Sqlite } from 'bun:sqlite'
import type { DatabaseConnection, SqliteDatabase, SqliteDialectConfig } from 'kysely'
import { CompiledQuery, Kysely, SqliteAdapter, SqliteDialect, SqliteDriver } from 'kysely'
import type { Database } from './database.ts'
import { databaseError } from './errors.ts'
import { runMigrations } from './migrate.ts'
import { busyTimeoutMs, cannotOpen, openSqliteFile } from './sqlite-file.ts'

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
  const writer = openSqliteFile({ file, isMade: true })
  try {
    const reader = new Sqlite(file, { readonly: true })
    reader.run(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
    reader.query('select count(*) from sqlite_schema').get()
    return { writer, reader }
  } catch (thrown) {
    writer.close()
    throw cannotOpen(file, thrown)
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
