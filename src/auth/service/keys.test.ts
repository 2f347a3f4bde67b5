import { expect, test } from 'bun:test'
import { modelName } from '#kernel/ids.ts'
import { ask, byOwner, callerOf, createHouse, idOf, make, start } from '../../../test/env/auth-house.ts'
import { forEachDatabase } from '../../../test/env/databases.ts'
import type { Auth } from '../index.ts'

forEachDatabase('a key', (engine) => {
  test('that was made is known at once and may do what it was made for', async () => {
    const { open } = await createHouse(engine)
    const auth = await open()
    const { key, view } = await make(auth, {
      models: ['tiny-a', 'office/*'],
      limits: { concurrency: 2, weight: 3, priority: 'batch' },
    })
    expect(key).toMatch(/^hk-[a-z0-9]{12}-[0-9a-f]{48}$/)
    expect(view).toMatchObject({ id: idOf(key), name: 'test', scopes: ['inference'], revokedAt: null })
    const caller = callerOf(auth, key)
    expect(caller.may('inference')).toBe(true)
    expect(caller.may('admin')).toBe(false)
    expect(caller.mayUse(modelName('office/qwen'))).toBe(true)
    expect(caller.mayUse(modelName('tiny-b'))).toBe(false)
    expect(caller.limits).toEqual({
      ...{ requestsPerMinute: null, tokensPerMinute: null, concurrency: 2 },
      ...{ weight: 3, priority: 'batch' },
    })
    expect(callerOf(auth, key)).toBe(caller)
  })

  test('is refused by the very next call after it was revoked, and its streams are cut', async () => {
    const { open, events } = await createHouse(engine)
    const auth = await open()
    const { key } = await make(auth)
    const cuts: string[] = []
    const caller = callerOf(auth, key)
    caller.onRevoke(() => cuts.push('first'))
    caller.onRevoke(() => cuts.push('disposed'))[Symbol.dispose]()
    caller.onRevoke(() => {
      throw new Error('a stream that is broken already')
    })
    caller.onRevoke(() => cuts.push('last'))
    const stored = auth.keys.revoke(idOf(key), byOwner(auth))
    expect(ask(auth, key)).toMatchObject({ ok: false, why: 'revoked' })
    expect(cuts).toEqual(['first', 'last'])
    caller.onRevoke(() => cuts.push('too late'))
    expect(cuts).toEqual(['first', 'last', 'too late'])
    expect((await stored).revokedAt).toBe(start)
    await auth.keys.revoke(idOf(key), byOwner(auth))
    expect(events.map((event) => event.type).slice(1)).toEqual(['key.created', 'key.revoked'])
    expect(JSON.stringify(events)).not.toContain(key.slice(16))
  })

  test('stays revoked, rotated and limited after a restart', async () => {
    const { open } = await createHouse(engine)
    const before = await open()
    const revoked = await make(before)
    const rotated = await make(before, { expiresAt: start + 5000, models: ['tiny-*'] })
    await before.keys.revoke(idOf(revoked.key), byOwner(before))
    const again = await before.keys.rotate(idOf(rotated.key), 60, byOwner(before))
    const after = await open()
    expect(after.firstAdminKey).toBeNull()
    expect(ask(after, revoked.key)).toMatchObject({ ok: false, why: 'revoked' })
    expect(ask(after, rotated.key).ok).toBe(true)
    expect(callerOf(after, again.key).mayUse(modelName('tiny-a'))).toBe(true)
    expect(callerOf(after, again.key).mayUse(modelName('big'))).toBe(false)
  })

  test('is taken with its old secret for the grace of a rotation, then its old streams are cut', async () => {
    const { open, clock } = await createHouse(engine)
    const auth = await open()
    const { key: old } = await make(auth)
    const cuts: string[] = []
    callerOf(auth, old).onRevoke(() => cuts.push('old'))
    const { key: fresh, view } = await auth.keys.rotate(idOf(old), 60, byOwner(auth))
    callerOf(auth, fresh).onRevoke(() => cuts.push('new'))
    expect(view.previousSecretUntil).toBe(start + 60_000)
    expect(idOf(fresh)).toBe(idOf(old))
    clock.at = start + 59_999
    expect(ask(auth, old).ok).toBe(true)
    clock.at = start + 60_000
    expect(ask(auth, old)).toMatchObject({
      ok: false,
      why: 'expired',
      message: expect.stringContaining('2030-01-01T00:01:00'),
    })
    expect(ask(auth, fresh).ok).toBe(true)
    for (const task of auth.tasks) await task.activate(new AbortController().signal)
    expect(cuts).toEqual(['old'])
    expect(auth.keys.list().find(({ id }) => id === view.id)?.previousSecretUntil).toBeNull()
  })

  test('loses its old secret and what runs with it at once when the grace is 0', async () => {
    const { open } = await createHouse(engine)
    const auth = await open()
    const { key: old } = await make(auth)
    let isCut = false
    callerOf(auth, old).onRevoke(() => (isCut = true))
    const { key: fresh } = await auth.keys.rotate(idOf(old), 0, byOwner(auth))
    expect(isCut).toBe(true)
    expect(ask(auth, old).ok).toBe(false)
    expect(ask(auth, fresh).ok).toBe(true)
  })

  test('of two rotations at once keeps the last secret, in memory and on disk', async () => {
    const { open } = await createHouse(engine)
    const auth = await open()
    const { key } = await make(auth)
    const [first, second] = await Promise.all([
      auth.keys.rotate(idOf(key), 0, byOwner(auth)),
      auth.keys.rotate(idOf(key), 0, byOwner(auth)),
    ])
    const after = await open()
    for (const house of [auth, after]) {
      expect(ask(house, first.key).ok).toBe(false)
      expect(ask(house, second.key).ok).toBe(true)
    }
  })

  test('that is revoked while it is rotated is revoked, in memory and on disk', async () => {
    const { open } = await createHouse(engine)
    const auth = await open()
    const { key } = await make(auth)
    const rotating = auth.keys.rotate(idOf(key), 60, byOwner(auth))
    await auth.keys.revoke(idOf(key), byOwner(auth))
    const rotated = await rotating.catch(() => null)
    const after = await open()
    for (const house of [auth, after]) {
      expect(ask(house, key).ok).toBe(false)
      if (rotated) expect(ask(house, rotated.key)).toMatchObject({ ok: false, why: 'revoked' })
    }
  })

  test('is refused when it is revoked while the database is away, and the answer says what is missing', async () => {
    const { open, takeDatabaseAway } = await createHouse(engine)
    const auth = await open()
    const { key } = await make(auth)
    await takeDatabaseAway()
    const thrown = await auth.keys.revoke(idOf(key), byOwner(auth)).catch((error: unknown) => error)
    expect(thrown).toMatchObject({ kind: 'unavailable', reason: 'revocation_not_stored' })
    expect(ask(auth, key)).toMatchObject({ ok: false, why: 'revoked' })
    const after = await open()
    expect(ask(after, key).ok).toBe(true)
  })

  test('is neither made nor rotated when the database is away', async () => {
    const { open, takeDatabaseAway, events } = await createHouse(engine)
    const auth = await open()
    const { key } = await make(auth)
    await takeDatabaseAway()
    const known = auth.keys.list().length
    const told = events.length
    expect(await make(auth).catch(() => null)).toBeNull()
    expect(await auth.keys.rotate(idOf(key), 0, byOwner(auth)).catch(() => null)).toBeNull()
    expect(ask(auth, key).ok).toBe(true)
    expect([auth.keys.list().length, events.length]).toEqual([known, told])
  })

  test('expires by the clock alone, and its streams are cut by the task', async () => {
    const { open, clock } = await createHouse(engine)
    const auth = await open()
    const { key } = await make(auth, { expiresAt: start + 1000 })
    let isCut = false
    callerOf(auth, key).onRevoke(() => (isCut = true))
    clock.at = start + 1000
    expect(ask(auth, key)).toMatchObject({
      ok: false,
      why: 'expired',
      message: expect.stringContaining('2030-01-01T00:00:01'),
    })
    expect(isCut).toBe(false)
    await auth.tasks.find((task) => task.name === 'auth-expiry')?.activate(new AbortController().signal)
    expect(isCut).toBe(true)
    expect(await auth.keys.rotate(idOf(key), 0, byOwner(auth)).catch((error: unknown) => error)).toMatchObject({
      reason: 'key_expired',
    })
  })

  test('tells when it was last used, also after a restart', async () => {
    const { open, clock } = await createHouse(engine)
    const auth = await open()
    const { key, view } = await make(auth)
    const used = (house: Auth) => house.keys.list().find(({ id }) => id === view.id)?.lastUsedAt
    expect(used(auth)).toBeNull()
    clock.at = start + 77
    ask(auth, key)
    expect(used(auth)).toBe(start + 77)
    await auth[Symbol.asyncDispose]()
    expect(used(await open())).toBe(start + 77)
  })

  test('cannot be given a scope that its maker does not have, or an end in the past', async () => {
    const { open } = await createHouse(engine)
    const auth = await open()
    const { key } = await make(auth, { scopes: ['monitor'] })
    const by = { caller: callerOf(auth, key), from: '10.0.0.1' }
    const beyond = await auth.keys.create({ name: 'x', scopes: ['admin'] }, by).catch((error: unknown) => error)
    expect(beyond).toMatchObject({ kind: 'forbidden', reason: 'scope_beyond_own' })
    const past = await make(auth, { expiresAt: start }).catch((error: unknown) => error)
    expect(past).toMatchObject({ kind: 'invalid', param: 'expiresAt' })
  })

  test('writes what was done with it in the audit log', async () => {
    const { open } = await createHouse(engine)
    const auth = await open()
    const { key } = await make(auth, { models: ['tiny-a'] })
    await auth.keys.rotate(idOf(key), 5, byOwner(auth))
    await auth.keys.revoke(idOf(key), byOwner(auth))
    const rows = await auth.audit.list({ limit: 10, before: null })
    expect(rows.map(({ who, action, target, from }) => [who, action, target, from])).toEqual([
      ['local', 'key.revoke', idOf(key), 'local'],
      ['local', 'key.rotate', idOf(key), 'local'],
      ['local', 'key.create', idOf(key), 'local'],
      ['hearth', 'key.create', idOf(auth.firstAdminKey ?? ''), null],
    ])
    expect(JSON.stringify(rows)).not.toContain(key.slice(16))
  })
})
