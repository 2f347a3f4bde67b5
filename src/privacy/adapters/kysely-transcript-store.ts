import { keyId } from '#kernel/ids.ts'
import type { Database } from '#platform/db/database.ts'
import type { StoredPrints, TranscriptStore } from '../ports.ts'
import { asBytes, asText } from './sealed-text.ts'

type PrintsRow = {
  readonly id: string
  readonly owner: string | null
  readonly created_at: number
  readonly expires_at: number
  readonly sealed: string
}
type Tables = { readonly privacy_transcript: PrintsRow }

/** A row may have some hundred kilobytes. */
const rowsPerInsert = 20

export function createKyselyTranscriptStore(database: Database): TranscriptStore {
  const db = database.write.withTables<Tables>()
  return {
    isShared: database.dialect === 'postgresql',
    async add(prints) {
      for (let from = 0; from < prints.length; from += rowsPerInsert) {
        const rows = prints.slice(from, from + rowsPerInsert).map(toRow)
        const insert = db.insertInto('privacy_transcript').values(rows)
        await insert.onConflict((conflict) => conflict.doNothing()).execute()
      }
    },
    async since(at, { now }) {
      const query = db.selectFrom('privacy_transcript').selectAll()
      const rows = query.where('created_at', '>=', at).where('expires_at', '>', now)
      return (await rows.orderBy('created_at').orderBy('id').execute()).map(toPrints)
    },
    async deleteExpired(now, limit) {
      const ended = db.selectFrom('privacy_transcript').select('id').where('expires_at', '<=', now)
      const first = ended.orderBy('expires_at').limit(limit)
      const deleted = await db.deleteFrom('privacy_transcript').where('id', 'in', first).executeTakeFirst()
      return Number(deleted.numDeletedRows)
    },
  }
}

function toRow({ id, owner, createdAt, expiresAt, sealed }: StoredPrints): PrintsRow {
  return { id, owner, created_at: createdAt, expires_at: expiresAt, sealed: asText(sealed) }
}

function toPrints(row: PrintsRow): StoredPrints {
  return {
    id: row.id,
    owner: row.owner === null ? null : keyId(row.owner),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    sealed: asBytes(row.sealed),
  }
}
