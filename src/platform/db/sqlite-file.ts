import { Database as Sqlite } from 'bun:sqlite'
import { chmodSync } from 'node:fs'
import { AppError, messageOf } from '#kernel/errors.ts'

/** A connection without Kysely, for the few statements that run so often that making their text would cost more. */
export type SqliteFile = Sqlite

/**
 * How long a statement waits for another one that writes. It waits synchronously, its whole thread with it: only one
 * process is meant to write, its other thread for some milliseconds at a time; the rest covers two that start together
 * and a backup.
 */
export const busyTimeoutMs = 5000
/** The write-ahead log gives its disk back above this, once it was carried over. */
const maxWalBytes = 64 * 2 ** 20

export interface SqliteFileOptions {
  readonly file: string
  readonly isMade: boolean
}

/** Opens a connection that writes. Throws an AppError that says where it was looked for and why not. */
export function openSqliteFile({ file, isMade }: SqliteFileOptions): SqliteFile {
  let writer: Sqlite | null = null
  try {
    writer = new Sqlite(file, { create: isMade, readwrite: true })
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
    return writer
  } catch (thrown) {
    writer?.close()
    throw cannotOpen(file, thrown)
  }
}

export function cannotOpen(file: string, thrown: unknown): AppError {
  const check =
    'Check that its folder exists, that this user may write there, and that the file is a SQLite database; ' +
    'one that is damaged has to be moved away or put back from a copy.'
  const message = `The database ${file} cannot be opened: ${messageOf(thrown)}. ${check}`
  return new AppError('unavailable', message, { reason: 'database_unavailable', cause: thrown })
}
