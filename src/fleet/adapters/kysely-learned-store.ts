import type { Database } from '#platform/db/database.ts'
import type { Learned, LearnedStore } from '../ports.ts'

// A type and not an interface: Kysely wants an index signature, which interfaces do not have.
type Tables = {
  fleet_learned: { key: string; peak_bytes: number | null; load_ms: number | null }
}

/** Recipes that people tried and threw away are forgotten some day, too: the newest this many are read. */
const maxRows = 10_000

export function createLearnedStore(database: Database): LearnedStore {
  const read = database.read.withTables<Tables>()
  const write = database.write.withTables<Tables>()
  return {
    async all() {
      const rows = await read.selectFrom('fleet_learned').selectAll().limit(maxRows).execute()
      return rows.map((row): Learned => ({ key: row.key, peakBytes: row.peak_bytes, loadMs: row.load_ms }))
    },
    async save({ key, peakBytes, loadMs }) {
      const values = { peak_bytes: peakBytes, load_ms: loadMs }
      await write
        .insertInto('fleet_learned')
        .values({ key, ...values })
        .onConflict((conflict) => conflict.column('key').doUpdateSet(values))
        .execute()
    },
  }
}
