import { afterEach, expect, test } from 'bun:test'
import type { RouteView } from '../../src/protocol/admin/gateway.ts'
import { startHouse, type House } from '../env/house.ts'
import { until } from '../env/until.ts'

/** A place of the house that a test plays: its models, its answers, its metrics. */
interface Place extends AsyncDisposable {
  readonly url: string
  readonly asked: { readonly path: string; readonly headers: Headers; readonly body: Record<string, unknown> }[]
  answer: (body: Record<string, unknown>) => Response | Promise<Response>
  metrics: string
  models: readonly unknown[]
}

const good = (text: string) =>
  Response.json({
    id: 'x',
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  })

function startPlace(name: string): Place {
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const url = new URL(request.url)
      if (url.pathname === '/metrics') return new Response(place.metrics)
      if (request.method === 'GET') return Response.json({ object: 'list', data: place.models })
      const body = (await request.json()) as Record<string, unknown>
      place.asked.push({ path: url.pathname + url.search, headers: request.headers, body })
      return place.answer(body)
    },
  })
  const place: Place = {
    url: `http://127.0.0.1:${server.port}`,
    asked: [],
    answer: () => good(name),
    metrics: '',
    models: [{ id: 'm' }],
    async [Symbol.asyncDispose]() {
      await server.stop(true)
    },
  }
  return place
}

const stack: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of stack.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})

async function open(config: (...places: readonly Place[]) => string, count = 2) {
  const places = Array.from({ length: count }, (_, index) => startPlace(String.fromCharCode(97 + index)))
  stack.push(...places)
  const house = await startHouse({ config: config(...places) })
  stack.push(house)
  return { house, places, a: places[0] as Place, b: places[1] as Place }
}

const upstreams = (...places: readonly Place[]) =>
  `upstreams:\n${places.map((place, at) => `  - { name: ${'abc'[at]}, baseUrl: "${place.url}", locality: lan }\n`).join('')}`

async function chat(house: House, model: string, more: object = {}, headers: Record<string, string> = {}) {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi' }], ...more })
  const response = await house.ask('/v1/chat/completions', { method: 'POST', body, headers })
  const json = (await response.json()) as { choices?: { message: { content: string } }[]; error?: { code: string } }
  return { response, json, says: json.choices?.[0]?.message.content, route: response.headers.get('x-hearth-route') }
}

const routes = async (house: House): Promise<readonly RouteView[]> =>
  (await house.get<{ data: readonly RouteView[] }>('/api/routes')).data
const routeNamed = async (house: House, name: string) => (await routes(house)).find((route) => route.name === name)

const answer =
  (status: number, body: object, headers: Record<string, string> = {}) =>
  () =>
    Response.json(body, { status, headers })

test('a place that fails is passed over, left alone, and found well again by a probe of one token', async () => {
  const { house, a, b } = await open(
    (...places) => `${upstreams(...places)}
routes:
  - { model: both, aliases: [gpt-4o], targets: [{ upstream: a, model: m }, { upstream: b, model: m }] }
routing: { breaker: { failures: 2, openFor: 500ms } }
`,
  )
  a.answer = answer(500, { error: { message: 'broken' } })
  for (let count = 0; count < 6; count++) expect((await chat(house, 'gpt-4o')).says).toBe('b')
  const opened = await routeNamed(house, 'both')
  expect(opened).toMatchObject({ aliases: ['gpt-4o'], policy: 'priority', isConfigured: true })
  expect(opened?.targets[0]).toMatchObject({ upstream: 'a', lastFailure: 'server_error' })
  expect(opened?.targets[1]).toMatchObject({ upstream: 'b', breaker: 'closed', failures: 0, inFlight: 0 })
  expect(opened?.targets[1]?.firstByteMs).toBeGreaterThan(0)
  expect(opened?.targets[0]?.breaker).not.toBe('closed')
  // It is well again, and nobody asks: the house does.
  const before = a.asked.length
  a.answer = () => good('a')
  await until('the breaker is closed', async () => (await routeNamed(house, 'both'))?.targets[0]?.breaker === 'closed')
  const probes = a.asked.slice(before).filter(({ body }) => body['max_tokens'] === 1)
  expect(probes.length).toBeGreaterThan(0)
  expect((await chat(house, 'both')).says).toBe('a')
  expect(b.asked.length).toBeGreaterThanOrEqual(6)
})

test('a prompt that is too long for one goes where the route says, in the words of either side', async () => {
  const { house, a } = await open(
    (...places) => `${upstreams(...places)}
routes:
  - { model: small, targets: [{ upstream: a, model: m }], fallbacks: [{ on: [context_length], model: large }] }
  - { model: large, targets: [{ upstream: b, model: m }] }
`,
  )
  a.answer = answer(400, { error: { message: "This model's maximum context length is 10 tokens.", code: 400 } })
  const told = await chat(house, 'small')
  expect(told.says).toBe('b')
  expect(told.route).toContain('fallback large after context_length')
  a.answer = answer(400, { error: { message: 'bad temperature' } })
  expect((await chat(house, 'small')).response.status).toBe(400)
})

test('what a list tells of a context keeps a prompt from who cannot take it', async () => {
  const { house, a, b } = await open((first, second) => {
    first.models = [{ id: 'm', max_model_len: 100 }]
    second.models = [{ id: 'm', max_model_len: 100_000 }]
    return upstreams(first, second)
  })
  await until('both lists are read', async () => (await routeNamed(house, 'm'))?.targets.length === 2)
  const content = 'word '.repeat(2000)
  const long = await chat(house, 'm', { messages: [{ role: 'user', content }] })
  expect([long.says, a.asked.length, b.asked.length]).toEqual(['b', 0, 1])
  expect((await chat(house, 'm')).says).toBe('a')
})

test('least-loaded asks who has the least to do by its own metrics', async () => {
  const load = (running: number, waiting: number) =>
    `vllm:num_requests_running{engine="0"} ${running}\nvllm:num_requests_waiting{engine="0"} ${waiting}\n`
  const { house } = await open((first, second) => {
    first.metrics = load(2, 9)
    second.metrics = load(30, 0)
    return `${upstreams(first, second).replaceAll('locality: lan', 'locality: lan, engine: vllm')}
routes:
  - model: any
    policy: least-loaded
    targets: [{ upstream: a, model: m }, { upstream: b, model: m }]
`
  })
  // Places are shown from their first request on.
  for (let count = 0; count < 4; count++) await chat(house, 'any')
  await until('the metrics are read', async () => {
    const route = await routeNamed(house, 'any')
    return route?.targets.every((target) => target.engine !== null) === true
  })
  for (let count = 0; count < 5; count++) expect((await chat(house, 'any')).says).toBe('b')
})

test('one that is busy or cuts the line for a moment is asked again, and the caller hears nothing of it', async () => {
  const { house, a } = await open((...places) => upstreams(...places), 1)
  const turns = [answer(503, { error: { message: 'Loading' } }, { 'retry-after-ms': '30' }), () => good('a')]
  a.answer = () => (turns.shift() ?? (() => good('late')))()
  const told = await chat(house, 'a/m')
  expect([told.says, told.route]).toEqual(['a', 'a/m; retry 1 after busy'])
  a.answer = answer(429, { error: { message: 'Tomorrow' } }, { 'retry-after': '3000' })
  const before = a.asked.length
  const refused = await chat(house, 'a/m')
  expect([refused.response.status, refused.response.headers.get('retry-after')]).toEqual([503, '3000'])
  expect(a.asked.length).toBe(before + 1)
})

test('a session stays where it is', async () => {
  const { house } = await open(
    (...places) => `${upstreams(...places)}
routes: [{ model: any, policy: sticky, targets: [{ upstream: a, model: m }, { upstream: b, model: m }] }]
`,
  )
  const homes = new Set<string | undefined>()
  for (let session = 0; session < 12; session++) {
    const headers = { 'x-session-id': `s${session}` }
    const said = await Promise.all([0, 1, 2].map(() => chat(house, 'any', {}, headers)))
    expect(new Set(said.map((one) => one.says)).size).toBe(1)
    homes.add(said[0]?.says)
  }
  expect(homes).toEqual(new Set(['a', 'b']))
})

test('Azure is asked at its deployment with its own header, Gemini without the prefix of its list', async () => {
  const { house, a, b } = await open((first, second) => {
    second.models = [{ id: 'models/gemini-flash', object: 'model' }]
    return `upstreams:
  - { name: az, kind: azure, baseUrl: "${first.url}", locality: lan, models: [my dep], apiVersion: 2024-10-21, apiKey: k1 }
  - { name: gem, kind: gemini, baseUrl: "${second.url}", locality: lan, apiKey: k2 }
`
  })
  expect((await chat(house, 'az/my dep')).says).toBe('a')
  expect(a.asked[0]?.path).toBe('/openai/deployments/my%20dep/chat/completions?api-version=2024-10-21')
  expect(a.asked[0]?.headers.get('api-key')).toBe('k1')
  expect(a.asked[0]?.headers.get('authorization')).toBeNull()
  expect((await chat(house, 'gemini-flash')).says).toBe('b')
  expect(b.asked[0]?.path).toBe('/v1beta/openai/chat/completions')
  expect(b.asked[0]?.headers.get('authorization')).toBe('Bearer k2')
  expect(b.asked[0]?.body['model']).toBe('gemini-flash')
})

test('of three places one may die in the middle of the traffic and no request is lost', async () => {
  const { house, a } = await open(
    (...places) => `${upstreams(...places)}
routes:
  - model: any
    policy: least-in-flight
    targets: [{ upstream: a, model: m }, { upstream: b, model: m }, { upstream: c, model: m }]
`,
    3,
  )
  const all = Array.from({ length: 150 }, async (_, index) => {
    if (index === 60) await a[Symbol.asyncDispose]()
    return (await chat(house, 'any')).response.status
  })
  expect(new Set(await Promise.all(all))).toEqual(new Set([200]))
})
