import type { Kysely } from 'kysely'
import { sql } from 'kysely'
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

/**
 * Whose requests they were. Sums go by all that people ask for; tags have sums of their own, because a request may have
 * several. What limits and budgets were charged with is a third table: small, so that it is read whole at each start,
 * and kept when sums for reports go. Names that nobody has are empty, not null: they are parts of keys.
 */
const subjects: Migration = {
  name: '0005-subjects',
  async up(db) {
    for (const column of ['user_id', 'team', 'tags']) {
      await db.schema.alterTable('request').addColumn(column, 'text').execute()
    }
    await createSums(db, 'request_sum', ['day', 'key', 'user_id', 'team', 'model', 'upstream'])
    await createSums(db, 'request_tag_sum', ['day', 'tag', 'key', 'user_id', 'team', 'model', 'upstream'])
    await db.schema
      .createTable('request_charge')
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('day', 'text', (column) => column.notNull())
      .addColumn('requests', 'bigint', (column) => column.notNull())
      .addColumn('tokens', 'bigint', (column) => column.notNull())
      .addColumn('micros', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('request_charge_place', ['kind', 'id', 'day'])
      .execute()
    const sums = sql.raw('requests, prompt_tokens, completion_tokens, cached_tokens, cost_micros, failed')
    await sql`
      insert into request_sum (day, key, user_id, team, model, upstream, ${sums})
      select day, key, '', '', model, '', ${sums} from request_usage`.execute(db)
    for (const kind of ['key', 'model']) {
      await sql`
        insert into request_charge (kind, id, day, requests, tokens, micros)
        select ${sql.lit(kind)}, ${sql.ref(kind)}, day, cast(sum(requests - failed) as bigint),
          cast(sum(prompt_tokens + completion_tokens) as bigint), cast(sum(coalesce(cost_micros, 0)) as bigint)
        from request_usage group by ${sql.ref(kind)}, day`.execute(db)
    }
    await db.schema.dropTable('request_usage').execute()
  },
}

async function createSums(db: Kysely<unknown>, name: string, place: readonly string[]): Promise<void> {
  let table = db.schema.createTable(name)
  for (const column of place) table = table.addColumn(column, 'text', (each) => each.notNull())
  for (const column of ['requests', 'prompt_tokens', 'completion_tokens', 'cached_tokens'])
    table = table.addColumn(column, 'bigint', (each) => each.notNull())
  await table
    .addColumn('cost_micros', 'bigint')
    .addColumn('failed', 'bigint', (each) => each.notNull())
    .addPrimaryKeyConstraint(`${name}_place`, [...place] as never[])
    .execute()
}

/** What people set for others than keys. */
const allowances: Migration = {
  name: '0006-allowances',
  async up(db) {
    await db.schema
      .createTable('metering_allowance')
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('limits', 'text', (column) => column.notNull())
      .addColumn('budget', 'text')
      .addPrimaryKeyConstraint('metering_allowance_place', ['kind', 'id'])
      .execute()
  },
}

export const migrations: readonly Migration[] = [requests, usage, trace, bodies, subjects, allowances]
