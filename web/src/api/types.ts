import type { ModelViewWire, OperationAnswerWire, PlanWire } from '../../../src/protocol/admin/fleet.ts'

/**
 * The wire as the page reads it: `/api` and `/v1` answers, times as ISO 8601 text, null = unknown (never 0).
 * It mirrors the domains' contracts; members the page does not show are left out.
 */
export type Scope = 'inference' | 'monitor' | 'fleet.operate' | 'admin'

export interface Session {
  readonly key: string
  readonly name: string
  readonly scopes: readonly Scope[]
}

export type ModelView = ModelViewWire
export type ModelState = ModelView['state']
export type Phase = NonNullable<ModelView['phase']>
export type Capability = ModelView['capabilities'][number]
export type Plan = PlanWire
export type Planned = OperationAnswerWire

export interface UpstreamView {
  readonly name: string
  readonly kind: string
  readonly baseUrl: string
  readonly locality: 'host' | 'lan' | 'cloud' | null
  readonly models: number | null
  readonly isReachable: boolean | null
  readonly lastError: string | null
}

export interface HouseStatus {
  readonly version: string
  readonly startedAt: string
  readonly address: string
  readonly warnings: readonly string[]
  readonly memory: {
    readonly budgetBytes: number | null
    readonly usedBytes: number | null
    readonly from: 'configured' | 'measured'
  }
  readonly upstreams: readonly UpstreamView[]
}

export interface PullView {
  readonly id: string
  readonly ref: string
  readonly modelId: string | null
  readonly state: 'queued' | 'running' | 'verifying' | 'done' | 'failed' | 'cancelled'
  readonly doneBytes: number
  readonly totalBytes: number | null
  readonly bytesPerSecond: number | null
  readonly etaSeconds: number | null
  readonly failure: string | null
}

export interface FoundFile {
  readonly name: string
  readonly path: string
  readonly sizeBytes: number
  readonly from: 'hearth' | 'ollama' | 'lmstudio' | 'huggingface'
  /** The recipe that uses it. */
  readonly id: string | null
}

export interface Suggestion {
  readonly ref: string
  readonly name: string
  readonly description: string
  readonly sizeBytes: number
  readonly memoryBytes: number
  readonly fits: boolean
}

export interface Suggestions {
  readonly memoryBytes: number | null
  readonly data: readonly Suggestion[]
}

export interface KeyLimits {
  readonly requestsPerMinute: number | null
  readonly tokensPerMinute: number | null
  readonly concurrency: number | null
}

export interface KeyView {
  readonly id: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly models: readonly string[] | null
  readonly limits: KeyLimits
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly revokedAt: string | null
  readonly lastUsedAt: string | null
  readonly previousSecretUntil: string | null
}

/** The one answer that holds the secret. */
export interface IssuedKey extends KeyView {
  readonly key: string
}

export interface KeyWish {
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly models?: readonly string[]
  readonly expiresAt?: string
  readonly limits?: Partial<Record<keyof KeyLimits, number>>
}

/** An entry of `/v1/models`. */
export interface PublicModel {
  readonly id: string
  readonly owned_by: string
  readonly hearth?: {
    readonly state?: ModelState | null
    readonly label?: string | null
    readonly capabilities?: readonly Capability[] | null
    readonly context?: number | null
  }
}

/** How far a model is that somebody waits for: in comment lines of a stream and beside the error of a 503. */
export interface Waiting {
  readonly state: string | null
  readonly phase: Phase | null
  /** 0 = next. */
  readonly position: number | null
  readonly etaSeconds: number | null
}

export interface ErrorBody {
  readonly error?: { readonly message?: string; readonly type?: string; readonly code?: string; readonly param?: string }
  readonly loading?: unknown
}

export interface Listed<T> {
  readonly data: readonly T[]
}
