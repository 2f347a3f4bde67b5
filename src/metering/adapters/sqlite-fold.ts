import type { RequestRecord } from '#kernel/words.ts'
import { databaseError } from '#platform/db/errors.ts'
import type { SqliteFile } from '#platform/db/sqlite-file.ts'
import type { JournalFold, Position } from '#platform/journal/contract.ts'
import { addUp } from '../core/usage.ts'
import { exampleRow, toRow, toUsageRow } from './request-row.ts'

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
          for (const addition of addUp(fresh)) statements.usage.run(...Object.values(toUsageRow(addition)))
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
      for (const statement of Object.values(statements)) statement.finalize()
      database.close()
    },
  }
}

/** Owns its connection. */
export interface SqliteFold extends JournalFold<RequestRecord>, Disposable {}

type Value = string | number | null

function prepare(database: SqliteFile) {
  const columns = Object.keys(exampleRow)
  const sums = ['requests', 'prompt_tokens', 'completion_tokens', 'cached_tokens', 'failed'] as const
  const adding = sums.map((name) => `${name} = request_usage.${name} + excluded.${name}`).join(', ')
  const cost =
    'coalesce(request_usage.cost_micros + excluded.cost_micros, request_usage.cost_micros, excluded.cost_micros)'
  return {
    position: database.prepare<PositionRow, [string]>(
      'select segment, segment_offset from request_position where journal = ?',
    ),
    request: database.prepare<unknown, Value[]>(
      `insert into request (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')}) on conflict do nothing`,
    ),
    usage: database.prepare<unknown, Value[]>(
      `insert into request_usage (${Object.keys(toUsageRow(exampleAddition)).join(', ')})
       values (?, ?, ?, ?, ?, ?, ?, ?, ?)
       on conflict (day, key, model) do update set ${adding}, cost_micros = ${cost}`,
    ),
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

/** For its members only. */
const exampleAddition = {
  day: '',
  key: '',
  model: '',
  requests: 0,
  promptTokens: 0,
  completionTokens: 0,
  cachedTokens: 0,
  costMicros: null,
  failed: 0,
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
