import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { chatBody, startGatewayHouse } from '../env/gateway-house.ts'
import type { ErrorBody, GatewayHouse } from '../env/gateway-house.ts'

let both: GatewayHouse
beforeAll(async () => {
  both = await startGatewayHouse()
}, 60_000)
afterAll(() => both[Symbol.asyncDispose](), 60_000)

interface NewKey {
  readonly id: string
  readonly key: string
}

async function makeKey(more: Readonly<Record<string, unknown>> = {}): Promise<NewKey> {
  const response = await both.house.ask('/api/keys', {
    method: 'POST',
    body: JSON.stringify({ name: 'test', ...more }),
  })
  expect(response.status).toBe(201)
  return (await response.json()) as NewKey
}

const chat = (key: string, more: Readonly<Record<string, unknown>> = {}) =>
  both.house.ask('/v1/chat/completions', {
    method: 'POST',
    body: chatBody(more),
    headers: { authorization: `Bearer ${key}` },
  })

describe('a key', () => {
  test('has the documented form, and its secret is shown once', async () => {
    const { id, key } = await makeKey()
    expect(key).toMatch(/^hk-[a-z0-9]{12}-[0-9a-f]{48}$/)
    expect(key.split('-')[1]).toBe(id)
    const listed = await (await both.house.ask('/api/keys')).text()
    expect(listed).toContain(id)
    expect(listed).not.toContain(key.split('-')[2])
    expect(both.house.logs()).not.toContain(key.split('-')[2])
  })

  test('is taken as bearer and as x-api-key', async () => {
    const { key } = await makeKey()
    expect((await chat(key)).status).toBe(200)
    const init = { method: 'POST', body: chatBody(), headers: { 'x-api-key': key } }
    expect((await fetch(`${both.house.url}/v1/chat/completions`, init)).status).toBe(200)
  })

  test('is refused from the moment its revocation was answered, and its running stream is cut', async () => {
    const { id, key } = await makeKey()
    both.upstream.play({ tokens: 10_000, tokenMs: 20 })
    const stream = await chat(key, { stream: true })
    expect(stream.status).toBe(200)
    const text = stream.text()
    expect((await both.house.ask(`/api/keys/${id}`, { method: 'DELETE' })).status).toBe(200)
    const refused = await chat(key)
    expect(refused.status).toBe(401)
    expect(refused.headers.get('x-should-retry')).toBe('false')
    expect(((await refused.json()) as ErrorBody).error.message).toBeString()
    // The cut is told in the stream, and the upstream works for nobody.
    expect(await text).toContain('key_revoked')
    await both.upstream.until(({ inFlight }) => inFlight === 0)
    both.upstream.play({})
  }, 30_000)

  test('opens only the models of its list', async () => {
    const { key } = await makeKey({ models: ['fake/echo'] })
    expect((await chat(key)).status).toBe(200)
    const other = await chat(key, { model: 'fake/big/echo' })
    expect(other.status).toBeOneOf([403, 404])
    const models = await both.house.ask('/v1/models', { headers: { authorization: `Bearer ${key}` } })
    const { data } = (await models.json()) as { data: { id: string }[] }
    expect(data.map((each) => each.id)).toEqual(['fake/echo'])
  })

  test('of inference alone opens no control route', async () => {
    const { key } = await makeKey({ scopes: ['inference'] })
    const headers = { authorization: `Bearer ${key}` }
    for (const path of ['/api/keys', '/api/config', '/api/status', '/api/events', '/metrics', '/api/requests']) {
      expect([path, (await both.house.ask(path, { headers })).status]).toEqual([path, 403])
    }
  })

  test('over its limit of requests gets 429 with Retry-After', async () => {
    const { key } = await makeKey({ limits: { requestsPerMinute: 2 } })
    const statuses = [await chat(key), await chat(key), await chat(key)]
    expect(statuses.map((response) => response.status)).toEqual([200, 200, 429])
    expect(Number(statuses[2]!.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test('over its concurrency gets 429, and its place back when the first answer ends', async () => {
    const { key } = await makeKey({ limits: { concurrency: 1 } })
    both.upstream.play({ tokens: 10_000, tokenMs: 10 })
    const controller = new AbortController()
    const body = chatBody({ stream: true })
    const init = { method: 'POST', body, headers: { authorization: `Bearer ${key}` }, signal: controller.signal }
    const first = await both.house.ask('/v1/chat/completions', init)
    expect(first.status).toBe(200)
    expect((await chat(key)).status).toBe(429)
    controller.abort()
    await both.upstream.until(({ inFlight }) => inFlight === 0)
    both.upstream.play({})
    expect((await chat(key)).status).toBe(200)
  })

  test('is rotated with a grace in which both secrets are good', async () => {
    const { id, key } = await makeKey()
    const rotate = (graceSeconds: number) =>
      both.house.ask(`/api/keys/${id}/rotate`, { method: 'POST', body: JSON.stringify({ graceSeconds }) })
    const second = ((await (await rotate(60)).json()) as NewKey).key
    expect([(await chat(key)).status, (await chat(second)).status]).toEqual([200, 200])
    const third = ((await (await rotate(0)).json()) as NewKey).key
    expect([(await chat(second)).status, (await chat(third)).status]).toEqual([401, 200])
  })
})

test('without a key, with a wrong one and with half of one the answer is 401 in the envelope', async () => {
  const keys = [
    '',
    'hk-',
    'hk-testadminkey-',
    `hk-testadminkey-${'f'.repeat(48)}`,
    'sk-other',
    `${both.house.adminKey}x`,
  ]
  for (const key of keys) {
    const headers: Record<string, string> = key === '' ? {} : { authorization: `Bearer ${key}` }
    const response = await fetch(`${both.house.url}/v1/models`, { headers })
    expect([key, response.status]).toEqual([key, 401])
    expect(((await response.json()) as ErrorBody).error.code).toBeString()
  }
  expect((await fetch(`${both.house.url}/health`)).status).toBe(200)
})
