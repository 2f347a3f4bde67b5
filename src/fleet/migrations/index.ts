import type { Migration } from '#platform/db/migrate.ts'

/** Steps of the tables that the fleet owns, oldest first. */
export const fleetMigrations: readonly Migration[] = [
  {
    name: '0001-learned',
    async up(db) {
      await db.schema
        .createTable('fleet_learned')
        .addColumn('key', 'text', (column) => column.primaryKey())
        .addColumn('peak_bytes', 'bigint')
        .addColumn('load_ms', 'bigint')
        .execute()
    },
  },
]
