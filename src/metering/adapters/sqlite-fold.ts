import type { RequestRecord } from '#kernel/words.ts'
import { databaseError } from '#platform/db/errors.ts'
import type { SqliteFile } from '#platform/db/sqlite-file.ts'
import type { JournalFold, Position } from '#platform/journal/contract.ts'
import { addUp } from '../core/usage.ts'
import { exampleRow, toRow } from './request-row.ts'
import { addingTo, sumTables } from './sum-tables.ts'

/**
 * The ledger's writing side on SQLite. Prepared statements, one run for each row: half of what many rows in one
 * statement cost through Kysely, and each run tells whether its row is new, so a replay needs no second way.
 */
export function createSqliteFold(database: SqliteFile): SqliteFold {
  const statements = prepare(database)
  return {
    position: (journal) => translated(() => statements.position.get(journal)).then(toPosition),
    fold: ({ journal, records, upTo }) =>
      translated(() => {
        // Immediate: a transaction that reads first and writes later fails at once when another one wrote in between.
        database.run('begin immediate')
        try {
          const fresh = records.filter((record) => statements.request.run(...Object.values(toRow(record))).changes > 0)
          const additions = addUp(fresh)
          for (const { rows, statement } of statements.sums)
            for (const row of rows(additions)) statement.run(...Object.values(row))
          statements.setPosition.run(journal, upTo.segment, upTo.offset)
          database.run('commit')
        } catch (thrown) {
          // Some errors, a full disk for one, have rolled it back already.
          if (database.inTransaction) database.run('rollback')
          throw thrown
        }
      }),
    [Symbol.dispose]() {
      // A connection with open statements stays open, whatever `close` says, and keeps the write-ahead log with it.
      const { sums, ...others } = statements
      for (const statement of [...sums.map((each) => each.statement), ...Object.values(others)]) statement.finalize()
      database.close()
    },
  }
}

/** Owns its connection. */
export interface SqliteFold extends JournalFold<RequestRecord>, Disposable {}

type Value = string | number | null

function prepare(database: SqliteFile) {
  const columns = Object.keys(exampleRow)
  return {
    position: database.prepare<PositionRow, [string]>(
      'select segment, segment_offset from request_position where journal = ?',
    ),
    request: database.prepare<unknown, Value[]>(
      `insert into request (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')}) on conflict do nothing`,
    ),
    sums: sumTables.map((table) => ({
      rows: table.rows,
      statement: database.prepare<unknown, Value[]>(
        `insert into ${table.name} (${table.columns.join(', ')}) values (${table.columns.map(() => '?').join(', ')})
         on conflict (${table.place.join(', ')}) do update set ${addingTo(table)}`,
      ),
    })),
    setPosition: database.prepare<unknown, [string, string, number]>(
      `insert into request_position (journal, segment, segment_offset) values (?, ?, ?)
       on conflict (journal) do update set segment = excluded.segment, segment_offset = excluded.segment_offset`,
    ),
  }
}

interface PositionRow {
  readonly segment: string
  readonly segment_offset: number
}

function toPosition(row: PositionRow | null): Position | null {
  return row ? { segment: row.segment, offset: row.segment_offset } : null
}

async function translated<T>(run: () => T): Promise<T> {
  try {
    return run()
  } catch (thrown) {
    throw databaseError(thrown)
  }
}
