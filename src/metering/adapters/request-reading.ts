import type { Kysely, SelectQueryBuilder } from 'kysely'
import { sql } from 'kysely'
import type { RequestRecord } from '#kernel/words.ts'
import type { UsageGroup } from '../core/usage.ts'
import type { Filter, Page, PageAsk, Span, UsageAsk } from '../ports.ts'
import type { ListedRow, Tables } from './request-row.ts'
import { listedColumns, toRecord, toTracedRecord } from './request-row.ts'

/** Rows that one page looks through, where it looks for something that has no index: about 2 ms on SQLite. */
const rowsPerLook = 2000

/**
 * Time, key and model have an index and are asked for as they are. What has none is looked for in a window of so many
 * rows: a search through millions would otherwise hold the thread for seconds, and on SQLite it is the one that serves.
 */
export async function readPage(reader: Kysely<Tables>, ask: PageAsk): Promise<Page> {
  const indexed = indexedRows(reader, ask)
  const isSearch = conditions(ask).length > 0
  const rows = isSearch
    ? await searched(reader, indexed.select(listedColumns).limit(rowsPerLook).as('request'), ask)
    : await indexed
        .select(listedColumns)
        .limit(ask.limit + 1)
        .execute()
  const records = rows.slice(0, ask.limit).map(toRecord)
  const last = records.at(-1)
  if (rows.length > ask.limit && last) return { records, next: { at: last.at, id: last.id } }
  if (!isSearch) return { records, next: null }
  const end = await indexed
    .select(['at', 'id'])
    .offset(rowsPerLook - 1)
    .limit(1)
    .executeTakeFirst()
  return { records, next: end ?? null }
}

export async function findRow(reader: Kysely<Tables>, id: string, within: Span): Promise<RequestRecord | null> {
  let query = reader.selectFrom('request').selectAll().where('id', '=', id)
  if (within.since !== null) query = query.where('at', '>=', within.since)
  if (within.until !== null) query = query.where('at', '<', within.until)
  const row = await query.executeTakeFirst()
  return row ? toTracedRecord(row) : null
}

const groupColumns = { user: 'user_id' } as const

/** A tag has sums of its own: a request may have several, and counts in each. */
export async function readUsage(reader: Kysely<Tables>, ask: UsageAsk): Promise<readonly UsageGroup[]> {
  const { by, firstDay, lastDay, tag } = ask
  const table = sql.table(by === 'tag' || tag !== null ? 'request_tag_sum' : 'request_sum')
  const group = sql.ref(by === 'user' ? groupColumns.user : by)
  // PostgreSQL's sum of bigint is numeric, which would come as a text.
  const sum = (column: string, name: string) => sql`cast(sum(${sql.ref(column)}) as bigint) as ${sql.ref(name)}`
  const wanted = [
    ...(firstDay === null ? [] : [sql`day >= ${firstDay}`]),
    ...(lastDay === null ? [] : [sql`day <= ${lastDay}`]),
    ...(tag === null ? [] : [sql`tag = ${tag}`]),
    ...(['key', 'user', 'team', 'model', 'upstream'] as const).flatMap((name) => {
      const value = ask[name]
      return value === null ? [] : [sql`${sql.ref(name === 'user' ? groupColumns.user : name)} = ${value}`]
    }),
  ]
  const where = wanted.length === 0 ? sql`` : sql`where ${sql.join(wanted, sql` and `)}`
  const order = by === 'day' ? sql`${group} desc` : group
  const { rows } = await sql<UsageGroup>`
    select ${group} as name, ${sum('requests', 'requests')}, ${sum('prompt_tokens', 'promptTokens')},
      ${sum('completion_tokens', 'completionTokens')}, ${sum('cached_tokens', 'cachedTokens')},
      ${sum('cost_micros', 'costMicros')}, ${sum('failed', 'failed')}
    from ${table} ${where} group by ${group} order by ${order}`.execute(reader)
  return rows
}

type Rows = SelectQueryBuilder<Tables, 'request', object>

function indexedRows(reader: Kysely<Tables>, { key, model, since, until, after }: PageAsk): Rows {
  let query: Rows = reader.selectFrom('request').orderBy('at', 'desc').orderBy('id', 'desc')
  if (key !== null) query = query.where('key', '=', key)
  if (model !== null) query = query.where('model', '=', model)
  if (since !== null) query = query.where('at', '>=', since)
  if (until !== null) query = query.where('at', '<', until)
  if (after !== null) {
    query = query.where(({ eb, refTuple, tuple }) => eb(refTuple('at', 'id'), '<', tuple(after.at, after.id)))
  }
  return query
}

async function searched(
  reader: Kysely<Tables>,
  window: ReturnType<ReturnType<Rows['select']>['as']>,
  ask: PageAsk,
): Promise<readonly ListedRow[]> {
  const wanted = sql.join(conditions(ask), sql` and `)
  const limit = sql.lit(ask.limit + 1)
  const { rows } = await sql<ListedRow>`
    select * from ${window} where ${wanted} order by at desc, id desc limit ${limit}`.execute(reader)
  return rows
}

function conditions({ id, upstream, endpoint, outcome, status, text, user, team, tag }: Filter) {
  const found = []
  if (id !== null) found.push(sql<boolean>`id = ${id}`)
  if (upstream !== null) found.push(sql<boolean>`upstream = ${upstream}`)
  if (endpoint !== null) found.push(sql<boolean>`endpoint = ${endpoint}`)
  if (outcome !== null) found.push(sql<boolean>`outcome = ${outcome}`)
  if (status !== null) found.push(sql<boolean>`status between ${status.from} and ${status.to}`)
  if (user !== null) found.push(sql<boolean>`user_id = ${user}`)
  if (team !== null) found.push(sql<boolean>`team = ${team}`)
  if (tag !== null) {
    const pattern = `%,${tag.replace(/[\\%_]/g, (sign) => `\\${sign}`)},%`
    found.push(sql<boolean>`tags like ${pattern} escape '\\'`)
  }
  if (text !== null) {
    const pattern = `%${text.toLowerCase().replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`
    const like = (column: string) => sql<boolean>`lower(${sql.ref(column)}) like ${pattern} escape '\\'`
    found.push(sql<boolean>`(${like('model')} or ${like('upstream_model')} or ${like('reason')})`)
  }
  return found
}
