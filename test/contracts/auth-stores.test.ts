import { describe, expect, test } from 'bun:test'
import { createKyselyAuditStore } from '../../src/auth/adapters/kysely-audit-store.ts'
import { createKyselyKeyStore } from '../../src/auth/adapters/kysely-key-store.ts'
import { createKyselySessionStore } from '../../src/auth/adapters/kysely-session-store.ts'
import { createKyselyTicketStore } from '../../src/auth/adapters/kysely-ticket-store.ts'
import type { KeyRecord } from '../../src/auth/core/key.ts'
import { verifyChain } from '../../src/auth/service/audit-chain.ts'
import { migrations } from '../../src/auth/migrations/index.ts'
import { keyId } from '../../src/kernel/ids.ts'
import type { DatabaseEngine } from '../env/databases.ts'
import { forEachDatabase } from '../env/databases.ts'

const at = 1_900_000_000_123

const full: KeyRecord = {
  id: keyId('aaaaaaaaaaaa'),
  name: 'the “office” / büro 💡',
  scopes: ['inference', 'monitor'],
  models: ['tiny-a', 'office-vllm/*'],
  limits: { requestsPerMinute: 60, tokensPerMinute: 9_000_000_000, concurrency: 2 },
  owner: { user: 'usr_aaaaaaaaaaaa', team: 'lab' },
  createdAt: at,
  createdBy: 'local',
  origin: 'created',
  expiresAt: at + 1000,
  budget: { usd: 5, period: 'month' },
  revokedAt: at + 500,
  lastUsedAt: at + 400,
  secretSha256: 'ab'.repeat(32),
  generation: 3,
  previous: { secretSha256: 'cd'.repeat(32), until: at + 300 },
}
const bare: KeyRecord = {
  ...full,
  id: keyId('bbbbbbbbbbbb'),
  models: null,
  owner: null,
  budget: null,
  limits: { requestsPerMinute: null, tokensPerMinute: null, concurrency: null },
  expiresAt: null,
  revokedAt: null,
  lastUsedAt: null,
  previous: null,
}

async function open(engine: DatabaseEngine) {
  const database = await engine.open()
  await database.migrate('auth', migrations)
  return database
}

forEachDatabase('the store of keys', (engine) => {
  const openStore = async () => createKyselyKeyStore(await open(engine))

  test('gives back what it was given, with and without everything', async () => {
    const store = await openStore()
    await store.insert(full)
    await store.insert(bare)
    const records = [...(await store.all())].sort((a, b) => (a.id < b.id ? -1 : 1))
    expect(records).toEqual([full, bare])
  })

  test('refuses a second key with the same id', async () => {
    const store = await openStore()
    await store.insert(full)
    expect(await store.insert(full).catch((error: unknown) => error)).toMatchObject({ reason: 'already_exists' })
  })

  test('replaces all of a key but when it was last used', async () => {
    const store = await openStore()
    await store.insert(full)
    const changed = { ...bare, id: full.id, name: 'renamed', generation: 4, lastUsedAt: at + 9999 }
    await store.update(changed)
    expect(await store.all()).toEqual([{ ...changed, lastUsedAt: full.lastUsedAt }])
  })

  test('keeps the later of two times of use and passes over unknown keys', async () => {
    const store = await openStore()
    await store.insert(full)
    await store.insert(bare)
    await store.markUsed(
      new Map([
        [full.id, at],
        [bare.id, at + 1],
        [keyId('zzzzzzzzzzzz'), at],
      ]),
    )
    const uses = new Map((await store.all()).map((record) => [record.id, record.lastUsedAt]))
    expect(uses.get(full.id)).toBe(at + 400)
    expect(uses.get(bare.id)).toBe(at + 1)
  })
})

forEachDatabase('the store of sessions', (engine) => {
  const session = { tokenSha256: 'aa', key: keyId('aaaaaaaaaaaa'), generation: 1, createdAt: at, expiresAt: at + 1 }

  test('keeps, moves and forgets sessions, and does not bring back one that is gone', async () => {
    const store = createKyselySessionStore(await open(engine))
    await store.insert(session)
    await store.insert({ ...session, tokenSha256: 'bb' })
    await store.remove(['bb', 'unknown'])
    await store.extend(
      new Map([
        ['aa', at + 7],
        ['bb', at + 7],
      ]),
    )
    expect(await store.all()).toEqual([{ ...session, expiresAt: at + 7 }])
  })
})

forEachDatabase('the store of tickets', (engine) => {
  const ticket = { ticketSha256: 'aa', key: keyId('aaaaaaaaaaaa'), generation: 1, expiresAt: at }

  test('gives a ticket to one of many that ask at once', async () => {
    const store = createKyselyTicketStore(await open(engine))
    await store.insert(ticket)
    const taken = await Promise.all(Array.from({ length: 8 }, () => store.take('aa')))
    expect(taken.filter((record) => record !== null)).toEqual([ticket])
  })

  test('forgets those that are over', async () => {
    const store = createKyselyTicketStore(await open(engine))
    await store.insert(ticket)
    await store.insert({ ...ticket, ticketSha256: 'bb', expiresAt: at + 1 })
    await store.removeExpired(at)
    expect(await store.take('aa')).toBeNull()
    expect(await store.take('bb')).not.toBeNull()
  })
})

forEachDatabase('the store of the audit log', (engine) => {
  const entry = (detail: string) => ({
    at,
    who: 'local',
    action: 'key.create',
    target: 'aaaaaaaaaaaa',
    detail,
    from: null,
  })

  test('lists the newest first, page by page, without a gap', async () => {
    const store = createKyselyAuditStore(await open(engine))
    await store.append([entry('1'), entry('2')])
    await store.append([])
    await store.append([{ ...entry('3'), from: '10.0.0.7' }])
    const first = await store.list({ limit: 2, before: null })
    expect(first).toMatchObject([
      { position: 3, ...entry('3'), from: '10.0.0.7' },
      { position: 2, ...entry('2') },
    ])
    expect(await store.list({ limit: 2, before: 2 })).toMatchObject([{ position: 1, ...entry('1') }])
  })

  test('takes entries of many writers at once, each once', async () => {
    const store = createKyselyAuditStore(await open(engine))
    await Promise.all(Array.from({ length: 12 }, (_, index) => store.append([entry(`a${index}`), entry(`b${index}`)])))
    const all = await store.list({ limit: 100, before: null })
    expect(all.map((row) => row.position)).toEqual(Array.from({ length: 24 }, (_, index) => 24 - index))
    expect(new Set(all.map((row) => row.detail)).size).toBe(24)
    expect((await verifyChain(store, [], 'whole')).broken).toBeNull()
  })
})

describe('the migrations of auth', () => {
  test('stand in the order of their names', () => {
    expect(migrations.map(({ name }) => name)).toEqual(migrations.map(({ name }) => name).sort())
  })
})
