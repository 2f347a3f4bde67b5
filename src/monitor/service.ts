import type { Clock } from '#kernel/time.ts'
import type { RequestRecord } from '#kernel/words.ts'
import { createMetrics, type Metrics } from '#platform/telemetry/metrics.ts'
import type { Sources } from './ports.ts'

export type Phase = 'starting' | 'ready' | 'draining'

/** Names of upstreams and models whose series are at hand; others are looked up each time. */
const maxKnownSeries = 2000

/** Seconds; from an answer out of a cache to one that a slow machine thinks about. */
const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

/** Counts what ends and reads what is; owns whether this process takes requests. */
export class Monitor {
  readonly startedAt: number
  readonly metrics: Metrics = createMetrics()
  phase: Phase = 'starting'
  readonly #clock: Clock
  readonly #observe: (record: RequestRecord) => void

  constructor(clock: Clock, sources: Sources) {
    this.#clock = clock
    this.startedAt = clock.now()
    this.#observe = this.#register(sources)
  }

  get uptimeSeconds(): number {
    return Math.round((this.#clock.now() - this.startedAt) / 100) / 10
  }

  /** Called once for every request that ended. */
  observe(record: RequestRecord): void {
    this.#observe(record)
  }

  #register(sources: Sources): (record: RequestRecord) => void {
    const { metrics } = this
    const requests = metrics.counter('hearth_requests_total', 'Requests that ended, by model, upstream and outcome.')
    const tokens = metrics.counter('hearth_tokens_total', 'Tokens as the upstreams reported them.')
    const ttft = metrics.histogram(
      'hearth_time_to_first_token_seconds',
      'From the request to its first word.',
      durationBuckets,
    )
    const duration = metrics.histogram(
      'hearth_request_duration_seconds',
      'From the request to its last byte.',
      durationBuckets,
    )
    const plain = (read: () => number) => () => [[{}, read()] as const]
    metrics.gauge('hearth_requests_open', 'Requests that have begun and not ended.', plain(sources.openExchanges))
    metrics.gauge('hearth_streams_open', 'Streams on their way to clients.', plain(sources.openStreams))
    metrics.gauge(
      'hearth_journal_records',
      'Rows that wait for the database.',
      plain(() => sources.journalBacklog().records),
    )
    metrics.gauge(
      'hearth_journal_bytes',
      'Bytes that wait for the database.',
      plain(() => sources.journalBacklog().bytes),
    )
    metrics.gauge('hearth_models', 'Local models by state.', () =>
      [...sources.modelStates()].map(([state, count]) => [{ state }, count] as const),
    )
    metrics.gauge(
      'hearth_uptime_seconds',
      'Since this process started.',
      plain(() => this.uptimeSeconds),
    )
    metrics.gauge(
      'hearth_resident_memory_bytes',
      'Resident memory of this process.',
      plain(() => process.memoryUsage.rss()),
    )
    const seriesOf = (record: RequestRecord) => {
      // A name that nobody serves must not become a label: callers could invent any number of them.
      const labels = { model: record.upstream === null ? '' : record.model, upstream: record.upstream ?? '' }
      return {
        requests: requests.of({ ...labels, outcome: record.outcome }),
        promptTokens: tokens.of({ ...labels, kind: 'prompt' }),
        completionTokens: tokens.of({ ...labels, kind: 'completion' }),
        ttft: ttft.of(labels),
        duration: duration.of(labels),
      }
    }
    const known = new Map<string, ReturnType<typeof seriesOf>>()
    return (record) => {
      const name = record.upstream === null ? record.outcome : `${record.outcome} ${record.upstream} ${record.model}`
      let series = known.get(name)
      if (!series) {
        series = seriesOf(record)
        if (known.size < maxKnownSeries) known.set(name, series)
      }
      series.requests.add()
      if (record.usage.promptTokens !== null) series.promptTokens.add(record.usage.promptTokens)
      if (record.usage.completionTokens !== null) series.completionTokens.add(record.usage.completionTokens)
      if (record.ttftMs !== null) series.ttft.observe(record.ttftMs / 1000)
      series.duration.observe(record.durationMs / 1000)
    }
  }
}
