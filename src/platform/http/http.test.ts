import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '#kernel/errors.ts'
import { keyId } from '#kernel/ids.ts'
import type { Caller } from '#kernel/words.ts'
import { silentLogger } from '#platform/log/logger.ts'
import { withCors } from './cors.ts'
import { listen } from './listener.ts'
import { openApiDocument } from './openapi.ts'
import { route } from './route.ts'
import { createRouter } from './router.ts'

const caller: Caller = {
  key: keyId('k'),
  name: 'k',
  limits: { requestsPerMinute: null, tokensPerMinute: null, concurrency: null },
  may: () => true,
  mayUse: () => true,
  onRevoke: () => ({ [Symbol.dispose]: () => {} }),
}

const routes = [
  route({
    method: 'POST',
    path: '/api/things/{id+}/rename',
    summary: 'Renames a thing.',
    tag: 'things',
    scope: 'admin',
    params: z.object({ id: z.string() }),
    query: z.object({ dryRun: z.literal('1').optional() }),
    body: z.object({ name: z.string().min(1), size: z.number().int().positive() }),
    responses: { 200: z.object({ id: z.string() }) },
    handle: ({ params, body, query }) => ({ id: params.id, name: body.name, dry: query.dryRun === '1' }),
  }),
  route({
    method: 'GET',
    path: '/api/things/{id+}',
    summary: 'A thing.',
    tag: 'things',
    scope: 'admin',
    params: z.object({ id: z.string() }),
    responses: { 200: z.object({ id: z.string() }) },
    handle: ({ params }) => ({ whole: params.id }),
  }),
  route({
    method: 'GET',
    path: '/api/things/{id+}/log',
    summary: 'Its log.',
    tag: 'things',
    scope: 'admin',
    params: z.object({ id: z.string() }),
    responses: { 200: z.object({ id: z.string() }) },
    handle: ({ params }) => ({ log: params.id }),
  }),
  route({
    method: 'GET',
    path: '/open',
    summary: 'Open to all.',
    tag: 'things',
    scope: null,
    responses: { 200: z.object({}) },
    handle: () => {
      throw new TypeError('secret inside')
    },
  }),
  route({
    method: 'GET',
    path: '/endless',
    summary: 'Never ends by itself.',
    tag: 'things',
    scope: null,
    responses: { 200: z.object({}) },
    handle: () => new Response(new ReadableStream({ cancel: () => void (endedStreams += 1) })),
  }),
  route({
    method: 'GET',
    path: '/patient',
    summary: 'Takes its time.',
    tag: 'things',
    scope: null,
    responses: { 200: z.object({}) },
    handle: ({ keepOpen }) => {
      keepOpen()
      return {}
    },
  }),
]
let endedStreams = 0

const router = createRouter({
  routes,
  gate: {
    admit: (request) => {
      if (request.headers.get('authorization') !== 'Bearer good') throw new AppError('unauthenticated', 'No key.')
      return caller
    },
  },
  log: silentLogger,
  controlBodyBytes: 200,
  fallback: () => null,
})
const listener = listen({
  at: { host: '127.0.0.1', port: 0 },
  handler: withCors(router, () => ['https://page.example']),
  log: silentLogger,
  idleSeconds: 30,
})
afterAll(() => listener.cut())

const good = { authorization: 'Bearer good' }
const rename = (body: string, headers: Record<string, string> = good) =>
  fetch(`${listener.address}/api/things/a%2Fb/rename?dryRun=1`, { method: 'POST', body, headers })

describe('a route', () => {
  test('gets its parameters parsed, slashes in them included', async () => {
    const response = await rename('{"name":"n","size":1}')
    expect(await response.json()).toEqual({ id: 'a/b', name: 'n', dry: true })
    expect(response.headers.get('x-request-id')).toMatch(/^req_[a-z0-9]{24}$/)
    const plain = await fetch(`${listener.address}/api/things/a/b/rename`, {
      method: 'POST',
      body: '{"name":"n","size":1}',
      headers: good,
    })
    expect(await plain.json()).toMatchObject({ id: 'a/b' })
  })

  test('is found before one whose parameter would take its end too', async () => {
    const at = async (path: string) => (await fetch(listener.address + path, { headers: good })).json()
    expect(await at('/api/things/a/b/log')).toEqual({ log: 'a/b' })
    expect(await at('/api/things/a/b')).toEqual({ whole: 'a/b' })
    const wrong = await fetch(`${listener.address}/api/things/a/b/log`, { method: 'DELETE', headers: good })
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET'])
  })

  test.each([
    ['{"name":"","size":-1}', 400, 'invalid_request', 'name'],
    ['{"name', 400, 'invalid_json', null],
    [`{"name":"${'x'.repeat(300)}","size":1}`, 413, 'body_too_large', null],
  ])('refuses the body %s with what is wrong', async (body, status, code, param) => {
    const response = await rename(body)
    expect(response.status).toBe(status)
    expect(response.headers.get('x-should-retry')).toBe('false')
    expect(await response.json()).toMatchObject({ error: { code, param } })
  })

  test('tells all problems of a body at once', async () => {
    const { error } = (await (await rename('{"name":"","size":-1}')).json()) as { error: { message: string } }
    expect(error.message).toContain('name:')
    expect(error.message).toContain('size:')
  })

  test('needs its key, and says how to bring it', async () => {
    const response = await rename('{}', {})
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="hearth"'])
  })

  test('that fails tells nothing of its inside', async () => {
    const response = await fetch(`${listener.address}/open`)
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('secret inside')
  })
})

test('a path that nobody has is a 404 in the envelope', async () => {
  const response = await fetch(`${listener.address}/nothing`)
  expect([response.status, await response.json()]).toMatchObject([404, { error: { code: 'unknown_path' } }])
})

describe('pages of other origins', () => {
  const from = (origin: string, method = 'GET') =>
    fetch(`${listener.address}/nothing`, { method, headers: { origin, 'access-control-request-method': 'POST' } })
  test('may call when their origin is listed', async () => {
    expect((await from('https://page.example')).headers.get('access-control-allow-origin')).toBe('https://page.example')
    const preflight = await from('https://page.example', 'OPTIONS')
    expect([preflight.status, preflight.headers.get('access-control-allow-credentials')]).toEqual([204, null])
  })
  test('get no leave otherwise', async () => {
    expect((await from('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('a listener', () => {
  test('on a taken port says so and what to do', () => {
    expect(() =>
      listen({
        at: { host: '127.0.0.1', port: listener.port ?? 0 },
        handler: router,
        log: silentLogger,
        idleSeconds: 30,
      }),
    ).toThrow('is taken')
  })

  test('on a socket is for its owner alone', async () => {
    const socket = join(mkdtempSync(join(tmpdir(), 'hearth-')), 's.sock')
    const local = listen({
      at: { socket },
      handler: (_, at) => Response.json({ isLocal: at.isLocalSocket, from: at.from }),
      log: silentLogger,
      idleSeconds: 30,
    })
    expect(statSync(socket).mode & 0o777).toBe(0o600)
    expect(await (await fetch('http://localhost/', { unix: socket })).json()).toEqual({ isLocal: true, from: 'local' })
    await local.cut()
  })
})

test('the API document tells paths, parameters and scopes', () => {
  const document = openApiDocument(routes, { title: 'T', version: '1', description: '' }) as {
    paths: Record<string, Record<string, object>>
  }
  expect(document.paths['/api/things/{id}/rename']?.post).toMatchObject({
    operationId: 'post_api_things_id_rename',
    'x-hearth-scope': 'admin',
    parameters: [
      { name: 'id', in: 'path' },
      { name: 'dryRun', in: 'query', required: false },
    ],
  })
  expect(document.paths['/open']?.get).toMatchObject({ security: [] })
})

test('HEAD of a stream leaves nothing that goes on', async () => {
  const before = endedStreams
  expect((await fetch(`${listener.address}/endless`, { method: 'HEAD' })).status).toBe(200)
  expect(endedStreams).toBe(before + 1)
})

test('a connection that was kept open for a wait is cut again when it is idle', async () => {
  const told: number[] = []
  const at = { from: 'x', isLocalSocket: false, setIdleTimeout: (seconds: number) => void told.push(seconds) }
  await router(new Request('http://x/patient'), at)
  expect(told).toEqual([0, 30])
})

test.each([
  ['authorization, x-stainless-helper-method, openai-organization', true],
  ['x-odd\u0009thing', false],
])('a preflight for %j is answered for the listed origin', async (asked, isAllowed) => {
  const response = await fetch(`${listener.address}/v1/chat/completions`, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://page.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': asked,
    },
  })
  expect([response.status, response.headers.get('access-control-allow-headers')]).toEqual([204, isAllowed ? asked : ''])
})
