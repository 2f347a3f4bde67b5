import type { Outcome, RequestView } from '../../api/types.ts'

/** Which requests are shown; '' = any. It stands in the address, so it can be kept and sent to somebody. */
export interface RequestFilter {
  readonly key: string
  readonly model: string
  readonly upstream: string
  readonly outcome: Outcome | ''
  readonly since: Since | ''
  /** In a model's name or the reason; no longer than the API takes it. */
  readonly text: string
}

export const outcomes = ['complete', 'incomplete', 'aborted', 'failed'] as const satisfies readonly Outcome[]
export const sinces = ['hour', 'day', 'week', 'month'] as const
export type Since = (typeof sinces)[number]

export const anyRequest: RequestFilter = { key: '', model: '', upstream: '', outcome: '', since: '', text: '' }

const longestText = 200
const hourMs = 3_600_000
const sinceMs: Readonly<Record<Since, number>> = {
  hour: hourMs,
  day: 24 * hourMs,
  week: 7 * 24 * hourMs,
  month: 30 * 24 * hourMs,
}

export function readFilter(query: string): RequestFilter {
  const given = new URLSearchParams(query)
  return {
    key: given.get('key') ?? '',
    model: given.get('model') ?? '',
    upstream: given.get('upstream') ?? '',
    outcome: outcomes.find((outcome) => outcome === given.get('outcome')) ?? '',
    since: sinces.find((since) => since === given.get('since')) ?? '',
    text: (given.get('text') ?? '').slice(0, longestText),
  }
}

/** Only what is chosen: no filter is an empty text. */
export function writeFilter(filter: RequestFilter): string {
  const chosen = Object.entries(filter).filter(([, value]) => value !== '')
  return new URLSearchParams(chosen).toString()
}

/** As `/api/requests` takes it. `now`: milliseconds since 1970. */
export function apiQuery(filter: RequestFilter, options: { readonly now: number; readonly limit: number }): string {
  const { since, text, ...named } = filter
  const query = new URLSearchParams(Object.entries(named).filter(([, value]) => value !== ''))
  query.set('limit', String(options.limit))
  if (since !== '') query.set('since', new Date(options.now - sinceMs[since]).toISOString())
  if (text !== '') query.set('text', text)
  return query.toString()
}

/** Whether a request that just ended belongs into the list; the same judgement as the server's. */
export function matches(request: RequestView, filter: RequestFilter): boolean {
  const { key, model, upstream, outcome, text } = filter
  const wanted = text.toLowerCase()
  return (
    (key === '' || request.key === key) &&
    (model === '' || request.model === model) &&
    (upstream === '' || request.upstream === upstream) &&
    (outcome === '' || request.outcome === outcome) &&
    (wanted === '' ||
      `${request.model}\n${request.upstreamModel ?? ''}\n${request.reason ?? ''}`.toLowerCase().includes(wanted))
  )
}
