import type { Migration } from '#platform/db/migrate.ts'
import { auditChain } from './audit-chain.ts'
import { keyOwners, logins, people } from './people.ts'

const keys: Migration = {
  name: '0001-keys',
  async up(db) {
    await db.schema
      .createTable('auth_key')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('scopes', 'text', (column) => column.notNull())
      .addColumn('models', 'text')
      .addColumn('limits', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('created_by', 'text', (column) => column.notNull())
      .addColumn('origin', 'text', (column) => column.notNull())
      .addColumn('expires_at', 'bigint')
      .addColumn('revoked_at', 'bigint')
      .addColumn('last_used_at', 'bigint')
      .addColumn('secret_sha256', 'text', (column) => column.notNull())
      .addColumn('generation', 'integer', (column) => column.notNull())
      .addColumn('previous_sha256', 'text')
      .addColumn('previous_until', 'bigint')
      .execute()
  },
}

const sessions: Migration = {
  name: '0002-sessions',
  async up(db) {
    await db.schema
      .createTable('auth_session')
      .addColumn('token_sha256', 'text', (column) => column.primaryKey())
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('generation', 'integer', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('auth_ticket')
      .addColumn('ticket_sha256', 'text', (column) => column.primaryKey())
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('generation', 'integer', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .execute()
  },
}

const audit: Migration = {
  name: '0003-audit',
  async up(db) {
    await db.schema
      .createTable('auth_audit')
      .addColumn('position', 'bigint', (column) => column.primaryKey())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('who', 'text', (column) => column.notNull())
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('target', 'text', (column) => column.notNull())
      .addColumn('detail', 'text', (column) => column.notNull())
      .addColumn('from_address', 'text')
      .execute()
  },
}

/** What the requests of a key may cost. */
const budgets: Migration = {
  name: '0004-key-budgets',
  async up(db) {
    await db.schema.alterTable('auth_key').addColumn('budget', 'text').execute()
  },
}

export const migrations: readonly Migration[] = [keys, sessions, audit, budgets, people, logins, keyOwners, auditChain]
