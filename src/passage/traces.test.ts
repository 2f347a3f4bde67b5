import { expect, test } from 'bun:test'
import { keyId, modelName, timeOfRequest, upstreamName } from '#kernel/ids.ts'
import type { Caller, RequestRecord } from '#kernel/words.ts'
import { silentLogger } from '#platform/log/logger.ts'
import { createPassage } from './passage.ts'
import type { PassagePorts, TraceContext } from './ports.ts'
import { noLimits } from '../../test/env/purse.ts'

const caller: Caller = {
  key: keyId('abc'),
  name: 'abc',
  limits: { requestsPerMinute: null, tokensPerMinute: null, concurrency: null },
  may: () => true,
  mayUse: () => true,
  onRevoke: () => ({ [Symbol.dispose]: () => {} }),
}
const at = { from: '127.0.0.1', isLocalSocket: false, setIdleTimeout: () => {} }
const usage = { promptTokens: 1, completionTokens: 1, cachedTokens: null }
const now = Date.UTC(2026, 0, 31)

function begin(more: Partial<PassagePorts> = {}) {
  const ended: [RequestRecord, TraceContext | null][] = []
  let mono = 0
  const ports: PassagePorts = {
    gate: { admit: () => caller },
    purse: noLimits,
    ledger: { isFull: false, append: () => {} },
    prices: { costMicros: () => 7, boundMicros: () => 7 },
    onEnd: (record, context) => void ended.push([record, context]),
    ...more,
  }
  const passage = createPassage(ports, { now: () => now, mono: () => mono }, silentLogger)
  const request = new Request('http://x/', { headers: { traceparent: 'as the caller wrote it' } })
  const exchange = passage.begin(request, at, { endpoint: 'chat/completions', scope: 'inference' })
  exchange.model = modelName('m')
  return { exchange, ended, pass: (ms: number) => void (mono += ms) }
}

test('a request that is traced tells each attempt its own traceparent, and its end whose trace it is', () => {
  const context: TraceContext = { traceId: 't', parentSpanId: null, traceparent: (attempt) => `attempt ${attempt}` }
  const asked: unknown[] = []
  const { exchange, ended } = begin({
    tracing: {
      begin(id, headers) {
        asked.push(id, headers.get('traceparent'))
        return context
      },
    },
  })
  expect(asked).toEqual([exchange.id, 'as the caller wrote it'])
  const told = [1, 2].map(() => {
    exchange.attempt(upstreamName('up'), 'real')
    return exchange.traceparent
  })
  expect(told).toEqual(['attempt 1', 'attempt 2'])
  exchange.end({ status: 200, outcome: 'complete', usage, reason: null })
  expect(ended[0]?.[1]).toBe(context)
})

test('a request that is not traced tells nobody', () => {
  const { exchange, ended } = begin()
  exchange.attempt(upstreamName('up'), 'real')
  expect(exchange.traceparent).toBe(null)
  exchange.end({ status: 200, outcome: 'complete', usage, reason: null })
  expect(ended[0]?.[1]).toBe(null)
})

test('an answer out of the cache is known to cost nothing; where nobody was asked the cost is unknown', () => {
  const hit = begin()
  hit.exchange.cache = 'hit'
  hit.exchange.end({ status: 200, outcome: 'complete', usage, reason: null })
  expect(hit.ended[0]?.[0]).toMatchObject({ costMicros: 0, upstream: null, trace: { cache: 'hit', attempts: [] } })
  const refused = begin()
  refused.exchange.end({ status: 503, outcome: 'failed', usage, reason: 'queue_full' })
  expect(refused.ended[0]?.[0].costMicros).toBe(null)
})

test('the times of a failover stand where they belong: the queue, the head, the first word, the end', () => {
  const { exchange, ended, pass } = begin()
  pass(1)
  exchange.attempt(upstreamName('office'), 'qwen3')
  pass(10)
  exchange.target()
  pass(20)
  exchange.missed('refused')
  exchange.attempt('local', 'tiny-a')
  // A model that loads is waited for before its place is had.
  pass(3000)
  exchange.target()
  pass(50)
  exchange.head(200)
  pass(70)
  exchange.firstOutput()
  pass(400)
  exchange.firstOutput()
  exchange.end({ status: 200, outcome: 'complete', usage, reason: null })
  const [record] = ended[0] ?? []
  expect(record).toMatchObject({ ttftMs: 3151, durationMs: 3551 })
  expect(record?.trace?.attempts).toMatchObject([
    { startedMs: 1, placedMs: 11, headMs: null, status: null, failure: 'refused', endedMs: 31 },
    { startedMs: 31, placedMs: 3031, headMs: 3081, status: 200, failure: null },
  ])
})

test('the id of a request tells when it came', () => {
  expect(timeOfRequest(begin().exchange.id)).toBe(now)
  expect(timeOfRequest('req_short')).toBe(null)
})
