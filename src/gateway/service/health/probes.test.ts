import { describe, expect, test } from 'bun:test'
import { modelName } from '#kernel/ids.ts'
import type { Destination, InferenceExit, Outbound, Sent } from '#platform/egress/contract.ts'
import { plainRouting } from '../../../../test/env/routing.ts'
import { routeOf, targetNamed } from '../../../../test/env/targets.ts'
import type { Target } from '../../core/choose.ts'
import type { Places } from '../../ports.ts'
import { createLoadTask, type EngineUpstream } from './engine-loads.ts'
import { createProbeTask, isProbed } from './probes.ts'
import { Vitals } from './vitals.ts'

const { signal } = new AbortController()

interface Asked {
  readonly to: Destination
  readonly what: Outbound
}

function setUp(reply: (asked: Asked) => Sent, isFull = false) {
  const time = { now: 1_000_000 }
  const clock = { now: () => time.now, mono: () => time.now }
  const vitals = new Vitals({
    clock,
    announce: () => {},
    isProbed,
    settings: () => ({
      breaker: { failures: 1, openForMs: 1000, maxOpenForMs: 1000, whenAllOpen: 'ask' },
      prefix: plainRouting.prefix,
    }),
  })
  const asked: Asked[] = []
  const inference: InferenceExit = {
    send: async (to, what) => {
      asked.push({ to, what })
      return reply({ to, what })
    },
  }
  const held = { count: 0 }
  const places = {
    tryAcquire: () => {
      if (isFull) return null
      held.count++
      return { baseUrl: 'http://x', token: null, release: () => void held.count--, heard: () => {} }
    },
    acquire: async () => ({ kind: 'gone' }),
  } as Places
  const failed = (target: Target): void => {
    vitals.began(target)
    vitals.ended(target, 'failed', { kind: 'timeout', retryAfterMs: null })
  }
  return { time, clock, vitals, asked, inference, places, held, failed }
}

const answered = (status: number, body: string): Sent => ({
  kind: 'answer',
  status,
  headers: new Headers(),
  bytes: async () => ({ kind: 'whole', bytes: new TextEncoder().encode(body) }),
  chunks: () => ({ next: async () => ({ kind: 'end' }), cancel: () => {} }),
})
const word = answered(200, '{"choices":[]}')

describe('a probe', () => {
  test.each([
    ['an answer', word, 'closed'],
    ['a refusal of the question', answered(400, '{"error":{"message":"this model only embeds"}}'), 'closed'],
    ['a page', answered(200, '<html>'), 'open'],
    ['a crash', answered(500, '{}'), 'open'],
    ['silence', { kind: 'failed', reason: 'timeout', message: '' } as const, 'open'],
    ['an unknown model', answered(404, '{}'), 'open'],
    ['being busy', answered(503, '{}'), 'half_open'],
    ['a door that is shut', { kind: 'denied', reason: 'egress_denied', message: '' } as const, 'half_open'],
  ] as const)('that finds %s leaves the breaker %3$s', async (_what, sent, breaker) => {
    const { time, vitals, asked, failed, held, ...ports } = setUp(() => sent)
    const target = targetNamed('a', { query: '?v=1' })
    failed(target)
    const task = createProbeTask({ vitals, ...ports })
    await task.activate(signal)
    expect(asked).toHaveLength(0)
    time.now += 1000
    expect(vitals.of(target).condition).toBe('down')
    await task.activate(signal)
    expect(asked.map(({ what }) => what.path)).toEqual(['/chat/completions?v=1'])
    expect(JSON.parse(new TextDecoder().decode(asked[0]?.what.body as Uint8Array))).toMatchObject({
      max_tokens: 1,
    })
    expect(vitals.of(target)).toMatchObject({ breaker, inFlight: 0 })
    expect(held.count).toBe(0)
  })

  test('is let through alone: requests keep away until it is over, or until none came', async () => {
    const { time, vitals, failed, ...ports } = setUp(() => {
      expect(vitals.of(target).condition).toBe('down')
      return word
    })
    const target = targetNamed('a')
    failed(target)
    time.now += 3999
    expect(vitals.of(target).condition).toBe('down')
    time.now += 1
    expect(vitals.of(target).condition).toBe('good')
    await createProbeTask({ vitals, ...ports }).activate(signal)
    expect(vitals.of(target)).toMatchObject({ condition: 'good', breaker: 'closed' })
  })

  test.each([
    ['a cloud', { locality: 'cloud' }, false],
    ['an address nobody told about', { locality: null, baseUrl: 'https://api.example.org/v1' }, false],
    ['a private address', { locality: null, baseUrl: 'http://10.0.0.5:8000/v1' }, true],
    ['this machine', { locality: null, baseUrl: 'http://localhost:8000/v1' }, true],
    ['a local model', { upstream: 'local', baseUrl: null }, false],
    ['the network', { locality: 'lan' }, true],
  ] as const)('of %s happens: %3$p', async (_what, more, isTried) => {
    const { time, vitals, asked, failed, ...ports } = setUp(() => word)
    const target = targetNamed('a', more)
    failed(target)
    time.now += 1000
    await createProbeTask({ vitals, ...ports }).activate(signal)
    expect(asked).toHaveLength(isTried ? 1 : 0)
    // Whoever is not probed is tried by a request, at once.
    expect(vitals.of(target).condition).toBe('good')
  })

  test('waits while all places are taken', async () => {
    const { time, vitals, asked, failed, ...ports } = setUp(() => word, true)
    failed(targetNamed('a'))
    time.now += 1000
    await createProbeTask({ vitals, ...ports }).activate(signal)
    expect(asked).toHaveLength(0)
    expect(vitals.of(targetNamed('a'))).toMatchObject({ breaker: 'half_open', inFlight: 0 })
  })
})

describe('engines’ loads', () => {
  const engine = (name: string, more: Partial<EngineUpstream> = {}): EngineUpstream => ({
    name,
    baseUrl: `http://${name}:1/v1`,
    locality: 'lan',
    headers: { authorization: 'Bearer k' },
    engine: 'vllm',
    metricsUrl: `http://${name}:1/metrics`,
    ...more,
  })
  const metrics = answered(200, 'vllm:num_requests_running 3\n')

  test('are read only of those that a route chooses by their load, with the key only at the same address', async () => {
    const { vitals, asked, inference } = setUp(() => metrics)
    const pair = [targetNamed('a'), targetNamed('b')]
    const names = new Map([
      [modelName('x'), routeOf(pair, { policy: 'least-loaded' })],
      [modelName('y'), routeOf([targetNamed('c'), targetNamed('d')], { policy: 'latency' })],
    ])
    const upstreams = [engine('a'), engine('b', { metricsUrl: 'http://b:2/metrics' }), engine('c')]
    const ports = { inference, vitals, snapshot: () => ({ names, open: new Map() }), upstreams: () => upstreams }
    expect(await createLoadTask(ports).activate(signal)).toBeNull()
    expect(asked.map(({ to, what }) => [to.baseUrl + what.path, what.headers['authorization']])).toEqual([
      ['http://a:1/metrics', 'Bearer k'],
      ['http://b:2/metrics', undefined],
    ])
    expect(vitals.of(targetNamed('a')).engine).toMatchObject({ running: 3 })
  })

  test.each([
    ['another program', answered(200, 'go_goroutines 7\n'), 'not those of vllm'],
    ['a refusal', answered(401, ''), 'status 401'],
    ['silence', { kind: 'failed', reason: 'timeout', message: 'a did not answer' } as const, 'did not answer'],
  ] as const)('of %s are told as a status, and are not known', async (_what, sent, says) => {
    const { vitals, inference } = setUp(() => sent)
    const names = new Map([[modelName('x'), routeOf([targetNamed('a'), targetNamed('b')], { policy: 'least-loaded' })]])
    const ports = { inference, vitals, snapshot: () => ({ names, open: new Map() }), upstreams: () => [engine('a')] }
    expect(await createLoadTask(ports).activate(signal)).toContain(says)
    expect(vitals.of(targetNamed('a')).engine).toBeNull()
  })
})
