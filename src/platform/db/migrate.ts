import type { Kysely } from 'kysely'
import { Migrator } from 'kysely'
import { AppError, assert, messageOf } from '#kernel/errors.ts'

/**
 * One step of a domain's tables, as code that runs on both engines. Steps are never changed once they were in a
 * release;
 * there is no way down: a backup is.
 */
export interface Migration {
  /** `0001-keys`; they run in the order of their names. */
  readonly name: string
  up(db: Kysely<unknown>): Promise<void>
}

/**
 * Each domain has a table of its own for what has run: with one for all, the second step of an early domain would come
 * before the first of a later one, which Kysely takes for a corrupted history. All steps run in one transaction on both
 * engines.
 */
export async function runMigrations(
  db: Kysely<unknown>,
  domain: string,
  migrations: readonly Migration[],
): Promise<void> {
  const names = migrations.map((migration) => migration.name)
  assert(
    names.every((name, index) => index === 0 || (names[index - 1] ?? '') < name),
    `migrations of ${domain} stand in order`,
  )
  const byName = Object.fromEntries(migrations.map((migration) => [migration.name, { up: migration.up }]))
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(byName) },
    migrationTableName: `${domain}_migration`,
    migrationLockTableName: `${domain}_migration_lock`,
  })
  const { error, results } = await migrator.migrateToLatest()
  if (error === undefined) return
  const failed = results?.find((result) => result.status === 'Error')?.migrationName
  const cause = error instanceof AppError && error.cause !== undefined ? error.cause : error
  const why = messageOf(cause)
  const message = failed
    ? `The database's tables for ${domain} stay as they were: step ${failed} failed (${why}).`
    : `The database's tables for ${domain} do not fit this version of Hearth: ${why}. Was it used by a newer version?`
  throw new AppError('unavailable', message, { reason: 'migration_failed', cause: error })
}
