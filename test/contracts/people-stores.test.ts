import { expect, test } from 'bun:test'
import { createKyselyLinkStore } from '../../src/auth/adapters/kysely-link-store.ts'
import { createKyselyLoginStore } from '../../src/auth/adapters/kysely-login-store.ts'
import { createKyselyTeamStore } from '../../src/auth/adapters/kysely-team-store.ts'
import { createKyselyUserStore } from '../../src/auth/adapters/kysely-user-store.ts'
import type { UserRecord } from '../../src/auth/core/user.ts'
import { migrations } from '../../src/auth/migrations/index.ts'
import { userId } from '../../src/kernel/ids.ts'
import type { LinkRecord } from '../../src/auth/ports.ts'
import type { DatabaseEngine } from '../env/databases.ts'
import { forEachDatabase } from '../env/databases.ts'

const at = 1_900_000_000_123
const ada: UserRecord = {
  ...{ id: userId('usr_aaaaaaaaaaaa'), username: 'ada', email: 'ada@example.com' },
  ...{ firstName: 'Ada 💡', lastName: 'Lovelace', organization: 'the “office”' },
  ...{ role: 'developer', teams: ['lab', 'shop'], isActive: true, passwordHash: '$argon2id$', generation: 3 },
  ...{ createdAt: at, updatedAt: at + 1, lastSignInAt: at + 2 },
}
const bare: UserRecord = {
  ...ada,
  ...{ id: userId('usr_bbbbbbbbbbbb'), username: 'bob', email: null, firstName: null, lastName: null },
  ...{ organization: null, teams: [], isActive: false, passwordHash: null, lastSignInAt: null },
}

async function open(engine: DatabaseEngine) {
  const database = await engine.open()
  await database.migrate('auth', migrations)
  return database
}

const reasonOf = (error: unknown): unknown => (error as { reason?: unknown }).reason

forEachDatabase('the store of users', (engine) => {
  test('gives back what it was given, changed, and nothing of who was removed', async () => {
    const store = createKyselyUserStore(await open(engine))
    await store.insert(ada)
    await store.insert(bare)
    expect([...(await store.all())].sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual([ada, bare])
    const changed: UserRecord = { ...bare, id: ada.id, username: 'ada2', role: 'viewer', generation: 4 }
    await store.update(changed)
    await store.remove(bare.id)
    expect(await store.all()).toEqual([changed])
  })

  test('keeps user names and addresses apart, and lets many have no address', async () => {
    const store = createKyselyUserStore(await open(engine))
    await store.insert(ada)
    await store.insert(bare)
    await store.insert({ ...bare, id: userId('usr_cccccccccccc'), username: 'cleo' })
    const other = userId('usr_dddddddddddd')
    expect(reasonOf(await store.insert({ ...bare, id: other }).catch((error: unknown) => error))).toBe('already_exists')
    const twin = { ...ada, id: other, username: 'ada3' }
    expect(reasonOf(await store.insert(twin).catch((error: unknown) => error))).toBe('already_exists')
    const taken = { ...bare, email: ada.email }
    expect(reasonOf(await store.update(taken).catch((error: unknown) => error))).toBe('already_exists')
  })
})

forEachDatabase('the store of teams', (engine) => {
  test('keeps, renames and forgets teams, each id once', async () => {
    const store = createKyselyTeamStore(await open(engine))
    await store.insert({ id: 'lab', name: 'Lab', createdAt: at })
    const twice = await store.insert({ id: 'lab', name: 'Other', createdAt: at }).catch((error: unknown) => error)
    expect(reasonOf(twice)).toBe('already_exists')
    await store.rename('lab', 'The Lab')
    expect(await store.all()).toEqual([{ id: 'lab', name: 'The Lab', createdAt: at }])
    await store.remove('lab')
    expect(await store.all()).toEqual([])
  })
})

forEachDatabase('the store of links', (engine) => {
  const password: LinkRecord = {
    kind: 'password',
    ...{ linkSha256: 'aa', user: ada.id, generation: 3, createdBy: 'local', expiresAt: at },
  }
  const invitation: LinkRecord = {
    kind: 'invitation',
    role: 'viewer',
    ...{ linkSha256: 'bb', teams: ['lab'], createdBy: 'local', expiresAt: at + 1 },
  }

  test('gives a link to one of many that ask at once, and forgets those that are over', async () => {
    const store = createKyselyLinkStore(await open(engine))
    await store.insert(password)
    await store.insert(invitation)
    expect([await store.find('aa'), await store.find('bb'), await store.find('cc')]).toEqual([
      password,
      invitation,
      null,
    ])
    const taken = await Promise.all(Array.from({ length: 8 }, () => store.take('aa')))
    expect(taken.filter((record) => record !== null)).toEqual([password])
    await store.insert(password)
    await store.removeOf(ada.id)
    expect([await store.find('aa'), await store.find('bb')]).toEqual([null, invitation])
    await store.removeExpired(at + 1)
    expect(await store.find('bb')).toBeNull()
  })
})

forEachDatabase('the store of logins', (engine) => {
  const login = { id: 'one', user: ada.id, generation: 3, createdAt: at, expiresAt: at + 1000 }
  const turn = { spentSha256: 'r1', nextSha256: 'r2', now: at + 1, expiresAt: at + 2000 }

  test('turns a refresh token once, whoever asks at the same time', async () => {
    const store = createKyselyLoginStore(await open(engine))
    await store.insert(login, 'r1')
    const turns = await Promise.all(
      Array.from({ length: 8 }, (_, index) => store.rotate({ ...turn, nextSha256: `n${index}` })),
    )
    expect(turns.filter(({ kind }) => kind === 'rotated')).toEqual([{ kind: 'rotated', login: 'one' }])
    expect(turns.filter(({ kind }) => kind === 'reused')).toHaveLength(7)
    expect(await store.all()).toEqual([{ ...login, expiresAt: at + 2000 }])
  })

  test('knows spent ones until their login is removed, and none of a login that is over', async () => {
    const store = createKyselyLoginStore(await open(engine))
    await store.insert(login, 'r1')
    expect(await store.rotate(turn)).toEqual({ kind: 'rotated', login: 'one' })
    expect([await store.loginOf('r1'), await store.loginOf('r2'), await store.loginOf('r3')]).toEqual([
      'one',
      'one',
      null,
    ])
    await store.moveOn('one', 4)
    expect((await store.all()).map(({ generation }) => generation)).toEqual([4])
    const late = { spentSha256: 'r2', nextSha256: 'r3', now: at + 2000, expiresAt: at + 9000 }
    expect(await store.rotate(late)).toEqual({ kind: 'unknown' })
    await store.remove(['one', 'none'])
    expect([await store.all(), await store.loginOf('r1'), await store.rotate(turn)]).toEqual([
      [],
      null,
      { kind: 'unknown' },
    ])
  })
})
