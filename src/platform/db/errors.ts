import { AppError, messageOf } from '#kernel/errors.ts'

/**
 * What both engines mean by their codes, said once: `conflict` (a unique value exists already), `unavailable` (busy,
 * full,
 * unreachable: trying again may help), `internal` (our statement was wrong).
 */
export function databaseError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown
  const code = codeOf(thrown)
  if (code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY' || code === '23505') {
    return new AppError('conflict', 'This exists already.', { reason: uniqueViolation, cause: thrown })
  }
  if (
    unavailableCodes.test(code) ||
    /Connection terminated|timeout exceeded when trying to connect/.test(messageOf(thrown))
  ) {
    const message = 'The database does not answer at the moment; try again soon.'
    return new AppError('unavailable', message, { reason: 'database_unavailable', retryAfterMs: 2000, cause: thrown })
  }
  return new AppError('internal', 'The database refused a statement.', { reason: 'database_error', cause: thrown })
}

/** True for the error of an insert or update that would have made a unique value stand twice. */
export function isUniqueViolation(thrown: unknown): boolean {
  return thrown instanceof AppError && thrown.reason === uniqueViolation
}

const uniqueViolation = 'already_exists'

/**
 * SQLite: locked, disk full, I/O. PostgreSQL: classes 08 (connection), 40 (serialisation, deadlock), 53 (resources),
 * 57 (shutdown, cancelled), 55P03 (lock); and the socket's own.
 */
const unavailableCodes =
  /^(SQLITE_(BUSY|LOCKED|FULL|IOERR)|08|40|53|57|55P03|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_)/

function codeOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return ''
  return typeof thrown.code === 'string' ? thrown.code : ''
}
