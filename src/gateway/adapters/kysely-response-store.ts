import type { Kysely, Transaction } from 'kysely'
import { sql } from 'kysely'
import { keyId, type KeyId } from '#kernel/ids.ts'
import type { Database } from '#platform/db/database.ts'
import type { ItemIds, KeptResponse, ResponseStore } from '../ports.ts'

type ResponseRow = {
  readonly key: string
  readonly id: string
  readonly previous_id: string | null
  readonly created_at: number
  readonly input: string
  readonly response: string
  readonly alive_until: number | null
}
type Tables = {
  readonly gateway_response: ResponseRow
  readonly gateway_response_item: { readonly key: string; readonly item_id: string; readonly response_id: string }
}

/** Items of one statement. */
const itemsPerInsert = 100

export function createKyselyResponseStore(database: Database): ResponseStore {
  const db = database.write.withTables<Tables>()
  return {
    async save(kept) {
      await db.transaction().execute(async (transaction) => {
        for (const one of kept) await saveOne(transaction, one)
      })
    },
    async find(key, id) {
      const query = db.selectFrom('gateway_response').selectAll().where('key', '=', key).where('id', '=', id)
      const row = await query.executeTakeFirst()
      return row ? toKept(row) : null
    },
    chain: (key, id, limit) => readChain(db, { key, id, limit }),
    async holding(key, itemIds) {
      if (itemIds.length === 0) return []
      const owners = db
        .selectFrom('gateway_response_item')
        .select('response_id')
        .where('key', '=', key)
        .where('item_id', 'in', [...itemIds])
      const query = db.selectFrom('gateway_response').selectAll().where('key', '=', key).where('id', 'in', owners)
      return (await query.execute()).map(toKept)
    },
    async remove(key, id) {
      return db.transaction().execute(async (transaction) => {
        await removeItems(transaction, key, id)
        const { numDeletedRows } = await transaction
          .deleteFrom('gateway_response')
          .where('key', '=', key)
          .where('id', '=', id)
          .executeTakeFirst()
        return numDeletedRows > 0n
      })
    },
    async renew(running, until) {
      for (const { key, id } of running) {
        await db
          .updateTable('gateway_response')
          .set({ alive_until: until })
          .where('key', '=', key)
          .where('id', '=', id)
          .where('alive_until', 'is not', null)
          .execute()
      }
    },
    async abandoned(before, limit) {
      const query = db.selectFrom('gateway_response').selectAll().where('alive_until', '<', before).limit(limit)
      return (await query.execute()).map(toKept)
    },
    async deleteBefore(at, limit) {
      const query = db.selectFrom('gateway_response').select(['key', 'id']).where('created_at', '<', at)
      const oldest = await query.orderBy('created_at').limit(limit).execute()
      await db.transaction().execute(async (transaction) => {
        for (const { key, id } of oldest) {
          await removeItems(transaction, key, id)
          await transaction.deleteFrom('gateway_response').where('key', '=', key).where('id', '=', id).execute()
        }
      })
      return oldest.length
    },
  }
}

async function saveOne(transaction: Transaction<Tables>, kept: KeptResponse & ItemIds): Promise<void> {
  const row = toRow(kept)
  const { key, id, ...members } = row
  await transaction
    .insertInto('gateway_response')
    .values(row)
    .onConflict((conflict) => conflict.columns(['key', 'id']).doUpdateSet(members))
    .execute()
  await removeItems(transaction, key, id)
  const items = [...new Set(kept.itemIds)].map((itemId) => ({ key, item_id: itemId, response_id: id }))
  for (let from = 0; from < items.length; from += itemsPerInsert) {
    await transaction
      .insertInto('gateway_response_item')
      .values(items.slice(from, from + itemsPerInsert))
      .execute()
  }
}

async function removeItems(transaction: Transaction<Tables>, key: string, id: string): Promise<void> {
  await transaction.deleteFrom('gateway_response_item').where('key', '=', key).where('response_id', '=', id).execute()
}

/** `limit` also ends a walk through rows that rest on each other in a circle. */
async function readChain(
  db: Kysely<Tables>,
  { key, id, limit }: { readonly key: KeyId; readonly id: string; readonly limit: number },
): Promise<readonly KeptResponse[]> {
  const { rows } = await sql<ResponseRow & { readonly depth: number }>`
    with recursive walk(id, previous_id, depth) as (
      select id, previous_id, 0 from gateway_response where key = ${key} and id = ${id}
      union all
      select earlier.id, earlier.previous_id, walk.depth + 1
      from gateway_response as earlier join walk on earlier.id = walk.previous_id
      where earlier.key = ${key} and walk.depth + 1 < ${sql.lit(limit)}
    )
    select kept.*, walk.depth from gateway_response as kept join walk on kept.id = walk.id
    where kept.key = ${key} order by walk.depth desc`.execute(db)
  return rows.map(toKept)
}

function toRow({ key, id, previousId, createdAt, input, response, aliveUntil }: KeptResponse): ResponseRow {
  return { key, id, previous_id: previousId, created_at: createdAt, input, response, alive_until: aliveUntil }
}

function toKept(row: ResponseRow): KeptResponse {
  return {
    key: keyId(row.key),
    id: row.id,
    previousId: row.previous_id,
    createdAt: row.created_at,
    input: row.input,
    response: row.response,
    aliveUntil: row.alive_until,
  }
}
