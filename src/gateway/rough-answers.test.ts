import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { gzipSync } from 'node:zlib'
import { openGatewayAlone, type GatewayAlone } from '../../test/env/gateway-alone.ts'
import { until } from '../../test/env/until.ts'

let alone: GatewayAlone
beforeEach(async () => {
  alone = await openGatewayAlone()
})
afterEach(async () => {
  expect([alone.held, alone.open]).toEqual([0, 0])
  await alone[Symbol.asyncDispose]()
})

const good = { choices: [{ index: 0, message: { content: 'Hi' }, finish_reason: 'stop' }] }
const word = 'data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n'
const sse = (body: string | ReadableStream) => new Response(body, { headers: { 'content-type': 'text/event-stream' } })
const codeOf = async (response: Response) => ((await response.json()) as { error: { code: string } }).error.code
const endless = (first: string) =>
  sse(new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode(first)) }))

describe('a model name', () => {
  const names = ['模型-7b', 'a b/ü', 'two\nlines', 'x\r\nset-cookie: a=b', 'zero\0', '\ud800 alone', '%41 #?']
  test.each(names)('%j reaches the upstream, and the answer reaches the caller', async (name) => {
    alone.play((_, body) => (body.includes('"stream":true') ? sse(word) : Response.json(good)))
    for (const stream of [false, true]) {
      const response = await alone.chat(`up/${name}`, { stream })
      expect(response.status).toBe(200)
      expect(response.headers.get('set-cookie')).toBeNull()
      expect(response.headers.get('x-hearth-route')).toStartWith('up/')
      await response.text()
    }
    expect(alone.seen.map((body) => (JSON.parse(body) as { model: string }).model)).toEqual([name, name])
    expect(alone.rows).toMatchObject([{ outcome: 'complete' }, { outcome: 'complete' }])
    alone.play(() => Response.json({ error: { message: 'no' } }, { status: 400 }))
    expect((await alone.chat(`up/${name}`)).status).toBe(400)
  })
})

describe('an answer', () => {
  const packed = () =>
    new Response(gzipSync(JSON.stringify(good)), {
      headers: { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' },
    })
  test.each([true, false])('that is compressed unasked is refused and says so; stream: %p', async (stream) => {
    alone.play(packed)
    const response = await alone.chat('up/m', { stream })
    expect(response.status).toBe(502)
    expect(await response.text()).toContain('compressed (gzip)')
  })

  test('is JSON to browsers whatever the upstream calls it', async () => {
    alone.play(() => new Response(JSON.stringify(good), { headers: { 'content-type': 'text/html' } }))
    expect((await alone.chat('up/m')).headers.get('content-type')).toBe('application/json')
    const error = { error: { message: '<script>' } }
    alone.play(() => new Response(JSON.stringify(error), { status: 400, headers: { 'content-type': 'text/html' } }))
    expect((await alone.chat('up/m')).headers.get('content-type')).toBe('application/json')
  })

  test.each([
    ['304 with an envelope', 304],
    ['300 with an envelope', 300],
  ])('of %s is an upstream that answers wrongly', async (_case, status) => {
    alone.play(() => Response.json({ error: { message: 'x' } }, { status }))
    expect((await alone.chat('up/m')).status).toBe(502)
  })

  test('that a cloud was not asked for is nobody’s', async () => {
    const response = await alone.chat('cloud/far')
    expect([response.status, await codeOf(response)]).toEqual([403, 'egress_denied'])
    expect(alone.rows).toMatchObject([{ upstream: null, upstreamModel: null }])
  })

  test('whose body stays open after [DONE] is let go', async () => {
    alone.play(() => endless(`${word}data: [DONE]\n\n`))
    await (await alone.chat('up/m', { stream: true })).text()
    await until('the upstream is let go', () => alone.aborts === 1)
  })

  test('in error whose caller has gone is written down as theirs', async () => {
    const hangUp = new AbortController()
    alone.play(
      () =>
        new Response(new ReadableStream({ start: (one) => one.enqueue(new TextEncoder().encode('{')) }), {
          status: 500,
        }),
    )
    const response = alone.chat('up/m', {}, hangUp.signal).catch(() => null)
    await until('it was asked', () => alone.seen.length === 1)
    await Bun.sleep(50)
    hangUp.abort()
    await response
    await until('it is written down', () => alone.rows.length === 1)
    expect(alone.rows).toMatchObject([{ status: 499, outcome: 'aborted', reason: 'client_gone' }])
  })
})

describe('a key that is revoked', () => {
  const line: Parameters<GatewayAlone['acquire']>[0][] = []
  beforeEach(() => {
    line.length = 0
    alone.acquire = (ask) => {
      line.push(ask)
      return new Promise((resolve) => ask.signal.addEventListener('abort', () => resolve({ kind: 'gone' })))
    }
  })

  test.each([true, false])('leaves the line at once, and nothing is asked; stream: %p', async (stream) => {
    const response = alone.chat('local', { stream })
    await until('it waits', () => line.length === 1)
    alone.revoke()
    expect([(await response).status, await codeOf(await response)]).toEqual([401, 'key_revoked'])
    expect([line[0]?.signal.aborted, alone.seen]).toEqual([true, []])
    expect(alone.rows).toMatchObject([{ reason: 'key_revoked' }])
  })

  test('leaves the line when its stream has begun to tell of the load', async () => {
    const response = await alone.chat('local', { stream: true })
    expect(response.status).toBe(200)
    alone.revoke()
    expect(await response.text()).toContain('key_revoked')
    expect([line[0]?.signal.aborted, alone.seen]).toEqual([true, []])
  })

  test('is not served when its place comes in the same moment', async () => {
    let give = () => {}
    alone.acquire = () => new Promise((resolve) => (give = () => resolve(alone.permit())))
    const response = alone.chat('local', { stream: true })
    await until('it waits', () => alone.open === 1)
    alone.revoke()
    give()
    expect((await response).status).toBe(401)
    expect(alone.seen).toEqual([])
  })

  test.each([true, false])('ends the wait for an answer that has not begun; stream: %p', async (stream) => {
    const late = Promise.withResolvers<Response>()
    alone.play(() => late.promise)
    const response = alone.chat('up/m', { stream })
    await until('it was asked', () => alone.seen.length === 1)
    alone.revoke()
    expect((await response).status).toBe(401)
    expect(alone.rows).toMatchObject([{ outcome: 'aborted', status: 401, upstream: 'up' }])
    late.resolve(stream ? endless(word) : Response.json(good))
    await until('nothing is held', () => alone.held === 0)
  })
})

test('a refusal before anything else carries an id too', async () => {
  const response = await fetch(`${alone.url}/v1/chat/completions`, { method: 'POST', body: '{' })
  expect(response.headers.get('x-request-id')).toMatch(/^req_/)
})
