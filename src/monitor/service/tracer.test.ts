import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createCell } from '#kernel/cell.ts'
import { keyId, modelName, requestId, upstreamName } from '#kernel/ids.ts'
import type { Attempt, RequestRecord } from '#kernel/words.ts'
import { systemClock } from '#platform/clock.ts'
import type { Egress, EgressPolicy } from '#platform/egress/contract.ts'
import { openEgress } from '#platform/egress/egress.ts'
import { silentLogger } from '#platform/log/logger.ts'
import { startOtlpReceiver, type OtlpReceiver } from '../../../test/fakes/otlp-receiver.ts'
import { Tracer, type TracerSettings } from './tracer.ts'

let receiver: OtlpReceiver
let egress: Egress & AsyncDisposable
const policy = createCell<EgressPolicy>({ proxy: null })
beforeAll(() => {
  egress = openEgress({ policy, log: silentLogger, clock: systemClock })
})
afterAll(() => egress[Symbol.asyncDispose]())

const at = Date.UTC(2026, 0, 31)
const office = upstreamName('office')
const missed: Attempt = {
  upstream: office,
  model: 'qwen3',
  startedMs: 1,
  placedMs: 2,
  headMs: null,
  status: null,
  failure: 'refused',
  endedMs: 5,
}
const answered: Attempt = {
  upstream: 'local',
  model: 'tiny-a',
  startedMs: 5,
  placedMs: 105,
  headMs: 155,
  status: 200,
  failure: null,
  endedMs: null,
}

function record(more: Partial<RequestRecord> = {}): RequestRecord {
  return {
    id: requestId('req_1'),
    at,
    key: keyId('key1'),
    endpoint: 'chat/completions',
    model: modelName('gpt-4o'),
    upstream: 'local',
    upstreamModel: 'tiny-a',
    status: 200,
    outcome: 'complete',
    isStream: true,
    usage: { promptTokens: 10, completionTokens: 5, cachedTokens: null },
    ttftMs: 205,
    durationMs: 1000,
    costMicros: 2500,
    reason: null,
    trace: { route: 'retry 1 after refused', cache: null, attempts: [missed, answered] },
    ...more,
  }
}

interface SetUp extends AsyncDisposable {
  readonly tracer: Tracer
  readonly receiver: OtlpReceiver
  readonly settings: ReturnType<typeof createCell<TracerSettings>>
  pass(ms: number): void
  run(made?: RequestRecord, headers?: Record<string, string>): boolean
  flush(): Promise<string | null>
}

function setUp(more: Partial<TracerSettings> = {}): SetUp {
  receiver = startOtlpReceiver()
  const tracesUrl = `${receiver.url}/v1/traces`
  policy.replace({ proxy: null, telemetry: tracesUrl })
  const settings = createCell<TracerSettings>({ tracesUrl, sample: 1, queue: 1000, ...more })
  let mono = 0
  const tracer = new Tracer({
    settings,
    headers: () => ({ 'x-api-key': 'secret', 'Content-Type': 'text/plain', host: 'elsewhere' }),
    exit: egress.telemetry,
    addressOf: (name) => (name === 'office' ? { provider: 'openai', address: '10.0.0.5', port: 8888 } : null),
    version: '1.2.3',
    clock: { now: () => at, mono: () => mono },
  })
  const started = receiver
  return {
    tracer,
    receiver: started,
    settings,
    pass: (ms) => void (mono += ms),
    run(made = record(), headers = {}) {
      const context = tracer.begin(made.id, new Headers(headers))
      if (context !== null) tracer.end(made, context)
      return context !== null
    },
    flush: () => tracer.flush(new AbortController().signal),
    [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
  }
}

const nano = (ms: number) => BigInt(at + ms) * 1_000_000n

test('a request that failed over arrives as a span with a child for each target', async () => {
  await using house = setUp()
  house.run()
  expect(await house.flush()).toBe(null)
  const [root, first, second] = house.receiver.spans
  expect(house.receiver.resources).toEqual([{ 'service.name': 'hearth', 'service.version': '1.2.3' }])
  expect(root).toMatchObject({ name: 'chat gpt-4o', kind: 2, parentSpanId: '', isError: false, startNano: nano(0) })
  expect(root).toMatchObject({ endNano: nano(1000), events: [] })
  expect(root?.attributes).toEqual({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'hearth',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.request.stream': true,
    'http.response.status_code': 200,
    'hearth.request.id': 'req_1',
    'hearth.key.id': 'key1',
    'hearth.outcome': 'complete',
    'hearth.route': 'retry 1 after refused',
    'hearth.cost.usd': 0.0025,
  })
  expect(first).toMatchObject({ name: 'chat qwen3', kind: 3, isError: true, startNano: nano(1), endNano: nano(5) })
  expect(first?.attributes).toEqual({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'qwen3',
    'gen_ai.request.stream': true,
    'server.address': '10.0.0.5',
    'server.port': 8888,
    'error.type': 'refused',
    'hearth.upstream': 'office',
    'hearth.attempt': 1,
  })
  expect(second).toMatchObject({ name: 'chat tiny-a', isError: false, endNano: nano(1000) })
  expect(second?.attributes).toMatchObject({
    'http.response.status_code': 200,
    'gen_ai.usage.input_tokens': 10,
    'gen_ai.usage.output_tokens': 5,
    'gen_ai.response.time_to_first_chunk': 0.1,
  })
  expect(second?.events).toEqual([
    { name: 'hearth.place', nano: nano(105) },
    { name: 'hearth.head', nano: nano(155) },
    { name: 'hearth.first_token', nano: nano(205) },
  ])
  const ids = [root, first, second].map((span) => span?.spanId)
  expect(new Set(ids).size).toBe(3)
  expect([first?.parentSpanId, second?.parentSpanId]).toEqual([root?.spanId, root?.spanId])
  expect(new Set([root, first, second].map((span) => span?.traceId)).size).toBe(1)
  expect(house.receiver.requests[0]?.headers).toMatchObject({
    'x-api-key': 'secret',
    'content-type': 'application/json',
    'user-agent': 'hearth/unversioned',
  })
})

test('nothing of what was asked or said is in it, whatever the record', async () => {
  await using house = setUp()
  house.run(record({ trace: undefined as never, upstream: null, outcome: 'failed', status: 404, reason: 'not_found' }))
  await house.flush()
  const [root, ...more] = house.receiver.spans
  expect(more).toEqual([])
  // The caller's own mistake is no error of ours, and a name that nobody serves names no span.
  expect(root).toMatchObject({ name: 'chat', isError: false })
  expect(root?.attributes['error.type']).toBe('not_found')
})

test('a caller’s trace goes on, and the attempts tell it to upstreams', async () => {
  await using house = setUp({ sample: 0 })
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const made = record()
  const headers = new Headers({ traceparent: `00-${traceId}-b7ad6b7169203331-01` })
  const context = house.tracer.begin(made.id, headers)
  if (context !== null) house.tracer.end(made, context)
  await house.flush()
  const [root, first, second] = house.receiver.spans
  expect(root).toMatchObject({ traceId, parentSpanId: 'b7ad6b7169203331' })
  expect(context?.traceparent(1)).toBe(`00-${traceId}-${first?.spanId}-01`)
  expect(context?.traceparent(2)).toBe(`00-${traceId}-${second?.spanId}-01`)
})

test('a caller’s no is kept; one that is no traceparent counts as none', async () => {
  await using house = setUp()
  const no = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'
  expect(house.run(record(), { traceparent: no })).toBe(false)
  expect(house.run(record(), { traceparent: 'nonsense' })).toBe(true)
})

test('of many requests the wanted share is traced, and always the same ones', async () => {
  await using house = setUp({ sample: 0.25 })
  const traced = () => Array.from({ length: 2000 }, (_, n) => house.run(record({ id: requestId(`req_${n}`) })))
  const once = traced()
  const share = once.filter(Boolean).length / once.length
  expect(share).toBeGreaterThan(0.2)
  expect(share).toBeLessThan(0.3)
  expect(traced()).toEqual(once)
})

test('without a receiver nothing is kept or sent', async () => {
  await using house = setUp({ tracesUrl: null })
  expect(house.run()).toBe(false)
  expect(await house.flush()).toBe(null)
  expect(house.receiver.requests).toEqual([])
})

test('a receiver that is busy is asked again after its Retry-After, and nothing is lost', async () => {
  await using house = setUp()
  house.receiver.answerNext({ status: 429, headers: { 'retry-after': '3' } }, { status: 503 })
  house.run()
  expect(await house.flush()).toBe('The receiver of traces answered 429.')
  house.pass(2999)
  await house.flush()
  expect(house.receiver.requests.map(({ status }) => status)).toEqual([429])
  house.pass(1)
  expect(await house.flush()).toBe('The receiver of traces answered 503.')
  // Without a word about when: a pause that grows, with some chance in it.
  house.pass(999)
  await house.flush()
  expect(house.receiver.requests).toHaveLength(2)
  house.pass(1001)
  expect(await house.flush()).toBe(null)
  expect(house.receiver.spans).toHaveLength(3)
  expect(house.tracer.counts).toMatchObject({ sent: 1, waiting: 0, dropped: { unreachable: 0 } })
})

test('after five times in vain a batch is dropped, and counted', async () => {
  await using house = setUp()
  house.receiver.answerNext(...Array.from({ length: 5 }, () => ({ status: 504 })))
  house.run()
  for (let n = 0; n < 5; n++) {
    await house.flush()
    house.pass(60_000)
  }
  expect(house.tracer.counts).toMatchObject({ sent: 0, waiting: 0, dropped: { unreachable: 1 } })
  house.run()
  await house.flush()
  expect(house.tracer.counts).toMatchObject({ sent: 1 })
})

test.each([[400], [401], [404], [413], [500], [301]])(
  'a batch that is answered %p is never sent again',
  async (status) => {
    await using house = setUp()
    house.receiver.answerNext({ status, headers: { location: 'http://127.0.0.1:9/' } })
    house.run()
    expect(await house.flush()).toContain(String(status))
    house.pass(1e6)
    await house.flush()
    expect(house.receiver.requests).toHaveLength(1)
    expect(house.tracer.counts).toMatchObject({ waiting: 0, dropped: { refused: 1 } })
  },
)

test('spans that a receiver did not take of a batch are counted and not sent again', async () => {
  await using house = setUp()
  house.receiver.answerNext({ status: 200, rejected: 2 })
  house.run()
  expect(await house.flush()).toBe(null)
  expect(house.tracer.counts).toMatchObject({ sent: 1, waiting: 0, dropped: { rejected: 2 } })
})

test('a long line is sent in batches; what finds no room in it is dropped and counted', async () => {
  await using house = setUp({ queue: 450 })
  for (let n = 0; n < 500; n++) house.run(record({ id: requestId(`req_${n}`) }))
  expect(house.tracer.counts).toMatchObject({ waiting: 450, dropped: { queue_full: 50 } })
  await house.flush()
  expect(house.receiver.requests).toHaveLength(3)
  expect(house.receiver.spans).toHaveLength(450 * 3)
})

test('a receiver that is not there is told and asked later', async () => {
  await using house = setUp()
  await house.receiver[Symbol.asyncDispose]()
  house.run()
  expect(await house.flush()).toContain('The receiver of traces refused the connection')
  expect(house.tracer.counts).toMatchObject({ waiting: 1 })
})

test('the door lets telemetry go to the configured address only', async () => {
  await using house = setUp()
  house.settings.replace({ tracesUrl: 'http://127.0.0.1:9/v1/traces', sample: 1, queue: 10 })
  house.run()
  expect(await house.flush()).toContain('only where telemetry.otlp says')
  policy.replace({ proxy: null })
  const posted = await egress.telemetry.post({
    url: 'http://127.0.0.1:9/v1/traces',
    headers: {},
    body: new Uint8Array(),
    timeoutMs: 1000,
    signal: new AbortController().signal,
  })
  expect(posted.kind).toBe('denied')
})

test('a metadata service is never reached, even when it is configured', async () => {
  const url = 'http://169.254.169.254/v1/traces'
  policy.replace({ proxy: null, telemetry: url })
  const { signal } = new AbortController()
  const posted = await egress.telemetry.post({ url, headers: {}, body: new Uint8Array(1), timeoutMs: 1000, signal })
  expect(posted.kind).toBe('denied')
})

test('a house that closes sends what it has, and counts what it could not', async () => {
  await using house = setUp()
  house.run()
  await house.tracer[Symbol.asyncDispose]()
  expect(house.tracer.counts).toMatchObject({ sent: 1, waiting: 0 })
  await using other = setUp()
  other.receiver.answerNext({ status: 503 })
  other.run()
  await other.tracer[Symbol.asyncDispose]()
  expect(other.tracer.counts).toMatchObject({ sent: 0, waiting: 0, dropped: { closed: 1 } })
})

test('a request that named no model is a span that names none', async () => {
  await using house = setUp()
  const unread = { upstream: null, upstreamModel: null, status: 400, outcome: 'failed' } as const
  const { trace: _, ...made } = record({ ...unread, model: modelName(''), reason: 'invalid_json' })
  house.run(made)
  expect(await house.flush()).toBe(null)
  const [root] = house.receiver.spans
  expect(root?.name).toBe('chat')
  expect(root?.attributes).not.toHaveProperty('gen_ai.request.model')
})
