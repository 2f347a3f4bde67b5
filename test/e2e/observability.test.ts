/** What a house tells about its requests: rows with their way, bodies, cached answers, traces. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { RequestDetail, RequestPage } from '../../src/protocol/admin/metering.ts'
import { chatBody, metric, startGatewayHouse } from '../env/gateway-house.ts'
import type { GatewayHouse } from '../env/gateway-house.ts'
import { until } from '../env/until.ts'
import { startOtlpReceiver, type OtlpReceiver } from '../fakes/otlp-receiver.ts'

let both: GatewayHouse
let receiver: OtlpReceiver
beforeAll(async () => {
  receiver = startOtlpReceiver()
  both = await startGatewayHouse({
    config: `
routes:
  - model: faq
    targets: [{ upstream: fake, model: echo }]
    cache: { ttl: 10m }
log: { bodies: all, bodySize: 4KiB }
telemetry: { otlp: "${receiver.url}", headers: { x-otlp-key: "\${OTLP_KEY}" } }
`,
    env: { OTLP_KEY: 'otlp-secret' },
  })
}, 60_000)
afterAll(async () => {
  await both[Symbol.asyncDispose]()
  await receiver[Symbol.asyncDispose]()
}, 60_000)

async function chat(more: Readonly<Record<string, unknown>>, headers: Readonly<Record<string, string>> = {}) {
  const body = chatBody(more)
  const response = await both.house.ask('/v1/chat/completions', { method: 'POST', body, headers })
  return { response, text: await response.text(), id: response.headers.get('x-request-id') ?? '' }
}

const detail = (id: string) => both.house.get<RequestDetail>(`/api/requests/${id}`)

test('a stream’s row tells its way in the order in which it was gone', async () => {
  both.upstream.play({ tokens: 5, firstByteMs: 20, tokenMs: 5 })
  const { response, id } = await chat({ stream: true })
  expect(response.status).toBe(200)
  const row = await detail(id)
  const [attempt, ...more] = row.trace?.attempts ?? []
  expect(more).toEqual([])
  expect(attempt).toMatchObject({ upstream: 'fake', model: 'echo', status: 200, failure: null })
  const times = [attempt?.startedMs, attempt?.placedMs, attempt?.headMs, row.ttftMs, row.durationMs].map(Number)
  expect(times.toSorted((a, b) => a - b)).toEqual(times)
  expect(row.keyName).not.toBe(null)
})

test('a model that loads is waited for before its place, and the first word comes after', async () => {
  const { response, id } = await chat({ model: 'hearth/smoke', max_tokens: 3, stream: true })
  expect(response.status).toBe(200)
  const { trace, ttftMs, durationMs } = await detail(id)
  const [attempt] = trace?.attempts ?? []
  expect(attempt).toMatchObject({ upstream: 'local', status: 200, failure: null })
  const times = [attempt?.startedMs, attempt?.placedMs, attempt?.headMs, ttftMs, durationMs].map(Number)
  expect(times.toSorted((a, b) => a - b)).toEqual(times)
  // A process was started and a model was read: what stands before the place is nearly all of it.
  expect(Number(attempt?.placedMs) - Number(attempt?.startedMs)).toBeGreaterThan(durationMs / 2)
}, 120_000)

test('bodies stand with the row, without keys, and not where the caller says so', async () => {
  const said = await chat({ messages: [{ role: 'user', content: 'a word to remember' }] })
  await until('the bodies are kept', async () => (await detail(said.id)).bodies !== null)
  const { bodies } = await detail(said.id)
  expect(bodies?.request).toContain('a word to remember')
  expect(bodies?.response).toBe(said.text)
  expect(JSON.stringify(bodies)).not.toContain(both.house.adminKey)
  const silent = await chat({ messages: [{ role: 'user', content: 'not this one' }] }, { 'x-hearth-log': 'off' })
  const later = await chat({})
  await until('what came later is kept', async () => (await detail(later.id)).bodies !== null)
  expect((await detail(silent.id)).bodies).toBe(null)
})

test.each([[false], [true]])('the same question is answered again for nothing (stream: %p)', async (stream) => {
  both.upstream.play({ tokens: 3 })
  const question = { model: 'faq', stream, messages: [{ role: 'user', content: `what? ${stream}` }] }
  const asked = both.upstream.requests.length
  const first = await chat(question)
  const again = await chat({ messages: question.messages, stream, model: 'faq' })
  expect(both.upstream.requests.length - asked).toBe(1)
  expect([first, again].map(({ response }) => response.headers.get('x-hearth-cache'))).toEqual(['miss', 'hit'])
  expect(again.text).toBe(first.text)
  expect(again.response.headers.get('content-type')).toBe(first.response.headers.get('content-type'))
  expect(await detail(first.id)).toMatchObject({ upstream: 'fake', trace: { cache: 'miss' } })
  expect(await detail(again.id)).toMatchObject({
    status: 200,
    outcome: 'complete',
    upstream: null,
    costMicros: 0,
    trace: { cache: 'hit', attempts: [] },
  })
  const fresh = await chat(question, { 'cache-control': 'no-store' })
  expect(fresh.response.headers.get('x-hearth-cache')).toBe('bypass')
  const made = await both.house.ask('/api/keys', { method: 'POST', body: JSON.stringify({ name: `other ${stream}` }) })
  const { key } = (await made.json()) as { readonly key: string }
  const other = await chat(question, { authorization: `Bearer ${key}` })
  expect(other.response.headers.get('x-hearth-cache')).toBe('miss')
})

test('an answer that broke off is not given again', async () => {
  const question = { model: 'faq', stream: true, messages: [{ role: 'user', content: 'broken?' }] }
  both.upstream.play({ mode: 'cut', tokens: 4 })
  await chat(question)
  both.upstream.play({ tokens: 3 })
  const again = await chat(question)
  expect(again.response.headers.get('x-hearth-cache')).toBe('miss')
  expect(again.text).toContain('[DONE]')
})

test('a trace goes on from the caller through the house to the upstream', async () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  both.upstream.play({})
  const { id } = await chat({ stream: true }, { traceparent: `00-${traceId}-b7ad6b7169203331-01` })
  const told = both.upstream.requests.at(-1)?.headers['traceparent']
  const ofRequest = () => receiver.spans.filter((span) => span.traceId === traceId)
  await until('the spans arrive', () => ofRequest().length === 2)
  const [root, child] = ofRequest()
  expect(root).toMatchObject({ parentSpanId: 'b7ad6b7169203331', kind: 2 })
  expect(root?.attributes['hearth.request.id']).toBe(id)
  expect(child).toMatchObject({ parentSpanId: root?.spanId, kind: 3 })
  expect(child?.attributes).toMatchObject({ 'gen_ai.provider.name': 'openai', 'server.address': '127.0.0.1' })
  expect(told).toBe(`00-${traceId}-${child?.spanId}-01`)
  expect(receiver.requests[0]?.headers).toMatchObject({ 'x-otlp-key': 'otlp-secret' })
  expect(JSON.stringify(receiver.requests)).not.toContain(both.house.adminKey)
})

test('the figures tell of hits, bodies and traces', async () => {
  await until('traces were sent', async () => ((await metric(both.house, 'hearth_traces_sent_total')) ?? 0) > 0)
  expect(await metric(both.house, 'hearth_cache_requests_total')).toBeGreaterThan(3)
  expect(await metric(both.house, 'hearth_cache_entries')).toBeGreaterThan(1)
  expect(await metric(both.house, 'hearth_bodies_kept_total')).toBeGreaterThan(1)
  expect(await metric(both.house, 'hearth_time_to_first_token_seconds_count')).toBeGreaterThan(0)
})

test('breakers and pools are among them', async () => {
  const text = await (await both.house.ask('/metrics')).text()
  expect(text).toContain('hearth_breaker_open{upstream="fake",model="echo"} 0\n')
  expect(text).toContain('hearth_pool_in_flight{pool="upstream:fake"} 0\n')
  expect(text).toContain('hearth_pool_waiting{pool="upstream:fake",priority="batch"} 0\n')
})

test('rows keep their way over kill -9', async () => {
  both.upstream.play({})
  const { id } = await chat({ stream: true })
  await both.house.kill()
  await both.house.restart()
  expect((await detail(id)).trace?.attempts).toHaveLength(1)
  const { data } = await both.house.get<RequestPage>('/api/requests?upstream=fake&outcome=complete&limit=1')
  expect(data[0]?.id).toBe(id)
}, 60_000)
