import { keyId } from '#kernel/ids.ts'
import type { Database } from '#platform/db/database.ts'
import type { TicketStore } from '../ports.ts'

type Tables = {
  readonly auth_ticket: {
    readonly ticket_sha256: string
    readonly key: string
    readonly generation: number
    readonly expires_at: number
  }
}

export function createKyselyTicketStore(database: Database): TicketStore {
  const db = database.write.withTables<Tables>()
  return {
    async insert({ ticketSha256, key, generation, expiresAt }) {
      await db
        .insertInto('auth_ticket')
        .values({ ticket_sha256: ticketSha256, key, generation, expires_at: expiresAt })
        .execute()
    },
    async take(ticketSha256) {
      const row = await db
        .deleteFrom('auth_ticket')
        .where('ticket_sha256', '=', ticketSha256)
        .returningAll()
        .executeTakeFirst()
      return row ? { ticketSha256, key: keyId(row.key), generation: row.generation, expiresAt: row.expires_at } : null
    },
    async removeExpired(now) {
      await db.deleteFrom('auth_ticket').where('expires_at', '<=', now).execute()
    },
  }
}
