import type { Migration } from '#platform/db/migrate.ts'

/**
 * Nothing here is in clear: names and handles of scopes are keyed digests, keys and values are sealed (base64). Tags
 * are what left the house anyway.
 */
const vault: Migration = {
  name: '0001-vault',
  async up(db) {
    await db.schema
      .createTable('privacy_fact')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('value', 'text', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('privacy_scope')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('name_hash', 'text', (column) => column.notNull().unique())
      .addColumn('owner', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('wrapped_key', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('used_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addColumn('ttl_ms', 'bigint', (column) => column.notNull())
      .addColumn('size', 'integer', (column) => column.notNull())
      .execute()
    await db.schema.createIndex('privacy_scope_by_end').on('privacy_scope').column('expires_at').execute()
    await db.schema.createIndex('privacy_scope_by_use').on('privacy_scope').columns(['owner', 'used_at']).execute()
    await db.schema
      .createTable('privacy_entry')
      .addColumn('scope', 'text', (column) => column.notNull())
      .addColumn('position', 'integer', (column) => column.notNull())
      .addColumn('tag', 'text', (column) => column.notNull())
      .addColumn('form', 'text', (column) => column.notNull())
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('sealed', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('privacy_entry_place', ['scope', 'position'])
      .addUniqueConstraint('privacy_entry_placeholder', ['scope', 'tag', 'form'])
      .execute()
  },
}

const departures: Migration = {
  name: '0002-departures',
  async up(db) {
    await db.schema
      .createTable('privacy_departure')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('request', 'text')
      .addColumn('owner', 'text', (column) => column.notNull())
      .addColumn('destination', 'text', (column) => column.notNull())
      .addColumn('path', 'text', (column) => column.notNull())
      .addColumn('bytes', 'bigint', (column) => column.notNull())
      .addColumn('data', 'text', (column) => column.notNull())
      .addColumn('policy', 'text', (column) => column.notNull())
      .addColumn('verdict', 'text', (column) => column.notNull())
      .addColumn('reason', 'text')
      .addColumn('counts', 'text', (column) => column.notNull())
      .execute()
    const byTime = (name: string, ...before: string[]) =>
      db.schema
        .createIndex(name)
        .on('privacy_departure')
        .columns([...before, 'at', 'id'])
        .execute()
    await byTime('privacy_departure_by_time')
    await byTime('privacy_departure_by_owner', 'owner')
  },
}

const lists: Migration = {
  name: '0003-lists',
  async up(db) {
    await db.schema
      .createTable('privacy_list')
      .addColumn('version', 'bigint', (column) => column.notNull())
      .addColumn('position', 'integer', (column) => column.notNull())
      .addColumn('sealed', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('privacy_list_place', ['version', 'position'])
      .execute()
  },
}

const transcripts: Migration = {
  name: '0004-transcripts',
  async up(db) {
    await db.schema
      .createTable('privacy_transcript')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('owner', 'text')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addColumn('sealed', 'text', (column) => column.notNull())
      .execute()
    await db.schema.createIndex('privacy_transcript_by_age').on('privacy_transcript').column('created_at').execute()
    await db.schema.createIndex('privacy_transcript_by_end').on('privacy_transcript').column('expires_at').execute()
  },
}

export const migrations: readonly Migration[] = [vault, departures, lists, transcripts]
