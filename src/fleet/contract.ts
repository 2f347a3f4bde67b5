import type { DeploymentId, KeyId, ModelId } from '#kernel/ids.ts'
import type { EpochMs } from '#kernel/time.ts'
import type { Priority } from '#kernel/words.ts'

/**
 * Admission: load, queue, permit and drain are one operation with one owner, so that a swap never races with a queue.
 * External upstreams are deployments without a life cycle: only their `concurrency` counts.
 */
export interface Places {
  /** A permit at once, or null: the usual case on the hot path, without a promise. */
  tryAcquire(ticket: Ticket): Permit | null
  /** Waits up to `waitMs` for a place, loading the model if nobody has; never rejects. */
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
  /** The key's share where several wait: a whole number from 1 on; not said = 1. */
  readonly weight?: number
  /** Not said = interactive. `batch` waits until nothing interactive does, but not for ever (`fleet.batchAge`). */
  readonly priority?: Priority
  /** Not said = text. Audio counts in a pool of its own where its upstream names none. */
  readonly work?: Work
}

export type Work = 'text' | 'audio' | 'image'

export type Acquired =
  | { readonly kind: 'permit'; readonly permit: Permit }
  /** `waitMs` passed while the model was loading. */
  | { readonly kind: 'loading'; readonly waiting: Waiting; readonly retryAfterMs: number }
  /** The queue is full, or `waitMs` passed in it; `waiting` = where it stood, or would have. */
  | {
      readonly kind: 'full'
      readonly retryAfterMs: number
      readonly message: string
      readonly waiting: Waiting | null
    }
  /** It cannot run: failed to load, larger than the machine's budget, unknown, stopped by a person. */
  | {
      readonly kind: 'unusable'
      readonly reason: string
      readonly message: string
      readonly retryAfterMs: number | null
    }
  | { readonly kind: 'gone' }

export interface Permit {
  /** With `/v1`: what `/chat/completions` is appended to. */
  readonly baseUrl: string
  /** Sent as a bearer token to a local engine; null for external upstreams. */
  readonly token: string | null
  /**
   * Bytes of the answer have come: its head, or more of its body. As often as they do; it costs nothing. Without it a
   * local engine that writes a long answer looks like one that hangs, and is asked for a token.
   */
  heard(): void
  /** Once, with what became of the request; nothing said = it was answered. */
  release(result?: PermitResult): void
}

/**
 * What a request tells of the engine it was sent to. `failed`: it was not answered, broke off, or timed out. `aborted`:
 * it tells nothing, because the caller left or the fault was the request's own.
 */
export type PermitResult = 'ok' | 'failed' | 'aborted'

export interface Waiting {
  readonly state: ModelState
  readonly phase:
    | 'queued'
    | 'installing'
    | 'downloading'
    | 'unloading_others'
    | 'starting'
    | 'loading'
    | 'proving'
    | 'backing_off'
  /** 0 = next. */
  readonly position: number
  readonly etaSeconds: number | null
}

/** What is scarce, and who waits for it; null = no limit, or not known. */
export interface PoolView {
  /** `model:<id>`, `upstream:<name>`: a deployment’s own places; `upstream:<name>/audio`; or a name of `pools`. */
  readonly name: string
  readonly kind: 'deployment' | 'audio' | 'shared'
  readonly limit: number | null
  readonly perKey: number | null
  readonly inFlight: number
  readonly waiting: { readonly interactive: number; readonly batch: number }
  readonly oldestWaitMs: number | null
  /** How long its requests take, on average. */
  readonly serviceMs: number | null
  /** The deployments whose work counts in it. */
  readonly members: readonly DeploymentId[]
}

export type ModelState = 'stopped' | 'queued' | 'starting' | 'loading' | 'ready' | 'draining' | 'stopping' | 'failed'

/** A local model as `/api/models` shows it; null = unknown, never 0. */
export interface ModelView {
  readonly id: ModelId
  readonly engine: string
  readonly state: ModelState
  /** Where the recipe stands: the file, a pull made at run time, or built in. */
  readonly from: 'config' | 'overlay' | 'builtin'
  /** What to know before using it, for example that `hearth/smoke` speaks nonsense. */
  readonly label: string | null
  readonly capabilities: readonly ('chat' | 'completion' | 'embedding' | 'rerank' | 'vision' | 'tools')[]
  readonly context: number | null
  readonly memoryBytes: { readonly value: number; readonly from: 'measured' | 'estimated' } | null
  readonly ttlMs: number | null
  readonly isPinned: boolean
  readonly phase: Waiting['phase'] | null
  readonly etaSeconds: number | null
  readonly progress: {
    readonly doneBytes: number
    readonly totalBytes: number | null
    readonly bytesPerSecond: number | null
  } | null
  readonly inFlight: number
  readonly queued: number
  readonly readySince: EpochMs | null
  readonly lastUsedAt: EpochMs | null
  /** Why it failed, in the engine's words. */
  readonly failure: string | null
  readonly pid: number | null
}
