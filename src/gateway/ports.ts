import type { DeploymentId, KeyId, RequestId } from '#kernel/ids.ts'
import type { EpochMs } from '#kernel/time.ts'
import type { Caller } from '#kernel/words.ts'

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
  /** The key's share where several wait; not said = 1. */
  readonly weight?: number
  /** Not said = interactive. */
  readonly priority?: 'interactive' | 'batch'
  /** Not said = text. */
  readonly work?: 'text' | 'audio' | 'image'
}

export interface Permit {
  readonly baseUrl: string
  readonly token: string | null
  /** Bytes of the answer have come; without it a long answer looks like an engine that hangs. */
  heard?(): void
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
  | {
      readonly kind: 'full'
      readonly retryAfterMs: number
      readonly message: string
      /** Where it stood in the line, or would have. */
      readonly waiting?: Waiting | null
    }
  | {
      readonly kind: 'unusable'
      readonly reason: string
      readonly message: string
      readonly retryAfterMs: number | null
    }
  | { readonly kind: 'gone' }

/** Bodies of requests and answers, where people want them kept. See `metering/contract.ts`. */
export interface BodyLog {
  /** Whether the bodies of this request may be kept: asked before they are gathered. */
  wants(caller: Caller, headers: Headers): boolean
  readonly maxBytes: number
  keep(
    id: RequestId,
    kept: {
      readonly request: Uint8Array
      readonly response: Uint8Array
      readonly isCut: boolean
      readonly isFailed: boolean
      readonly isAsked: boolean
    },
  ): void
}

/** Where answers of the Responses API are kept, each for the key that asked. */
export interface ResponseStore {
  /** What stands there under the same key and id is replaced. */
  save(kept: readonly (KeptResponse & ItemIds)[]): Promise<void>
  find(key: KeyId, id: string): Promise<KeptResponse | null>
  /** The response and those that it rests on, the oldest first; of more than `limit` the newest. */
  chain(key: KeyId, id: string, limit: number): Promise<readonly KeptResponse[]>
  /** The responses that hold output items of these ids. */
  holding(key: KeyId, itemIds: readonly string[]): Promise<readonly KeptResponse[]>
  /** False: there is none. */
  remove(key: KeyId, id: string): Promise<boolean>
  /** Those that run in the background go on being alive until then. */
  renew(running: readonly { readonly key: KeyId; readonly id: string }[], until: EpochMs): Promise<void>
  /** Those that run in the background of a process that has not said so since `before`. */
  abandoned(before: EpochMs, limit: number): Promise<readonly KeptResponse[]>
  /** Deletes at most `limit`, the oldest first; how many it were. */
  deleteBefore(at: EpochMs, limit: number): Promise<number>
}

export interface KeptResponse {
  readonly key: KeyId
  readonly id: string
  readonly previousId: string | null
  readonly createdAt: EpochMs
  /** JSON: the items of the request itself, without those that it rests on. */
  readonly input: string
  /** JSON: the Response object. */
  readonly response: string
  /** While it runs in the background: until when its process is believed to be alive. null: it has ended. */
  readonly aliveUntil: EpochMs | null
}

export interface ItemIds {
  /** Ids of the output items, by which requests refer to them. */
  readonly itemIds: readonly string[]
}
