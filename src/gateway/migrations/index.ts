import type { Migration } from '#platform/db/migrate.ts'

/**
 * Kept responses. The key comes first in both primary keys: nobody finds another's. Items stand in a table of their own
 * because requests refer to them by nothing but their id.
 */
const responses: Migration = {
  name: '0001-responses',
  async up(db) {
    await db.schema
      .createTable('gateway_response')
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('previous_id', 'text')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('input', 'text', (column) => column.notNull())
      .addColumn('response', 'text', (column) => column.notNull())
      .addColumn('alive_until', 'bigint')
      .addPrimaryKeyConstraint('gateway_response_place', ['key', 'id'])
      .execute()
    await db.schema.createIndex('gateway_response_by_age').on('gateway_response').column('created_at').execute()
    await db.schema.createIndex('gateway_response_alive').on('gateway_response').column('alive_until').execute()
    await db.schema
      .createTable('gateway_response_item')
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('item_id', 'text', (column) => column.notNull())
      .addColumn('response_id', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('gateway_response_item_place', ['key', 'item_id', 'response_id'])
      .execute()
    await db.schema
      .createIndex('gateway_response_item_owner')
      .on('gateway_response_item')
      .columns(['key', 'response_id'])
      .execute()
  },
}

export const migrations: readonly Migration[] = [responses]
