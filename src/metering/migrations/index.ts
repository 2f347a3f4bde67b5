import type { Migration } from '#platform/db/migrate.ts'

/**
 * The primary key begins with the time: new rows land side by side, where a random id alone would touch a page of the
 * index for each of them (measured on SQLite: three times the cost). A replayed row has the same time and id.
 */
const requests: Migration = {
  name: '0001-requests',
  async up(db) {
    await db.schema
      .createTable('request')
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('endpoint', 'text', (column) => column.notNull())
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('upstream', 'text')
      .addColumn('upstream_model', 'text')
      .addColumn('status', 'integer', (column) => column.notNull())
      .addColumn('outcome', 'text', (column) => column.notNull())
      .addColumn('is_stream', 'integer', (column) => column.notNull())
      .addColumn('prompt_tokens', 'bigint')
      .addColumn('completion_tokens', 'bigint')
      .addColumn('cached_tokens', 'bigint')
      .addColumn('ttft_ms', 'double precision')
      .addColumn('duration_ms', 'double precision', (column) => column.notNull())
      .addColumn('cost_micros', 'bigint')
      .addColumn('reason', 'text')
      .addPrimaryKeyConstraint('request_place', ['at', 'id'])
      .execute()
    await db.schema.createIndex('request_by_key').on('request').columns(['key', 'at', 'id']).execute()
    await db.schema.createIndex('request_by_model').on('request').columns(['model', 'at', 'id']).execute()
    await db.schema
      .createTable('request_position')
      .addColumn('journal', 'text', (column) => column.primaryKey())
      .addColumn('segment', 'text', (column) => column.notNull())
      .addColumn('segment_offset', 'bigint', (column) => column.notNull())
      .execute()
  },
}

/** Sums outlive the rows, and a report over years reads some thousand of them, not millions. */
const usage: Migration = {
  name: '0002-usage',
  async up(db) {
    await db.schema
      .createTable('request_usage')
      .addColumn('day', 'text', (column) => column.notNull())
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('requests', 'bigint', (column) => column.notNull())
      .addColumn('prompt_tokens', 'bigint', (column) => column.notNull())
      .addColumn('completion_tokens', 'bigint', (column) => column.notNull())
      .addColumn('cached_tokens', 'bigint', (column) => column.notNull())
      .addColumn('cost_micros', 'bigint')
      .addColumn('failed', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('request_usage_group', ['day', 'key', 'model'])
      .execute()
  },
}

export const migrations: readonly Migration[] = [requests, usage]
