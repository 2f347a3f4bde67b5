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
  const additions = new Map<string, UsageAddition>()
  for (const record of records) {
    const day = dayOf(record.at)
    // No part but the last can hold a space.
    const name = `${day} ${record.key} ${record.model}`
    additions.set(name, plus(additions.get(name) ?? { ...empty, day, key: record.key, model: record.model }, record))
  }
  return [...additions].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, addition]) => addition)
}

const empty: UsageSums = {
  requests: 0,
  promptTokens: 0,
  completionTokens: 0,
  cachedTokens: 0,
  costMicros: null,
  failed: 0,
}

function plus(sums: UsageAddition, { usage, costMicros, outcome }: RequestRecord): UsageAddition {
  return {
    ...sums,
    requests: sums.requests + 1,
    promptTokens: sums.promptTokens + (usage.promptTokens ?? 0),
    completionTokens: sums.completionTokens + (usage.completionTokens ?? 0),
    cachedTokens: sums.cachedTokens + (usage.cachedTokens ?? 0),
    costMicros: costMicros === null ? sums.costMicros : (sums.costMicros ?? 0) + costMicros,
    failed: sums.failed + (outcome === 'failed' ? 1 : 0),
  }
}
