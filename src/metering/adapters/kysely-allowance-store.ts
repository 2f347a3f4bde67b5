import type { Budget, KeyLimits } from '#kernel/words.ts'
import type { Database } from '#platform/db/database.ts'
import type { Allowance } from '../contract.ts'
import type { AllowanceStore } from '../ports.ts'

type Tables = {
  readonly metering_allowance: {
    readonly kind: string
    readonly id: string
    /** JSON. */
    readonly limits: string
    /** JSON; null = none. */
    readonly budget: string | null
  }
}

export function createKyselyAllowanceStore(database: Database): AllowanceStore {
  const db = database.write.withTables<Tables>()
  return {
    async all() {
      const rows = await db.selectFrom('metering_allowance').selectAll().execute()
      // The casts trust what `put` wrote.
      return rows.map(({ kind, id, limits, budget }) => ({
        kind: kind as Allowance['kind'],
        id,
        limits: JSON.parse(limits) as KeyLimits,
        budget: budget === null ? null : (JSON.parse(budget) as Budget),
      }))
    },
    async put({ kind, id, limits, budget }) {
      const values = { limits: JSON.stringify(limits), budget: budget === null ? null : JSON.stringify(budget) }
      await db
        .insertInto('metering_allowance')
        .values({ kind, id, ...values })
        .onConflict((conflict) => conflict.columns(['kind', 'id']).doUpdateSet(values))
        .execute()
    },
    async remove({ kind, id }) {
      await db.deleteFrom('metering_allowance').where('kind', '=', kind).where('id', '=', id).execute()
    },
  }
}
