import { expect, test } from 'bun:test'
import { silentLogger } from '#platform/log/logger.ts'
import { createRouter } from '#platform/http/router.ts'
import type { Connection } from '#platform/http/route.ts'
import { createHouse } from '../../test/env/auth-house.ts'
import type { DatabaseEngine } from '../../test/env/databases.ts'
import { forEachDatabase } from '../../test/env/databases.ts'

interface Answer {
  readonly status: number
  readonly cookie: string | null
  readonly body: any // oxlint-disable-line no-explicit-any -- what came over the wire; every test says what it expects
}

const connection = (from: string): Connection => ({ from, isLocalSocket: from === 'local', setIdleTimeout: () => {} })
const origin = 'http://127.0.0.1:9999'

/** The routes behind the real router; `from: 'local'` is the socket. */
async function createApi(engine: DatabaseEngine) {
  const house = await createHouse(engine)
  const auth = await house.open()
  const handler = createRouter({
    routes: auth.routes,
    gate: auth.gate,
    log: silentLogger,
    controlBodyBytes: 65_536,
    fallback: () => null,
  })
  const call = async (
    request: `${string} /${string}`,
    options: { body?: unknown; headers?: Record<string, string>; key?: string; from?: string } = {},
  ): Promise<Answer> => {
    const [method = '', path = ''] = request.split(' ')
    const bearer: Record<string, string> = options.key === undefined ? {} : { authorization: `Bearer ${options.key}` }
    const body = options.body === undefined ? null : JSON.stringify(options.body)
    const headers: Record<string, string> = { host: '127.0.0.1:9999', ...bearer, ...options.headers }
    const sent = new Request(`${origin}${path}`, { method, headers, body })
    const response = await handler(sent, connection(options.from ?? '10.0.0.1'))
    return { status: response.status, cookie: response.headers.get('set-cookie'), body: await response.json() }
  }
  return { ...house, auth, call, admin: auth.firstAdminKey ?? '' }
}

forEachDatabase('the routes of keys', (engine) => {
  test('make, list, rotate and revoke a key', async () => {
    const { call, admin } = await createApi(engine)
    const expiresAt = '2031-01-01T01:00:00+01:00'
    const made = await call('POST /api/keys', {
      key: admin,
      body: { name: ' office ', expiresAt, limits: { concurrency: 1, weight: 3, priority: 'batch' } },
    })
    expect(made.status).toBe(201)
    expect(made.body).toEqual({
      id: made.body.key.slice(3, 15),
      key: expect.stringMatching(/^hk-[a-z0-9]{12}-[0-9a-f]{48}$/),
      name: 'office',
      scopes: ['inference'],
      models: null,
      limits: {
        requestsPerMinute: null,
        requestsPerHour: null,
        requestsPerDay: null,
        requestsPerMonth: null,
        tokensPerMinute: null,
        tokensPerHour: null,
        tokensPerDay: null,
        tokensPerMonth: null,
        concurrency: 1,
        weight: 3,
        priority: 'batch',
      },
      budget: null,
      owner: null,
      createdAt: '2030-01-01T00:00:00.000Z',
      expiresAt: '2031-01-01T00:00:00.000Z',
      revokedAt: null,
      lastUsedAt: null,
      previousSecretUntil: null,
    })
    const { id, key } = made.body
    const listed = await call('GET /api/keys', { key: admin })
    expect(listed.body.data.map((view: { name: string }) => view.name).sort()).toEqual(['admin', 'office'])
    expect(JSON.stringify(listed.body)).not.toContain(key.slice(16))
    const rotated = await call(`POST /api/keys/${id}/rotate`, { key: admin, body: { graceSeconds: 30 } })
    expect(rotated.body).toMatchObject({ id, previousSecretUntil: '2030-01-01T00:00:30.000Z' })
    const revoked = await call(`DELETE /api/keys/${id}`, { key: admin })
    expect([revoked.status, revoked.body.revokedAt]).toEqual([200, '2030-01-01T00:00:00.000Z'])
    const refused = await call('GET /api/session', { key: rotated.body.key })
    expect([refused.status, refused.body.error.code]).toEqual([401, 'revoked_api_key'])
  })

  test.each<[unknown, string, string]>([
    [{}, 'name', 'a name is needed'],
    [{ name: '' }, 'name', 'a name is needed'],
    [{ name: 'x', scopes: ['inferense'] }, 'scopes.0', 'there is no scope “inferense”; did you mean inference?'],
    [{ name: 'x', scopes: [] }, 'scopes', 'leave scopes out'],
    [{ name: 'x', models: [] }, 'models', 'leave models out'],
    [{ name: 'x', expiresAt: 'tomorrow' }, 'expiresAt', '“tomorrow” is not a time like 2027-01-31T12:00:00Z'],
    [{ name: 'x', expiresAt: '2029-12-31T23:59:59Z' }, 'expiresAt', 'is in the past'],
    [{ name: 'x', limits: { concurrency: 0 } }, 'limits.concurrency', 'a whole number above 0'],
    [{ name: 'x', limits: { weight: 101 } }, 'limits.weight', 'a whole number from 1 to 100; it is 101'],
    [{ name: 'x', limits: { priority: 'low' } }, 'limits.priority', 'must be interactive or batch; it is “low”'],
    [{ name: 'x', limits: { requestsPerMinute: 1.5 } }, 'limits.requestsPerMinute', 'it is 1.5'],
    [{ name: 'x', limits: { perSecond: 1 } }, 'limits', 'perSecond'],
    [{ name: 'x', scope: 'admin' }, 'body', 'scope'],
  ])('refuse %j at %p', async (body, param, sentence) => {
    const { call, admin } = await createApi(engine)
    const answer = await call('POST /api/keys', { key: admin, body })
    expect([answer.status, answer.body.error.param]).toEqual([400, param])
    expect(answer.body.error.message).toContain(sentence)
  })

  test.each([-1, 604_801, 0.5, 'soon'])('refuse a grace of %p', async (graceSeconds) => {
    const { call, admin } = await createApi(engine)
    const id = admin.slice(3, 15)
    const answer = await call(`POST /api/keys/${id}/rotate`, { key: admin, body: { graceSeconds } })
    expect([answer.status, answer.body.error.param]).toEqual([400, 'graceSeconds'])
  })

  test('are for admins', async () => {
    const { call, admin } = await createApi(engine)
    const { body } = await call('POST /api/keys', { key: admin, body: { name: 'x', scopes: ['monitor'] } })
    const answer = await call('GET /api/keys', { key: body.key })
    expect([answer.status, answer.body.error.code]).toEqual([403, 'scope_missing'])
    expect((await call('GET /api/keys')).body.error.code).toBe('missing_api_key')
    expect((await call('DELETE /api/keys/unknown', { key: admin })).status).toBe(404)
  })
})

forEachDatabase('the routes of sessions', (engine) => {
  test('sign a browser in by a link of the terminal, tell who it is, and sign it out', async () => {
    const { call } = await createApi(engine)
    const link = await call('POST /api/tickets', { from: 'local', body: {} })
    expect(link.body).toMatchObject({
      url: `${origin}/#ticket=${link.body.ticket}`,
      expiresAt: '2030-01-01T00:10:00.000Z',
    })
    const signedIn = await call('POST /api/sessions', { headers: { origin }, body: { ticket: link.body.ticket } })
    expect([signedIn.status, signedIn.body.by]).toEqual([201, 'session'])
    expect(signedIn.cookie).toMatch(
      /^hearth_session=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=2592000$/,
    )
    const cookie = signedIn.cookie?.split(';')[0] ?? ''
    const me = await call('GET /api/session', { headers: { cookie } })
    const all = ['inference', 'monitor', 'fleet.operate', 'admin']
    expect(me.body).toEqual({ key: 'local', name: 'this machine', scopes: all, by: 'session', user: null })
    const made = await call('POST /api/keys', { headers: { cookie, origin }, body: { name: 'x' } })
    expect(made.status).toBe(201)
    const forged = await call('POST /api/keys', {
      headers: { cookie, origin: 'http://evil.example' },
      body: { name: 'x' },
    })
    expect([forged.status, forged.body.error.code]).toEqual([403, 'foreign_origin'])
    expect((await call('DELETE /api/session', { headers: { cookie, origin } })).cookie).toContain('Max-Age=0')
    expect((await call('GET /api/session', { headers: { cookie } })).status).toBe(401)
  })

  test('tell a key and the socket who they are', async () => {
    const { call, admin } = await createApi(engine)
    expect((await call('GET /api/session', { key: admin })).body).toMatchObject({ key: admin.slice(3, 15), by: 'key' })
    expect((await call('GET /api/session', { from: 'local' })).body).toMatchObject({ key: 'local', by: 'local' })
  })

  test('take a key for a sign-in, and neither both nor none, nor one that another site sends', async () => {
    const { call, admin } = await createApi(engine)
    expect((await call('POST /api/sessions', { body: { key: admin } })).status).toBe(201)
    expect((await call('POST /api/sessions', { body: { key: admin, ticket: 'x' } })).status).toBe(400)
    expect((await call('POST /api/sessions', { body: {} })).status).toBe(400)
    const headers = { origin: 'http://evil.example' }
    expect((await call('POST /api/sessions', { headers, body: { key: admin } })).status).toBe(403)
    expect((await call('POST /api/sessions', { body: { key: `${admin.slice(0, -1)}x` } })).status).toBe(401)
  })
})

forEachDatabase('the routes of the admin', (engine) => {
  test('reset the admin key through the socket only, and sign out whoever came by a link of the socket', async () => {
    const { call, admin } = await createApi(engine)
    const refused = await call('POST /api/admin/reset', { key: admin, body: {} })
    expect([refused.status, refused.body.error.code]).toEqual([403, 'local_only'])
    const link = await call('POST /api/tickets', { from: 'local', body: {} })
    const { cookie } = await call('POST /api/sessions', { body: { ticket: link.body.ticket } })
    const reset = await call('POST /api/admin/reset', { from: 'local', body: {} })
    expect((await call('GET /api/keys', { key: reset.body.key })).status).toBe(200)
    expect((await call('GET /api/keys', { key: admin })).body.error.code).toBe('revoked_api_key')
    expect((await call('GET /api/session', { headers: { cookie: cookie?.split(';')[0] ?? '' } })).status).toBe(401)
  })

  test('page through the audit log, newest first', async () => {
    const { call, admin } = await createApi(engine)
    for (const name of ['a', 'b', 'c']) await call('POST /api/keys', { key: admin, body: { name } })
    const seen: string[] = []
    let next: string | null = ''
    while (next !== null) {
      const cursor: string = next === '' ? '' : `&cursor=${next}`
      const page: Answer = await call(`GET /api/audit?limit=2${cursor}`, { key: admin })
      seen.push(...page.body.data.map((row: { detail: string }) => row.detail))
      next = page.body.next
    }
    expect(seen).toEqual(['“c” with inference', '“b” with inference', '“a” with inference', 'the first admin key'])
    expect((await call('GET /api/audit?limit=0', { key: admin })).status).toBe(400)
    expect((await call('GET /api/audit?cursor=x', { key: admin })).status).toBe(400)
  })
})
