import type { ExpressionBuilder } from 'kysely'
import { open } from 'node:fs/promises'
import { sql } from 'kysely'
import { z } from 'zod'
import { sha256Hex } from '#platform/crypto/hash.ts'
import type { Database } from '#platform/db/database.ts'
import { isUniqueViolation } from '#platform/db/errors.ts'
import type { AuditEntry } from '../contract.ts'
import { pruneAction } from '../core/audit-chain.ts'
import type { AuditMark, ChainedRow } from '../core/audit-row.ts'
import { chained, genesis, toRow } from '../core/audit-row.ts'
import type { AuditFilter, AuditStore } from '../ports.ts'

type Tables = {
  readonly auth_audit: {
    readonly position: number
    readonly at: number
    readonly who: string
    readonly action: string
    readonly target: string
    readonly detail: string
    readonly from_address: string | null
    readonly before_json: string | null
    readonly after_json: string | null
    readonly previous: string | null
    readonly hash: string | null
  }
  /** One row: the end, which is also what writers wait for. */
  readonly auth_audit_chain: {
    readonly id: number
    readonly position: number
    readonly hash: string
    readonly linked_later: number
  }
}

/** Something else than Hearth may put a row in at the same moment; one that loses every turn is told so. */
const maxTurns = 20

/**
 * Positions are counted by hand: without gaps, so that a missing row shows, and in the same way on both engines.
 * Writers take turns at the row of the end: on PostgreSQL by its lock; on SQLite one transaction writes at a time.
 */
export function createKyselyAuditStore(database: Database): AuditStore {
  const read = database.read.withTables<Tables>()
  const append = appender(database)
  return {
    async append(entries) {
      for (let turn = 1; ; turn++) {
        try {
          const end = await append(entries)
          if (database.dialect === 'sqlite') await settle(database.place)
          return end
        } catch (error) {
          if (!isUniqueViolation(error) || turn === maxTurns) throw error
        }
      }
    },
    async list({ limit, before, filter = {} }) {
      let query = read.selectFrom('auth_audit').selectAll().where(matches(filter)).orderBy('position', 'desc')
      if (before !== null) query = query.where('position', '<', before)
      return (await query.limit(limit).execute()).map(fromTable)
    },
    async walk({ after, upTo, limit, filter = {} }) {
      const query = read.selectFrom('auth_audit').selectAll().where(matches(filter))
      const piece = query.where('position', '>', after).where('position', '<=', upTo)
      return (await piece.orderBy('position').limit(limit).execute()).map(fromTable)
    },
    end: () => readEnd(database),
    async hashAt(position) {
      const query = read.selectFrom('auth_audit').select('hash').where('position', '=', position)
      return (await query.executeTakeFirst())?.hash ?? null
    },
    async anchor() {
      const query = read.selectFrom('auth_audit').select('after_json').where('action', '=', pruneAction)
      const row = await query.orderBy('position', 'desc').limit(1).executeTakeFirst()
      return row === undefined ? null : anchorOf(row.after_json)
    },
    async lastBefore(at) {
      const { first, last, kept } = await read
        .selectFrom('auth_audit')
        .select(({ fn }) => [
          fn.min<number | null>('position').as('first'),
          fn.max<number | null>('position').as('last'),
        ])
        .select(({ selectFrom }) =>
          selectFrom('auth_audit')
            .select(({ fn }) => fn.min<number | null>('position').as('kept'))
            .where('at', '>=', at)
            .as('kept'),
        )
        .executeTakeFirstOrThrow()
      if (first === null || last === null) return null
      const upTo = kept === null ? last : kept - 1
      return upTo < first ? null : upTo
    },
    async deleteUpTo(position, limit) {
      const write = database.write.withTables<Tables>()
      const oldest = write.selectFrom('auth_audit').select('position').where('position', '<=', position)
      const chosen = oldest.orderBy('position').limit(limit)
      const { numDeletedRows } = await write
        .deleteFrom('auth_audit')
        .where('position', 'in', chosen)
        .executeTakeFirstOrThrow()
      return Number(numDeletedRows)
    },
  }
}

function appender(database: Database): (entries: readonly AuditEntry[]) => Promise<AuditMark> {
  const db = database.write.withTables<Tables>()
  return (entries) =>
    db.transaction().execute(async (transaction) => {
      const query = transaction.selectFrom('auth_audit_chain').selectAll().where('id', '=', 1)
      const record = await (database.dialect === 'postgresql' ? query.forUpdate() : query).executeTakeFirst()
      const last = await transaction
        .selectFrom('auth_audit')
        .select(['position', 'hash'])
        .orderBy('position', 'desc')
        .limit(1)
        .executeTakeFirst()
      // Without its record the chain goes on from what is there; that the record was away, its next check tells.
      const end = record ?? { position: last?.position ?? 0, hash: last?.hash ?? genesis }
      if (entries.length === 0) return { position: end.position, hash: end.hash }
      // A row that something else put in behind the end stays, as what it is: it is no link, and it shows.
      const first = Math.max(end.position, last?.position ?? 0) + 1
      const rows = chained(
        entries.map((entry, index) => toRow(entry, first + index)),
        end.hash,
        sha256Hex,
      )
      await transaction.insertInto('auth_audit').values(rows.map(toTable)).execute()
      const { position, hash } = rows.at(-1) ?? end
      await transaction.updateTable('auth_audit_chain').set({ position, hash }).where('id', '=', 1).execute()
      return { position, hash }
    })
}

/** One statement: rows and record of one moment. */
async function readEnd(database: Database): ReturnType<AuditStore['end']> {
  const { rows } = await sql<{
    readonly first: number | null
    readonly last: number | null
    readonly last_hash: string | null
    readonly position: number | null
    readonly hash: string | null
    readonly linked_later: number | null
  }>`select
      (select min(position) from auth_audit) as first,
      (select max(position) from auth_audit) as last,
      (select hash from auth_audit order by position desc limit 1) as last_hash,
      (select position from auth_audit_chain where id = 1) as position,
      (select hash from auth_audit_chain where id = 1) as hash,
      (select linked_later from auth_audit_chain where id = 1) as linked_later`.execute(database.read)
  const [row] = rows
  if (row === undefined) return { first: null, last: null, record: null, linkedLater: 0 }
  const { first, last, last_hash: hash, position } = row
  return {
    first,
    last: last === null ? null : { position: last, hash },
    record: position === null || row.hash === null ? null : { position, hash: row.hash },
    linkedLater: row.linked_later ?? 0,
  }
}

function matches(filter: AuditFilter) {
  return (row: ExpressionBuilder<Tables, 'auth_audit'>) => {
    const { who, action, target, since, until, text } = filter
    const all = []
    if (who !== undefined) all.push(row('who', '=', who))
    if (action?.endsWith('*')) all.push(like('action', `${escaped(action.slice(0, -1))}%`))
    else if (action !== undefined) all.push(row('action', '=', action))
    if (target !== undefined) all.push(row('target', '=', target))
    if (since !== undefined) all.push(row('at', '>=', since))
    if (until !== undefined) all.push(row('at', '<', until))
    if (text !== undefined) {
      const columns = ['who', 'action', 'target', 'detail', 'from_address', 'before_json', 'after_json']
      all.push(row.or(columns.map((column) => like(column, `%${escaped(text.toLowerCase())}%`))))
    }
    return row.and(all)
  }
}

const like = (column: string, pattern: string) =>
  sql<boolean>`lower(coalesce(${sql.ref(column)}, '')) like ${pattern} escape '\\'`

const escaped = (text: string): string => text.replace(/[\\%_]/g, (letter) => `\\${letter}`)

const anchorShape = z.object({ upTo: z.number().int().positive(), hash: z.string().length(64) })

function anchorOf(text: string | null): AuditMark | null {
  const parsed = anchorShape.safeParse(text === null ? null : JSON.parse(text))
  return parsed.success ? { position: parsed.data.upTo, hash: parsed.data.hash } : null
}

function fromTable({ from_address, before_json, after_json, ...row }: Tables['auth_audit']): ChainedRow {
  return { ...row, from: from_address, before: before_json, after: after_json }
}

function toTable({ from, before, after, ...row }: ChainedRow): Tables['auth_audit'] {
  return { ...row, from_address: from, before_json: before, after_json: after }
}

/**
 * SQLite's commits are on the disk some time later, which a loss of power may undo. Rows are told to the outside, so
 * they have to be there: its log is flushed from another thread, where the usual setting would stop all streams.
 */
async function settle(file: string): Promise<void> {
  const log = await open(`${file}-wal`, 'r').catch(() => null)
  if (log === null) return
  try {
    await log.datasync()
  } finally {
    await log.close()
  }
}
