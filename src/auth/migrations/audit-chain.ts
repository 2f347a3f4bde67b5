import { sql } from 'kysely'
import { sha256Hex } from '#platform/crypto/hash.ts'
import type { Migration } from '#platform/db/migrate.ts'
import { genesis, linkHash } from '../core/audit-row.ts'

const rowsAtOnce = 500

interface EarlierRow {
  readonly position: number
  readonly at: number
  readonly who: string
  readonly action: string
  readonly target: string
  readonly detail: string
  readonly from_address: string | null
}

/**
 * Rows become links. Those of before are linked here, as they stand: the chain proves them from this moment on, which
 * is what `linked_later` keeps.
 */
export const auditChain: Migration = {
  name: '0008-audit-chain',
  async up(db) {
    for (const column of ['before_json', 'after_json', 'previous', 'hash'])
      await db.schema.alterTable('auth_audit').addColumn(column, 'text').execute()
    await db.schema.createIndex('auth_audit_at').on('auth_audit').column('at').execute()
    await db.schema
      .createTable('auth_audit_chain')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('position', 'bigint', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('linked_later', 'bigint', (column) => column.notNull())
      .execute()
    let last = { position: 0, hash: genesis }
    for (;;) {
      const { rows } = await sql<EarlierRow>`select position, at, who, action, target, detail, from_address
        from auth_audit where position > ${last.position} order by position limit ${rowsAtOnce}`.execute(db)
      for (const { from_address: from, ...row } of rows) {
        const hash = linkHash(last.hash, { ...row, from, before: null, after: null }, sha256Hex)
        await sql`update auth_audit set previous = ${last.hash}, hash = ${hash}
          where position = ${row.position}`.execute(db)
        last = { position: row.position, hash }
      }
      if (rows.length < rowsAtOnce) break
    }
    await sql`insert into auth_audit_chain (id, position, hash, linked_later)
      values (1, ${last.position}, ${last.hash}, ${last.position})`.execute(db)
  },
}
