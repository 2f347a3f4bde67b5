import type { Clock } from '#kernel/time.ts'
import type { Database } from '#platform/db/database.ts'
import type { OverlayStore } from './ports.ts'

type Tables = {
  readonly config_overlay: { readonly path: string; readonly value: string; readonly set_at: number }
}

/** The overlay in the database: each value as JSON text. `configMigrations` must have run as domain `config`. */
export function databaseOverlayStore(database: Database, clock: Clock): OverlayStore {
  const write = database.write.withTables<Tables>()
  return {
    async all() {
      // From the writing connection: a value that was just put must be seen.
      const rows = await write
        .selectFrom('config_overlay')
        .select(['path', 'value'])
        .orderBy('set_at')
        .orderBy('path')
        .execute()
      return Object.fromEntries(rows.map((row) => [row.path, JSON.parse(row.value) as unknown]))
    },
    async put(path, value) {
      const row = { value: JSON.stringify(value), set_at: clock.now() }
      await write
        .insertInto('config_overlay')
        .values({ path, ...row })
        .onConflict((conflict) => conflict.column('path').doUpdateSet(row))
        .execute()
    },
    async remove(path) {
      const result = await write.deleteFrom('config_overlay').where('path', '=', path).executeTakeFirst()
      return result.numDeletedRows > 0n
    },
  }
}
