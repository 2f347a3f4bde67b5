import type { Attempt, RequestRecord } from '#kernel/words.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'

/** Names of upstreams and models whose series are at hand; others are looked up each time. */
const maxKnownSeries = 2000

/** Seconds; from an answer out of a cache to one that a slow machine thinks about. */
const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
/** Seconds; from a small model on a large machine to a large one on a small machine. */
const tokenBuckets = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1, 2.5]
/** Seconds; from a place that is free to a model that loads from a slow disk. */
const queueBuckets = [0.001, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800]
const countBuckets = [10, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 500_000]

/** Counts requests as they end. What it returns is called once for each, on the way of its last bytes. */
export function countRequests(metrics: Metrics): (record: RequestRecord) => void {
  const seriesFor = remembered(requestSeries(metrics))
  const attemptFor = remembered(attemptSeries(metrics))
  const failures = metrics.counter('hearth_request_failures_total', 'Requests that did not end complete, by reason.')
  return (record) => {
    const { trace, usage } = record
    const isCached = trace?.cache === 'hit'
    // A name that nobody serves must not become a label: callers could invent any number of them.
    const isServed = record.upstream !== null || isCached || (trace?.attempts.length ?? 0) > 0
    const model = isServed ? record.model : ''
    const upstream = record.upstream ?? ''
    const series = seriesFor({ model, upstream, outcome: record.outcome })
    series.requests.add()
    series.duration.observe(record.durationMs / 1000)
    if (record.ttftMs !== null) series.ttft().observe(record.ttftMs / 1000)
    const gapMs = betweenTokensMs(record)
    if (gapMs !== null) series.betweenTokens().observe(gapMs / 1000)
    if (!isCached) countTokens(series, usage)
    if (record.costMicros !== null) series.cost().add(record.costMicros / 1e6)
    if (record.reason !== null) failures.of({ model, upstream, reason: record.reason }).add()
    if (trace === undefined) return
    if (trace.cache !== null) series[trace.cache === 'hit' ? 'cacheHits' : 'cacheMisses']().add()
    for (const attempt of trace.attempts) {
      const tried = attemptFor({ model, upstream: attempt.upstream, outcome: attempt.failure ?? 'answered' })
      countAttempt(tried, attempt)
    }
    if (record.upstream !== null && trace.attempts[0]?.failure != null && trace.attempts.at(-1)?.failure === null)
      series.failovers().add()
  }
}

/** The mean over a stream's tokens after the first; null where it cannot be known. */
function betweenTokensMs({ isStream, ttftMs, durationMs, usage, outcome }: RequestRecord): number | null {
  const tokens = usage.completionTokens
  if (!isStream || ttftMs === null || tokens === null || tokens < 2 || outcome !== 'complete') return null
  return Math.max(0, durationMs - ttftMs) / (tokens - 1)
}

interface Names {
  readonly model: string
  readonly upstream: string
  readonly outcome: string
}

function remembered<Series>(make: (names: Names) => Series): (names: Names) => Series {
  const known = new Map<string, Series>()
  return (names) => {
    // The last part alone can hold a space.
    const text = `${names.outcome} ${names.upstream} ${names.model}`
    let series = known.get(text)
    if (series === undefined) {
      series = make(names)
      if (known.size < maxKnownSeries) known.set(text, series)
    }
    return series
  }
}

/** Made at its first use: what was never measured is not shown as 0. */
function later<Series>(make: () => Series): () => Series {
  let made: Series | null = null
  return () => (made ??= make())
}

function requestSeries(metrics: Metrics) {
  const requests = metrics.counter('hearth_requests_total', 'Requests that ended, by model, upstream and outcome.')
  const tokens = metrics.counter('hearth_tokens_total', 'Tokens as the upstreams reported them.')
  const perRequest = metrics.histogram('hearth_request_tokens', 'Tokens of one request, by kind.', countBuckets)
  const ttft = metrics.histogram(
    'hearth_time_to_first_token_seconds',
    'From the request to its first word.',
    durationBuckets,
  )
  const betweenTokens = metrics.histogram(
    'hearth_time_between_tokens_seconds',
    'Of streams: from one token to the next, the mean of a request.',
    tokenBuckets,
  )
  const duration = metrics.histogram(
    'hearth_request_duration_seconds',
    'From the request to its last byte.',
    durationBuckets,
  )
  const cost = metrics.counter('hearth_cost_dollars_total', 'What requests with a known price cost.')
  const cached = metrics.counter('hearth_cache_requests_total', 'Requests of routes with a cache, by hit or miss.')
  const failovers = metrics.counter('hearth_failovers_total', 'Requests that another target answered than the first.')
  return ({ model, upstream, outcome }: Names) => {
    const labels = { model, upstream }
    return {
      requests: requests.of({ ...labels, outcome }),
      prompt: later(() => tokens.of({ ...labels, kind: 'prompt' })),
      completion: later(() => tokens.of({ ...labels, kind: 'completion' })),
      cachedPrompt: later(() => tokens.of({ ...labels, kind: 'cached' })),
      promptSize: later(() => perRequest.of({ ...labels, kind: 'prompt' })),
      completionSize: later(() => perRequest.of({ ...labels, kind: 'completion' })),
      ttft: later(() => ttft.of(labels)),
      betweenTokens: later(() => betweenTokens.of(labels)),
      duration: duration.of(labels),
      cost: later(() => cost.of(labels)),
      failovers: later(() => failovers.of(labels)),
      cacheHits: later(() => cached.of({ model, result: 'hit' })),
      cacheMisses: later(() => cached.of({ model, result: 'miss' })),
    }
  }
}

function countTokens(series: ReturnType<ReturnType<typeof requestSeries>>, usage: RequestRecord['usage']): void {
  const { promptTokens, completionTokens, cachedTokens } = usage
  if (promptTokens !== null) {
    series.prompt().add(promptTokens)
    series.promptSize().observe(promptTokens)
  }
  if (completionTokens !== null) {
    series.completion().add(completionTokens)
    series.completionSize().observe(completionTokens)
  }
  if (cachedTokens !== null) series.cachedPrompt().add(cachedTokens)
}

function attemptSeries(metrics: Metrics) {
  const attempts = metrics.counter(
    'hearth_attempts_total',
    'Targets that were tried: answered, or the class of the failure.',
  )
  const queue = metrics.histogram(
    'hearth_queue_wait_seconds',
    'From the attempt to its place; a model that loads is waited for here.',
    queueBuckets,
  )
  const head = metrics.histogram(
    'hearth_upstream_head_seconds',
    'From the place to the head of the answer.',
    durationBuckets,
  )
  return ({ model, upstream, outcome }: Names) => ({
    attempts: attempts.of({ model, upstream, result: outcome }),
    queue: later(() => queue.of({ model, upstream })),
    head: later(() => head.of({ model, upstream })),
  })
}

function countAttempt(series: ReturnType<ReturnType<typeof attemptSeries>>, attempt: Attempt): void {
  const { startedMs, placedMs, headMs } = attempt
  series.attempts.add()
  if (placedMs === null) return
  series.queue().observe((placedMs - startedMs) / 1000)
  if (headMs !== null) series.head().observe((headMs - placedMs) / 1000)
}
