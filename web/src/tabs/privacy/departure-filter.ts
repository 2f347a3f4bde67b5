/** Which departures are shown; '' = any. It stands in the address: names of upstreams, never values. */
export interface DepartureFilter {
  readonly destination: string
  readonly verdict: 'sent' | 'refused' | ''
}

export const verdicts = ['sent', 'refused'] as const
export const anyDeparture: DepartureFilter = { destination: '', verdict: '' }
const longestName = 100

export function readDepartureFilter(query: string): DepartureFilter {
  const given = new URLSearchParams(query)
  return {
    destination: (given.get('destination') ?? '').slice(0, longestName),
    verdict: verdicts.find((verdict) => verdict === given.get('verdict')) ?? '',
  }
}

/** Only what is chosen: no filter is an empty text. */
export function writeDepartureFilter(filter: DepartureFilter): string {
  return new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== '')).toString()
}
