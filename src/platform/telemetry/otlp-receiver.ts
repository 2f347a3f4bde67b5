import type { EpochMs } from '#kernel/time.ts'
import type { TelemetryExit } from '#platform/egress/contract.ts'
import { readExportResponse } from '#protocol/telemetry/otlp.ts'
import type { Delivery } from './trace-exporter.ts'

export interface OtlpReceiver {
  readonly exit: TelemetryExit
  /** Whole, with `/v1/traces`. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly now: () => EpochMs
}

const timeoutMs = 10_000
/** The specification's list; every other status must not be tried again. */
const retryable: ReadonlySet<number> = new Set([429, 502, 503, 504])

/** One `ExportTraceServiceRequest` in its JSON form. Never rejects. */
export async function postTraces(
  { exit, url, headers, now }: OtlpReceiver,
  body: Uint8Array,
  signal: AbortSignal,
): Promise<Delivery> {
  const json = { ...headers, 'content-type': 'application/json', accept: 'application/json' }
  const posted = await exit.post({ url, headers: json, body, timeoutMs, signal })
  if (posted.kind === 'denied') return { kind: 'refused', why: posted.message }
  if (posted.kind === 'failed') return { kind: 'later', retryAfterMs: null, why: posted.message }
  const { status, text } = posted
  if (status >= 200 && status < 300) return { kind: 'taken', rejected: readExportResponse(text).rejected }
  const why = `The receiver of traces answered ${status}.`
  if (!retryable.has(status)) return { kind: 'refused', why }
  return { kind: 'later', retryAfterMs: retryAfterMs(posted.headers.get('retry-after'), now()), why }
}

/** Seconds, or a date. */
function retryAfterMs(text: string | null, now: EpochMs): number | null {
  if (text === null) return null
  if (/^\d{1,9}$/.test(text.trim())) return Number(text) * 1000
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}
