import type { Database } from '#platform/db/database.ts'
import type { DepartureStore } from '../ports.ts'
import { toDeparture, type DepartureTables } from './departure-row.ts'

export function createKyselyDepartureStore(database: Database): DepartureStore {
  const db = database.write.withTables<DepartureTables>()
  const reader = database.read.withTables<DepartureTables>()
  return {
    async list({ owner, destination, verdict, limit, before }) {
      let query = reader.selectFrom('privacy_departure').selectAll()
      if (owner !== null) query = query.where('owner', '=', owner)
      if (destination !== undefined) query = query.where('destination', '=', destination)
      if (verdict !== undefined) query = query.where('verdict', '=', verdict)
      if (before !== null)
        query = query.where(({ eb, refTuple, tuple }) => eb(refTuple('at', 'id'), '<', tuple(before.at, before.id)))
      const rows = await query.orderBy('at', 'desc').orderBy('id', 'desc').limit(limit).execute()
      return rows.map(toDeparture)
    },
    async deleteBefore(at, limit) {
      const oldest = db.selectFrom('privacy_departure').select('id').where('at', '<', at).orderBy('at').limit(limit)
      const deleted = await db.deleteFrom('privacy_departure').where('id', 'in', oldest).executeTakeFirst()
      return Number(deleted.numDeletedRows)
    },
  }
}
