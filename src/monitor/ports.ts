import type { Locality } from '#kernel/words.ts'

/** What the monitor reads of the other domains at the moment of the question. */
export interface Sources {
  readonly upstreams: () => readonly UpstreamStatus[]
  readonly memory: () => MemoryStatus
  readonly warnings: () => readonly string[]
  readonly cloudText: () => 'scrub' | 'deny' | 'raw'
  readonly openExchanges: () => number
  readonly openStreams: () => number
  readonly journalBacklog: () => { readonly records: number; readonly bytes: number }
  readonly modelStates: () => Iterable<readonly [state: string, count: number]>
  /** Who answers, and how they are; not there = nobody tells. */
  readonly targets?: () => readonly TargetStatus[]
  readonly pools?: () => readonly PoolStatus[]
  readonly cache?: () => { readonly entries: number; readonly bytes: number; readonly evictions: number }
  /** Bodies that were kept, and that were lost, since the start. */
  readonly bodies?: () => { readonly kept: number; readonly lost: number }
  /** What was hidden from clouds and put back since the start; `isLocked`: nothing leaves for a cloud. */
  readonly privacy?: () => {
    readonly isLocked: boolean
    readonly hidden: Readonly<Record<string, number>>
    readonly refused: Readonly<Record<string, number>>
    readonly replaced: number
    readonly unknown: number
  }
  readonly traces?: () => {
    readonly sent: number
    readonly waiting: number
    readonly dropped: Readonly<Record<string, number>>
  }
}

export interface TargetStatus {
  readonly upstream: string
  /** The model's name there. */
  readonly model: string
  readonly breaker: 'closed' | 'half_open' | 'open'
  readonly inFlight: number
}

export interface PoolStatus {
  readonly pool: string
  /** null = none. */
  readonly limit: number | null
  readonly inFlight: number
  /** By priority. */
  readonly waiting: Readonly<Record<string, number>>
}

export interface UpstreamStatus {
  readonly name: string
  readonly kind: string
  readonly baseUrl: string
  readonly locality: Locality | null
  /** How many models it offers; null = unknown. */
  readonly models: number | null
  readonly isReachable: boolean | null
  readonly lastError: string | null
}

export interface MemoryStatus {
  readonly budgetBytes: number | null
  readonly usedBytes: number | null
  readonly from: 'configured' | 'measured'
}
