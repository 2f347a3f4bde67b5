import { createPublicKey, verify } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'bun:test'
import { createAuthApi, goodPassword, reasonOf } from '../../../test/env/auth-api.ts'
import { forEachDatabase } from '../../../test/env/databases.ts'

const hour = 3_600_000
const day = 24 * hour
const another = 'quite another password'

forEachDatabase('signing in', (engine) => {
  test('gives a pair of tokens, by user name or e-mail address', async () => {
    const api = await createAuthApi(engine)
    const body = { username: 'ada', email: 'ada@example.com', password: goodPassword, role: 'developer' }
    await api.call('POST /api/users', { key: api.admin, body })
    const answers = await Promise.all(
      [{ username: ' ADA ' }, { email: 'ada@example.com' }, { username: 'Ada@Example.com' }].map((name) =>
        api.call('POST /auth/login', { body: { ...name, password: goodPassword } }),
      ),
    )
    for (const { body: tokens } of answers) {
      expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 3600, refresh_expires_in: 604_800 })
      expect((await api.call('GET /auth/me', { key: tokens.access_token })).body).toMatchObject({
        user: { username: 'ada' },
        scopes: ['inference', 'monitor', 'fleet.operate'],
        by: 'token',
      })
    }
    expect(reasonOf(await api.call('POST /auth/login', { body: { password: goodPassword } }))).toBe(
      '400 invalid_request',
    )
  })

  test('says the same of a wrong password, of an account that is none, is out, or has no password', async () => {
    const api = await createAuthApi(engine)
    await api.person('ada')
    await api.person('bob')
    await api.call('PATCH /api/users/bob', { key: api.admin, body: { isActive: false } })
    await api.call('POST /api/users', { key: api.admin, body: { username: 'eve' } })
    const answers = []
    for (const username of ['ada', 'bob', 'eve', 'nobody', 'nobody@example.com', '']) {
      const { status, body } = await api.call('POST /auth/login', { body: { username, password: another } })
      answers.push(JSON.stringify([status, body]))
    }
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toContain('wrong_password')
  })

  test('is locked out after failures, longer each time, for accounts that are none just the same', async () => {
    const api = await createAuthApi(engine)
    await api.person('ada')
    for (const username of ['ada', 'nobody']) {
      const attempt = (password: string, from = '10.0.0.2') =>
        api.call('POST /auth/login', { body: { username, password }, from })
      for (let failure = 0; failure < 5; failure++) {
        expect(reasonOf(await attempt(another, `10.1.0.${failure}`))).toBe('401 wrong_password')
      }
      const locked = await attempt(goodPassword)
      expect([reasonOf(locked), locked.headers.get('retry-after')]).toEqual(['429 too_many_sign_ins', '5'])
      api.clock.at += 5000
      expect(reasonOf(await attempt(another))).toBe('401 wrong_password')
      expect((await attempt(goodPassword)).headers.get('retry-after')).toBe('10')
      api.clock.at += 10_000
    }
    expect((await api.call('POST /auth/login', { body: { username: 'ada', password: goodPassword } })).status).toBe(200)
    const audit = (await api.call('GET /api/audit', { key: api.admin })).body.data as { action: string }[]
    expect(audit.filter(({ action }) => action === 'login.locked')).toHaveLength(1)
  })

  test('is not guessed at by many attempts at once', async () => {
    const api = await createAuthApi(engine)
    await api.person('ada')
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        api.call('POST /auth/login', { body: { username: 'ada', password: another }, from: `10.2.0.${index}` }),
      ),
    )
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(15)
  })

  test('is refused to an address that tries many accounts, whichever it tries next', async () => {
    const api = await createAuthApi(engine)
    await api.person('ada')
    const from = '2001:db8::1'
    for (let index = 0; index < 30; index++) {
      await api.call('POST /auth/login', { body: { username: `name${index}`, password: another }, from })
    }
    const body = { username: 'ada', password: goodPassword }
    expect(reasonOf(await api.call('POST /auth/login', { body, from: '2001:db8::2' }))).toBe('429 too_many_sign_ins')
    expect((await api.call('POST /auth/login', { body, from: '2001:db8:0:1::1' })).status).toBe(200)
  }, 20_000)

  test('on the page gives a cookie that acts as the person', async () => {
    const api = await createAuthApi(engine)
    const ada = await api.person('ada', 'viewer')
    const page = await api.call('POST /api/sessions', { body: { username: 'ada', password: goodPassword } })
    expect([page.status, page.body]).toEqual([
      201,
      {
        ...{ key: ada.id, name: 'ada', scopes: ['monitor'], by: 'session' },
        user: { id: ada.id, username: 'ada', role: 'viewer' },
      },
    ])
    const headers = { cookie: String(page.cookie?.split(';')[0]) }
    expect((await api.call('GET /api/session', { headers })).body.name).toBe('ada')
    await api.restart()
    expect((await api.call('GET /api/session', { headers })).body.name).toBe('ada')
    for (const body of [
      { username: 'ada', password: another },
      { username: 'ada', password: goodPassword, key: api.admin },
      { username: 'ada' },
    ]) {
      expect((await api.call('POST /api/sessions', { body })).status).not.toBe(201)
    }
  })
})

forEachDatabase('an access token', (engine) => {
  test('can be judged by whoever reads /.well-known/jwks.json', async () => {
    const api = await createAuthApi(engine)
    const { access, id } = await api.person('ada')
    const { body } = await api.call('GET /.well-known/jwks.json')
    expect(body.keys).toHaveLength(1)
    const [head = '', claims = '', signature = ''] = access.split('.')
    const key = createPublicKey({ key: body.keys[0], format: 'jwk' })
    expect(verify(null, Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, 'base64url'))).toBe(true)
    const json = (text: string): unknown => JSON.parse(Buffer.from(text, 'base64url').toString())
    expect(json(head)).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: body.keys[0].kid })
    expect(json(claims)).toMatchObject({ iss: 'http://127.0.0.1:9999', aud: 'hearth', sub: id, scope: 'inference' })
  })

  test('lasts an hour, over a restart too, and not a second more', async () => {
    const api = await createAuthApi(engine)
    const { access } = await api.person('ada')
    await api.restart()
    api.clock.at += hour - 1000
    expect((await api.call('GET /auth/me', { key: access })).status).toBe(200)
    api.clock.at += 1000
    expect(reasonOf(await api.call('GET /auth/me', { key: access }))).toBe('401 expired_token')
    await api.restart()
    expect(reasonOf(await api.call('GET /auth/me', { key: access }))).toBe('401 expired_token')
  })

  test('is no refresh token, and a refresh token is no access token', async () => {
    const api = await createAuthApi(engine)
    const { access, refresh } = await api.person('ada')
    expect(reasonOf(await api.call('GET /auth/me', { key: refresh }))).toBe('401 invalid_api_key')
    expect(reasonOf(await api.call('POST /auth/refresh', { body: { refresh_token: access } }))).toBe(
      '401 invalid_refresh_token',
    )
    expect((await api.call('GET /auth/me', { key: access })).status).toBe(200)
  })

  test('is signed with a new key after a rotation, and the old one is taken for as long as it was said', async () => {
    const api = await createAuthApi(engine)
    const ada = await api.person('ada')
    const rotate = (keepMinutes: number) =>
      api.call('POST /api/admin/token-keys/rotate', { key: api.admin, body: { keepMinutes } })
    await rotate(10)
    expect((await api.call('GET /.well-known/jwks.json')).body.keys).toHaveLength(2)
    await api.restart()
    expect((await api.call('GET /auth/me', { key: ada.access })).status).toBe(200)
    api.clock.at += 10 * 60_000
    await api.restart()
    expect(reasonOf(await api.call('GET /auth/me', { key: ada.access }))).toBe('401 invalid_token')
    expect((await api.call('GET /.well-known/jwks.json')).body.keys).toHaveLength(1)
    const fresh = await api.call('POST /auth/refresh', { body: { refresh_token: ada.refresh } })
    expect((await api.call('GET /auth/me', { key: fresh.body.access_token })).status).toBe(200)
    await rotate(0)
    expect(reasonOf(await api.call('GET /auth/me', { key: fresh.body.access_token }))).toBe('401 invalid_token')
  })

  test('is signed with a new key each 90 days, by itself', async () => {
    const api = await createAuthApi(engine)
    const kids = async () =>
      ((await api.call('GET /.well-known/jwks.json')).body.keys as { kid: string }[]).map(({ kid }) => kid)
    const task = () => api.auth.tasks.find(({ name }) => name === 'auth-token-key')?.activate(AbortSignal.timeout(1000))
    const [first = ''] = await kids()
    api.clock.at += 90 * day - 1
    expect(await task()).toBeNull()
    api.clock.at += 1
    expect(await task()).toContain('new key')
    const both = await kids()
    expect([both.length, both[1], both[0] !== first]).toEqual([2, first, true])
  })

  test('is signed with a key that nobody else can read, and that is not used where somebody can', async () => {
    const api = await createAuthApi(engine)
    const path = join(api.home, 'token-keys.json')
    expect([existsSync(path), statSync(path).mode & 0o777]).toEqual([true, 0o600])
    const { keys } = JSON.parse(readFileSync(path, 'utf8')) as { keys: { d: string }[] }
    const { chmod } = await import('node:fs/promises')
    await chmod(path, 0o644)
    const refusal = await api.restart().catch((error: unknown) => error)
    expect(refusal).toMatchObject({ reason: 'bad_token_keys' })
    expect(String(refusal)).not.toContain(keys[0]?.d ?? 'none')
  })
})

forEachDatabase('a refresh token', (engine) => {
  const refresh = (api: Awaited<ReturnType<typeof createAuthApi>>, token: string) =>
    api.call('POST /auth/refresh', { body: { refresh_token: token } })

  test('is good once; a second time ends its sign-in, streams too, is told and written down', async () => {
    const api = await createAuthApi(engine)
    const ada = await api.person('ada')
    const other = await api.call('POST /auth/login', { body: { username: 'ada', password: goodPassword } })
    const next = await refresh(api, ada.refresh)
    expect(next.status).toBe(200)
    const identity = api.auth.door.identify({
      headers: new Headers({ authorization: `Bearer ${next.body.access_token}` }),
    })
    let isCut = false
    if (identity.ok) identity.caller.onRevoke(() => (isCut = true))
    expect(reasonOf(await refresh(api, ada.refresh))).toBe('401 refresh_token_reused')
    expect(isCut).toBe(true)
    expect(reasonOf(await api.call('GET /auth/me', { key: next.body.access_token }))).toBe('401 revoked_token')
    expect(reasonOf(await refresh(api, next.body.refresh_token))).toBe('401 invalid_refresh_token')
    expect(api.events.map(({ type }) => type)).toContain('login.reused')
    expect((await api.call('GET /auth/me', { key: other.body.access_token })).status).toBe(200)
    await api.restart()
    expect(reasonOf(await api.call('GET /auth/me', { key: next.body.access_token }))).toBe('401 revoked_token')
    expect((await refresh(api, other.body.refresh_token)).status).toBe(200)
    const audit = (await api.call('GET /api/audit', { key: api.admin })).body.data as { action: string; who: string }[]
    expect(audit.find(({ action }) => action === 'login.reuse')?.who).toBe(ada.id)
  })

  test('is spent by one of many that ask at once', async () => {
    const api = await createAuthApi(engine)
    const ada = await api.person('ada')
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(api, ada.refresh)))
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1)
    expect(reasonOf(await api.call('GET /auth/me', { key: ada.access }))).toBe('401 revoked_token')
  })

  test('lasts a week from the last time, over a restart', async () => {
    const api = await createAuthApi(engine)
    const ada = await api.person('ada')
    api.clock.at += 7 * day - 1
    const next = await refresh(api, ada.refresh)
    expect(next.status).toBe(200)
    await api.restart()
    api.clock.at += 7 * day
    expect(reasonOf(await refresh(api, next.body.refresh_token))).toBe('401 invalid_refresh_token')
  })

  test('and every token of its sign-in end when one of them is revoked, for good', async () => {
    const api = await createAuthApi(engine)
    for (const which of ['access', 'refresh'] as const) {
      const person = await api.person(`by-${which}`)
      expect((await api.call('POST /auth/revoke', { body: { token: person[which] } })).body).toEqual({ revoked: true })
      expect(reasonOf(await api.call('GET /auth/me', { key: person.access }))).toBe('401 revoked_token')
      await api.restart()
      expect(reasonOf(await api.call('GET /auth/me', { key: person.access }))).toBe('401 revoked_token')
      expect(reasonOf(await refresh(api, person.refresh))).toBe('401 invalid_refresh_token')
    }
    for (const token of ['nonsense', 'hr-00', 'eyJ.eyJ.x', api.admin]) {
      expect((await api.call('POST /auth/revoke', { body: { token } })).status).toBe(200)
    }
    expect((await api.call('GET /auth/me', { key: api.admin })).status).toBe(200)
  })
})

forEachDatabase('a password', (engine) => {
  test('is changed by its owner, whose other sign-ins end; keys go on', async () => {
    const api = await createAuthApi(engine)
    const ada = await api.person('ada')
    const made = await api.call('POST /api/keys', { key: ada.access, body: { name: 'hers' } })
    const other = await api.call('POST /auth/login', { body: { username: 'ada', password: goodPassword } })
    const page = await api.call('POST /api/sessions', { body: { username: 'ada', password: goodPassword } })
    const cookie = { cookie: String(page.cookie?.split(';')[0]) }
    const change = (body: object) => api.call('PUT /auth/password', { key: ada.access, body })
    expect(reasonOf(await change({ current: another, password: another }))).toBe('403 wrong_password')
    expect(reasonOf(await change({ current: goodPassword, password: 'short' }))).toBe('400 weak_password')
    expect((await change({ current: goodPassword, password: another })).status).toBe(200)
    const standing = async () => [
      (await api.call('GET /auth/me', { key: ada.access })).status,
      (await api.call('GET /auth/me', { key: other.body.access_token })).status,
      (await api.call('GET /api/session', { headers: cookie })).status,
      (await api.call('GET /auth/me', { key: made.body.key })).status,
    ]
    expect(await standing()).toEqual([200, 401, 401, 200])
    await api.restart()
    expect(await standing()).toEqual([200, 401, 401, 200])
    expect((await api.call('POST /auth/refresh', { body: { refresh_token: ada.refresh } })).status).toBe(200)
    const login = (password: string) => api.call('POST /auth/login', { body: { username: 'ada', password } })
    expect([(await login(goodPassword)).status, (await login(another)).status]).toEqual([401, 200])
  })

  test('is changed on the page, whose session goes on', async () => {
    const api = await createAuthApi(engine)
    const ada = await api.person('ada')
    const page = await api.call('POST /api/sessions', { body: { username: 'ada', password: goodPassword } })
    const headers = { cookie: String(page.cookie?.split(';')[0]), 'sec-fetch-site': 'same-origin' }
    const body = { current: goodPassword, password: another }
    const foreign = { ...headers, 'sec-fetch-site': 'cross-site' }
    expect(reasonOf(await api.call('PUT /auth/password', { headers: foreign, body }))).toBe('403 foreign_origin')
    expect((await api.call('PUT /auth/password', { headers, body })).status).toBe(200)
    await api.restart()
    expect((await api.call('GET /api/session', { headers })).status).toBe(200)
    expect((await api.call('GET /auth/me', { key: ada.access })).status).toBe(401)
  })

  test('is chosen with a link of an administrator, once, for a day; what began before ends', async () => {
    const api = await createAuthApi(engine)
    const ada = await api.person('ada')
    const make = () => api.call('POST /api/users/ada/password-link', { key: api.admin })
    const choose = (token: string, password = another) =>
      api.call('POST /auth/password/reset', { body: { token, password } })
    const older = (await make()).body.token as string
    const newest = (await make()).body.token as string
    expect(reasonOf(await choose(older))).toBe('401 bad_password_link')
    expect(reasonOf(await choose(newest, 'short'))).toBe('400 weak_password')
    expect((await api.call('GET /auth/me', { key: ada.access })).status).toBe(200)
    expect((await choose(newest)).body).toEqual({ username: 'ada' })
    expect((await api.call('GET /auth/me', { key: ada.access })).status).toBe(401)
    expect(reasonOf(await choose(newest))).toBe('401 bad_password_link')
    const late = (await make()).body.token as string
    api.clock.at += day
    expect(reasonOf(await choose(late))).toBe('401 bad_password_link')
    const foreign = await api.call('POST /api/invitations', { key: api.admin, body: {} })
    expect(reasonOf(await choose(foreign.body.token))).toBe('401 bad_password_link')
    expect((await api.call('POST /auth/login', { body: { username: 'ada', password: another } })).status).toBe(200)
  })

  test('stands nowhere: not in the database, an answer, an event or the audit', async () => {
    const api = await createAuthApi(engine)
    await api.person('ada')
    const users = await api.call('GET /api/users', { key: api.admin })
    const audit = await api.call('GET /api/audit', { key: api.admin })
    const all = JSON.stringify([users.body, audit.body, api.events])
    expect(all).not.toContain(goodPassword)
    expect(all).not.toContain('$argon2')
  })
})

forEachDatabase('registering', (engine) => {
  const body = { username: 'ada', email: 'ada@example.com', password: goodPassword }

  test('is for nobody, for whoever is invited, or for everybody, as the house says', async () => {
    const api = await createAuthApi(engine)
    expect(reasonOf(await api.call('POST /auth/register', { body }))).toBe('403 registration_closed')
    api.settings.registration = 'off'
    const invited = await api.call('POST /api/invitations', { key: api.admin, body: {} })
    const invitation = invited.body.token as string
    expect(reasonOf(await api.call('POST /auth/register', { body: { ...body, invitation } }))).toBe(
      '403 registration_closed',
    )
    api.settings.registration = 'open'
    expect((await api.call('POST /auth/register', { body })).body.user).toMatchObject({ username: 'ada', role: 'user' })
    expect((await api.call('POST /auth/login', { body: { email: body.email, password: goodPassword } })).status).toBe(
      200,
    )
  })

  test('with an invitation gives what it says, once, and a name that is taken does not cost it', async () => {
    const api = await createAuthApi(engine)
    await api.call('POST /api/teams', { key: api.admin, body: { id: 'lab' } })
    await api.person('taken')
    const grant = { role: 'developer', teams: ['lab'] }
    const invited = await api.call('POST /api/invitations', { key: api.admin, body: grant })
    expect(invited.body).toMatchObject({ ...grant, url: expect.stringContaining('/#invitation=') as unknown })
    const invitation = invited.body.token as string
    const register = (extra: object) => api.call('POST /auth/register', { body: { ...body, invitation, ...extra } })
    expect(reasonOf(await register({ invitation: 'guess' }))).toBe('403 bad_invitation')
    expect(reasonOf(await register({ username: 'taken' }))).toBe('409 username_taken')
    expect(reasonOf(await register({ password: 'short' }))).toBe('400 weak_password')
    expect((await register({})).body.user).toMatchObject(grant)
    expect(reasonOf(await register({ username: 'second', email: null }))).toBe('403 bad_invitation')
  })

  test('is slowed down for an address that does it often', async () => {
    const api = await createAuthApi(engine)
    const attempt = () => api.call('POST /auth/register', { body: { ...body, invitation: 'guess' } })
    const answers = []
    for (let index = 0; index < 31; index++) answers.push(reasonOf(await attempt()))
    expect([answers[29], answers[30]]).toEqual(['403 bad_invitation', '429 too_many_sign_ins'])
  })
})
