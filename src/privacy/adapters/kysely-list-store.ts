import type { Database } from '#platform/db/database.ts'
import type { ListStore } from '../ports.ts'
import { asBytes, asText } from './sealed-text.ts'

type Tables = {
  readonly privacy_list: { readonly version: number; readonly position: number; readonly sealed: string }
}

const rowsPerInsert = 500

/** One version stands at a time. A version without entries has a row too, at position -1: that it is there counts. */
export function createKyselyListStore(database: Database): ListStore {
  const db = database.write.withTables<Tables>()
  const standing = db.selectFrom('privacy_list').select((all) => all.fn.max<number | null>('version').as('version'))
  const version = async () => (await standing.executeTakeFirst())?.version ?? 0
  return {
    version,
    async read() {
      // One statement: between two of them another process may put a version in the place of this one.
      const rows = await db.selectFrom('privacy_list').selectAll().orderBy('version').orderBy('position').execute()
      const last = rows.at(-1)?.version ?? 0
      const sealed = rows.filter((row) => row.version === last && row.position >= 0).map((row) => asBytes(row.sealed))
      return { version: last, rows: sealed }
    },
    async replace(list) {
      return db.transaction().execute(async (transaction) => {
        const first = transaction.insertInto('privacy_list').values({ version: list.version, position: -1, sealed: '' })
        // Of two processes that write the same version one finds this row there.
        const inserted = await first.onConflict((conflict) => conflict.doNothing()).executeTakeFirst()
        if (inserted.numInsertedOrUpdatedRows === 0n) return false
        const later = transaction.selectFrom('privacy_list').select('version').where('version', '>', list.version)
        if ((await later.executeTakeFirst()) !== undefined) {
          const mine = transaction.deleteFrom('privacy_list').where('version', '=', list.version)
          await mine.execute()
          return false
        }
        for (let from = 0; from < list.rows.length; from += rowsPerInsert) {
          const slice = list.rows.slice(from, from + rowsPerInsert)
          const rows = slice.map((row, index) => ({
            version: list.version,
            position: from + index,
            sealed: asText(row),
          }))
          await transaction.insertInto('privacy_list').values(rows).execute()
        }
        await transaction.deleteFrom('privacy_list').where('version', '<', list.version).execute()
        return true
      })
    },
  }
}
