import { afterAll, beforeEach, describe, expect, test } from 'bun:test'
import { tmpdir } from 'node:os'
import { createCell } from '#kernel/cell.ts'
import { keyId, modelName } from '#kernel/ids.ts'
import type { Caller, RequestRecord } from '#kernel/words.ts'
import { createPassage } from '#passage/passage.ts'
import { systemClock } from '#platform/clock.ts'
import { openEgress } from '#platform/egress/egress.ts'
import { SpoolRoom } from '#platform/files/spool.ts'
import { createRouter } from '#platform/http/router.ts'
import { listen } from '#platform/http/listener.ts'
import { silentLogger } from '#platform/log/logger.ts'
import { plainRouting } from '../../test/env/routing.ts'
import { openGateway, type GatewaySettings } from './index.ts'
import type { Acquired, Permit } from './ports.ts'
import { noLimits, noPrices } from '../../test/env/purse.ts'

/** What the upstream does with the next request; set by each test. */
let behave: (request: Request, body: string) => Response | Promise<Response> = () =>
  new Response('unset', { status: 500 })
const seen: { path: string; body: string; authorization: string | null }[] = []
let aborted = 0
const upstream = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  async fetch(request) {
    const path = new URL(request.url).pathname
    if (path === '/v1/models') return Response.json({ object: 'list', data: [{ id: 'listed-model' }] })
    const body = await request.text()
    seen.push({ path, body, authorization: request.headers.get('authorization') })
    request.signal.addEventListener('abort', () => (aborted += 1))
    return behave(request, body)
  },
})

/** Promises a hundred bytes, sends two and leaves. */
const liar = Bun.listen({
  port: 0,
  hostname: '127.0.0.1',
  socket: {
    data: (socket) =>
      void socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{}'),
  },
})

const revocations = new Set<() => void>()
const caller: Caller = {
  key: keyId('testtesttest'),
  name: 'test',
  limits: { requestsPerMinute: null, tokensPerMinute: null, concurrency: null },
  may: () => true,
  mayUse: (model) => model !== modelName('secret'),
  onRevoke: (listener) => {
    revocations.add(listener)
    return { [Symbol.dispose]: () => void revocations.delete(listener) }
  },
}
const rows: RequestRecord[] = []
let held = 0
let acquire: () => Promise<Acquired> = async () => ({ kind: 'gone' })
const permit = (token: string | null): Permit => {
  held += 1
  return { baseUrl: `http://127.0.0.1:${upstream.port}/v1`, token, release: () => void (held -= 1) }
}
const settings = createCell<GatewaySettings>({
  upstreams: [
    {
      name: 'up',
      baseUrl: `http://127.0.0.1:${upstream.port}/v1`,
      locality: null,
      headers: { authorization: 'Bearer up-key' },
      models: ['*'],
      splitThink: false,
    },
    {
      name: 'liar',
      baseUrl: `http://127.0.0.1:${liar.port}/v1`,
      locality: null,
      headers: {},
      models: [],
      splitThink: false,
    },
    { name: 'off', baseUrl: 'http://127.0.0.1:9/v1', locality: null, headers: {}, models: ['gone'], splitThink: false },
  ],
  routes: [
    { model: 'short', targets: [{ upstream: 'liar', model: 'short' }] },
    { model: 'alias', targets: [{ upstream: 'up', model: 'real' }] },
    {
      model: 'backed',
      targets: [
        { upstream: 'off', model: 'gone' },
        { upstream: 'up', model: 'real' },
      ],
    },
    { model: 'secret', targets: [{ upstream: 'up', model: 'real' }] },
  ],
  routing: plainRouting,
  cache: { maxBytes: 0, maxEntryBytes: 0 },
  passLimits: { uploadBodyBytes: 10_000, socketMessageBytes: 10_000, socketIdleMs: 10_000 },
  limits: {
    requestBodyBytes: 10_000,
    responseBodyBytes: 10_000,
    loadWaitMs: 50,
    stalledReaderMs: 60_000,
    bodyReadSeconds: 120,
    idleConnectionSeconds: 30,
    deadlines: { firstByteMs: 1000, idleMs: 1000, totalMs: 10_000 },
  },
})
const egress = openEgress({
  policy: createCell({ proxy: null }),
  log: silentLogger,
  clock: systemClock,
})
const gate = { admit: () => caller }
const passage = createPassage(
  {
    gate,
    purse: noLimits,
    ledger: { append: (record) => void rows.push(record), isFull: false },
    prices: noPrices,
    onEnd: () => {},
  },
  systemClock,
  silentLogger,
)
const gateway = openGateway({
  settings,
  localNames: createCell([{ id: 'local', model: 'local' }]),
  localModels: () => [{ id: 'local', state: 'stopped', label: null, capabilities: ['chat'], context: 512 }],
  passage,
  places: {
    tryAcquire: ({ deployment }) => (deployment.startsWith('model:') ? null : permit(null)),
    acquire: () => acquire(),
  },
  inference: egress.inference,
  sockets: egress.sockets,
  spool: new SpoolRoom({ folder: tmpdir(), limits: () => ({ memoryBytes: 1000, diskBytes: 10_000 }) }),
  clock: systemClock,
  log: silentLogger,
  announce: () => {},
})
const handler = createRouter({
  routes: gateway.routes,
  gate,
  log: silentLogger,
  controlBodyBytes: 1000,
  fallback: () => null,
})
const listener = listen({ at: { host: '127.0.0.1', port: 0 }, handler, log: silentLogger, idleSeconds: 30 })

afterAll(async () => {
  await listener.cut()
  gateway[Symbol.dispose]()
  await egress[Symbol.asyncDispose]()
  await upstream.stop(true)
  liar.stop(true)
})
beforeEach(() => {
  seen.length = 0
  rows.length = 0
  aborted = 0
})

const post = (body: unknown, path = '/v1/chat/completions', signal?: AbortSignal) =>
  fetch(listener.address + path, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal ? { signal } : {}),
  })
const ask = (model: string, more: object = {}) => ({ model, messages: [{ role: 'user', content: 'Hi' }], ...more })
const choice = (content: string | null, finish: string | null = null) => ({
  choices: [{ index: 0, delta: content === null ? {} : { content }, finish_reason: finish }],
})
const events = (...all: unknown[]) =>
  all.map((one) => (typeof one === 'string' ? one : `data: ${JSON.stringify(one)}\n\n`)).join('')
const sse = (text: string) => new Response(text, { headers: { 'content-type': 'text/event-stream' } })
const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}
const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 }
const done = 'data: [DONE]\n\n'

describe('an answer that is no stream', () => {
  test('passes byte by byte, both ways, with only the model renamed', async () => {
    const answer = `{ "id":"x", "choices":[{"finish_reason":"stop","message":{"content":"a"}}], "usage":${JSON.stringify(usage)}, "big": 12345678901234567890 }`
    behave = () => new Response(answer, { headers: { 'content-type': 'application/json' } })
    const response = await post(
      '{"model":"alias", "seed":12345678901234567890,"messages":[{"role":"user","content":"Hi"}], "new_thing":1e400}',
    )
    expect(await response.text()).toBe(answer)
    expect(seen[0]).toEqual({
      path: '/v1/chat/completions',
      body: '{"model":"real", "seed":12345678901234567890,"messages":[{"role":"user","content":"Hi"}], "new_thing":1e400}',
      authorization: 'Bearer up-key',
    })
    expect(rows).toMatchObject([
      {
        id: response.headers.get('x-request-id'),
        model: 'alias',
        upstream: 'up',
        upstreamModel: 'real',
        status: 200,
        outcome: 'complete',
        usage: { promptTokens: 5, completionTokens: 2 },
      },
    ])
  })

  test.each([
    [
      'an error of the request',
      () => Response.json({ error: { message: 'bad top_k', code: 'x' } }, { status: 400 }),
      400,
      'bad top_k',
    ],
    ['a crash', () => new Response('<html>oops', { status: 500 }), 502, 'answered with status 500'],
    ['a refused key', () => Response.json({ error: { message: 'no' } }, { status: 401 }), 502, "refused Hearth's key"],
    [
      'an overload',
      () => new Response('slow down', { status: 429, headers: { 'retry-after': '7' } }),
      503,
      'takes no more requests',
    ],
    ['no JSON', () => new Response('hello'), 502, 'not JSON'],
    ['a huge answer', () => new Response('x'.repeat(20_000)), 502, 'more than'],
  ])('that is %s is a clear error in the OpenAI envelope', async (_case, answer, status, words) => {
    behave = answer
    const response = await post(ask('alias'))
    const body = (await response.json()) as { error: { message: string } }
    expect({ status: response.status, message: body.error.message }).toEqual({
      status,
      message: expect.stringContaining(words),
    })
    expect(rows).toMatchObject([{ outcome: 'failed', status }])
    if (status === 503) expect(response.headers.get('retry-after')).toBe('7')
  })

  test('that is shorter than it said is an error, not an answer', async () => {
    const response = await post(ask('short'))
    expect([response.status, rows[0]?.outcome]).toEqual([502, 'failed'])
    expect(await response.json()).toMatchObject({ error: { code: 'upstream_reset' } })
  })

  test('comes from the next target when the first is not there', async () => {
    behave = () => Response.json({ choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }] })
    const response = await post(ask('backed'))
    expect(response.status).toBe(200)
    expect(response.headers.get('x-hearth-route')).toMatch(/^up\/real; /)
  })

  test('without a finish_reason is passed on and written down as incomplete', async () => {
    behave = () => Response.json({ choices: [{ finish_reason: null }] })
    const response = await post(ask('alias'))
    expect([response.status, response.headers.get('x-hearth-error')]).toEqual([200, 'incomplete'])
    expect(rows).toMatchObject([{ outcome: 'incomplete' }])
  })
})

describe('a stream', () => {
  test('passes as it came, without the usage chunk that the caller did not ask for', async () => {
    const wire = events(choice('H'), choice('i'), choice(null, 'stop'))
    behave = (_, body) => {
      expect(JSON.parse(body).stream_options).toEqual({ include_usage: true })
      return sse(wire + events({ choices: [], usage }) + done)
    }
    const response = await post(ask('alias', { stream: true }))
    expect(await response.text()).toBe(wire + done)
    expect(rows).toMatchObject([
      { outcome: 'complete', isStream: true, usage: { promptTokens: 5, completionTokens: 2 } },
    ])
    expect(rows[0]?.ttftMs).toBeGreaterThan(0)
  })

  test('keeps the usage chunk for a caller who asked for it', async () => {
    const wire = events(choice('Hi', 'stop'), { choices: [], usage }) + done
    behave = () => sse(wire)
    expect(await (await post(ask('alias', { stream: true, stream_options: { include_usage: true } }))).text()).toBe(
      wire,
    )
  })

  test('that forgets its [DONE] gets one', async () => {
    behave = () => sse(events(choice('Hi', 'stop')))
    expect(await (await post(ask('alias', { stream: true }))).text()).toBe(events(choice('Hi', 'stop')) + done)
    expect(rows).toMatchObject([{ outcome: 'complete' }])
  })

  test.each([
    ['ends without a finish_reason', () => sse(events(choice('Hi')))],
    ['ends in the middle of an event', () => sse(`${events(choice('Hi'))}data: {"choi`)],
    ['sends an event that is not JSON', () => sse(`${events(choice('Hi'))}data: {"choi\n\n`)],
  ])('that %s is told to be incomplete', async (_case, answer) => {
    behave = answer
    const text = await (await post(ask('alias', { stream: true }))).text()
    const last = text.trimEnd().split('\n\n').at(-1) ?? ''
    expect(JSON.parse(last.slice('data: '.length))).toMatchObject({ error: { code: 'stream_incomplete' } })
    expect(text).not.toContain('[DONE]')
    expect(rows).toMatchObject([{ outcome: 'incomplete', reason: 'stream_incomplete' }])
  })

  test.each([
    ['says [DONE] without a finish_reason', events(choice('Hi')) + done, events(choice('Hi')) + done],
    ['is cut behind its last line', `${events(choice('Hi', 'stop'))}data: [DONE]`, events(choice('Hi', 'stop')) + done],
    ['finishes without a blank line', events(choice('Hi', 'stop')).trimEnd(), events(choice('Hi', 'stop')) + done],
    [
      'goes on after [DONE]',
      events(choice('Hi', 'stop')) + done + events(choice('x')),
      events(choice('Hi', 'stop')) + done,
    ],
  ])('that %s is complete', async (_case, wire, passed) => {
    behave = () => sse(wire)
    expect(await (await post(ask('alias', { stream: true }))).text()).toBe(passed)
    expect(rows).toMatchObject([{ outcome: 'complete' }])
  })

  test('whose error has a form that clients do not look for ends with one that they do', async () => {
    behave = () => sse(events(choice('Hi'), { object: 'error', message: 'out of memory', code: 500 }) + done)
    const text = await (await post(ask('alias', { stream: true }))).text()
    expect(text).toStartWith(events(choice('Hi')))
    expect(text.slice(events(choice('Hi')).length)).toMatch(/^data: \{"error":\{"message":"[^"]*out of memory\."/)
    expect(rows).toMatchObject([{ outcome: 'incomplete', reason: 'upstream_error' }])
  })

  test("passes the upstream's own error event as the last one", async () => {
    behave = () => sse(events(choice('Hi'), { error: { message: 'out of memory' } }))
    expect(await (await post(ask('alias', { stream: true }))).text()).toBe(
      events(choice('Hi'), { error: { message: 'out of memory' } }),
    )
    expect(rows).toMatchObject([{ outcome: 'incomplete', reason: 'upstream_error' }])
  })

  test('that is answered with JSON is refused while it still can be', async () => {
    behave = () => Response.json({ choices: [] })
    const response = await post(ask('alias', { stream: true }))
    expect([response.status, rows[0]?.reason]).toEqual([502, 'upstream_malformed'])
  })

  test.each(['before the first token', 'in the middle'])(
    'aborts the upstream at once when the client hangs up %s',
    async (when) => {
      behave = () =>
        new Response(
          new ReadableStream({
            start: (controller) =>
              controller.enqueue(
                new TextEncoder().encode(when === 'in the middle' ? events(choice('Hi')) : ': wait\n\n'),
              ),
          }),
          { headers: { 'content-type': 'text/event-stream' } },
        )
      const hangUp = new AbortController()
      const response = post(ask('alias', { stream: true }), undefined, hangUp.signal)
      response.catch(() => {})
      if (when === 'in the middle') await (await response).body?.getReader().read()
      await until(() => seen.length === 1)
      hangUp.abort()
      await until(() => rows.length === 1 && aborted === 1)
      expect(rows).toMatchObject([{ outcome: 'aborted', status: 499 }])
      expect([held, passage.open]).toEqual([0, 0])
    },
  )

  test('is cut with an error event when its key is revoked', async () => {
    behave = () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(new TextEncoder().encode(events(choice('Hi')))),
        }),
        { headers: { 'content-type': 'text/event-stream' } },
      )
    const response = await post(ask('alias', { stream: true }))
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    await reader.read()
    for (const revoke of revocations) revoke()
    let rest = ''
    for (;;) {
      const { value, done: ended } = await reader.read()
      if (ended) break
      rest += value
    }
    expect(rest).toContain('key_revoked')
    await until(() => aborted === 1)
    expect(rows).toMatchObject([{ outcome: 'aborted', reason: 'key_revoked' }])
  })
})

describe('a local model', () => {
  const waiting = { state: 'loading', phase: 'loading', position: 0, etaSeconds: 12 } as const

  test('is asked with its own token at its own address', async () => {
    acquire = async () => ({ kind: 'permit', permit: permit('engine-token') })
    behave = () => Response.json({ choices: [{ finish_reason: 'stop' }] })
    expect((await post(ask('local'))).status).toBe(200)
    expect(seen[0]?.authorization).toBe('Bearer engine-token')
  })

  test('that is loading is told with a 503, its progress and when to ask again', async () => {
    acquire = async () => ({ kind: 'loading', waiting, retryAfterMs: 12_000 })
    const response = await post(ask('local'))
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '12'])
    expect(await response.json()).toMatchObject({ error: { code: 'model_loading' }, loading: waiting })
  })

  test('that cannot run until somebody mends it tells clients not to try again', async () => {
    acquire = async () => ({ kind: 'unusable', reason: 'model_failed', message: 'It broke.', retryAfterMs: null })
    const response = await post(ask('local'))
    expect([response.status, response.headers.get('x-should-retry')]).toEqual([503, 'false'])
  })

  test('that loads for long lets a stream wait with comments, then answers or fails in it', async () => {
    behave = () => sse(events(choice('Hi', 'stop')) + done)
    acquire = () =>
      new Promise((resolve) => setTimeout(() => resolve({ kind: 'permit', permit: permit('engine-token') }), 2200))
    const text = await (await post(ask('local', { stream: true }))).text()
    expect(text).toMatch(/^: /)
    expect(text).toEndWith(events(choice('Hi', 'stop')) + done)
    acquire = () =>
      new Promise((resolve) =>
        setTimeout(
          () => resolve({ kind: 'unusable', reason: 'model_failed', message: 'It broke.', retryAfterMs: null }),
          2200,
        ),
      )
    expect(await (await post(ask('local', { stream: true }))).text()).toContain('"code":"model_failed"')
    expect(rows.map((row) => row.outcome)).toEqual(['complete', 'failed'])
  })
})

describe('bad input', () => {
  test.each([
    ['not JSON', '{"model":', 400, 'invalid_json'],
    ['empty', '', 400, 'invalid_json'],
    ['a list', '[]', 400, 'invalid_request'],
    ['no model', '{}', 400, 'invalid_request'],
    ['no messages', '{"model":"alias"}', 400, 'invalid_request'],
    ['a wrong type', '{"model":"alias","messages":[{"role":1}]}', 400, 'invalid_request'],
    ['an unknown model', JSON.stringify(ask('alia')), 404, 'model_not_found'],
    ['a model that this key may not use', JSON.stringify(ask('secret')), 403, 'model_not_allowed'],
    ['too large', JSON.stringify(ask('alias', { x: 'x'.repeat(20_000) })), 413, 'body_too_large'],
  ])('%s is refused for good with a clear error', async (_case, body, status, code) => {
    const response = await post(body)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ error: { code } })
    expect(response.headers.get('x-should-retry')).toBe('false')
    expect(seen).toEqual([])
  })

  test('bytes that are not UTF-8 are refused', async () => {
    const response = await fetch(`${listener.address}/v1/chat/completions`, {
      method: 'POST',
      body: new Uint8Array([0x7b, 0xff, 0x7d]),
    })
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_utf8' } })
  })

  test('another method is told which one is right', async () => {
    const response = await fetch(`${listener.address}/v1/chat/completions`)
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  })
})

test('models are listed with what is known of them, only those the key may use', async () => {
  const { data } = (await (await fetch(`${listener.address}/v1/models`)).json()) as { data: { id: string }[] }
  expect(data.map((model) => model.id)).toEqual([
    'local',
    'up/listed-model',
    'listed-model',
    'off/gone',
    'gone',
    'short',
    'alias',
    'backed',
  ])
  expect(await (await fetch(`${listener.address}/v1/models/up/listed-model`)).json()).toMatchObject({
    id: 'up/listed-model',
    owned_by: 'up',
  })
})

test('nothing is held when all is done', () => {
  expect([held, passage.open, gateway.openStreams(), revocations.size]).toEqual([0, 0, 0, 0])
})
