import type { EpochMs } from '#kernel/time.ts'
import type { RequestRecord } from '#kernel/words.ts'

export interface UsageSums {
  readonly requests: number
  readonly promptTokens: number
  readonly completionTokens: number
  readonly cachedTokens: number
  /** Null while no request had a known price. */
  readonly costMicros: number | null
  readonly failed: number
}

/** The sums of one group: a key, a model or a day. */
export interface UsageGroup extends UsageSums {
  readonly name: string
}

/** What one batch adds to the sums of a day, a key and a model. */
export interface UsageAddition extends UsageSums {
  readonly day: string
  readonly key: string
  readonly model: string
}

/** In UTC, for example `2026-01-31`. */
export function dayOf(at: EpochMs): string {
  return new Date(at).toISOString().slice(0, 10)
}

/**
 * Sums of a batch by day, key and model, in that order: two processes that add to the same rows take their locks in the
 * same order.
 */
export function addUp(records: readonly RequestRecord[]): readonly UsageAddition[] {
  const additions = new Map<string, Sums>()
  let day = ''
  let dayNumber = NaN
  for (const record of records) {
    // Making a date's text costs more than all the rest, and a batch is of one day, nearly always.
    if (Math.floor(record.at / dayMs) !== dayNumber) {
      day = dayOf(record.at)
      dayNumber = Math.floor(record.at / dayMs)
    }
    // No part but the last can hold a space.
    const name = `${day} ${record.key} ${record.model}`
    let sums = additions.get(name)
    if (sums === undefined) additions.set(name, (sums = { day, key: record.key, model: record.model, ...nothing }))
    add(sums, record)
  }
  return [...additions].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sums]) => sums)
}

type Sums = { -readonly [Member in keyof UsageAddition]: UsageAddition[Member] }

const dayMs = 86_400_000
const nothing: UsageSums = {
  requests: 0,
  promptTokens: 0,
  completionTokens: 0,
  cachedTokens: 0,
  costMicros: null,
  failed: 0,
}

/** In place: this runs for every request. */
function add(sums: Sums, { usage, costMicros, outcome }: RequestRecord): void {
  sums.requests++
  sums.promptTokens += usage.promptTokens ?? 0
  sums.completionTokens += usage.completionTokens ?? 0
  sums.cachedTokens += usage.cachedTokens ?? 0
  if (costMicros !== null) sums.costMicros = (sums.costMicros ?? 0) + costMicros
  if (outcome === 'failed') sums.failed++
}
