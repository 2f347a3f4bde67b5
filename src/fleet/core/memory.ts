/** What a model needs, and how that is known; null = unknown, never 0. */
export type Need = { readonly value: number; readonly from: 'measured' | 'estimated' } | null

export interface NeedFacts {
  /** What its owner says it needs. */
  readonly statedBytes: number | null
  /** From its file, with this context. */
  readonly estimatedBytes: number | null
  /** The most it was ever seen to use, with this context. */
  readonly measuredPeakBytes: number | null
  /** The measurement sees main memory only: with weights on a graphics card it is a part of the truth. */
  readonly isMeasureWhole: boolean
}

/**
 * What the model is shown to need: measured where it was, else what its owner says, else an estimate from its file.
 */
export function needOf(facts: NeedFacts): Need {
  const estimate = facts.statedBytes ?? facts.estimatedBytes
  if (facts.measuredPeakBytes !== null && (facts.isMeasureWhole || estimate === null)) {
    return { value: facts.measuredPeakBytes, from: 'measured' }
  }
  return estimate === null ? null : { value: estimate, from: 'estimated' }
}

/**
 * What admission sets aside for it. The owner's word is a floor: whoever writes `memory: 8GiB` knows something that
 * a measurement of a short conversation does not. A measurement above it counts.
 */
export function reserveOf(facts: NeedFacts): number | null {
  const need = needOf(facts)
  if (need === null) return null
  return Math.max(need.value, facts.statedBytes ?? 0, facts.isMeasureWhole ? 0 : (facts.measuredPeakBytes ?? 0))
}

export interface BudgetFacts {
  readonly configuredBytes: number | null
  readonly totalBytes: number | null
  readonly availableBytes: number | null
  /** What our own engines use of it now. */
  readonly ownBytes: number
}

export type Budget = { readonly bytes: number; readonly from: 'configured' | 'measured' } | null

/**
 * A quarter of the machine stays free: for its owner's other programs, the file cache, and estimates that were too
 * low.
 */
const headroom = 0.25
/** Small movements of other programs must not change decisions. */
const grainBytes = 64 * 2 ** 20

/**
 * What models may use together: what its owner set; else three quarters of the machine, but no more than what is
 * free now plus what our engines hold. Null = the machine does not tell, nothing is refused for memory.
 */
export function budgetOf(facts: BudgetFacts): Budget {
  if (facts.configuredBytes !== null) return { bytes: facts.configuredBytes, from: 'configured' }
  if (facts.totalBytes === null) return null
  const share = facts.totalBytes * (1 - headroom)
  const possible = facts.availableBytes === null ? share : Math.min(share, facts.availableBytes + facts.ownBytes)
  return { bytes: Math.floor(possible / grainBytes) * grainBytes, from: 'measured' }
}
