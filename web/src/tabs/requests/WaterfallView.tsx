import type { RequestDetail } from '../../api/types.ts'
import { strings } from '../../strings.ts'
import { duration } from '../../text/format.ts'
import { reasonWords } from './request-words.ts'
import { type Lane, type SpanKind, waterfallOf } from './waterfall.ts'

const words = strings.requests

const looks: Readonly<Record<SpanKind, string>> = {
  before: 'bg-edge',
  queue: 'bg-ochre',
  connect: 'bg-slate',
  first: 'bg-glow-soft',
  tokens: 'bg-glow',
  settle: 'bg-edge',
  failed: 'bg-garnet',
}

/** Attempt under attempt on one axis of time; every stretch is also told in words. */
export function WaterfallView({ request }: { request: RequestDetail }) {
  const waterfall = waterfallOf(request)
  if (!waterfall) return null
  const attempts = waterfall.lanes.filter((lane) => lane.target !== null)
  return (
    <ol className="flex flex-col gap-4">
      {waterfall.lanes.map((lane, place) => (
        <li key={place}>
          {lane.target !== null && (
            <p className="mb-1 text-sm font-semibold wrap-anywhere">
              {attempts.length > 1 ? words.attempt(String(attempts.indexOf(lane) + 1), lane.target) : lane.target}
              {lane.failure !== null && (
                <span className="font-normal text-garnet"> {words.attemptFailed(failureWords(lane))}</span>
              )}
            </p>
          )}
          <Bar lane={lane} totalMs={waterfall.totalMs} />
          <ul className="mt-1 flex flex-wrap gap-x-4 gap-y-0.5 text-sm">
            {lane.spans.map((span) => (
              <li key={span.kind} className="flex items-center gap-1.5">
                <span className={`size-2.5 rounded-xs ${looks[span.kind]}`} aria-hidden="true" />
                <span className="text-soft">{words.spans[span.kind]}</span>
                <span className="tabular-nums">{duration(span.toMs - span.fromMs)}</span>
              </li>
            ))}
          </ul>
        </li>
      ))}
      <li className="flex justify-between border-t border-line pt-2 text-sm">
        <span className="text-soft">{words.columns.total}</span>
        <span className="tabular-nums">{duration(waterfall.totalMs)}</span>
      </li>
    </ol>
  )
}

function Bar({ lane, totalMs }: { lane: Lane; totalMs: number }) {
  const share = (ms: number) => `${(ms / Math.max(1, totalMs)) * 100}%`
  return (
    <div aria-hidden="true" className="relative h-4 overflow-hidden rounded-sm bg-sunken">
      {lane.spans.map((span) => (
        <span
          key={span.kind}
          className={`absolute inset-y-0 min-w-0.5 ${looks[span.kind]}`}
          style={{ left: share(span.fromMs), width: share(span.toMs - span.fromMs) }}
        />
      ))}
    </div>
  )
}

function failureWords({ failure, status }: Lane): string {
  const told = reasonWords(failure ?? '')
  return status === null ? told : `${told} (${status})`
}
