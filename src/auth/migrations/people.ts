import type { Migration } from '#platform/db/migrate.ts'

export const people: Migration = {
  name: '0005-people',
  async up(db) {
    await db.schema
      .createTable('auth_user')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('username', 'text', (column) => column.notNull().unique())
      .addColumn('email', 'text', (column) => column.unique())
      .addColumn('first_name', 'text')
      .addColumn('last_name', 'text')
      .addColumn('organization', 'text')
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('teams', 'text', (column) => column.notNull())
      .addColumn('is_active', 'integer', (column) => column.notNull())
      .addColumn('password_hash', 'text')
      .addColumn('generation', 'integer', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addColumn('last_sign_in_at', 'bigint')
      .execute()
    await db.schema
      .createTable('auth_team')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('auth_link')
      .addColumn('link_sha256', 'text', (column) => column.primaryKey())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text')
      .addColumn('generation', 'integer', (column) => column.notNull())
      .addColumn('role', 'text')
      .addColumn('teams', 'text', (column) => column.notNull())
      .addColumn('created_by', 'text', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .execute()
  },
}

export const logins: Migration = {
  name: '0006-logins',
  async up(db) {
    await db.schema
      .createTable('auth_login')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('generation', 'integer', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('auth_refresh')
      .addColumn('token_sha256', 'text', (column) => column.primaryKey())
      .addColumn('login', 'text', (column) => column.notNull())
      .addColumn('spent_at', 'bigint')
      .execute()
    await db.schema.createIndex('auth_refresh_login').on('auth_refresh').column('login').execute()
  },
}

export const keyOwners: Migration = {
  name: '0007-key-owners',
  async up(db) {
    await db.schema.alterTable('auth_key').addColumn('owner_user', 'text').execute()
    await db.schema.alterTable('auth_key').addColumn('owner_team', 'text').execute()
  },
}
