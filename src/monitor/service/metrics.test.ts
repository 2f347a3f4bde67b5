import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { keyId, modelName, requestId, upstreamName } from '#kernel/ids.ts'
import type { Attempt, RequestRecord } from '#kernel/words.ts'
import type { Sources } from '../ports.ts'
import { Monitor } from './monitor.ts'

const sources: Sources = {
  upstreams: () => [],
  memory: () => ({ budgetBytes: null, usedBytes: null, from: 'measured' }),
  warnings: () => [],
  cloudText: () => 'deny',
  openExchanges: () => 2,
  openStreams: () => 1,
  journalBacklog: () => ({ records: 3, bytes: 400 }),
  modelStates: () => [['ready', 1]],
  targets: () => [{ upstream: 'office', model: 'qwen3', breaker: 'open', inFlight: 4 }],
  pools: () => [
    { pool: 'gpu-0', limit: 3, inFlight: 2, waiting: { interactive: 5, batch: 6 } },
    { pool: 'office', limit: null, inFlight: 0, waiting: { interactive: 0, batch: 0 } },
  ],
  cache: () => ({ entries: 7, bytes: 800, evictions: 9 }),
  bodies: () => ({ kept: 10, lost: 11 }),
  privacy: () => ({ isLocked: false, hidden: { EMAIL: 3 }, refused: { leak_blocked: 1 }, replaced: 2, unknown: 0 }),
  traces: () => ({ sent: 12, waiting: 13, dropped: { queue_full: 14 } }),
}

const office = upstreamName('office')

function record(more: Partial<RequestRecord> = {}): RequestRecord {
  return {
    id: requestId('req_1'),
    at: 0,
    key: keyId('key1'),
    endpoint: 'chat/completions',
    model: modelName('m'),
    upstream: office,
    upstreamModel: 'qwen3',
    status: 200,
    outcome: 'complete',
    isStream: true,
    usage: { promptTokens: 10, completionTokens: 5, cachedTokens: 4 },
    ttftMs: 200,
    durationMs: 1000,
    costMicros: 2500,
    reason: null,
    trace: { route: null, cache: null, attempts: [attempt()] },
    ...more,
  }
}

function attempt(more: Partial<Attempt> = {}): Attempt {
  const times = { startedMs: 10, placedMs: 60, headMs: 160, endedMs: null }
  return { upstream: office, model: 'qwen3', ...times, status: 200, failure: null, ...more }
}

function rendered(...records: readonly RequestRecord[]): readonly string[] {
  const monitor = new Monitor({ now: () => 0, mono: () => 0 }, sources)
  for (const each of records) monitor.observe(each)
  return monitor.metrics.render().split('\n')
}

const nothing = { promptTokens: null, completionTokens: null, cachedTokens: null }

test('a stream counts with its times, tokens and cost', () => {
  expect(rendered(record())).toEqual(
    expect.arrayContaining([
      'hearth_requests_total{model="m",upstream="office",outcome="complete"} 1',
      'hearth_tokens_total{model="m",upstream="office",kind="cached"} 4',
      'hearth_request_tokens_sum{model="m",upstream="office",kind="prompt"} 10',
      'hearth_time_to_first_token_seconds_sum{model="m",upstream="office"} 0.2',
      // 800 ms for the four tokens after the first.
      'hearth_time_between_tokens_seconds_sum{model="m",upstream="office"} 0.2',
      'hearth_queue_wait_seconds_sum{model="m",upstream="office"} 0.05',
      'hearth_upstream_head_seconds_sum{model="m",upstream="office"} 0.1',
      'hearth_attempts_total{model="m",upstream="office",result="answered"} 1',
      'hearth_cost_dollars_total{model="m",upstream="office"} 0.0025',
    ]),
  )
})

test.each([
  ['does not stream', { isStream: false }],
  ['broke off', { outcome: 'incomplete' as const }],
  ['has one token', { usage: { ...nothing, completionTokens: 1 } }],
  ['tells no tokens', { usage: nothing }],
  ['never had a word', { ttftMs: null }],
])('the time between tokens is not guessed for an answer that %s', (_, more) => {
  expect(rendered(record(more)).join('\n')).not.toContain('hearth_time_between_tokens_seconds_count')
})

test('a failover counts both targets, and once as such', () => {
  const missed = attempt({ failure: 'refused', headMs: null, endedMs: 70, status: null })
  const answered = attempt({ upstream: 'local' })
  const made = record({ upstream: 'local', trace: { route: null, cache: null, attempts: [missed, answered] } })
  expect(rendered(made)).toEqual(
    expect.arrayContaining([
      'hearth_attempts_total{model="m",upstream="office",result="refused"} 1',
      'hearth_attempts_total{model="m",upstream="local",result="answered"} 1',
      'hearth_failovers_total{model="m",upstream="local"} 1',
    ]),
  )
})

test('a request that nobody answered is a failure with its reason, and no failover', () => {
  const missed = attempt({ failure: 'no_place', placedMs: null, headMs: null, endedMs: 70, status: null })
  const trace = { route: null, cache: null, attempts: [missed] }
  const lines = rendered(
    record({ upstream: null, outcome: 'failed', reason: 'queue_full', usage: nothing, costMicros: null, trace }),
  )
  expect(lines).toContain('hearth_request_failures_total{model="m",upstream="",reason="queue_full"} 1')
  expect(lines.join('\n')).not.toMatch(/hearth_(failovers_total|queue_wait_seconds_sum|cost_dollars_total)\{/)
})

test('an answer out of the cache counts as a hit and uses no tokens', () => {
  const trace = { route: null, cache: 'hit', attempts: [] } as const
  const lines = rendered(record({ upstream: null, upstreamModel: null, costMicros: 0, trace }))
  expect(lines).toContain('hearth_cache_requests_total{model="m",result="hit"} 1')
  expect(lines.join('\n')).not.toContain('hearth_tokens_total{')
})

test('a name that nobody serves is no label', () => {
  const trace = { route: null, cache: null, attempts: [] }
  const invented = record({ model: modelName('invented'), upstream: null, outcome: 'failed', usage: nothing, trace })
  expect(rendered(invented).join('\n')).not.toContain('invented')
})

test('breakers, pools, cache, bodies and traces are read when somebody looks', () => {
  expect(rendered()).toEqual(
    expect.arrayContaining([
      'hearth_breaker_open{upstream="office",model="qwen3"} 1',
      'hearth_target_in_flight{upstream="office",model="qwen3"} 4',
      'hearth_pool_limit{pool="gpu-0"} 3',
      'hearth_pool_in_flight{pool="office"} 0',
      'hearth_pool_waiting{pool="gpu-0",priority="batch"} 6',
      'hearth_cache_bytes 800',
      'hearth_privacy_hidden_total{type="EMAIL"} 3',
      'hearth_privacy_locked 0',
      '# TYPE hearth_cache_evictions_total counter',
      'hearth_bodies_lost_total 11',
      'hearth_traces_dropped_total{reason="queue_full"} 14',
    ]),
  )
  expect(rendered().join('\n')).not.toContain('hearth_pool_limit{pool="office"}')
})

test('a house without routing, cache and traces renders too', () => {
  const { upstreams, memory, warnings, cloudText, openExchanges, openStreams, journalBacklog, modelStates } = sources
  const bare = { upstreams, memory, warnings, cloudText, openExchanges, openStreams, journalBacklog, modelStates }
  const monitor = new Monitor({ now: () => 0, mono: () => 0 }, bare)
  monitor.observe(record({ trace: undefined as never }))
  expect(monitor.metrics.render()).toContain('hearth_requests_open 2')
})

test('the guide names every metric that is rendered, with its type and labels, and none else', () => {
  const hit = { route: null, cache: 'hit', attempts: [] } as const
  const failedOver = { route: null, cache: null, attempts: [attempt({ failure: 'refused' }), attempt()] }
  const lines = rendered(
    record(),
    record({ outcome: 'failed', reason: 'timeout' }),
    record({ trace: hit }),
    record({ trace: failedOver }),
  )
  const labels = new Map<string, string>()
  for (const line of lines) {
    const [, name = '', inside = ''] = /^([a-z_]+?)(?:_bucket|_sum|_count)?(?:\{(.*)\})? /.exec(line) ?? []
    const names = [...inside.matchAll(/(\w+)="/g)].map(([, label]) => label).filter((label) => label !== 'le')
    if (name !== '') labels.set(name, names.join(', '))
  }
  const types = lines.flatMap((line) => {
    const [, name = '', type = ''] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? []
    return name === '' ? [] : [`${name} ${type} (${labels.get(name) ?? ''})`]
  })
  const guide = readFileSync(`${import.meta.dir}/../../../docs/guides/observability.md`, 'utf8')
  const documented = [...guide.matchAll(/^\| `(hearth_\w+)` \| (\w+) \| ([^|]*) \|/gm)].map(
    ([, name, type, text = '']) => `${name} ${type} (${text.replaceAll('`', '').trim()})`,
  )
  expect(types.length).toBeGreaterThan(25)
  expect(documented.toSorted()).toEqual(types.toSorted())
})
