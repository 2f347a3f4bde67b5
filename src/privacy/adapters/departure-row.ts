import { keyId, requestId } from '#kernel/ids.ts'
import type { DataClass } from '#kernel/words.ts'
import type { Counts, Departure } from '../contract.ts'
import type { StoredDeparture } from '../ports.ts'

export type DepartureRow = {
  readonly id: string
  readonly at: number
  readonly request: string | null
  readonly owner: string
  readonly destination: string
  readonly path: string
  readonly bytes: number
  /** Joined with commas. */
  readonly data: string
  readonly policy: string
  readonly verdict: string
  readonly reason: string | null
  /** JSON. */
  readonly counts: string
}
export type DepartureTables = { readonly privacy_departure: DepartureRow }

export function toDepartureRow({ data, counts, ...rest }: StoredDeparture): DepartureRow {
  const { id, at, request, owner, destination, path, bytes, policy, verdict, reason } = rest
  const same = { id, at, request, owner, destination, path, bytes, policy, verdict, reason }
  return { ...same, data: data.join(','), counts: JSON.stringify(counts) }
}

export function toDeparture(row: DepartureRow): StoredDeparture {
  return {
    ...row,
    request: row.request === null ? null : requestId(row.request),
    owner: keyId(row.owner),
    data: row.data === '' ? [] : (row.data.split(',') as DataClass[]),
    verdict: row.verdict as Departure['verdict'],
    counts: JSON.parse(row.counts) as Counts,
  }
}
