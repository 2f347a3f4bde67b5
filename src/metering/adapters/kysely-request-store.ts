import type { Kysely, Transaction } from 'kysely'
import { CompiledQuery, sql } from 'kysely'
import type { RequestRecord } from '#kernel/words.ts'
import type { Database } from '#platform/db/database.ts'
import type { Position } from '#platform/journal/contract.ts'
import { addUp } from '../core/usage.ts'
import type { RequestStore } from '../ports.ts'
import { findRow, readPage, readUsage } from './request-reading.ts'
import type { RequestRow, Tables } from './request-row.ts'
import { exampleRow, toRow } from './request-row.ts'
import { carryCharges, readCharges } from './charges.ts'
import { addingTo, sumTables } from './sum-tables.ts'

/** One statement's worth: measured on SQLite, 50 rows cost 5 µs each; 1 at a time 25 µs, 500 at a time 8 µs. */
const rowsPerInsert = 50

/** A whole statement's worth. Its text is made once: Kysely spends as much on making it as SQLite on running it. */
type InsertWhole = (rows: readonly RequestRow[]) => CompiledQuery

export function createKyselyRequestStore(database: Database): RequestStore {
  const db = database.write.withTables<Tables>()
  const reader = database.read.withTables<Tables>()
  let insertWhole: InsertWhole | null = null
  return {
    async position(journal) {
      const query = db.selectFrom('request_position').selectAll().where('journal', '=', journal)
      const row = await query.executeTakeFirst()
      return row ? { segment: row.segment, offset: row.segment_offset } : null
    },
    async fold(batch) {
      try {
        const whole = (insertWhole ??= createInsertWhole(db))
        await db.transaction().execute((transaction) => foldNew(transaction, batch, whole))
      } catch (thrown) {
        if (!(thrown instanceof SomeStoodAlready)) throw thrown
        await db.transaction().execute((transaction) => foldAgain(transaction, batch))
      }
    },
    page: (ask) => readPage(reader, ask),
    find: (id, within) => findRow(reader, id, within),
    usage: (ask) => readUsage(reader, ask),
    async deleteBefore(at, limit) {
      const oldest = db.selectFrom('request').select(['at', 'id']).where('at', '<', at).orderBy('at').limit(limit)
      const { numDeletedRows } = await db
        .deleteFrom('request')
        .where(({ refTuple }) => sql<boolean>`${refTuple('at', 'id')} in (${oldest})`)
        .executeTakeFirst()
      return Number(numDeletedRows)
    },
    async deleteUsageBefore(day) {
      await db.deleteFrom('request_sum').where('day', '<', day).execute()
      await db.deleteFrom('request_tag_sum').where('day', '<', day).execute()
    },
    charges: (subject) => readCharges(db, subject),
    carryCharges: (day) => db.transaction().execute((transaction) => carryCharges(transaction, day)),
  }
}

interface Fold {
  readonly journal: string
  readonly records: readonly RequestRecord[]
  readonly upTo: Position
}

/** Rolls `foldNew` back. */
class SomeStoodAlready extends Error {}

/** Asking for the inserted ids doubles the cost; a count tells too that all were new, and nearly always they are. */
async function foldNew(transaction: Transaction<Tables>, batch: Fold, insertWhole: InsertWhole): Promise<void> {
  const { journal, records, upTo } = batch
  let inserted = 0
  for (const part of parts(records, rowsPerInsert)) {
    if (part.length === rowsPerInsert) {
      const { numAffectedRows } = await transaction.executeQuery(insertWhole(part.map(toRow)))
      inserted += Number(numAffectedRows ?? 0)
    } else {
      const { numInsertedOrUpdatedRows } = await insertNew(transaction, part.map(toRow)).executeTakeFirst()
      inserted += Number(numInsertedOrUpdatedRows ?? 0)
    }
  }
  if (inserted !== records.length) throw new SomeStoodAlready()
  await addUsage(transaction, records)
  await setPosition(transaction, journal, upTo)
}

/** Rows have their members in one order, that of `toRow`, and Kysely keeps it. */
function createInsertWhole(db: Kysely<Tables>): InsertWhole {
  const { sql: text } = insertNew(
    db,
    Array.from({ length: rowsPerInsert }, () => exampleRow),
  ).compile()
  const bare = CompiledQuery.raw(text)
  // Kysely freezes the parameters that it is given, and freezing thousands costs as much as the rows themselves.
  return (rows) => ({ ...bare, parameters: rows.flatMap(Object.values) })
}

/** A replay: only rows that were not there yet are added to the sums. */
async function foldAgain(transaction: Transaction<Tables>, { journal, records, upTo }: Fold): Promise<void> {
  const once = [...new Map(records.map((record) => [record.id, record])).values()]
  const fresh: RequestRecord[] = []
  for (const part of parts(once, rowsPerInsert)) {
    const inserted = await insertNew(transaction, part.map(toRow)).returning('id').execute()
    const ids = new Set(inserted.map((row) => row.id))
    fresh.push(...part.filter((record) => ids.has(record.id)))
  }
  await addUsage(transaction, fresh)
  await setPosition(transaction, journal, upTo)
}

function insertNew(db: Kysely<Tables>, rows: readonly RequestRow[]) {
  return db
    .insertInto('request')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
}

async function addUsage(transaction: Transaction<Tables>, records: readonly RequestRecord[]): Promise<void> {
  const additions = addUp(records)
  for (const table of sumTables) {
    for (const part of parts(table.rows(additions), rowsPerInsert)) {
      const columns = sql.raw(table.columns.join(', '))
      const values = sql.join(part.map((row) => sql`(${sql.join(Object.values(row))})`))
      await sql`
        insert into ${sql.table(table.name)} (${columns}) values ${values}
        on conflict (${sql.raw(table.place.join(', '))}) do update set ${sql.raw(addingTo(table))}`.execute(transaction)
    }
  }
}

async function setPosition(transaction: Transaction<Tables>, journal: string, upTo: Position): Promise<void> {
  const place = { segment: upTo.segment, segment_offset: upTo.offset }
  await transaction
    .insertInto('request_position')
    .values({ journal, ...place })
    .onConflict((conflict) => conflict.column('journal').doUpdateSet(place))
    .execute()
}

function* parts<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size)
}
