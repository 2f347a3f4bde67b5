/**
 * What looking at requests costs on their way: figures, traces (off, and on), the cache (off, a miss, a hit), bodies.
 * `bun bench/micro/observability.ts [rounds]`. Figures of one run on one machine: read them beside each other.
 */
import { createCell } from '../../src/kernel/cell.ts'
import { keyId, modelName, requestId, upstreamName } from '../../src/kernel/ids.ts'
import type { RequestRecord } from '../../src/kernel/words.ts'
import { ResponseCache } from '../../src/gateway/service/answering/response-cache.ts'
import { RequestBodyLog } from '../../src/metering/service/body-log.ts'
import { Monitor, Tracer, type Sources } from '../../src/monitor/index.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { newRequestId } from '../../src/platform/crypto/ids.ts'
import { noBodies } from '../../test/env/body-settings.ts'

const rounds = Number(process.argv[2] ?? 200_000)

const record: RequestRecord = {
  id: requestId('req_1'),
  at: Date.now(),
  key: keyId('key1'),
  endpoint: 'chat/completions',
  model: modelName('m'),
  upstream: upstreamName('office'),
  upstreamModel: 'qwen3',
  status: 200,
  outcome: 'complete',
  isStream: true,
  usage: { promptTokens: 10, completionTokens: 5, cachedTokens: 4 },
  ttftMs: 200,
  durationMs: 1000,
  costMicros: 2500,
  reason: null,
  trace: {
    route: 'priority 1 of 1',
    cache: null,
    attempts: [
      {
        upstream: upstreamName('office'),
        model: 'qwen3',
        startedMs: 0.1,
        placedMs: 0.2,
        headMs: 160,
        endedMs: null,
        status: 200,
        failure: null,
      },
    ],
  },
}
const sources: Sources = {
  upstreams: () => [],
  memory: () => ({ budgetBytes: null, usedBytes: null, from: 'measured' }),
  warnings: () => [],
  cloudText: () => 'deny',
  openExchanges: () => 0,
  openStreams: () => 0,
  journalBacklog: () => ({ records: 0, bytes: 0 }),
  modelStates: () => [],
}

const monitor = new Monitor(systemClock, sources)
measure('figures of one request', () => monitor.observe(record))

const headers = new Headers({ 'content-type': 'application/json', authorization: 'Bearer hk-x', 'user-agent': 'bench' })
tracing('off', null, 1)
tracing('on, all', 'http://127.0.0.1:9/v1/traces', 1)
tracing('on, a hundredth', 'http://127.0.0.1:9/v1/traces', 0.01)

const question = (words: number) =>
  new TextEncoder().encode(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'word '.repeat(words) }] }))
looking('off, 1 KB', question(200), null)
looking('miss, 1 KB', question(200), 60_000)
looking('hit, 1 KB', question(200), 60_000, true)
looking('hit, 100 KB', question(20_000), 60_000, true)

const bodies = new RequestBodyLog({ settings: createCell(noBodies), store: null as never, clock: systemClock })
measure('bodies: asking, off', () => bodies.wants({ key: record.key }, headers))

function tracing(name: string, tracesUrl: string | null, sample: number): void {
  const tracer = new Tracer({
    settings: createCell({ tracesUrl, sample, queue: 1_000_000 }),
    headers: () => ({}),
    exit: null as never,
    addressOf: () => null,
    version: '0',
    clock: systemClock,
  })
  measure(`traces: ${name}`, () => {
    const context = tracer.begin(newRequestId(record.at), headers)
    if (context !== null) tracer.end(record, context)
  })
}

function looking(name: string, body: Uint8Array, cacheTtlMs: number | null, isKept = false): void {
  const cache = new ResponseCache({ limits: () => ({ maxBytes: 1e8, maxEntryBytes: 1e7 }), clock: systemClock })
  const ask = {
    route: { name: record.model, cacheTtlMs },
    caller: { key: record.key },
    endpoint: 'chat/completions',
    body,
    headers,
  }
  const looked = cache.look(ask)
  if (isKept && looked.kind === 'miss') looked.store({ contentType: 'application/json', bytes: body })
  measure(`cache: ${name}`, () => cache.look(ask), Math.max(200, Math.floor(rounds / (1 + body.length / 1000))))
}

function measure(name: string, run: () => unknown, times = rounds): void {
  for (let n = 0; n < times / 10; n++) run()
  const startedAt = performance.now()
  for (let n = 0; n < times; n++) run()
  const each = ((performance.now() - startedAt) * 1000) / times
  console.log(`${name.padEnd(32)} ${each.toFixed(3)} µs`)
}
