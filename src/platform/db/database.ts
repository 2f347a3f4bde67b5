import type { Kysely } from 'kysely'
import type { Logger } from '#platform/log/logger.ts'
import type { Migration } from './migrate.ts'
import { openPostgres } from './postgresql.ts'
import { openSqlite } from './sqlite.ts'

/**
 * The one database of a Hearth. The same statements run on both engines; where they differ:
 * - times are epoch milliseconds in `bigint` columns and come back as numbers on both;
 * - booleans are `integer` 0 and 1, JSON is `text`;
 * - errors are AppErrors of `errors.ts` on both.
 */
export interface Database {
  readonly dialect: 'sqlite' | 'postgresql'
  /**
   * For statements that change something, and reads that must see them. `write.withTables<Tables>()` gives it a
   * domain's types.
   */
  readonly write: Kysely<unknown>
  /**
   * For reads that may see a state a moment old. On SQLite a second, read-only connection: it does not wait for a
   * transaction of `write` that is under way.
   */
  readonly read: Kysely<unknown>
  /** Where it is: the path of the SQLite file; for PostgreSQL host and name, for people, never a password. */
  readonly place: string
  /** Runs what has not run yet, all or nothing; several processes may do this at once. */
  migrate(domain: string, migrations: readonly Migration[]): Promise<void>
  close(): Promise<void>
}

export interface DatabaseOptions {
  /** `postgres://…`; null = SQLite in `file`. */
  readonly url: string | null
  /** Its folder must exist. It becomes readable by its owner alone. */
  readonly file: string
  readonly log: Logger
}

/** Opens and proves the database with a statement; throws an AppError that says where it was looked for and why not. */
export function openDatabase(options: DatabaseOptions): Promise<Database> {
  return options.url === null ? openSqlite(options.file) : openPostgres(options.url, options.log)
}
