import type { RequestDetail } from '../../api/types.ts'
import { targetName } from '../../text/route-told.ts'

/** What a stretch of time was spent on. */
export type SpanKind = 'before' | 'queue' | 'connect' | 'first' | 'tokens' | 'settle' | 'failed'

export interface Span {
  readonly kind: SpanKind
  /** Milliseconds since the request came. */
  readonly fromMs: number
  readonly toMs: number
}

/** One attempt, or (without a target) the time before the first one. */
export interface Lane {
  readonly target: string | null
  readonly failure: string | null
  readonly status: number | null
  readonly spans: readonly Span[]
}

export interface Waterfall {
  readonly totalMs: number
  readonly lanes: readonly Lane[]
}

type Timed = Pick<RequestDetail, 'durationMs' | 'ttftMs' | 'trace' | 'outcome'>
type Attempt = NonNullable<RequestDetail['trace']>['attempts'][number]

/** Where the time went, attempt by attempt; null where nothing was recorded. Stretches without length are left out. */
export function waterfallOf(request: Timed): Waterfall | null {
  const attempts = request.trace?.attempts
  if (!attempts) return null
  const totalMs = Math.max(request.durationMs, ...attempts.map((attempt) => attempt.endedMs ?? 0))
  const startedMs = attempts[0]?.startedMs ?? totalMs
  const before = lane({ target: null, failure: null, status: null }, [['before', 0, startedMs]])
  const tried = attempts.map((attempt, place) =>
    laneOf(attempt, place === attempts.length - 1, { ...request, totalMs }),
  )
  return { totalMs, lanes: before.spans.length > 0 ? [before, ...tried] : tried }
}

function laneOf(attempt: Attempt, isLast: boolean, request: Timed & { readonly totalMs: number }): Lane {
  const { startedMs, placedMs, headMs, failure, status } = attempt
  const endedMs = attempt.endedMs ?? request.totalMs
  const facts = { target: targetName(attempt), failure, status }
  if (placedMs === null) return lane(facts, [[failure === null ? 'queue' : 'failed', startedMs, endedMs]])
  const queue = ['queue', startedMs, placedMs] as const
  if (failure !== null) {
    // A head that came still took its time; what came after it was of no use.
    const connected = headMs === null ? [] : [['connect', placedMs, headMs] as const]
    return lane(facts, [queue, ...connected, ['failed', headMs ?? placedMs, endedMs]])
  }
  if (headMs === null) return lane(facts, [queue, ['connect', placedMs, endedMs]])
  const { ttftMs } = request
  const firstMs = ttftMs !== null && ttftMs >= headMs && ttftMs <= endedMs ? ttftMs : headMs
  return lane(facts, [
    queue,
    ['connect', placedMs, headMs],
    ['first', headMs, firstMs],
    ['tokens', firstMs, endedMs],
    ['settle', endedMs, isLast ? request.totalMs : endedMs],
  ])
}

function lane(facts: Omit<Lane, 'spans'>, spans: readonly (readonly [SpanKind, number, number])[]): Lane {
  const real = spans.filter(([, fromMs, toMs]) => toMs > fromMs).map(([kind, fromMs, toMs]) => ({ kind, fromMs, toMs }))
  return { ...facts, spans: real }
}
