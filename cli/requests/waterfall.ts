import type { RequestDetail } from '../../sdk/typescript/index.ts'

/** What a stretch of time was spent on. */
export type SpanKind = 'house' | 'queue' | 'connect' | 'first token' | 'tokens' | 'end' | 'lost'

export interface Span {
  readonly kind: SpanKind
  /** Milliseconds since the request came. */
  readonly fromMs: number
  readonly toMs: number
}

/** One attempt, or (without a target) the time before the first. */
export interface Lane {
  readonly target: string | null
  readonly status: number | null
  readonly failure: string | null
  readonly spans: readonly Span[]
}

export interface Waterfall {
  readonly totalMs: number
  readonly lanes: readonly Lane[]
}

type Timed = Pick<RequestDetail, 'durationMs' | 'ttftMs' | 'trace'>
type Attempt = NonNullable<RequestDetail['trace']>['attempts'][number]

/** Where the time went, attempt by attempt; null where nothing was recorded. Stretches without length are left out. */
export function waterfallOf(request: Timed): Waterfall | null {
  if (request.trace === null) return null
  const { attempts } = request.trace
  const totalMs = Math.max(request.durationMs, ...attempts.map((attempt) => attempt.endedMs ?? 0))
  const begin = { kind: 'house', fromMs: 0, toMs: attempts[0]?.startedMs ?? totalMs } as const
  const first: Lane = { target: null, status: null, failure: null, spans: lasting([begin]) }
  const tried = attempts.map((attempt, at) =>
    laneOf(attempt, { ...request, totalMs, isLast: at === attempts.length - 1 }),
  )
  return { totalMs, lanes: [first, ...tried].filter((lane) => lane.target !== null || lane.spans.length > 0) }
}

function laneOf(attempt: Attempt, of: Timed & { readonly totalMs: number; readonly isLast: boolean }): Lane {
  const { startedMs, placedMs, headMs, status, failure } = attempt
  const endedMs = attempt.endedMs ?? of.totalMs
  const lane = (...spans: readonly Span[]): Lane => ({
    target: `${attempt.upstream}/${attempt.model}`,
    status,
    failure,
    spans: lasting(spans),
  })
  const queue: Span = { kind: 'queue', fromMs: startedMs, toMs: placedMs ?? endedMs }
  if (placedMs === null) return lane(queue)
  const connect: Span = { kind: 'connect', fromMs: placedMs, toMs: headMs ?? endedMs }
  if (headMs === null) return lane(queue, connect)
  // a head that came still took its time; what came after it was of no use
  if (failure !== null) return lane(queue, connect, { kind: 'lost', fromMs: headMs, toMs: endedMs })
  const firstMs = of.ttftMs !== null && of.ttftMs >= headMs && of.ttftMs <= endedMs ? of.ttftMs : headMs
  return lane(
    queue,
    connect,
    { kind: 'first token', fromMs: headMs, toMs: firstMs },
    { kind: 'tokens', fromMs: firstMs, toMs: endedMs },
    { kind: 'end', fromMs: endedMs, toMs: of.isLast ? of.totalMs : endedMs },
  )
}

const lasting = (spans: readonly Span[]): readonly Span[] => spans.filter(({ fromMs, toMs }) => toMs > fromMs)
