import type { Additions } from '../core/usage.ts'
import type { ChargeRow, SumRow, TagSumRow } from './request-row.ts'
import { toChargeRow, toSumRow, toTagSumRow } from './request-row.ts'

/** A table of sums: what is added to a row that stands already, and by what that row is found. */
export interface SumTable {
  readonly name: 'request_sum' | 'request_tag_sum' | 'request_charge'
  readonly place: readonly string[]
  /** All of its columns, in the order of its rows. */
  readonly columns: readonly string[]
  readonly rows: (additions: Additions) => readonly (SumRow | TagSumRow | ChargeRow)[]
}

const place = ['day', 'key', 'user_id', 'team', 'model', 'upstream'] as const
const nothing = { requests: 0, promptTokens: 0, completionTokens: 0, cachedTokens: 0, costMicros: null, failed: 0 }
const example = { day: '', key: '', user: '', team: '', model: '', upstream: '', ...nothing }
const exampleCharge = { kind: 'key', id: '', day: '', requests: 0, tokens: 0, micros: 0 } as const

export const sumTables: readonly SumTable[] = [
  {
    name: 'request_sum',
    place,
    columns: Object.keys(toSumRow(example)),
    rows: ({ usage }) => usage.map(toSumRow),
  },
  {
    name: 'request_tag_sum',
    place: [...place, 'tag'],
    columns: Object.keys(toTagSumRow({ ...example, tag: '' })),
    rows: ({ tags }) => tags.map(toTagSumRow),
  },
  {
    name: 'request_charge',
    place: ['kind', 'id', 'day'],
    columns: Object.keys(toChargeRow(exampleCharge)),
    rows: ({ charges }) => charges.map(toChargeRow),
  },
]

/** `set` of the upsert: a sum that is unknown (a cost) becomes known with the first that is. */
export function addingTo({ name, place: keys, columns }: SumTable): string {
  return columns
    .filter((column) => !keys.includes(column))
    .map((column) => {
      const both = `${name}.${column} + excluded.${column}`
      return `${column} = coalesce(${both}, ${name}.${column}, excluded.${column})`
    })
    .join(', ')
}
