import type { RequestId } from '#kernel/ids.ts'
import type { Clock } from '#kernel/time.ts'
import type { Cell, RequestRecord } from '#kernel/words.ts'
import { sha256Hex } from '#platform/crypto/hash.ts'
import { chance } from '#platform/crypto/random.ts'
import type { TelemetryExit } from '#platform/egress/contract.ts'
import { postTraces } from '#platform/telemetry/otlp-receiver.ts'
import { TraceExporter, type Delivery } from '#platform/telemetry/trace-exporter.ts'
import { toExportRequest } from '#protocol/telemetry/otlp.ts'
import { readTraceParent, writeTraceParent } from '#protocol/telemetry/traceparent.ts'
import { requestSpans, type TargetAddress } from '../core/request-spans.ts'

export interface TracerSettings {
  /** null: nothing is traced. */
  readonly tracesUrl: string | null
  readonly sample: number
  readonly queue: number
}

export interface TracerParts {
  readonly settings: Cell<TracerSettings>
  readonly headers: () => Readonly<Record<string, string>>
  readonly exit: TelemetryExit
  readonly addressOf: (upstream: string) => TargetAddress | null
  readonly version: string
  readonly clock: Clock
}

/** Of one traced request. */
export interface RequestContext {
  readonly traceId: string
  readonly parentSpanId: string | null
  /** For the attempt with this number, from 1 on: `traceparent` for an upstream in the house. */
  traceparent(attempt: number): string
}

/** How long the last batches have when the house closes. */
const lastWordsMs = 2000

/**
 * Traces of requests, for whoever has a receiver for them. Ids come from the request's own id: nothing but the caller's
 * context has to be kept while it runs, and spans are made when they are sent, not while somebody waits.
 */
export class Tracer implements AsyncDisposable {
  readonly #parts: TracerParts
  readonly #exporter: TraceExporter<{ readonly record: RequestRecord; readonly context: RequestContext }>

  constructor(parts: TracerParts) {
    const { settings, clock } = parts
    this.#parts = parts
    this.#exporter = new TraceExporter({
      capacity: () => settings.value.queue,
      encode: (items) => this.#encode(items),
      send: (body, signal) => this.#send(body, signal),
      clock,
      chance,
    })
  }

  get counts() {
    return this.#exporter.counts
  }

  /** null: this request is not traced. A caller's decision is kept; otherwise the trace id decides. */
  begin(id: RequestId, headers: Pick<Headers, 'get'>): RequestContext | null {
    const { tracesUrl, sample } = this.#parts.settings.value
    if (tracesUrl === null) return null
    const given = headers.get('traceparent')
    const parent = given === null ? null : readTraceParent(given)
    const traceId = parent?.traceId ?? sha256Hex(id).slice(0, 32)
    if (!(parent?.isSampled ?? isSampled(traceId, sample))) return null
    return {
      traceId,
      parentSpanId: parent?.spanId ?? null,
      traceparent: (attempt) => writeTraceParent({ traceId, spanId: spanId(id, attempt), isSampled: true }),
    }
  }

  end(record: RequestRecord, context: RequestContext): void {
    this.#exporter.add({ record, context })
  }

  /** Sends what waits; what it returns is a task's status. */
  async flush(signal: AbortSignal): Promise<string | null> {
    if (this.#parts.settings.value.tracesUrl === null) return null
    await this.#exporter.flush(signal)
    return this.#exporter.lastProblem
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), lastWordsMs)
    await this.flush(late.signal)
    clearTimeout(timer)
    this.#exporter.close()
  }

  #encode(items: readonly { readonly record: RequestRecord; readonly context: RequestContext }[]): Uint8Array {
    const { addressOf, version } = this.#parts
    const spans = items.flatMap(({ record, context }) =>
      requestSpans({ record, ...context, spanId: (number) => spanId(record.id, number), addressOf }),
    )
    const resource = { 'service.name': 'hearth', 'service.version': version }
    return new TextEncoder().encode(
      JSON.stringify(toExportRequest(spans, { resource, scope: { name: 'hearth', version } })),
    )
  }

  async #send(body: Uint8Array, signal: AbortSignal): Promise<Delivery> {
    const { settings, headers, exit, clock } = this.#parts
    const url = settings.value.tracesUrl
    if (url === null) return { kind: 'refused', why: 'telemetry.otlp was taken out.' }
    return postTraces({ exit, url, headers: headers(), now: () => clock.now() }, body, signal)
  }
}

/** 0 is the request itself. */
const spanId = (id: RequestId, number: number): string => sha256Hex(`${id} ${number}`).slice(0, 16)

/** The last 56 bits of a trace id are chance: all that see it decide alike. */
function isSampled(traceId: string, share: number): boolean {
  return Number.parseInt(traceId.slice(-14), 16) < share * 2 ** 56
}
