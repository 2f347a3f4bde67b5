import type { Database } from '#platform/db/database.ts'
import type { TeamStore } from '../ports.ts'

type Tables = { readonly auth_team: { readonly id: string; readonly name: string; readonly created_at: number } }

export function createKyselyTeamStore(database: Database): TeamStore {
  const db = database.write.withTables<Tables>()
  return {
    async all() {
      const rows = await db.selectFrom('auth_team').selectAll().execute()
      return rows.map((row) => ({ id: row.id, name: row.name, createdAt: row.created_at }))
    },
    async insert({ id, name, createdAt }) {
      await db.insertInto('auth_team').values({ id, name, created_at: createdAt }).execute()
    },
    async rename(id, name) {
      await db.updateTable('auth_team').set({ name }).where('id', '=', id).execute()
    },
    async remove(id) {
      await db.deleteFrom('auth_team').where('id', '=', id).execute()
    },
  }
}
