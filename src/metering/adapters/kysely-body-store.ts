import { sql } from 'kysely'
import type { Database } from '#platform/db/database.ts'
import type { BodyStore, StoredBodies } from '../ports.ts'

type BodyRow = {
  readonly id: string
  readonly at: number
  readonly bytes: number
  readonly is_cut: number
  readonly request: string | null
  readonly response: string | null
}
type Tables = { readonly request_body: BodyRow }

export function createKyselyBodyStore(database: Database): BodyStore {
  const db = database.write.withTables<Tables>()
  const reader = database.read.withTables<Tables>()
  const oldest = (limit: number) => db.selectFrom('request_body').select('id').orderBy('at').limit(limit)
  return {
    async add(bodies) {
      if (bodies.length === 0) return
      await db
        .insertInto('request_body')
        .values(bodies.map(toRow))
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    },
    async find(id) {
      const query = reader.selectFrom('request_body').select(['request', 'response', 'is_cut']).where('id', '=', id)
      const row = await query.executeTakeFirst()
      return row ? { request: row.request, response: row.response, isCut: row.is_cut === 1 } : null
    },
    async deleteBefore(at, limit) {
      const query = db.deleteFrom('request_body').where('id', 'in', oldest(limit).where('at', '<', at))
      return Number((await query.executeTakeFirst()).numDeletedRows)
    },
    async deleteOldest(limit) {
      const query = db.deleteFrom('request_body').where('id', 'in', oldest(limit))
      return Number((await query.executeTakeFirst()).numDeletedRows)
    },
    async bytes() {
      // PostgreSQL's sum of bigint is numeric, which would come as a text.
      const sum = sql<number | null>`cast(sum(bytes) as bigint)`
      const row = await reader.selectFrom('request_body').select(sum.as('bytes')).executeTakeFirst()
      return row?.bytes ?? 0
    },
  }
}

function toRow({ id, at, bytes, isCut, request, response }: StoredBodies): BodyRow {
  return { id, at, bytes, is_cut: isCut ? 1 : 0, request, response }
}
