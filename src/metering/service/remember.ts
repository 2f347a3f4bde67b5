import type { Logger } from '#platform/log/logger.ts'
import type { Limiter } from '../core/limiter.ts'
import type { RequestStore } from '../ports.ts'
import { dayStart } from './allowances.ts'
import type { RequestLedger } from './ledger.ts'

/** How long a start waits for what an earlier process left in the journal, as long as it gets less. */
const maxRounds = 60

/**
 * What everybody has spent, from the books: all that waits in the journal is in them first. Budgets begin where they
 * ended, whatever ended the process; only reservations are gone with it.
 */
export async function remember(parts: {
  readonly limiter: Limiter
  readonly ledger: RequestLedger
  readonly store: Pick<RequestStore, 'charges'>
  readonly log: Logger
}): Promise<void> {
  const { limiter, ledger, store, log } = parts
  let before = Infinity
  for (let round = 0; round < maxRounds && !(await ledger.flush()); round++) {
    const { records } = ledger.backlog
    if (records >= before) break
    before = records
  }
  const { records } = ledger.backlog
  if (records > 0) {
    log.error('budgets begin without what still waits in the journal: the database does not take it', {
      records,
      error: ledger.lastError,
    })
  }
  for (const day of await store.charges(null)) limiter.load(day, day, dayStart(day.day))
}
