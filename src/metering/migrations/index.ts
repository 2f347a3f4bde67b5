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

/** What was decided for a request and where its time went; null in rows that were there before. */
const trace: Migration = {
  name: '0003-trace',
  async up(db) {
    await db.schema.alterTable('request').addColumn('trace', 'text').execute()
  },
}

/**
 * Bodies are long, few and soon gone: beside the rows they would make every list slow. `bytes` stands before the texts,
 * so that adding up does not read them.
 */
const bodies: Migration = {
  name: '0004-bodies',
  async up(db) {
    await db.schema
      .createTable('request_body')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('bytes', 'bigint', (column) => column.notNull())
      .addColumn('is_cut', 'integer', (column) => column.notNull())
      .addColumn('request', 'text')
      .addColumn('response', 'text')
      .execute()
    await db.schema.createIndex('request_body_by_age').on('request_body').columns(['at', 'bytes']).execute()
  },
}

export const migrations: readonly Migration[] = [requests, usage, trace, bodies]
