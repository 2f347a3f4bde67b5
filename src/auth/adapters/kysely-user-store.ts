import { userId } from '#kernel/ids.ts'
import type { Role } from '#kernel/permissions.ts'
import type { Database } from '#platform/db/database.ts'
import type { UserRecord } from '../core/user.ts'
import type { UserStore } from '../ports.ts'

type Row = {
  readonly id: string
  readonly username: string
  readonly email: string | null
  readonly first_name: string | null
  readonly last_name: string | null
  readonly organization: string | null
  readonly role: string
  readonly teams: string
  readonly is_active: number
  readonly password_hash: string | null
  readonly generation: number
  readonly created_at: number
  readonly updated_at: number
  readonly last_sign_in_at: number | null
}
type Tables = { readonly auth_user: Row }

export function createKyselyUserStore(database: Database): UserStore {
  const db = database.write.withTables<Tables>()
  return {
    async all() {
      const rows = await db.selectFrom('auth_user').selectAll().execute()
      return rows.map(toRecord)
    },
    async insert(record) {
      await db.insertInto('auth_user').values(toRow(record)).execute()
    },
    async update(record) {
      const { id, ...row } = toRow(record)
      await db.updateTable('auth_user').set(row).where('id', '=', id).execute()
    },
    async remove(id) {
      await db.deleteFrom('auth_user').where('id', '=', id).execute()
    },
  }
}

function toRow(record: UserRecord): Row {
  return {
    id: record.id,
    username: record.username,
    email: record.email,
    first_name: record.firstName,
    last_name: record.lastName,
    organization: record.organization,
    role: record.role,
    teams: JSON.stringify(record.teams),
    is_active: record.isActive ? 1 : 0,
    password_hash: record.passwordHash,
    generation: record.generation,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    last_sign_in_at: record.lastSignInAt,
  }
}

/** The casts trust what `toRow` wrote. */
function toRecord(row: Row): UserRecord {
  return {
    id: userId(row.id),
    username: row.username,
    email: row.email,
    firstName: row.first_name,
    lastName: row.last_name,
    organization: row.organization,
    role: row.role as Role,
    teams: JSON.parse(row.teams) as string[],
    isActive: row.is_active === 1,
    passwordHash: row.password_hash,
    generation: row.generation,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    lastSignInAt: row.last_sign_in_at,
  }
}
