import type { Locality } from '#kernel/words.ts'

/** What the monitor reads of the other domains at the moment of the question. */
export interface Sources {
  readonly upstreams: () => readonly UpstreamStatus[]
  readonly memory: () => MemoryStatus
  readonly warnings: () => readonly string[]
  readonly cloudText: () => 'deny' | 'raw'
  readonly openExchanges: () => number
  readonly openStreams: () => number
  readonly journalBacklog: () => { readonly records: number; readonly bytes: number }
  readonly modelStates: () => Iterable<readonly [state: string, count: number]>
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
