import type { Attempt, RequestRecord } from '#kernel/words.ts'
import type { Attributes, Span, SpanEvent } from '#protocol/telemetry/otlp.ts'

/** Where a target is, and whose it is; null where nobody knows. */
export interface TargetAddress {
  /** As the conventions call the vendor, or the dialect: `openai`, `anthropic`; `hearth` for local models. */
  readonly provider: string
  readonly address: string | null
  readonly port: number | null
}

export interface SpanParts {
  readonly record: RequestRecord
  readonly traceId: string
  /** The caller's span; null = the request begins the trace. */
  readonly parentSpanId: string | null
  /** 0 is the request itself, from 1 on its attempts. */
  readonly spanId: (number: number) => string
  readonly addressOf: (upstream: string) => TargetAddress | null
}

/**
 * A request as spans: itself, and a child for each target that was tried. Names follow OpenTelemetry's conventions for
 * generative AI where they have one, `hearth.` stands before the others. Tokens stand at the attempt that answered and
 * nowhere else: whoever adds spans up must not count them twice. Nothing of what was asked or said is in them.
 */
export function requestSpans(parts: SpanParts): readonly Span[] {
  const { record } = parts
  const attempts = record.trace?.attempts ?? []
  const children = attempts.map((attempt, index) => attemptSpan(parts, attempt, index + 1))
  return [requestSpan(parts), ...children]
}

const operations: Readonly<Record<string, string>> = {
  'chat/completions': 'chat',
  messages: 'chat',
  responses: 'chat',
  completions: 'text_completion',
  embeddings: 'embeddings',
}

const operationOf = ({ endpoint }: RequestRecord): string => operations[endpoint] ?? endpoint

function requestSpan({ record, traceId, parentSpanId, spanId }: SpanParts): Span {
  const operation = operationOf(record)
  // A name that nobody serves is none: callers could invent any number of them.
  const isServed = record.upstream !== null || record.trace?.cache === 'hit' || (record.trace?.attempts.length ?? 0) > 0
  return {
    traceId,
    spanId: spanId(0),
    parentSpanId,
    name: isServed ? `${operation} ${record.model}` : operation,
    kind: 'server',
    startMs: record.at,
    endMs: record.at + record.durationMs,
    attributes: {
      'gen_ai.operation.name': operation,
      'gen_ai.provider.name': 'hearth',
      // A request that could not be read names none.
      'gen_ai.request.model': record.model === '' ? null : record.model,
      'gen_ai.request.stream': record.isStream,
      'http.response.status_code': record.status,
      'error.type': record.reason,
      'hearth.request.id': record.id,
      'hearth.key.id': record.key,
      'hearth.outcome': record.outcome,
      'hearth.route': record.trace?.route ?? null,
      'hearth.cache': record.trace?.cache ?? null,
      'hearth.cost.usd': record.costMicros === null ? null : record.costMicros / 1e6,
    },
    events: [],
    // As the conventions for servers have it: what the caller did wrong is no error of ours.
    isError: record.outcome === 'incomplete' || (record.outcome === 'failed' && record.status >= 500),
  }
}

function attemptSpan(parts: SpanParts, attempt: Attempt, number: number): Span {
  const { record, traceId, spanId, addressOf } = parts
  const { startedMs, endedMs, failure, upstream, model } = attempt
  const where = addressOf(upstream)
  const answered = failure === null && number === record.trace?.attempts.length && record.upstream !== null
  const broke = answered && record.outcome !== 'complete' ? record.reason : null
  return {
    traceId,
    spanId: spanId(number),
    parentSpanId: spanId(0),
    name: `${operationOf(record)} ${model}`,
    kind: 'client',
    startMs: record.at + startedMs,
    endMs: record.at + Math.max(startedMs, endedMs ?? record.durationMs),
    attributes: {
      'gen_ai.operation.name': operationOf(record),
      'gen_ai.provider.name': where?.provider ?? upstream,
      'gen_ai.request.model': model,
      'gen_ai.request.stream': record.isStream,
      'server.address': where?.address ?? null,
      'server.port': where?.port ?? null,
      'http.response.status_code': attempt.status,
      'error.type': failure ?? broke,
      'hearth.upstream': upstream,
      'hearth.attempt': number,
      ...(answered ? answerAttributes(record, attempt) : {}),
    },
    events: eventsOf(record, attempt, answered),
    isError: failure !== null || (answered && (record.outcome === 'incomplete' || record.outcome === 'failed')),
  }
}

function answerAttributes(record: RequestRecord, { placedMs }: Attempt): Attributes {
  const { usage, ttftMs, isStream } = record
  const isMeasured = isStream && ttftMs !== null && placedMs !== null
  return {
    'gen_ai.usage.input_tokens': usage.promptTokens,
    'gen_ai.usage.output_tokens': usage.completionTokens,
    'gen_ai.usage.cache_read.input_tokens': usage.cachedTokens,
    'gen_ai.response.time_to_first_chunk': isMeasured ? Math.max(0, ttftMs - placedMs) / 1000 : null,
  }
}

function eventsOf(record: RequestRecord, { placedMs, headMs }: Attempt, answered: boolean): readonly SpanEvent[] {
  const moments: readonly (readonly [string, number | null])[] = [
    ['hearth.place', placedMs],
    ['hearth.head', headMs],
    ['hearth.first_token', answered ? record.ttftMs : null],
  ]
  return moments.flatMap(([name, ms]) => (ms === null ? [] : [{ name, atMs: record.at + ms }]))
}
