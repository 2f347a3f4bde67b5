/** People and their tokens against a whole house: what they may, when it ends, and what a kill leaves. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { findFreePort } from '#platform/process/free-port.ts'
import { goodPassword } from '../env/auth-api.ts'
import { chatBody, requestRows, startGatewayHouse } from '../env/gateway-house.ts'
import type { GatewayHouse } from '../env/gateway-house.ts'
import { until } from '../env/until.ts'
import { runCli } from '../fakes/cli-process.ts'

let both: GatewayHouse
let helix: string
beforeAll(async () => {
  const port = findFreePort('127.0.0.1')
  helix = `http://127.0.0.1:${port}`
  both = await startGatewayHouse({ config: `compat: { helix: ${port} }\nauth: { registration: open }\n` })
}, 60_000)
afterAll(() => both[Symbol.asyncDispose](), 60_000)

interface Answer {
  readonly status: number
  readonly body: any // oxlint-disable-line no-explicit-any -- what came over the wire; every test says what it expects
}

async function post(url: string, body: unknown, token: string | null = null, method = 'POST'): Promise<Answer> {
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(url, { method, headers, ...(method === 'GET' ? {} : { body: text }) })
  return { status: response.status, body: await response.json() }
}

async function person(username: string, role = 'user') {
  const { url, adminKey } = both.house
  const made = await post(`${url}/api/users`, { username, role, password: goodPassword }, adminKey)
  expect(made.status).toBe(201)
  const login = await post(`${url}/auth/login`, { username, password: goodPassword })
  return { id: made.body.id as string, access: login.body.access_token, refresh: login.body.refresh_token } as {
    readonly id: string
    readonly access: string
    readonly refresh: string
  }
}

const chat = (token: string, more: Readonly<Record<string, unknown>> = {}) =>
  fetch(`${both.house.url}/v1/chat/completions`, {
    method: 'POST',
    body: chatBody(more),
    headers: { authorization: `Bearer ${token}` },
  })

describe('a person with a token', () => {
  test('uses models, and stands in the ledger', async () => {
    const ada = await person('ada')
    const answer = await chat(ada.access)
    expect(answer.status).toBe(200)
    await answer.text()
    const id = answer.headers.get('x-request-id')
    await until('the row is there', async () => (await requestRows(both.house)).some((row) => row.id === id))
    expect((await requestRows(both.house)).find((row) => row.id === id)).toMatchObject({ key: ada.id })
  })

  test.each([
    ['revokes it', (token: string) => post(`${both.house.url}/auth/revoke`, { token })],
    ['is put out', () => post(`${both.house.url}/api/users/cut-2`, { isActive: false }, both.house.adminKey, 'PATCH')],
  ])(
    'is cut in the middle of a stream by who %s',
    async (what, end) => {
      const { access } = await person(what === 'is put out' ? 'cut-2' : 'cut-1')
      both.upstream.play({ tokens: 10_000, tokenMs: 20 })
      const stream = await chat(access, { stream: true })
      expect(stream.status).toBe(200)
      const text = stream.text()
      expect((await end(access)).status).toBe(200)
      expect((await chat(access)).status).toBe(401)
      expect(await text).toContain('key_revoked')
      await both.upstream.until(({ inFlight }) => inFlight === 0)
      both.upstream.play({})
    },
    30_000,
  )

  test('may what the role holds and nothing more', async () => {
    const eve = await person('eve', 'viewer')
    const status = await fetch(`${both.house.url}/api/status`, { headers: { authorization: `Bearer ${eve.access}` } })
    expect([status.status, (await chat(eve.access)).status]).toEqual([200, 403])
  })

  test('is who they were after a kill, and what was revoked stays so', async () => {
    const kept = await person('kept')
    const gone = await person('gone')
    await post(`${both.house.url}/auth/revoke`, { token: gone.refresh })
    await both.house.kill()
    await both.house.restart()
    expect((await post(`${both.house.url}/auth/refresh`, { refresh_token: gone.refresh })).status).toBe(401)
    // The port is another one, and with it the issuer of the tokens of before: the refresh token brings a new one.
    const next = await post(`${both.house.url}/auth/refresh`, { refresh_token: kept.refresh })
    expect(next.status).toBe(200)
    expect((await chat(next.body.access_token)).status).toBe(200)
    expect((await chat(gone.access)).status).toBe(401)
  }, 60_000)
})

describe('clients of HelixFlow', () => {
  const account = {
    ...{ username: 'helen', email: 'helen@example.com', password: goodPassword },
    ...{ first_name: 'Helen', last_name: null, organization: 'Lab', role: 'admin' },
  }

  test('register, log in, use models, refresh and revoke with its bodies', async () => {
    const registered = await post(`${helix}/register`, account)
    expect(registered.body).toEqual({
      success: true,
      message: expect.any(String) as unknown,
      user_id: expect.stringMatching(/^usr_/) as unknown,
    })
    const users = (
      await both.house.get<{ data: { username: string; role: string; firstName: string }[] }>('/api/users')
    ).data
    expect(users.find(({ username }) => username === 'helen')).toMatchObject({ role: 'user', firstName: 'Helen' })
    const login = await post(`${helix}/login`, { email: account.email, password: goodPassword })
    expect(Object.keys(login.body as object)).toEqual(['access_token', 'refresh_token'])
    const token = login.body.access_token as string
    const answer = await post(`${helix}/v1/chat/completions`, chatBody(), token)
    expect([answer.status, answer.body.object]).toEqual([200, 'chat.completion'])
    const refreshed = await post(`${helix}/refresh`, { refresh_token: login.body.refresh_token })
    expect(refreshed.status).toBe(200)
    expect((await post(`${helix}/revoke`, { token })).body).toEqual({ status: 'success' })
    expect((await post(`${helix}/refresh`, { refresh_token: refreshed.body.refresh_token })).status).toBe(401)
    expect((await (await fetch(`${helix}/health`)).json()) as object).toMatchObject({ status: 'healthy' })
  })

  test('are refused in its envelope, and find nothing else there', async () => {
    const wrong = await post(`${helix}/login`, { email: 'helen@example.com', password: 'a wrong password' })
    expect([wrong.status, wrong.body]).toEqual([
      401,
      {
        error: {
          code: 'authentication_failed',
          message: expect.any(String) as unknown,
          details: { reason: 'wrong_password' },
          timestamp: expect.stringMatching(/^\d{4}-/) as unknown,
          request_id: expect.stringMatching(/^req_/) as unknown,
        },
      },
    ])
    expect((await post(`${helix}/v1/chat/completions`, chatBody(), 'demo-key')).body.error.code).toBe('invalid_api_key')
    const unknown = await post(`${helix}/v1/chat/completions`, chatBody({ model: 'none' }), both.house.adminKey)
    expect(unknown.body.error.code).toBe('model_not_found')
    expect((await post(`${helix}/api/keys`, { name: 'x' }, both.house.adminKey)).status).toBe(404)
  })
})

describe('the command line', () => {
  const local = (...args: readonly string[]) => runCli(args, { env: { HEARTH_HOME: both.house.home } })

  test('makes teams and users, changes them and puts them out', async () => {
    expect((await local('teams', 'add', 'lab', 'The Lab')).out).toBe('The team lab (The Lab) is made.\n')
    const added = await local('users', 'add', 'cleo', '--role', 'developer', '--team', 'lab')
    expect(added).toMatchObject({ code: 0, out: expect.stringMatching(/#password=[0-9a-f]{48}\n$/) as unknown })
    expect((await local('users', 'set', 'cleo', '--role', 'viewer')).out).toBe('cleo is viewer, in lab.\n')
    expect((await local('users')).out).toMatch(/cleo +invited +viewer +lab/)
    expect((await local('teams')).out).toMatch(/lab +The Lab +1 +0/)
    expect((await local('teams', 'remove', 'lab')).err).toContain('has 1 members')
    expect((await local('users', 'reset-password', 'cleo')).out).toMatch(/#password=/)
    expect((await local('users', 'invite', '--team', 'lab')).out).toMatch(/#invitation=/)
    expect((await local('users', 'deactivate', 'cleo', '--yes')).out).toBe('cleo is out.\n')
    expect((await local('users', 'remove', 'cleo', '--yes')).out).toBe('cleo is removed.\n')
    expect((await local('teams', 'remove', 'lab')).code).toBe(0)
  }, 60_000)
})
