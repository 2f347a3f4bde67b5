import { describe, expect, test } from 'bun:test'
import { createAuthApi, goodPassword, reasonOf } from '../../../test/env/auth-api.ts'
import { forEachDatabase } from '../../../test/env/databases.ts'

forEachDatabase('people', (engine) => {
  test('are made, listed, changed and removed by an administrator, and found after a restart', async () => {
    const api = await createAuthApi(engine)
    const key = api.admin
    await api.call('POST /api/teams', { key, body: { id: 'lab', name: 'The Lab' } })
    const body = { username: ' Ada ', email: 'Ada@Example.com', firstName: 'Ada', role: 'developer', teams: ['lab'] }
    const made = await api.call('POST /api/users', { key, body })
    expect(made.status).toBe(201)
    const { passwordLink, ...ada } = made.body
    expect(ada).toEqual({
      id: expect.stringMatching(/^usr_[a-z0-9]{12}$/),
      ...{ username: 'ada', email: 'ada@example.com', firstName: 'Ada', lastName: null, organization: null },
      ...{ role: 'developer', teams: ['lab'], isActive: true, hasPassword: false, lastSignInAt: null },
      createdAt: '2030-01-01T00:00:00.000Z',
      updatedAt: '2030-01-01T00:00:00.000Z',
    })
    expect(passwordLink.url).toBe(`http://127.0.0.1:9999/#password=${passwordLink.token}`)
    const changed = await api.call('PATCH /api/users/ada', { key, body: { lastName: 'Lovelace', role: 'user' } })
    expect(changed.body).toMatchObject({ firstName: 'Ada', lastName: 'Lovelace', role: 'user' })
    await api.restart()
    expect((await api.call('GET /api/users', { key })).body.data).toEqual([changed.body])
    expect((await api.call('GET /api/teams', { key })).body.data).toMatchObject([{ id: 'lab', members: 1, keys: 0 }])
    expect(reasonOf(await api.call('DELETE /api/teams/lab', { key }))).toBe('409 team_in_use')
    await api.call(`DELETE /api/users/${ada.id}`, { key })
    expect((await api.call('GET /api/users', { key })).body.data).toEqual([])
    expect((await api.call('DELETE /api/teams/lab', { key })).status).toBe(200)
    await api.restart()
    expect((await api.call('GET /api/users', { key })).body.data).toEqual([])
    const audit = (await api.call('GET /api/audit', { key })).body.data as { action: string; detail: string }[]
    expect(audit.map(({ action }) => action)).toContain('user.delete')
    expect(audit.find(({ action }) => action === 'user.update')?.detail).toBe(
      'lastName null → "Lovelace", role "developer" → "user"',
    )
  })

  test('have names of their own', async () => {
    const api = await createAuthApi(engine)
    const make = (body: object) =>
      api.call('POST /api/users', { key: api.admin, body: { password: goodPassword, ...body } })
    expect((await make({ username: 'ada', email: 'ada@example.com' })).status).toBe(201)
    expect(reasonOf(await make({ username: 'ADA' }))).toBe('409 username_taken')
    expect(reasonOf(await make({ username: 'ada2', email: 'ADA@example.com' }))).toBe('409 email_taken')
    expect(reasonOf(await make({ username: 'ada@example.com' }))).toBe('400 invalid_request')
    expect(reasonOf(await make({ username: 'bob', teams: ['nowhere'] }))).toBe('404 unknown_team')
    expect(reasonOf(await make({ username: 'bob', password: 'password123' }))).toBe('400 weak_password')
    const many = await Promise.all(Array.from({ length: 4 }, () => make({ username: 'eve' })))
    expect(many.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, 409, 409, 409])
  })

  test('who are put out lose tokens, sessions, keys and what runs with them at once, and for good', async () => {
    const api = await createAuthApi(engine)
    const ada = await api.person('ada', 'developer')
    const made = await api.call('POST /api/keys', { key: ada.access, body: { name: 'hers' } })
    const page = await api.call('POST /api/sessions', { body: { username: 'ada', password: goodPassword } })
    const cookie = { cookie: String(page.cookie?.split(';')[0]), 'sec-fetch-site': 'same-origin' }
    const headers = [
      { authorization: `Bearer ${ada.access}` },
      { authorization: `Bearer ${made.body.key}` },
      cookie,
    ].map((each) => new Headers(each as Record<string, string>))
    const cut: number[] = []
    headers.forEach((each, index) => {
      const identity = api.auth.door.identify({ headers: each })
      if (!identity.ok) throw new Error(identity.message)
      identity.caller.onRevoke(() => void cut.push(index))
    })
    const putting = api.call('PATCH /api/users/ada', { key: api.admin, body: { isActive: false } })
    await putting
    expect(cut.sort((a, b) => a - b)).toEqual([0, 1, 2])
    const states = () => headers.map((each) => api.auth.door.identify({ headers: each }).ok)
    expect(states()).toEqual([false, false, false])
    const again = () => api.call('POST /auth/login', { body: { username: 'ada', password: goodPassword } })
    expect(reasonOf(await again())).toBe('401 wrong_password')
    await api.restart()
    expect(states()).toEqual([false, false, false])
    expect(reasonOf(await api.call('POST /auth/refresh', { body: { refresh_token: ada.refresh } }))).toMatch(/^401 /)
    await api.call('PATCH /api/users/ada', { key: api.admin, body: { isActive: true } })
    expect(states()).toEqual([false, false, false])
    expect((await again()).status).toBe(200)
  })

  test('are put out even while the database is away, and the answer says what is missing', async () => {
    const api = await createAuthApi(engine)
    const ada = await api.person('ada')
    await api.takeDatabaseAway()
    const answer = await api.call('PATCH /api/users/ada', { key: api.admin, body: { isActive: false } })
    expect(reasonOf(answer)).toBe('503 deactivation_not_stored')
    expect(reasonOf(await api.call('GET /auth/me', { key: ada.access }))).toBe('401 revoked_token')
  })
})

forEachDatabase('nobody gets a role that was not given', (engine) => {
  const bodies = [{ role: 'admin' }, { teams: ['lab'] }, { isActive: true }, { id: 'usr_aaaaaaaaaaaa' }, { scopes: [] }]

  test('by saying it at registration, or of oneself', async () => {
    const api = await createAuthApi(engine)
    api.settings.registration = 'open'
    const ada = await api.person('ada')
    for (const extra of bodies) {
      const body = { username: 'mallory', password: goodPassword, ...extra }
      expect(reasonOf(await api.call('POST /auth/register', { body }))).toBe('400 invalid_request')
      expect(reasonOf(await api.call('PATCH /auth/me', { key: ada.access, body: extra }))).toBe('400 invalid_request')
    }
    const made = await api.call('POST /auth/register', { body: { username: 'mallory', password: goodPassword } })
    expect(made.body.user).toMatchObject({ role: 'user', teams: [] })
  })

  test.each(['developer', 'user', 'viewer'])('by being a %s who asks for it', async (role) => {
    const api = await createAuthApi(engine)
    const { access: key, id } = await api.person('ada', role)
    await api.person('bob', 'viewer')
    const asks = [
      ['PATCH /api/users/ada', { role: 'admin' }],
      [`PATCH /api/users/${id}`, { role: 'admin' }],
      ['PATCH /api/users/bob', { role: 'admin' }],
      ['POST /api/users', { username: 'eve', role: 'admin' }],
      ['POST /api/invitations', { role: 'admin' }],
      ['POST /api/users/bob/password-link', {}],
      ['DELETE /api/users/bob', undefined],
      ['GET /api/users', undefined],
      ['POST /api/teams', { id: 'mine' }],
      ['POST /api/tickets', undefined],
      ['POST /api/admin/token-keys/rotate', {}],
    ] as const
    for (const [request, body] of asks) {
      expect([request, reasonOf(await api.call(request, { key, body }))]).toEqual([request, '403 scope_missing'])
    }
    const scopesOfKeys = role === 'developer' ? ['admin'] : ['admin', 'fleet.operate', 'monitor']
    for (const scope of scopesOfKeys) {
      const answer = await api.call('POST /api/keys', { key, body: { name: 'more', scopes: [scope] } })
      expect(reasonOf(answer)).toBe(role === 'viewer' ? '403 permission_missing' : '403 scope_beyond_own')
    }
  })

  test('by being an administrator who changes themselves', async () => {
    const api = await createAuthApi(engine)
    const { access: key } = await api.person('ada', 'admin')
    expect(reasonOf(await api.call('PATCH /api/users/ada', { key, body: { role: 'user' } }))).toBe('403 own_role')
    expect(reasonOf(await api.call('PATCH /api/users/ada', { key, body: { isActive: false } }))).toBe('403 own_role')
    expect(reasonOf(await api.call('DELETE /api/users/ada', { key }))).toBe('403 own_role')
    expect((await api.call('PATCH /api/users/ada', { key, body: { firstName: 'A' } })).status).toBe(200)
  })

  test('through a key or a token that outlives it', async () => {
    const api = await createAuthApi(engine)
    const ada = await api.person('ada', 'admin')
    const made = await api.call('POST /api/keys', { key: ada.access, body: { name: 'root', scopes: ['admin'] } })
    expect((await api.call('GET /api/users', { key: made.body.key })).status).toBe(200)
    await api.call('PATCH /api/users/ada', { key: api.admin, body: { role: 'user' } })
    expect(reasonOf(await api.call('GET /api/users', { key: made.body.key }))).toBe('403 scope_missing')
    expect(reasonOf(await api.call('GET /api/users', { key: ada.access }))).toBe('403 scope_missing')
    expect((await api.call('GET /auth/me', { key: ada.access })).body).toMatchObject({
      scopes: ['inference'],
      permissions: ['model.inference', 'model.list', 'api_key.create', 'api_key.read', 'api_key.revoke'],
      by: 'token',
    })
  })

  test('by being promoted while an older token says less', async () => {
    const api = await createAuthApi(engine)
    const ada = await api.person('ada', 'user')
    await api.call('PATCH /api/users/ada', { key: api.admin, body: { role: 'admin' } })
    expect(reasonOf(await api.call('GET /api/users', { key: ada.access }))).toBe('403 scope_missing')
    const fresh = await api.call('POST /auth/refresh', { body: { refresh_token: ada.refresh } })
    expect((await api.call('GET /api/users', { key: fresh.body.access_token })).status).toBe(200)
  })
})

forEachDatabase('keys of people', (engine) => {
  test('are theirs: seen, rotated and ended by them and by administrators, unknown to everybody else', async () => {
    const api = await createAuthApi(engine)
    await api.call('POST /api/teams', { key: api.admin, body: { id: 'lab' } })
    const ada = await api.person('ada', 'user', ['lab'])
    const bob = await api.person('bob', 'developer', ['lab'])
    const made = await api.call('POST /api/keys', { key: ada.access, body: { name: 'hers' } })
    expect(made.body.owner).toEqual({ user: ada.id, team: 'lab' })
    const house = await api.call('POST /api/keys', { key: api.admin, body: { name: 'house', owner: { team: 'lab' } } })
    expect(house.body.owner).toEqual({ user: null, team: 'lab' })
    const names = async (key: string) =>
      ((await api.call('GET /api/keys', { key })).body.data as { name: string }[]).map(({ name }) => name).sort()
    expect([await names(ada.access), await names(bob.access), await names(api.admin)]).toEqual([
      ['hers'],
      [],
      ['admin', 'hers', 'house'],
    ])
    const hers = String(made.body.id)
    for (const id of [hers, String(house.body.id), api.admin.slice(3, 15), 'aaaaaaaaaaaa']) {
      const ended = await api.call(`DELETE /api/keys/${id}`, { key: bob.access })
      const rotated = await api.call(`POST /api/keys/${id}/rotate`, { key: bob.access, body: {} })
      const sentences = [ended, rotated].map(({ status, body }) => [status, body.error.message.replace(id, 'ID')])
      expect(sentences).toEqual(
        Array.from({ length: 2 }, () => [
          404,
          'There is no key ID. GET /api/keys lists them; the id is the part between the dashes.',
        ]),
      )
    }
    expect((await api.call(`DELETE /api/keys/${hers}`, { key: ada.access })).body.revokedAt).not.toBeNull()
  })

  test('are made for others, for teams and with a weight by administrators alone', async () => {
    const api = await createAuthApi(engine)
    await api.call('POST /api/teams', { key: api.admin, body: { id: 'lab' } })
    await api.call('POST /api/teams', { key: api.admin, body: { id: 'shop' } })
    const { access: key } = await api.person('ada', 'user', ['lab'])
    const bob = await api.person('bob', 'viewer')
    const make = (owner: unknown, extra: object = {}, by = key) =>
      api.call('POST /api/keys', { key: by, body: { name: 'k', ...(owner === undefined ? {} : { owner }), ...extra } })
    for (const owner of [null, { user: bob.id }, { user: 'bob' }, { team: 'shop' }, { user: null, team: 'lab' }]) {
      expect(reasonOf(await make(owner))).toBe('403 owner_beyond_own')
    }
    expect(reasonOf(await make(undefined, { limits: { weight: 9 } }))).toBe('403 weight_beyond_own')
    expect((await make({ team: 'lab' })).status).toBe(201)
    expect((await make({ user: 'ada', team: null })).body.owner.team).toBeNull()
    expect(reasonOf(await make({ user: 'bob' }, {}, api.admin))).toBe('403 scope_beyond_owner')
    expect((await make({ user: 'bob' }, { scopes: ['monitor'] }, api.admin)).body.owner).toEqual({
      user: bob.id,
      team: null,
    })
    expect(reasonOf(await make({ user: 'nobody' }, {}, api.admin))).toBe('404 unknown_user')
    expect(reasonOf(await make({ team: 'nowhere' }, {}, api.admin))).toBe('404 unknown_team')
  })

  test('make no further keys and no people, whatever their owner may', async () => {
    const api = await createAuthApi(engine)
    const ada = await api.person('ada', 'developer')
    const { body } = await api.call('POST /api/keys', { key: ada.access, body: { name: 'plain' } })
    expect(reasonOf(await api.call('POST /api/keys', { key: body.key, body: { name: 'x' } }))).toBe('403 scope_missing')
    expect(reasonOf(await api.call('GET /api/keys', { key: body.key }))).toBe('403 scope_missing')
    const change = { current: goodPassword, password: 'another good one' }
    expect(reasonOf(await api.call('PUT /auth/password', { key: body.key, body: change }))).toBe('403 person_needed')
  })

  test('are counted for their owner', async () => {
    const api = await createAuthApi(engine)
    await api.call('POST /api/teams', { key: api.admin, body: { id: 'lab' } })
    const ada = await api.person('ada', 'user', ['lab'])
    const { body } = await api.call('POST /api/keys', { key: ada.access, body: { name: 'hers' } })
    const ownerOf = (key: string) => {
      const identity = api.auth.door.identify({ headers: new Headers({ authorization: `Bearer ${key}` }) })
      return identity.ok ? { ...identity.caller.owner } : null
    }
    expect([ownerOf(body.key), ownerOf(ada.access), ownerOf(api.admin)]).toEqual([
      { user: ada.id, team: 'lab' },
      { user: ada.id, team: 'lab' },
      { user: null, team: null },
    ])
    expect([api.auth.nameOf(ada.id), api.auth.nameOf(body.id), api.auth.nameOf('nobody')]).toEqual([
      'ada',
      'hers',
      null,
    ])
  })
})

describe('permissions', () => {
  test('of a role never hold what a lesser role has and it has not', async () => {
    const { permissionsOfRole, roles } = await import('#kernel/permissions.ts')
    const all = roles.map((role) => permissionsOfRole(role))
    expect(all[0]?.length).toBe(12)
    for (const lesser of all.slice(1)) expect(all[0]).toEqual(expect.arrayContaining([...lesser]))
    expect(all[1]).toEqual(expect.arrayContaining([...(all[2] ?? [])]))
  })
})
