import type { Labels, Metrics } from '#platform/telemetry/metrics.ts'
import type { Sources } from '../ports.ts'

/** What is now, read of the domains at the moment of the scrape. */
export function readHouse(metrics: Metrics, sources: Sources): void {
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
  readRouting(metrics, sources)
  readBehind(metrics, sources)
  readPrivacy(metrics, sources)
}

/** Counts and types; what was hidden is nowhere. */
function readPrivacy(metrics: Metrics, { privacy }: Sources): void {
  const by = (label: string, figures: Readonly<Record<string, number>> | undefined) =>
    Object.entries(figures ?? {}).map(([name, count]) => [{ [label]: name }, count] as const)
  const plain = (figure: number | undefined) => (figure === undefined ? [] : [[{} as Labels, figure] as const])
  metrics.gauge('hearth_privacy_locked', '1: the vault of values is locked, and nothing leaves for a cloud.', () =>
    plain(privacy && Number(privacy().isLocked)),
  )
  metrics.total('hearth_privacy_hidden_total', 'Identifiers that were replaced on their way to a cloud, by type.', () =>
    by('type', privacy?.().hidden),
  )
  metrics.total('hearth_privacy_refused_total', 'Requests for a cloud that did not leave, by reason.', () =>
    by('reason', privacy?.().refused),
  )
  metrics.total('hearth_privacy_restored_total', 'Placeholders in answers whose values were put back.', () =>
    plain(privacy?.().replaced),
  )
  metrics.total(
    'hearth_privacy_unknown_total',
    'What looked like a placeholder in an answer and was none of ours.',
    () => plain(privacy?.().unknown),
  )
}

function readRouting(metrics: Metrics, { targets, pools }: Sources): void {
  const breakers = { closed: 0, half_open: 0.5, open: 1 } as const
  metrics.gauge('hearth_breaker_open', 'Breakers of targets: 0 closed, 0.5 half open, 1 open.', () =>
    (targets?.() ?? []).map(({ upstream, model, breaker }) => [{ upstream, model }, breakers[breaker]] as const),
  )
  metrics.gauge('hearth_target_in_flight', 'Requests under way at a target.', () =>
    (targets?.() ?? []).map(({ upstream, model, inFlight }) => [{ upstream, model }, inFlight] as const),
  )
  metrics.gauge('hearth_pool_limit', 'Places of a pool; a pool without a limit is not shown.', () =>
    (pools?.() ?? []).flatMap(({ pool, limit }) => (limit === null ? [] : [[{ pool }, limit] as const])),
  )
  metrics.gauge('hearth_pool_in_flight', 'Places of a pool that are taken.', () =>
    (pools?.() ?? []).map(({ pool, inFlight }) => [{ pool }, inFlight] as const),
  )
  metrics.gauge('hearth_pool_waiting', 'Requests in the line of a pool, by priority.', () =>
    (pools?.() ?? []).flatMap(({ pool, waiting }) =>
      Object.entries(waiting).map(([priority, count]) => [{ pool, priority }, count] as const),
    ),
  )
}

/** Caches, bodies and traces: what works behind the requests, and what it could not take. */
function readBehind(metrics: Metrics, { cache, bodies, traces }: Sources): void {
  const read =
    <T>(source: (() => T) | undefined, figure: (value: T) => number) =>
    () =>
      source === undefined ? [] : [[{} as Labels, figure(source())] as const]
  metrics.gauge(
    'hearth_cache_entries',
    'Answers in the cache.',
    read(cache, ({ entries }) => entries),
  )
  metrics.gauge(
    'hearth_cache_bytes',
    'Memory of the answers in the cache.',
    read(cache, ({ bytes }) => bytes),
  )
  metrics.total(
    'hearth_cache_evictions_total',
    'Answers that made room for others before their time.',
    read(cache, ({ evictions }) => evictions),
  )
  metrics.total(
    'hearth_bodies_kept_total',
    'Requests whose bodies were kept.',
    read(bodies, ({ kept }) => kept),
  )
  metrics.total(
    'hearth_bodies_lost_total',
    'Requests whose bodies found no room or no database.',
    read(bodies, ({ lost }) => lost),
  )
  metrics.total(
    'hearth_traces_sent_total',
    'Requests whose spans the receiver took.',
    read(traces, ({ sent }) => sent),
  )
  metrics.total('hearth_traces_dropped_total', 'Requests whose spans never arrived, by reason.', () =>
    Object.entries(traces?.().dropped ?? {}).map(([reason, count]) => [{ reason }, count] as const),
  )
  metrics.gauge(
    'hearth_traces_waiting',
    'Requests whose spans wait to be sent.',
    read(traces, ({ waiting }) => waiting),
  )
}
