import type { Kysely } from 'kysely'
import { userId } from '#kernel/ids.ts'
import type { Database } from '#platform/db/database.ts'
import type { LoginStore } from '../ports.ts'

type Tables = {
  readonly auth_login: {
    readonly id: string
    readonly user_id: string
    readonly generation: number
    readonly created_at: number
    readonly expires_at: number
  }
  readonly auth_refresh: {
    readonly token_sha256: string
    readonly login: string
    readonly spent_at: number | null
  }
}

export function createKyselyLoginStore(database: Database): LoginStore {
  const db = database.write.withTables<Tables>()
  return {
    async all() {
      const rows = await db.selectFrom('auth_login').selectAll().execute()
      return rows.map((row) => ({
        id: row.id,
        user: userId(row.user_id),
        generation: row.generation,
        createdAt: row.created_at,
        expiresAt: row.expires_at,
      }))
    },
    async insert({ id, user, generation, createdAt, expiresAt }, refreshSha256) {
      await db.transaction().execute(async (transaction) => {
        await transaction
          .insertInto('auth_login')
          .values({ id, user_id: user, generation, created_at: createdAt, expires_at: expiresAt })
          .execute()
        await transaction
          .insertInto('auth_refresh')
          .values({ token_sha256: refreshSha256, login: id, spent_at: null })
          .execute()
      })
    },
    rotate: (turn) => rotate(db, turn),
    async loginOf(refreshSha256) {
      const row = await db
        .selectFrom('auth_refresh')
        .select('login')
        .where('token_sha256', '=', refreshSha256)
        .executeTakeFirst()
      return row?.login ?? null
    },
    async moveOn(id, generation) {
      await db.updateTable('auth_login').set({ generation }).where('id', '=', id).execute()
    },
    async remove(ids) {
      await db.transaction().execute(async (transaction) => {
        for (const id of ids) {
          await transaction.deleteFrom('auth_refresh').where('login', '=', id).execute()
          await transaction.deleteFrom('auth_login').where('id', '=', id).execute()
        }
      })
    },
  }
}

function rotate(db: Kysely<Tables>, turn: Parameters<LoginStore['rotate']>[0]): ReturnType<LoginStore['rotate']> {
  const { spentSha256, nextSha256, now, expiresAt } = turn
  return db.transaction().execute(async (transaction) => {
    // One statement finds it and spends it: of two that come at once, one gets the row.
    const spent = await transaction
      .updateTable('auth_refresh')
      .set({ spent_at: now })
      .where('token_sha256', '=', spentSha256)
      .where('spent_at', 'is', null)
      .returning('login')
      .executeTakeFirst()
    if (spent === undefined) {
      const known = await transaction
        .selectFrom('auth_refresh')
        .select('login')
        .where('token_sha256', '=', spentSha256)
        .executeTakeFirst()
      return known ? { kind: 'reused', login: known.login } : { kind: 'unknown' }
    }
    const moved = await transaction
      .updateTable('auth_login')
      .set({ expires_at: expiresAt })
      .where('id', '=', spent.login)
      .where('expires_at', '>', now)
      .returning('id')
      .executeTakeFirst()
    if (moved === undefined) return { kind: 'unknown' }
    await transaction
      .insertInto('auth_refresh')
      .values({ token_sha256: nextSha256, login: spent.login, spent_at: null })
      .execute()
    return { kind: 'rotated', login: spent.login }
  })
}
