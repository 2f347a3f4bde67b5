import { expect, test } from 'bun:test'
import { byOwner, createHouse, idOf, make, start } from '../../../test/env/auth-house.ts'
import { forEachDatabase } from '../../../test/env/databases.ts'
import type { Auth } from '../index.ts'

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
