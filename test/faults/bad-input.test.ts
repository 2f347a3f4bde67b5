/** Whatever callers send: a clear error of OpenAI's shape, never a hang, a crash or a leak. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { chatBody, settled, startGatewayHouse } from '../env/gateway-house.ts'
import type { ErrorBody, GatewayHouse } from '../env/gateway-house.ts'
import { openRaw, postText } from '../env/raw-client.ts'

let both: GatewayHouse
beforeAll(async () => {
  both = await startGatewayHouse()
}, 60_000)
afterAll(() => both[Symbol.asyncDispose](), 60_000)
afterEach(async () => {
  await settled(both)
  expect((await both.house.ask('/health')).status).toBe(200)
})

const post = (path: string, body: RequestInit['body'], headers: Record<string, string> = {}) =>
  both.house.ask(path, {
    method: 'POST',
    body: body ?? null,
    headers: { 'content-type': 'application/json', ...headers },
  })

async function errorOf(response: Response): Promise<ErrorBody['error'] & { readonly status: number }> {
  const { error } = (await response.json()) as ErrorBody
  expect(error.message).toMatch(/^[A-Za-z“"'`].{8,}[.!?]$/s)
  expect(error.type).toBeString()
  return { ...error, status: response.status }
}

describe('a chat request', () => {
  const messages = [{ role: 'user', content: 'x' }]
  const cases: readonly (readonly [string, unknown, number])[] = [
    ['that is cut JSON', '{"model": "fake/echo", "messages": [', 400],
    ['that is no JSON', 'hello', 400],
    ['that is empty', '', 400],
    ['that is a list', [1, 2], 400],
    ['that is null', null, 400],
    ['without a model', { messages }, 400],
    ['with a number as model', { model: 5, messages }, 400],
    ['with an empty model', { model: '', messages }, 400],
    ['without messages', { model: 'fake/echo' }, 400],
    ['with a text as messages', { model: 'fake/echo', messages: 'hello' }, 400],
    ['with a text as stream', { model: 'fake/echo', messages, stream: 'yes' }, 400],
    ['with an unknown model', { model: 'fake/ecko', messages }, 404],
  ]
  test.each(cases)('%s is refused with a sentence', async (_, body, status) => {
    const response = await post('/v1/chat/completions', typeof body === 'string' ? body : JSON.stringify(body))
    expect((await errorOf(response)).status).toBe(status)
  })

  test('for a mistyped model names the nearest ones', async () => {
    const error = await errorOf(await post('/v1/chat/completions', chatBody({ model: 'fake/ecko' })))
    expect(error.code).toBe('model_not_found')
    expect(error.message).toContain('fake/ecko')
    expect(error.message).toContain('fake/echo')
  })

  test('that is no UTF-8 is refused', async () => {
    const text = new TextEncoder().encode(chatBody())
    const bytes = new Uint8Array([...text.slice(0, -3), 0xff, 0xfe, ...text.slice(-3)])
    const response = await post('/v1/chat/completions', bytes)
    expect((await errorOf(response)).status).toBe(400)
  })

  test('over the limit of bodies is 413, announced or not', async () => {
    const big = chatBody({ padding: 'x'.repeat(65 * 1024 * 1024) })
    const announced = await post('/v1/chat/completions', big)
    expect((await errorOf(announced)).status).toBe(413)
    const connection = await openRaw(both.house.url)
    const headers = { 'content-length': String(10 ** 12) }
    connection.send(postText({ path: '/v1/chat/completions', key: both.house.adminKey, body: '{', headers }))
    expect(await connection.until((received) => /^HTTP\/1\.1 \d+/.test(received))).toMatch(/^HTTP\/1\.1 413/)
    connection.hangUp()
  }, 60_000)

  test('keeps every byte but the model: big integers, unknown members, duplicate keys, odd escapes', async () => {
    both.upstream.forget()
    both.upstream.play({})
    const odd = '"seed": 9223372036854775807, "x": 1e400, "y":"\\u00e9\\/", "z":{"a":1,"a":2}'
    const body = `{ ${odd}, "model":  "fake/big/echo" , "messages": [{"role":"user","content":"model"}]}`
    expect((await post('/v1/chat/completions', body)).status).toBe(200)
    expect(both.upstream.requests[0]!.text).toBe(body.replace('"fake/big/echo"', '"big/echo"'))
  })
})

describe('the listener', () => {
  test('answers an unknown path and a wrong method in the envelope', async () => {
    expect((await errorOf(await both.house.ask('/v1/nowhere'))).status).toBe(404)
    expect((await errorOf(await both.house.ask('/v1/chat/completions'))).status).toBeOneOf([404, 405])
    expect((await errorOf(await both.house.ask('/api/nowhere'))).status).toBe(404)
  })

  test('cuts a flood of headers with 431', async () => {
    const connection = await openRaw(both.house.url)
    connection.send(`GET /health HTTP/1.1\r\nhost: hearth\r\n${`x-flood: ${'y'.repeat(1_000)}\r\n`.repeat(100)}\r\n`)
    expect(await connection.until((received) => received.length > 0)).toMatch(/^HTTP\/1\.1 431/)
    connection.hangUp()
  })

  test.each([
    ['two lengths', 'content-length: 5\r\ncontent-length: 6\r\n'],
    ['a length and chunks', 'content-length: 5\r\ntransfer-encoding: chunked\r\n'],
    ['a length that is no number', 'content-length: +5\r\n'],
  ])('refuses a request with %s', async (_, headers) => {
    const connection = await openRaw(both.house.url)
    connection.send(`POST /v1/chat/completions HTTP/1.1\r\nhost: hearth\r\n${headers}\r\nhello`)
    expect(await connection.until((received) => received.length > 0)).toMatch(/^HTTP\/1\.1 400/)
    connection.hangUp()
  })

  test('answers odd hosts, paths and percent signs without a stack', async () => {
    const targets = ['/%', '/%zz', '//', '/v1/models/%2e%2e%2f', '/v1/models/a%00b', `/${'a'.repeat(4_000)}`]
    for (const target of targets) {
      const connection = await openRaw(both.house.url)
      connection.send(`GET ${target} HTTP/1.1\r\nhost: a b\r\nauthorization: Bearer ${both.house.adminKey}\r\n\r\n`)
      const answer = await connection.until((received) => received.includes('\r\n\r\n'))
      expect(answer).toMatch(/^HTTP\/1\.1 [234]\d\d/)
      expect(answer).not.toContain('src/')
      connection.hangUp()
    }
  })
})

describe('control routes', () => {
  test.each([
    ['POST', '/api/keys', '{'],
    ['POST', '/api/keys', '{}'],
    ['POST', '/api/keys', '{"name": 5}'],
    ['POST', '/api/keys', '{"name": "x", "scopes": ["root"]}'],
    ['POST', '/api/keys', '{"name": "x", "limits": {"concurrency": -1}}'],
    ['POST', '/api/keys', '{"name": "x", "expiresAt": "tomorrow"}'],
    ['GET', '/api/requests?limit=-1', null],
    ['GET', '/api/requests?limit=100001', null],
    ['GET', '/api/usage?by=colour', null],
  ])('%s %s %s is refused with a sentence', async (method, path, body) => {
    const response = await both.house.ask(path, { method, body, headers: { 'content-type': 'application/json' } })
    expect((await errorOf(response)).status).toBe(400)
  })

  test.each([
    ['DELETE', '/api/keys/aaaaaaaaaaaa'],
    ['POST', '/api/models/nobody/load'],
    ['GET', '/api/models/nobody'],
    ['DELETE', '/api/pulls/nothing'],
  ])('%s %s is 404', async (method, path) => {
    expect((await errorOf(await both.house.ask(path, { method }))).status).toBe(404)
  })
})

test('a slow loris is cut while others are served', async () => {
  const drips = await Promise.all(Array.from({ length: 50 }, () => openRaw(both.house.url)))
  for (const drip of drips) drip.send('POST /v1/chat/completions HTTP/1.1\r\nhost: hearth\r\nx-slow: ')
  expect((await post('/v1/chat/completions', chatBody())).status).toBe(200)
  const cut = Promise.all(drips.map((drip) => drip.toEnd()))
  const timer = setInterval(() => {
    for (const drip of drips) if (!drip.isClosed) drip.send('a')
  }, 1_000)
  await cut.finally(() => clearInterval(timer))
}, 90_000)
