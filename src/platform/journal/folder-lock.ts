import { Database } from 'bun:sqlite'
import { readFileSync, writeFileSync } from 'node:fs'
import { AppError, messageOf } from '#kernel/errors.ts'

/**
 * A lock that the kernel takes back when its process ends, however it ends: no stale lock files. Bun has no flock;
 * SQLite holds a POSIX lock while an exclusive transaction is open, and keeps two handles of one process apart as well.
 * The file must not be opened by anything else: closing it anywhere in the process would give the lock up.
 */
export function lockFile(path: string): Disposable {
  const database = open(path)
  try {
    database.run('PRAGMA busy_timeout = 0')
    database.run('BEGIN EXCLUSIVE')
  } catch (thrown) {
    database.close()
    const owner = ownerOf(path)
    const message =
      `A Hearth already runs here: ${owner} holds ${path}. ` +
      'Use that one (`npx hearth status`), end it, or give this one a HEARTH_HOME of its own.'
    throw new AppError('conflict', message, { reason: 'journal_locked', cause: thrown })
  }
  writeFileSync(pidPath(path), `${process.pid}\n`, { mode: 0o600 })
  return {
    // Reading `database` here is what keeps it from being collected, which would open the lock.
    [Symbol.dispose]: () => database.close(),
  }
}

function open(path: string): Database {
  try {
    return new Database(path, { create: true, readwrite: true })
  } catch (thrown) {
    const message = `${path} cannot be opened: ${messageOf(thrown)}. Check that its folder exists and can be written.`
    throw new AppError('unavailable', message, { reason: 'journal_unavailable', cause: thrown })
  }
}

const pidPath = (path: string): string => `${path}.pid`

function ownerOf(path: string): string {
  try {
    return `process ${readFileSync(pidPath(path), 'utf8').trim()}`
  } catch {
    return 'another process'
  }
}
