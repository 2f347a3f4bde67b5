/**
 * Spans as OTLP over HTTP takes them, in its JSON form: ids in lower-case hex, 64-bit numbers as decimal texts, enums
 * as numbers (opentelemetry-proto, `collector/trace/v1`).
 */

export interface Span {
  /** 32 hex digits. */
  readonly traceId: string
  /** 16 hex digits. */
  readonly spanId: string
  readonly parentSpanId: string | null
  readonly name: string
  readonly kind: 'server' | 'client'
  readonly startMs: number
  readonly endMs: number
  readonly attributes: Attributes
  readonly events: readonly SpanEvent[]
  readonly isError: boolean
}

export interface SpanEvent {
  readonly name: string
  readonly atMs: number
}

/** A member that is null is left out: unknown is not told as 0. */
export type Attributes = Readonly<Record<string, string | number | boolean | null>>

export interface TraceSource {
  readonly resource: Attributes
  readonly scope: { readonly name: string; readonly version: string }
}

const kinds = { server: 2, client: 3 } as const
const statusError = 2

/** `ExportTraceServiceRequest`. */
export function toExportRequest(spans: readonly Span[], { resource, scope }: TraceSource): unknown {
  return {
    resourceSpans: [
      { resource: { attributes: keyValues(resource) }, scopeSpans: [{ scope, spans: spans.map(toWire) }] },
    ],
  }
}

function toWire(span: Span) {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId === null ? {} : { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: kinds[span.kind],
    startTimeUnixNano: nanoseconds(span.startMs),
    endTimeUnixNano: nanoseconds(span.endMs),
    attributes: keyValues(span.attributes),
    events: span.events.map(({ name, atMs }) => ({ timeUnixNano: nanoseconds(atMs), name })),
    status: span.isError ? { code: statusError } : {},
  }
}

function keyValues(attributes: Attributes) {
  return Object.entries(attributes).flatMap(([key, value]) => (value === null ? [] : [{ key, value: anyValue(value) }]))
}

function anyValue(value: string | number | boolean) {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}

/** Milliseconds since 1970, with fractions; a double holds them to about a microsecond. */
function nanoseconds(ms: number): string {
  const whole = Math.floor(ms)
  return String(BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1000)) * 1000n)
}

/** What `ExportTraceServiceResponse` says was not taken. */
export function readExportResponse(text: string): { readonly rejected: number; readonly message: string } {
  const value = readJson(text)
  const partial = memberOf(value, 'partialSuccess')
  const rejected = Number(memberOf(partial, 'rejectedSpans') ?? 0)
  const message = memberOf(partial, 'errorMessage')
  return {
    rejected: Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0,
    message: typeof message === 'string' ? message : '',
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}
