/** Requests that ended, and what they add up to. See `types.ts`. */
import type { Outcome } from './types.ts'

export interface RequestRecord {
  readonly id: string
  readonly at: string
  readonly key: string
  /** Whom the key belonged to; null = nobody. */
  readonly user: string | null
  readonly team: string | null
  /** What the caller wrote on it. */
  readonly tags: readonly string[]
  readonly endpoint: string
  /** The name the caller wrote. */
  readonly model: string
  readonly upstream: string | null
  readonly upstreamModel: string | null
  readonly status: number
  readonly outcome: Outcome
  readonly isStream: boolean
  /** Prompt and completion together; null when the upstream told neither. */
  readonly tokens: number | null
  readonly usage: {
    readonly promptTokens: number | null
    readonly completionTokens: number | null
    readonly cachedTokens: number | null
  }
  readonly ttftMs: number | null
  readonly durationMs: number
  readonly costMicros: number | null
  readonly reason: string | null
}

export interface RequestPage {
  readonly data: readonly RequestRecord[]
  /** Pass as `cursor` for the page after this one; null = the last page. */
  readonly next: string | null
}

/** One request with what was decided for it. */
export interface RequestDetail extends RequestRecord {
  /** What its key is called; null = the key is gone. */
  readonly keyName: string | null
  /** null = recorded by a version that kept none. */
  readonly trace: RequestTrace | null
  /** null = not kept, or this key may not read them (scope `admin`). */
  readonly bodies: RequestBodies | null
}

/** Where the time of a request went; milliseconds since it came. */
export interface RequestTrace {
  /** Which target was taken and why. */
  readonly route: string | null
  /** null = the cache is off for it. */
  readonly cache: 'hit' | 'miss' | null
  readonly attempts: readonly RequestAttempt[]
}

/** A target that was tried. */
export interface RequestAttempt {
  readonly upstream: string
  readonly model: string
  readonly startedMs: number
  /** A place was free; before it the queue. */
  readonly placedMs: number | null
  /** The head of the answer came. */
  readonly headMs: number | null
  readonly status: number | null
  /** Why it came to nothing; null = it answered. */
  readonly failure: string | null
  readonly endedMs: number | null
}

export interface RequestBodies {
  readonly request: string | null
  readonly response: string | null
  /** Longer than what is kept. */
  readonly isCut: boolean
}

export type UsageGrouping = 'key' | 'user' | 'team' | 'model' | 'upstream' | 'tag' | 'day'

/** One group's sums; its name stands under the grouping's own word (`key`, `model` or `day`). */
export interface UsageRow {
  readonly key?: string
  /** null = nobody's. */
  readonly user?: string | null
  readonly team?: string | null
  readonly model?: string
  /** Who was asked; null = nobody, or before this was written down. */
  readonly upstream?: string | null
  readonly tag?: string
  readonly day?: string
  readonly requests: number
  readonly promptTokens: number
  readonly completionTokens: number
  readonly cachedTokens: number
  readonly costMicros: number | null
  readonly failed: number
}
