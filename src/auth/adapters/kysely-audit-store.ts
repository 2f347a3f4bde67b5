import type { Database } from '#platform/db/database.ts'
import { isUniqueViolation } from '#platform/db/errors.ts'
import type { AuditEntry } from '../contract.ts'
import type { AuditStore } from '../ports.ts'

type Tables = {
  readonly auth_audit: {
    readonly position: number
    readonly at: number
    readonly who: string
    readonly action: string
    readonly target: string
    readonly detail: string
    readonly from_address: string | null
  }
}

/** Processes that append at the same moment take turns; one that loses every turn is told `already_exists`. */
const maxTurns = 20

/** Positions are counted by hand: without gaps, so that a missing row shows, and in the same way on both engines. */
export function createKyselyAuditStore(database: Database): AuditStore {
  const db = database.write.withTables<Tables>()
  const append = (entries: readonly AuditEntry[]) =>
    db.transaction().execute(async (transaction) => {
      const { last } = await transaction
        .selectFrom('auth_audit')
        .select((row) => row.fn.max<number | null>('position').as('last'))
        .executeTakeFirstOrThrow()
      const first = (last ?? 0) + 1
      const rows = entries.map((entry, index) => ({
        position: first + index,
        at: entry.at,
        who: entry.who,
        action: entry.action,
        target: entry.target,
        detail: entry.detail,
        from_address: entry.from ?? null,
      }))
      await transaction.insertInto('auth_audit').values(rows).execute()
    })
  return {
    async append(entries) {
      if (entries.length === 0) return
      for (let turn = 1; ; turn++) {
        try {
          return await append(entries)
        } catch (error) {
          if (!isUniqueViolation(error) || turn === maxTurns) throw error
        }
      }
    },
    async list({ limit, before }) {
      let query = database.read
        .withTables<Tables>()
        .selectFrom('auth_audit')
        .selectAll()
        .orderBy('position', 'desc')
        .limit(limit)
      if (before !== null) query = query.where('position', '<', before)
      const rows = await query.execute()
      return rows.map(({ from_address, ...row }) => ({ ...row, from: from_address }))
    },
  }
}
