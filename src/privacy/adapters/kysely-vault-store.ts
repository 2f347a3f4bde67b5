import type { Kysely, Transaction } from 'kysely'
import { sql } from 'kysely'
import { keyId } from '#kernel/ids.ts'
import type { Database } from '#platform/db/database.ts'
import { busyTimeoutMs } from '#platform/db/sqlite-file.ts'
import type { ScopeView } from '../contract.ts'
import type { EntityType } from '../core/words.ts'
import type { FactStore, ScopeUse, StoredEntry, StoredScope, VaultStore, VaultWriting } from '../ports.ts'
import { toDepartureRow, type DepartureTables } from './departure-row.ts'
import { asBytes, asText } from './sealed-text.ts'

type ScopeRow = {
  readonly id: string
  readonly name_hash: string
  readonly owner: string
  readonly kind: string
  readonly wrapped_key: string
  readonly created_at: number
  readonly used_at: number
  readonly expires_at: number
  readonly ttl_ms: number
  readonly size: number
}
type EntryRow = {
  readonly scope: string
  readonly position: number
  readonly tag: string
  readonly form: string
  readonly type: string
  readonly sealed: string
}
type Tables = DepartureTables & {
  readonly privacy_fact: { readonly name: string; readonly value: string }
  readonly privacy_scope: ScopeRow
  readonly privacy_entry: EntryRow
}

/** Entries of one statement, written or deleted: some milliseconds on SQLite. */
const entriesPerStatement = 500
const departuresPerStatement = 200
/** In the place of a data key that is gone. */
const noKey = '-'
/** What a house that begins anew leaves behind of before. */
const sealedTables = ['privacy_entry', 'privacy_scope', 'privacy_list', 'privacy_transcript', 'privacy_fact'] as const

export function createKyselyVaultStore(database: Database): VaultStore & FactStore {
  const db = database.write.withTables<Tables>()
  const isShared = database.dialect === 'postgresql'
  return {
    isShared,
    ...facts(db),
    ...reading(db),
    write: (work) => db.transaction().execute((transaction) => work(writing(transaction, isShared))),
    async touch(uses) {
      if (uses.length === 0) return
      await db.transaction().execute(async (transaction) => {
        for (const use of inOrder(uses)) await moveForward(transaction, use)
      })
    },
    async shred(id) {
      const isThere = await overwriting(database, async (transaction) => {
        const forget = { wrapped_key: noKey, name_hash: `gone:${id}`, expires_at: 0, used_at: 0 }
        const update = transaction.updateTable('privacy_scope').set(forget).where('id', '=', id)
        return (await update.executeTakeFirst()).numUpdatedRows > 0n
      })
      if (!isThere) return false
      // From the end on: what is left after an interruption still has the positions 0 to below its number.
      for (let to = await sizeOf(db, id); to > 0; to -= entriesPerStatement)
        await overwriting(database, (transaction) =>
          transaction
            .deleteFrom('privacy_entry')
            .where('scope', '=', id)
            .where('position', '>=', to - entriesPerStatement)
            .execute(),
        )
      await overwriting(database, (transaction) =>
        transaction.deleteFrom('privacy_scope').where('id', '=', id).execute(),
      )
      return true
    },
    purge: () => purge(database),
    async clear() {
      await overwriting(database, async (transaction) => {
        for (const table of sealedTables) await sql`delete from ${sql.table(table)}`.execute(transaction)
      })
      await purge(database)
    },
  }
}

function facts(db: Kysely<Tables>): FactStore {
  const get: FactStore['get'] = async (name) => {
    const row = await db.selectFrom('privacy_fact').select('value').where('name', '=', name).executeTakeFirst()
    return row?.value ?? null
  }
  return {
    get,
    async putIfAbsent(name, value) {
      const insert = db.insertInto('privacy_fact').values({ name, value })
      await insert.onConflict((conflict) => conflict.column('name').doNothing()).execute()
      return (await get(name)) ?? value
    },
  }
}

type Reading = Pick<VaultStore, 'findByName' | 'findById' | 'entries' | 'list' | 'expired'>

function reading(db: Kysely<Tables>): Reading {
  const scopes = db.selectFrom('privacy_scope').selectAll()
  const one = async (query: typeof scopes) => {
    const row = await query.where('wrapped_key', '!=', noKey).executeTakeFirst()
    return row ? toScope(row) : null
  }
  return {
    findByName: (nameHash) => one(scopes.where('name_hash', '=', nameHash)),
    findById: (id) => one(scopes.where('id', '=', id)),
    entries: (scope, { from }) => readEntries(db, scope, from),
    async list({ owner, limit, now }) {
      let query = scopes.where('expires_at', '>', now).orderBy('used_at', 'desc').orderBy('id').limit(limit)
      if (owner !== null) query = query.where('owner', '=', owner)
      return (await query.execute()).map(toScope)
    },
    async expired(before, limit) {
      const query = db.selectFrom('privacy_scope').select('id').where('expires_at', '<', before)
      return (await query.orderBy('expires_at').limit(limit).execute()).map(({ id }) => id)
    },
  }
}

function writing(transaction: Transaction<Tables>, isShared: boolean): VaultWriting {
  const held = async (by: { readonly id: string } | { readonly nameHash: string }) => {
    let query = transaction.selectFrom('privacy_scope').selectAll().where('wrapped_key', '!=', noKey)
    query = 'id' in by ? query.where('id', '=', by.id) : query.where('name_hash', '=', by.nameHash)
    // SQLite knows no locks of rows; there the transaction holds the whole file.
    const row = await (isShared ? query.forUpdate() : query).executeTakeFirst()
    return row ? toScope(row) : null
  }
  return {
    async add(scope) {
      const insert = transaction.insertInto('privacy_scope').values(toRow(scope))
      await insert.onConflict((conflict) => conflict.column('name_hash').doNothing()).execute()
      return (await held({ nameHash: scope.nameHash })) ?? scope
    },
    hold: (id) => held({ id }),
    entries: (scope, { from }) => readEntries(transaction, scope, from),
    async addEntries(scope, entries) {
      for (let from = 0; from < entries.length; from += entriesPerStatement) {
        const rows = entries.slice(from, from + entriesPerStatement).map((entry) => toEntryRow(scope, entry))
        await transaction.insertInto('privacy_entry').values(rows).execute()
      }
    },
    async replaceEntries(scope, entries) {
      for (const { position, sealed } of entries) {
        const update = transaction.updateTable('privacy_entry').set({ sealed: asText(sealed) })
        await update.where('scope', '=', scope).where('position', '=', position).execute()
      }
    },
    async resize(use) {
      await moveForward(transaction, use)
      await transaction.updateTable('privacy_scope').set({ size: use.size }).where('id', '=', use.id).execute()
    },
    async addDepartures(departures) {
      for (let from = 0; from < departures.length; from += departuresPerStatement) {
        const rows = departures.slice(from, from + departuresPerStatement).map(toDepartureRow)
        await transaction.insertInto('privacy_departure').values(rows).execute()
      }
    },
  }
}

async function moveForward(transaction: Transaction<Tables>, { id, usedAt, expiresAt }: ScopeUse): Promise<void> {
  await transaction
    .updateTable('privacy_scope')
    .set({ used_at: usedAt, expires_at: expiresAt })
    .where('id', '=', id)
    .where('used_at', '<', usedAt)
    .where('wrapped_key', '!=', noKey)
    .execute()
}

async function readEntries(db: Kysely<Tables>, scope: string, from: number): Promise<readonly StoredEntry[]> {
  const query = db.selectFrom('privacy_entry').selectAll().where('scope', '=', scope)
  return (await query.where('position', '>=', from).orderBy('position').execute()).map(toEntry)
}

async function sizeOf(db: Kysely<Tables>, id: string): Promise<number> {
  const query = db.selectFrom('privacy_entry').where('scope', '=', id)
  const row = await query.select((all) => all.fn.max<number | null>('position').as('last')).executeTakeFirst()
  return (row?.last ?? -1) + 1
}

/**
 * On SQLite what is deleted is overwritten with zeros; only here, because every page that becomes free is written once
 * more for it.
 */
async function overwriting<T>(database: Database, work: (transaction: Transaction<Tables>) => Promise<T>): Promise<T> {
  const isSqlite = database.dialect === 'sqlite'
  const db = database.write.withTables<Tables>()
  return db.transaction().execute(async (transaction) => {
    if (isSqlite) await sql`pragma secure_delete = on`.execute(transaction)
    try {
      return await work(transaction)
    } finally {
      if (isSqlite) await sql`pragma secure_delete = off`.execute(transaction)
    }
  })
}

/**
 * SQLite's log has the pages as they were: carried over, and its file emptied. PostgreSQL reuses the rows' room after a
 * vacuum, which is its own business.
 */
async function purge(database: Database): Promise<boolean> {
  if (database.dialect !== 'sqlite') return true
  return database.write.connection().execute(async (connection) => {
    // Whoever reads keeps the log. Waiting for them would stop this thread with all its streams.
    await sql`pragma busy_timeout = 0`.execute(connection)
    try {
      const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(connection)
      return rows[0]?.busy === 0
    } finally {
      await sql`pragma busy_timeout = ${sql.lit(busyTimeoutMs)}`.execute(connection)
    }
  })
}

/** Processes that hold the same rows take them in the same order. */
function inOrder(uses: readonly ScopeUse[]): readonly ScopeUse[] {
  return [...uses].sort((a, b) => (a.id < b.id ? -1 : 1))
}

function toRow(scope: StoredScope): ScopeRow {
  return {
    id: scope.id,
    name_hash: scope.nameHash,
    owner: scope.owner,
    kind: scope.kind,
    wrapped_key: asText(scope.wrappedKey),
    created_at: scope.createdAt,
    used_at: scope.usedAt,
    expires_at: scope.expiresAt,
    ttl_ms: scope.ttlMs,
    size: scope.size,
  }
}

function toScope(row: ScopeRow): StoredScope {
  return {
    id: row.id,
    nameHash: row.name_hash,
    owner: keyId(row.owner),
    kind: row.kind as ScopeView['kind'],
    wrappedKey: asBytes(row.wrapped_key),
    createdAt: row.created_at,
    usedAt: row.used_at,
    expiresAt: row.expires_at,
    ttlMs: row.ttl_ms,
    size: row.size,
  }
}

function toEntryRow(scope: string, { position, tag, form, type, sealed }: StoredEntry): EntryRow {
  return { scope, position, tag, form, type, sealed: asText(sealed) }
}

function toEntry({ position, tag, form, type, sealed }: EntryRow): StoredEntry {
  return { position, tag, form, type: type as EntityType, sealed: asBytes(sealed) }
}
