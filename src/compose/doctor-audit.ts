import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { inspectAudit } from '#auth/index.ts'
import type { Environment } from '#config/index.ts'
import { AppError } from '#kernel/errors.ts'
import type { Finding } from '#monitor/index.ts'
import { openDatabase } from '#platform/db/database.ts'
import { silentLogger } from '#platform/log/logger.ts'

const name = 'audit log'

/** Goes along the whole chain, whether the house runs or not. */
export async function lookAtAudit(environment: Environment): Promise<Finding> {
  const file = join(environment.home, 'hearth.db')
  if (environment.databaseUrl === null && !existsSync(file)) return skipped('There is none yet.')
  const database = await openDatabase({ url: environment.databaseUrl, file, log: silentLogger })
  try {
    const { broken, rows } = await inspectAudit(database, environment.home)
    if (broken === null) return { name, state: 'ok', found: `${rows} rows follow one another.`, advice: null }
    const advice =
      'See docs/guides/audit.md. If you put back a copy of the database, or took another one, that is the reason: ' +
      `move ${join(environment.home, 'audit.head')} away.`
    return { name, state: 'fail', found: broken.message, advice }
  } catch (error) {
    // Its tables come with the first start of this version.
    if (error instanceof AppError && error.reason === 'database_error') return skipped('It has no chain yet.')
    throw error
  } finally {
    await database.close()
  }
}

const skipped = (found: string): Finding => ({ name, state: 'skip', found, advice: null })
