import type { HouseLists } from '../contract.ts'
import type { Span } from '../core/words.ts'
import type { DetectionAsk } from './detection.ts'

/** Between the thread that serves and the one that looks for identifiers. */
export type ToFinder =
  | { readonly do: 'lists'; readonly lists: HouseLists }
  | { readonly do: 'find'; readonly id: number; readonly ask: DetectionAsk }

export type FromFinder =
  | { readonly did: 'find'; readonly id: number; readonly spans: readonly (readonly Span[])[] }
  /** `reason`: of an AppError; null: a fault of ours. */
  | { readonly did: 'fail'; readonly id: number; readonly reason: string | null; readonly message: string }
