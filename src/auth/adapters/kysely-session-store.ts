import { keyId } from '#kernel/ids.ts'
import type { Database } from '#platform/db/database.ts'
import type { SessionStore } from '../ports.ts'

type Tables = {
  readonly auth_session: {
    readonly token_sha256: string
    readonly key: string
    readonly generation: number
    readonly created_at: number
    readonly expires_at: number
  }
}

export function createKyselySessionStore(database: Database): SessionStore {
  const db = database.write.withTables<Tables>()
  return {
    async all() {
      const rows = await db.selectFrom('auth_session').selectAll().execute()
      return rows.map((row) => ({
        tokenSha256: row.token_sha256,
        key: keyId(row.key),
        generation: row.generation,
        createdAt: row.created_at,
        expiresAt: row.expires_at,
      }))
    },
    async insert(record) {
      await db
        .insertInto('auth_session')
        .values({
          token_sha256: record.tokenSha256,
          key: record.key,
          generation: record.generation,
          created_at: record.createdAt,
          expires_at: record.expiresAt,
        })
        .execute()
    },
    async extend(ends) {
      await db.transaction().execute(async (transaction) => {
        for (const [token, expiresAt] of ends) {
          await transaction
            .updateTable('auth_session')
            .set({ expires_at: expiresAt })
            .where('token_sha256', '=', token)
            .execute()
        }
      })
    },
    async moveOn(token, generation) {
      await db.updateTable('auth_session').set({ generation }).where('token_sha256', '=', token).execute()
    },
    async remove(tokens) {
      await db.transaction().execute(async (transaction) => {
        for (const token of tokens) {
          await transaction.deleteFrom('auth_session').where('token_sha256', '=', token).execute()
        }
      })
    },
  }
}
