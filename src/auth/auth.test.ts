import { expect, test } from 'bun:test'
import type { Clock } from '#kernel/time.ts'
import type { Caller } from '#kernel/words.ts'
import { modelName } from '#kernel/ids.ts'
import { silentLogger } from '#platform/log/logger.ts'
import type { DatabaseEngine, ScratchDatabase } from '../../test/env/databases.ts'
import { forEachDatabase } from '../../test/env/databases.ts'
import type { WantedKey } from './core/key.ts'
import type { Auth, AuthEvent } from './index.ts'
import { openAuth } from './index.ts'

const start = Date.parse('2030-01-01T00:00:00Z')
const envKey = `hk-envadminkey1-${'0a'.repeat(24)}`

/** A Hearth's auth with a clock that is moved by hand. `start` again is a restart. */
async function createHouse(engine: DatabaseEngine) {
  const scratch: ScratchDatabase = await engine.scratch()
  const clock: Clock & { at: number } = { at: start, now: () => clock.at, mono: () => clock.at }
  const events: AuthEvent[] = []
  const open = async (adminKey: string | null = null): Promise<Auth> => {
    const database = await scratch.open()
    const announce = (event: AuthEvent) => void events.push(event)
    return openAuth({
      database,
      clock,
      log: silentLogger,
      announce,
      adminKey,
      publicUrl: () => 'http://127.0.0.1:9999',
    })
  }
  return { clock, events, open }
}

const ask = (auth: Auth, key: string) =>
  auth.door.identify({ headers: new Headers({ authorization: `Bearer ${key}` }) })
const idOf = (key: string) => key.slice(3, 15)

function callerOf(auth: Auth, key: string): Caller {
  const identity = ask(auth, key)
  if (!identity.ok) throw new Error(identity.message)
  return identity.caller
}

const byOwner = (auth: Auth) => ({ caller: auth.door.localAdmin, from: 'local' })
const make = (auth: Auth, wanted: Partial<WantedKey> = {}) =>
  auth.keys.create({ name: 'test', ...wanted }, byOwner(auth))

forEachDatabase('a key', (engine) => {
  test('that was made is known at once and may do what it was made for', async () => {
    const { open } = await createHouse(engine)
    const auth = await open()
    const { key, view } = await make(auth, { models: ['tiny-a', 'office/*'], limits: { concurrency: 2 } })
    expect(key).toMatch(/^hk-[a-z0-9]{12}-[0-9a-f]{48}$/)
    expect(view).toMatchObject({ id: idOf(key), name: 'test', scopes: ['inference'], revokedAt: null })
    const caller = callerOf(auth, key)
    expect(caller.may('inference')).toBe(true)
    expect(caller.may('admin')).toBe(false)
    expect(caller.mayUse(modelName('office/qwen'))).toBe(true)
    expect(caller.mayUse(modelName('tiny-b'))).toBe(false)
    expect(caller.limits).toEqual({ requestsPerMinute: null, tokensPerMinute: null, concurrency: 2 })
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

forEachDatabase('the admin key', (engine) => {
  test('is made at the first start and told once', async () => {
    const { open } = await createHouse(engine)
    const first = await open()
    expect(callerOf(first, first.firstAdminKey ?? '').may('fleet.operate')).toBe(true)
    expect((await open()).firstAdminKey).toBeNull()
  })

  test('of the environment is valid at every start, and none is made beside it', async () => {
    const { open } = await createHouse(engine)
    for (let round = 0; round < 2; round++) {
      const auth = await open(envKey)
      expect(auth.firstAdminKey).toBeNull()
      expect(callerOf(auth, envKey).may('admin')).toBe(true)
      await auth.keys.revoke(idOf(envKey), byOwner(auth))
      expect(ask(auth, envKey).ok).toBe(false)
    }
  })

  test('of an earlier environment is refused when the variable changed, and when it went', async () => {
    const { open } = await createHouse(engine)
    await open(envKey)
    const sameId = `${envKey.slice(0, 16)}${'0b'.repeat(24)}`
    const changed = await open(sameId)
    expect([ask(changed, envKey).ok, ask(changed, sameId).ok]).toEqual([false, true])
    const other = `hk-envadminkey2-${'0c'.repeat(24)}`
    const replaced = await open(other)
    expect([ask(replaced, sameId), ask(replaced, other).ok]).toMatchObject([{ ok: false, why: 'revoked' }, true])
    const gone = await open()
    expect(ask(gone, other)).toMatchObject({ ok: false, why: 'revoked' })
    expect(callerOf(gone, gone.firstAdminKey ?? '').may('admin')).toBe(true)
  })

  test.each(['hunter2', '', 'hk-short-00', `hk-ABCDEFGHIJKL-${'0'.repeat(48)}`, `sk-abcdefghijkl-${'0'.repeat(48)}`])(
    'that is not of the form is a refused start, and is not repeated: %p',
    async (text) => {
      const { open } = await createHouse(engine)
      const thrown = await open(text).catch((error: unknown) => error)
      expect(thrown).toMatchObject({ kind: 'invalid', reason: 'bad_admin_key' })
      expect(String(thrown)).toContain('HEARTH_ADMIN_KEY is not of the form hk-<id>-<secret>')
      if (text !== '') expect(String(thrown)).not.toContain(text)
    },
  )

  test('that was reset is refused from then on, and the one of the environment is not', async () => {
    const { open } = await createHouse(engine)
    const first = (await open()).firstAdminKey ?? ''
    const auth = await open(envKey)
    const { key: fresh } = await auth.keys.reset(byOwner(auth))
    expect([ask(auth, first), ask(auth, fresh).ok, ask(auth, envKey).ok]).toMatchObject([
      { why: 'revoked' },
      true,
      true,
    ])
    expect(ask(await open(envKey), first).ok).toBe(false)
  })

  test('of the environment cannot be rotated here', async () => {
    const { open } = await createHouse(engine)
    const auth = await open(envKey)
    const thrown = await auth.keys.rotate(idOf(envKey), 0, byOwner(auth)).catch((error: unknown) => error)
    expect(thrown).toMatchObject({ kind: 'conflict', reason: 'key_of_environment' })
  })
})

forEachDatabase('the door', (engine) => {
  let opened: Promise<{ readonly auth: Auth; readonly key: string }> | null = null
  const house = () => (opened ??= open())
  const open = async () => {
    const auth = await (await createHouse(engine)).open()
    return { auth, key: (await make(auth)).key }
  }
  const identify = ({ auth }: { readonly auth: Auth }, headers: Record<string, string>) =>
    auth.door.identify({ headers: new Headers(headers) })

  test('knows a key in either header', async () => {
    const at = await house()
    const { key } = at
    expect(identify(at, { 'x-api-key': key }).ok).toBe(true)
    expect(identify(at, { authorization: `bearer ${key}` }).ok).toBe(true)
    expect(identify(at, { authorization: `Bearer ${key}`, 'x-api-key': key }).ok).toBe(true)
  })

  test.each<[string, (key: string) => Record<string, string>, string]>([
    ['no header', () => ({}), 'missing'],
    ['a key that is cut', (text) => ({ 'x-api-key': text.slice(0, -1) }), 'malformed'],
    ['a key of another house', (text) => ({ 'x-api-key': `hk-otherhouse01${text.slice(15)}` }), 'unknown'],
    ['a wrong secret', (text) => ({ 'x-api-key': `${text.slice(0, 16)}${'0'.repeat(48)}` }), 'unknown'],
    ['a secret in capitals', (text) => ({ 'x-api-key': `${text.slice(0, 16)}${'A'.repeat(48)}` }), 'malformed'],
    ['two keys', (text) => ({ 'x-api-key': text, authorization: `Bearer ${text.slice(0, -1)}0x` }), 'malformed'],
    ['the header twice', (text) => ({ authorization: `Bearer ${text}, Bearer ${text}` }), 'malformed'],
    ['a foreign cookie', () => ({ cookie: 'theme=dark' }), 'missing'],
    ['a session that never was', () => ({ cookie: 'hearth_session=abc' }), 'unknown'],
  ])('refuses %s without repeating a secret', async (_, headers, why) => {
    const at = await house()
    const { key } = at
    const identity = identify(at, headers(key))
    expect(identity).toMatchObject({ ok: false, why })
    expect(JSON.stringify(identity)).not.toContain(key.slice(16, 40))
  })

  test('says the same of an unknown id and of a wrong secret', async () => {
    const at = await house()
    const { key } = at
    const wrong = identify(at, { 'x-api-key': `${key.slice(0, 16)}${'0'.repeat(48)}` })
    const unknown = identify(at, { 'x-api-key': `hk-otherhouse01-${'0'.repeat(48)}` })
    expect(JSON.stringify(wrong).replace(idOf(key), 'otherhouse01')).toBe(JSON.stringify(unknown))
  })

  test('answers far more often than a hot path asks', async () => {
    const { auth, key } = await house()
    const headers = new Headers({ authorization: `Bearer ${key}` })
    const before = performance.now()
    for (let index = 0; index < 10_000; index++) auth.door.identify({ headers })
    // 10,000 take about 10 ms; a second would be a hundred times too slow.
    expect(performance.now() - before).toBeLessThan(1000)
  })
})

forEachDatabase('a session', (engine) => {
  const page = { 'sec-fetch-site': 'same-origin' }
  const withCookie = (auth: Auth, token: string, method = 'POST') =>
    auth.door.identify({ headers: new Headers({ ...page, cookie: `hearth_session=${token}` }), method })

  test('begins with a key and is the key’s caller, also after a restart', async () => {
    const { open } = await createHouse(engine)
    const auth = await open()
    const { key } = await make(auth, { scopes: ['monitor'] })
    const { token } = await auth.sessions.signIn({ key }, '10.0.0.1')
    expect(withCookie(auth, token)).toMatchObject({ ok: true, by: 'session' })
    const after = await open()
    expect(withCookie(after, token)).toMatchObject({ ok: true, caller: { key: idOf(key) } })
  })

  test('ends with its key', async () => {
    const { open } = await createHouse(engine)
    const auth = await open()
    const { key } = await make(auth)
    const { token } = await auth.sessions.signIn({ key }, '10.0.0.1')
    await auth.keys.revoke(idOf(key), byOwner(auth))
    expect(withCookie(auth, token)).toMatchObject({ ok: false, why: 'revoked' })
    await auth[Symbol.asyncDispose]()
    expect(withCookie(await open(), token)).toMatchObject({ ok: false, why: 'unknown' })
  })

  test('ends with the secret that it began with', async () => {
    const { open, clock } = await createHouse(engine)
    const auth = await open()
    const { key } = await make(auth)
    const { token } = await auth.sessions.signIn({ key }, '10.0.0.1')
    const rotated = await auth.keys.rotate(idOf(key), 10, byOwner(auth))
    const fresh = await auth.sessions.signIn({ key: rotated.key }, '10.0.0.1')
    expect(withCookie(auth, token).ok).toBe(true)
    clock.at += 10_000
    expect(withCookie(auth, token)).toMatchObject({ ok: false, why: 'expired' })
    expect(withCookie(auth, fresh.token).ok).toBe(true)
  })

  test('lasts 30 days from its last use', async () => {
    const { open, clock } = await createHouse(engine)
    const day = 24 * 3_600_000
    const auth = await open()
    const { token } = await auth.sessions.signIn({ key: (await make(auth)).key }, '10.0.0.1')
    clock.at = start + 29 * day
    expect(withCookie(auth, token).ok).toBe(true)
    await auth[Symbol.asyncDispose]()
    const after = await open()
    clock.at = start + 58 * day
    expect(withCookie(after, token).ok).toBe(true)
    clock.at = start + 88 * day
    expect(withCookie(after, token).ok).toBe(false)
  })

  test('does nothing for a request of another site', async () => {
    const { open } = await createHouse(engine)
    const auth = await open()
    const { token } = await auth.sessions.signIn({ key: (await make(auth)).key }, '10.0.0.1')
    const cookie = `hearth_session=${token}`
    const foreign = { cookie, origin: 'https://evil.example', host: '127.0.0.1:9999' }
    expect(auth.door.identify({ headers: new Headers(foreign), method: 'POST' })).toMatchObject({ why: 'foreign' })
    expect(auth.door.identify({ headers: new Headers({ cookie }) })).toMatchObject({ why: 'foreign' })
    expect(auth.door.identify({ headers: new Headers({ cookie }), method: 'GET' }).ok).toBe(true)
  })

  test('of a link works once, for ten minutes, as the one who made the link', async () => {
    const { open, clock } = await createHouse(engine)
    const auth = await open()
    const { ticket } = await auth.sessions.createTicket(auth.door.localAdmin)
    const { token } = await auth.sessions.signIn({ ticket }, '10.0.0.1')
    expect(withCookie(auth, token)).toMatchObject({ ok: true, caller: { name: 'this machine' } })
    expect(await auth.sessions.signIn({ ticket }, '10.0.0.1').catch((error: unknown) => error)).toMatchObject({
      reason: 'bad_ticket',
    })
    const late = await auth.sessions.createTicket(auth.door.localAdmin)
    clock.at += 10 * 60_000
    expect(await auth.sessions.signIn({ ticket: late.ticket }, 'x').catch((error: unknown) => error)).toMatchObject({
      reason: 'bad_ticket',
    })
  })

  test('of a link that was made over the socket ends when the admin key is reset, streams too', async () => {
    const { open } = await createHouse(engine)
    const auth = await open()
    const { ticket } = await auth.sessions.createTicket(auth.door.localAdmin)
    const { token, caller } = await auth.sessions.signIn({ ticket }, '10.0.0.1')
    let isCut = false
    caller.onRevoke(() => (isCut = true))
    await auth.sessions.endLocal()
    expect([withCookie(auth, token).ok, isCut]).toEqual([false, true])
  })

  test('cannot be guessed at: many failures of an address make it wait', async () => {
    const { open, clock } = await createHouse(engine)
    const auth = await open()
    const { key } = await make(auth)
    const fail = () => auth.sessions.signIn({ ticket: 'guess' }, '10.0.0.9').catch((error: unknown) => error)
    for (let attempt = 0; attempt < 10; attempt++) expect(await fail()).toMatchObject({ reason: 'bad_ticket' })
    expect(await fail()).toMatchObject({ kind: 'limited', retryAfterMs: 60_000 })
    expect(await auth.sessions.signIn({ key }, '10.0.0.9').catch((error: unknown) => error)).toMatchObject({
      kind: 'limited',
    })
    expect((await auth.sessions.signIn({ key }, '10.0.0.8')).caller.key).toBe(idOf(key) as never)
    clock.at += 60_000
    expect((await auth.sessions.signIn({ key }, '10.0.0.9')).caller.key).toBe(idOf(key) as never)
  })

  test('is one of 50 of its key: the oldest is signed out', async () => {
    const { open, clock } = await createHouse(engine)
    const auth = await open()
    const { key } = await make(auth)
    const tokens: string[] = []
    for (let index = 0; index < 51; index++) {
      clock.at++
      tokens.push((await auth.sessions.signIn({ key }, '10.0.0.1')).token)
    }
    expect(tokens.map((token) => withCookie(auth, token).ok)).toEqual([
      false,
      ...Array.from({ length: 50 }, () => true),
    ])
  })
})
