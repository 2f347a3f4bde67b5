import type { DeploymentId, KeyId } from '#kernel/ids.ts'

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
  /** `failed`: the target did not answer, broke off or timed out. `aborted`: the request tells nothing about it. */
  release(result: 'ok' | 'failed' | 'aborted'): void
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
