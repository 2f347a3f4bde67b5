import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { ModelName } from '#kernel/ids.ts'
import { openGatewayAlone, type GatewayAlone } from '../../test/env/gateway-alone.ts'
import { openRaw } from '../../test/env/raw-client.ts'
import { until } from '../../test/env/until.ts'
import { sha256, speech, startMediaUpstream, type MediaUpstream } from '../../test/fakes/media-upstream.ts'
import { dataOf } from './service/passing/upstream-proxy.ts'

let media: MediaUpstream
let alone: GatewayAlone
const asker = { isAdmin: false, mayUse: (_: ModelName): boolean => true }

beforeAll(async () => {
  media = await startMediaUpstream()
  const own = { authorization: `Bearer ${media.key}` }
  alone = await openGatewayAlone({
    upstreams: [
      { name: 'media', baseUrl: media.url, locality: null, headers: own, models: ['tts'], splitThink: false },
      { name: 'far', baseUrl: media.url, locality: 'cloud', headers: own, models: ['*'], splitThink: false },
      { name: 'off', baseUrl: 'http://127.0.0.1:9/v1', locality: null, headers: {}, models: ['x'], splitThink: false },
    ],
    caller: { may: (scope) => scope !== 'admin' || asker.isAdmin, mayUse: (model) => asker.mayUse(model) },
    passLimits: { uploadBodyBytes: 4 * 2 ** 20 },
  })
})
afterAll(async () => {
  await alone[Symbol.asyncDispose]()
  await media[Symbol.asyncDispose]()
})
beforeEach(() => {
  media.play('normal')
  media.seen.length = 0
  alone.rows.length = 0
  asker.isAdmin = false
  asker.mayUse = () => true
})

const ask = (path: string, init: RequestInit = {}) => fetch(`${alone.url}/upstreams/${path}`, init)
const row = () => alone.rows.at(-1)
const settled = () => until('all is given back', () => alone.open === 0 && alone.held === 0)

describe('what an upstream has beside the endpoints', () => {
  test.each(['GET', 'POST', 'PUT', 'PATCH'] as const)('is asked with %s', async (method) => {
    const body = method === 'GET' ? null : '{"a":1}'
    const response = await ask('media/files?after=x&limit=2', {
      method,
      body,
      headers: { 'content-type': 'application/json', cookie: 'session=mine', authorization: 'Bearer hk-mine' },
    })
    expect([response.status, await response.json()]).toEqual([
      200,
      { method, path: '/v1/files?after=x&limit=2', bytes: body?.length ?? 0 },
    ])
    const [seen] = media.seen
    expect([seen?.headers['authorization'], seen?.headers['cookie']]).toEqual([`Bearer ${media.key}`, undefined])
    expect(row()).toMatchObject({ endpoint: 'upstreams', upstream: 'media', status: 200, outcome: 'complete' })
    await settled()
  })

  test('may have no body, and may say that there is nothing', async () => {
    expect((await ask('media/files/file-1', { method: 'DELETE' })).status).toBe(204)
    const gone = await ask('media/files/gone')
    expect([gone.status, await gone.json()]).toMatchObject([404, { error: { code: 'not_found' } }])
  })

  test('is asked behind the base, whether the version is said once more or not', async () => {
    for (const path of ['media/v1/files', 'media/files']) await (await ask(path)).text()
    expect(media.seen.map(({ path }) => path)).toEqual(['/v1/files', '/v1/files'])
  })

  test('comes without power over Hearth’s own page', async () => {
    const response = await ask('media/files/file-1/content')
    expect(await response.text()).toContain('<script>')
    expect(response.headers.get('content-security-policy')).toStartWith('sandbox')
    expect(response.headers.get('set-cookie')).toBeNull()
  })

  test('streams in both directions', async () => {
    const upload = new Uint8Array(3 * 2 ** 20).fill(7)
    const response = await ask('media/files', {
      method: 'POST',
      body: upload,
      headers: { 'content-type': 'application/octet-stream' },
    })
    expect(await response.json()).toMatchObject({ bytes: upload.length })
    expect(sha256(media.seen[0]?.body ?? new Uint8Array())).toBe(sha256(upload))
    const spoken = await ask('media/audio/speech', { method: 'POST', body: '{"model":"tts","input":"x"}' })
    expect(sha256(new Uint8Array(await spoken.arrayBuffer()))).toBe(sha256(speech))
  })

  test('takes no more than an upload may be, also where nobody said how much it is', async () => {
    const piece = new Uint8Array(2 ** 20)
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(piece) })
    const response = await ask('media/files', { method: 'POST', body })
    expect([response.status, await response.json()]).toMatchObject([413, { error: { code: 'body_too_large' } }])
    expect(row()).toMatchObject({ outcome: 'failed', reason: 'body_too_large' })
    await settled()
  })

  test.each(['fin', 'reset'] as const)('that breaks off (%s) is a broken connection', async (mode) => {
    media.play(mode)
    const raw = await openRaw(alone.url)
    const body = '{"model":"tts","input":"x"}'
    raw.send(`POST /upstreams/media/audio/speech HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
    expect(await raw.toEnd()).not.toContain('\r\n0\r\n\r\n')
    expect(row()?.outcome).toBe('incomplete')
    await settled()
  })

  test('is left when the client goes', async () => {
    media.play('stall')
    const before = media.aborts
    const leave = new AbortController()
    const response = await ask('media/audio/speech', {
      method: 'POST',
      body: '{"model":"tts","input":"x"}',
      signal: leave.signal,
    })
    await response.body?.getReader().read()
    leave.abort()
    await until('the upstream is left', () => media.aborts === before + 1)
    await settled()
  })

  test('is not followed elsewhere', async () => {
    expect((await ask('media/files/moved')).status).toBe(502)
  })

  test.each([
    ['nobody/files', 404],
    ['local/files', 404],
    ['off/files', 502],
    ['media/', 404],
  ])('%s is answered with %d', async (path, status) => {
    expect((await ask(path)).status).toBe(status)
  })

  test.each(['..%2f..%2fadmin', '%252e%252e/admin', 'a%5c..%5cb', 'files//x', '..;/admin'])(
    'is not left through %s',
    async (path) => {
      const raw = await openRaw(alone.url)
      raw.send(`GET /upstreams/media/${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
      expect(await raw.toEnd()).toStartWith('HTTP/1.1 400')
      expect(media.seen).toEqual([])
    },
  )

  test.each(['../../admin', '%2e%2e/%2e%2e/admin'])('cannot be left through %s either', async (path) => {
    const raw = await openRaw(alone.url)
    raw.send(`GET /upstreams/media/files/${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
    // Whoever reads the address folds such steps before anybody routes by it.
    expect(await raw.toEnd()).toMatch(/^HTTP\/1\.1 (400|404)/)
    expect(media.seen).toEqual([])
  })
})

describe('a key', () => {
  test.each([
    ['that names one of its models', (model: string) => model === 'media/tts' || model === 'tts', 403],
    ['with a pattern for some of its models', (model: string) => model.startsWith('media/t'), 403],
    ['with a pattern for all of its models', (model: string) => model.startsWith('media/'), 200],
    ['with a pattern for another upstream', (model: string) => model.startsWith('far/'), 403],
  ])('%s is answered so', async (_, mayUse, status) => {
    asker.mayUse = mayUse
    expect((await ask('media/files')).status).toBe(status)
    expect(media.seen.length).toBe(status === 200 ? 1 : 0)
  })

  test('of an admin may, whatever models it lists', async () => {
    asker.mayUse = () => false
    asker.isAdmin = true
    expect((await ask('media/files')).status).toBe(200)
  })
})

describe('the door', () => {
  const post = (type: string) => ask('far/files', { method: 'POST', body: 'x', headers: { 'content-type': type } })

  test.each([
    'application/json',
    'application/octet-stream',
    'multipart/form-data; boundary=b',
    'audio/wav',
    'image/png',
  ])('lets no %s out to a cloud that nobody sealed', async (type) => {
    const response = await post(type)
    const said = await response.text()
    expect([response.status, said.includes('privacy has not looked at')]).toEqual([403, true])
    expect(media.seen).toEqual([])
  })

  test('lets no question out either that nobody sealed', async () => {
    expect([(await ask('far/files')).status, (await ask('far/files?q=secret')).status]).toEqual([403, 403])
  })

  test.each([
    ['application/json; charset=utf-8', 'text'],
    ['application/problem+json', 'text'],
    ['text/plain', 'text'],
    ['application/x-www-form-urlencoded', 'text'],
    ['AUDIO/ogg', 'audio'],
    ['image/png', 'image'],
    ['application/pdf', 'file'],
    [null, 'file'],
  ] as const)('takes %s for %s', (type, data) => {
    expect(dataOf(type)).toEqual([data])
  })
})
