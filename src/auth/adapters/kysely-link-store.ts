import { userId } from '#kernel/ids.ts'
import type { Role } from '#kernel/permissions.ts'
import type { Database } from '#platform/db/database.ts'
import type { LinkRecord, LinkStore } from '../ports.ts'

type Row = {
  readonly link_sha256: string
  readonly kind: string
  readonly user_id: string | null
  readonly generation: number
  readonly role: string | null
  readonly teams: string
  readonly created_by: string
  readonly expires_at: number
}
type Tables = { readonly auth_link: Row }

export function createKyselyLinkStore(database: Database): LinkStore {
  const db = database.write.withTables<Tables>()
  return {
    async insert(record) {
      await db.insertInto('auth_link').values(toRow(record)).execute()
    },
    async find(linkSha256) {
      const row = await db.selectFrom('auth_link').selectAll().where('link_sha256', '=', linkSha256).executeTakeFirst()
      return row ? toRecord(row) : null
    },
    async take(linkSha256) {
      const row = await db
        .deleteFrom('auth_link')
        .where('link_sha256', '=', linkSha256)
        .returningAll()
        .executeTakeFirst()
      return row ? toRecord(row) : null
    },
    async removeOf(user) {
      await db.deleteFrom('auth_link').where('user_id', '=', user).execute()
    },
    async removeExpired(now) {
      await db.deleteFrom('auth_link').where('expires_at', '<=', now).execute()
    },
  }
}

function toRow(record: LinkRecord): Row {
  const isPassword = record.kind === 'password'
  return {
    link_sha256: record.linkSha256,
    kind: record.kind,
    user_id: isPassword ? record.user : null,
    generation: isPassword ? record.generation : 0,
    role: isPassword ? null : record.role,
    teams: JSON.stringify(isPassword ? [] : record.teams),
    created_by: record.createdBy,
    expires_at: record.expiresAt,
  }
}

/** The casts trust what `toRow` wrote. */
function toRecord(row: Row): LinkRecord {
  const { link_sha256: linkSha256, created_by: createdBy, expires_at: expiresAt } = row
  const facts = { linkSha256, createdBy, expiresAt }
  return row.kind === 'password'
    ? { ...facts, kind: 'password', user: userId(row.user_id ?? ''), generation: row.generation }
    : { ...facts, kind: 'invitation', role: row.role as Role, teams: JSON.parse(row.teams) as string[] }
}
