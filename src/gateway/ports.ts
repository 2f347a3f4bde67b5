import type { DeploymentId, KeyId } from '#kernel/ids.ts'
import type { DataClass, Locality } from '#kernel/words.ts'

/** Places of the fleet, as far as the data plane needs them. See `fleet/contract.ts`. */
export interface Places {
  tryAcquire(ticket: Ticket): Permit | null
  acquire(
    ticket: Ticket & {
      readonly waitMs: number
      readonly signal: AbortSignal
      readonly onProgress?: (waiting: Waiting) => void
    },
  ): Promise<Acquired>
}

export interface Ticket {
  readonly deployment: DeploymentId
  readonly key: KeyId
}

export interface Permit {
  readonly baseUrl: string
  readonly token: string | null
  release(): void
}

export interface Waiting {
  readonly state: string
  readonly phase: string
  readonly position: number
  readonly etaSeconds: number | null
}

export type Acquired =
  | { readonly kind: 'permit'; readonly permit: Permit }
  | { readonly kind: 'loading'; readonly waiting: Waiting; readonly retryAfterMs: number }
  | { readonly kind: 'full'; readonly retryAfterMs: number; readonly message: string }
  | {
      readonly kind: 'unusable'
      readonly reason: string
      readonly message: string
      readonly retryAfterMs: number | null
    }
  | { readonly kind: 'gone' }

/** The egress door's exit for inference, as `platform/egress/contract.ts` describes it. */
export interface Inference {
  send(
    to: { readonly name: string; readonly baseUrl: string; readonly locality: Locality | null },
    what: {
      readonly method: 'GET' | 'POST' | 'DELETE'
      readonly path: string
      readonly headers: Readonly<Record<string, string>>
      readonly body: Uint8Array | null
      readonly data: readonly DataClass[]
    },
    options: { readonly deadlines: Deadlines; readonly signal: AbortSignal; readonly onDispatch?: () => void },
  ): Promise<Sent>
}

export interface Deadlines {
  readonly firstByteMs: number
  readonly idleMs: number
  readonly totalMs: number
}

export type Sent =
  | Answered
  | { readonly kind: 'failed'; readonly reason: string; readonly message: string }
  | { readonly kind: 'denied'; readonly reason: string; readonly message: string }

export interface Answered {
  readonly kind: 'answer'
  readonly status: number
  readonly headers: Headers
  bytes(
    limitBytes: number,
  ): Promise<
    | { readonly kind: 'whole'; readonly bytes: Uint8Array }
    | { readonly kind: 'broken'; readonly reason: string; readonly message: string }
  >
  chunks(): ChunkReader
}

export interface ChunkReader {
  next(): Promise<Chunk>
  cancel(): void
}

export type Chunk =
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' }
  | { readonly kind: 'broken'; readonly reason: string; readonly message: string }
