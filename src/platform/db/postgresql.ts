import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely'
import type { PoolClient } from 'pg'
import { Pool, types } from 'pg'
import { AppError, messageOf } from '#kernel/errors.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { Database } from './database.ts'
import { databaseError } from './errors.ts'
import { runMigrations } from './migrate.ts'

const maxConnections = 10
const connectTimeoutMs = 5000
const statementTimeoutMs = 30_000
/** PostgreSQL's type number of `bigint`, which also is the type of `count(*)`. */
const int8 = 20

export async function openPostgres(url: string, log: Logger): Promise<Database> {
  const place = placeOf(url)
  const pool = new Pool({
    connectionString: url,
    application_name: 'hearth',
    max: maxConnections,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    // pg gives bigint as text for fear of 2^53; our times and counts are far below it, and SQLite gives numbers.
    types: {
      getTypeParser: (oid, format) => (oid === int8 && format !== 'binary' ? Number : types.getTypeParser(oid, format)),
    },
  })
  // An idle connection that breaks is told here only; the pool makes a new one when it is needed.
  pool.on('error', (error) => log.warn('a connection to the database broke', { place, error }))
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: withOurErrors(pool) }) })
  try {
    await db.executeQuery(CompiledQuery.raw('select 1'))
  } catch (thrown) {
    await db.destroy()
    const why = reasonOf(thrown instanceof AppError ? thrown.cause : thrown)
    const message = `PostgreSQL at ${place} cannot be used: ${why}. Check HEARTH_DATABASE_URL and that the server runs.`
    throw new AppError('unavailable', message, { reason: 'database_unavailable', cause: thrown })
  }
  return {
    dialect: 'postgresql',
    write: db,
    read: db,
    place,
    migrate: (domain, migrations) => runMigrations(db, domain, migrations),
    close: () => db.destroy(),
  }
}

/** A refused connection to a name with several addresses is an AggregateError without a message. */
function reasonOf(thrown: unknown): string {
  const first: unknown = thrown instanceof AggregateError ? thrown.errors[0] : thrown
  return messageOf(first) || 'no answer'
}

/** Host, port and name: what a person needs to find the server, without the password. */
function placeOf(url: string): string {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    // Nothing of the text is repeated: a mistyped URL holds its password anywhere.
    const message =
      'HEARTH_DATABASE_URL is not of the form postgres://user:password@host:5432/name (percent-encode the password).'
    throw new AppError('invalid', message, { reason: 'database_url' })
  }
  const { hostname, port, pathname } = new URL(url)
  return `${hostname || 'localhost'}:${port || '5432'}${pathname}`
}

function withOurErrors(pool: Pool): PostgresPool {
  return {
    connect: async () =>
      clientWithOurErrors(await pool.connect().catch((thrown: unknown) => Promise.reject(databaseError(thrown)))),
    end: () => pool.end(),
  }
}

function clientWithOurErrors(client: PoolClient): PostgresPoolClient {
  async function query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    try {
      const { command, rowCount, rows } = await client.query(sql, [...parameters])
      return { command: command as 'SELECT', rowCount: rowCount ?? 0, rows: rows as R[] }
    } catch (thrown) {
      throw databaseError(thrown)
    }
  }
  return { query: query as PostgresPoolClient['query'], release: () => client.release() }
}
