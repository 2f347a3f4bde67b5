import type { Migration } from '#platform/db/migrate.ts'

/** Steps of the table that the configuration owns, oldest first. */
export const configMigrations: readonly Migration[] = [
  {
    name: '0001-overlay',
    async up(db) {
      await db.schema
        .createTable('config_overlay')
        .addColumn('path', 'text', (column) => column.primaryKey())
        .addColumn('value', 'text', (column) => column.notNull())
        .addColumn('set_at', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
]
