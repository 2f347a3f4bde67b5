import { keyId } from '#kernel/ids.ts'
import type { Budget, KeyLimits, Scope } from '#kernel/words.ts'
import type { Database } from '#platform/db/database.ts'
import type { KeyRecord } from '../core/key.ts'
import type { KeyStore } from '../ports.ts'

type Row = {
  readonly id: string
  readonly name: string
  readonly scopes: string
  readonly models: string | null
  readonly limits: string
  readonly owner_user: string | null
  readonly owner_team: string | null
  readonly created_at: number
  readonly created_by: string
  readonly origin: string
  readonly expires_at: number | null
  readonly revoked_at: number | null
  readonly last_used_at: number | null
  readonly secret_sha256: string
  readonly generation: number
  readonly previous_sha256: string | null
  readonly previous_until: number | null
  /** JSON; null = none. */
  readonly budget: string | null
}
type Tables = { readonly auth_key: Row }

export function createKyselyKeyStore(database: Database): KeyStore {
  const db = database.write.withTables<Tables>()
  return {
    async all() {
      const rows = await db.selectFrom('auth_key').selectAll().execute()
      return rows.map(toRecord)
    },
    async insert(record) {
      await db.insertInto('auth_key').values(toRow(record)).execute()
    },
    async update(record) {
      const { id, last_used_at: _, ...row } = toRow(record)
      await db.updateTable('auth_key').set(row).where('id', '=', id).execute()
    },
    async markUsed(uses) {
      await db.transaction().execute(async (transaction) => {
        for (const [id, at] of uses) {
          await transaction
            .updateTable('auth_key')
            .set({ last_used_at: at })
            .where('id', '=', id)
            .where((where) => where.or([where('last_used_at', 'is', null), where('last_used_at', '<', at)]))
            .execute()
        }
      })
    },
  }
}

function toRow(record: KeyRecord): Row {
  return {
    id: record.id,
    name: record.name,
    scopes: JSON.stringify(record.scopes),
    models: record.models === null ? null : JSON.stringify(record.models),
    limits: JSON.stringify(record.limits),
    owner_user: record.owner?.user ?? null,
    owner_team: record.owner?.team ?? null,
    created_at: record.createdAt,
    created_by: record.createdBy,
    origin: record.origin,
    expires_at: record.expiresAt,
    revoked_at: record.revokedAt,
    last_used_at: record.lastUsedAt,
    secret_sha256: record.secretSha256,
    generation: record.generation,
    previous_sha256: record.previous?.secretSha256 ?? null,
    previous_until: record.previous?.until ?? null,
    budget: record.budget === null ? null : JSON.stringify(record.budget),
  }
}

/** The casts trust what `toRow` wrote. */
function toRecord(row: Row): KeyRecord {
  const { previous_sha256: secretSha256, previous_until: until, owner_user: user, owner_team: team } = row
  return {
    id: keyId(row.id),
    name: row.name,
    scopes: JSON.parse(row.scopes) as Scope[],
    models: row.models === null ? null : (JSON.parse(row.models) as string[]),
    limits: JSON.parse(row.limits) as KeyLimits,
    budget: row.budget === null ? null : (JSON.parse(row.budget) as Budget),
    owner: user === null && team === null ? null : { user, team },
    createdAt: row.created_at,
    createdBy: row.created_by,
    origin: row.origin as KeyRecord['origin'],
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
    secretSha256: row.secret_sha256,
    generation: row.generation,
    previous: secretSha256 !== null && until !== null ? { secretSha256, until } : null,
  }
}
