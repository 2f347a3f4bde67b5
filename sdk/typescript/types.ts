import type { RequestRecord } from './request-types.ts'
import type { KeyView } from './key-types.ts'
import type { QuotaNotice } from './metering-types.ts'
import type { Role } from './people-types.ts'

/**
 * The shapes of Hearth's control routes, as they go on the wire. Times are ISO 8601 texts, sizes bytes, money
 * millionths of a US dollar; null = unknown or none, never 0.
 */

export type Scope = 'inference' | 'monitor' | 'fleet.operate' | 'admin'
export type ModelState = 'stopped' | 'queued' | 'starting' | 'loading' | 'ready' | 'draining' | 'stopping' | 'failed'
export type ModelPhase =
  | 'queued'
  | 'installing'
  | 'downloading'
  | 'unloading_others'
  | 'starting'
  | 'loading'
  | 'proving'
  | 'backing_off'
export type Capability = 'chat' | 'completion' | 'embedding' | 'rerank' | 'vision' | 'tools'
export type Outcome = 'complete' | 'incomplete' | 'aborted' | 'failed'

export interface List<T> {
  readonly data: readonly T[]
}

export interface Status {
  readonly version: string
  readonly startedAt: string
  readonly uptimeSeconds: number
  readonly address: string
  /** HTTPS; null = there is none. */
  readonly tls: TlsSummary | null
  readonly home: string
  readonly database: 'sqlite' | 'postgresql'
  readonly warnings: readonly string[]
  readonly egress: { readonly cloudText: 'scrub' | 'deny' | 'raw' }
  readonly memory: {
    readonly budgetBytes: number | null
    readonly usedBytes: number | null
    readonly from: 'configured' | 'measured'
  }
  readonly upstreams: readonly UpstreamView[]
}

export interface TlsSummary {
  readonly address: string
  /** SHA-256, as browsers show it. */
  readonly fingerprint: string
  readonly validUntil: string
  /** What devices have to be given to trust this house; null = nothing. */
  readonly authorityFile: string | null
}

/** How the house proves itself to who connects. */
export interface TlsView {
  readonly listeners: readonly {
    readonly kind: 'http' | 'redirect' | 'https' | 'mutual'
    readonly address: string
  }[]
  /** null = there is no HTTPS. */
  readonly certificate: {
    /** `local`: of the authority of this house, which renews it by itself. */
    readonly from: 'files' | 'local'
    readonly subject: string
    readonly issuer: string
    readonly names: readonly string[]
    readonly fingerprint: string
    readonly validFrom: string
    readonly validUntil: string
    /** null = somebody else renews it. */
    readonly renewsAt: string | null
  } | null
  /** The authority of the house; null = it has none. */
  readonly authority: { readonly file: string; readonly fingerprint: string; readonly validUntil: string } | null
  readonly problems: readonly string[]
}

/** For a client of `server.mutualTls`; PEM texts. */
export interface ClientCertificate {
  readonly name: string
  readonly certificate: string
  /** Shown this once. */
  readonly key: string
  /** What the client checks the house with. */
  readonly authority: string
  readonly fingerprint: string
  readonly validUntil: string
}

export interface UpstreamView {
  readonly name: string
  readonly kind: string
  readonly baseUrl: string
  /** null = not declared; judged by its addresses. */
  readonly locality: 'host' | 'lan' | 'cloud' | null
  readonly models: number | null
  /** null = not asked yet. */
  readonly isReachable: boolean | null
  readonly lastError: string | null
}

/** What the house learned from an upstream's model list. */
export interface UpstreamState {
  readonly name: string
  readonly isReachable: boolean | null
  /** null = not read yet. */
  readonly listed: readonly string[] | null
  readonly lastError: string | null
}

export interface ConfigView {
  /** The file that was read; null when there is none. */
  readonly file: string | null
  readonly settings: readonly Setting[]
  readonly warnings: readonly string[]
}

export interface Setting {
  readonly path: string
  readonly value: unknown
  readonly source: 'environment' | 'file' | 'overlay' | 'default'
  readonly line: number | null
}

export interface ConfigProblem {
  readonly path: string
  readonly line: number | null
  readonly message: string
  readonly fix: string
}

export interface ModelView {
  readonly id: string
  readonly engine: string
  readonly state: ModelState
  readonly from: 'config' | 'overlay' | 'builtin'
  /** What to know before using it, for example that `hearth/smoke` speaks nonsense. */
  readonly label: string | null
  readonly capabilities: readonly Capability[]
  readonly context: number | null
  readonly memoryBytes: { readonly value: number; readonly from: 'measured' | 'estimated' } | null
  readonly ttlMs: number | null
  readonly isPinned: boolean
  readonly phase: ModelPhase | null
  readonly etaSeconds: number | null
  readonly progress: {
    readonly doneBytes: number
    readonly totalBytes: number | null
    readonly bytesPerSecond: number | null
  } | null
  readonly inFlight: number
  readonly queued: number
  readonly readySince: string | null
  readonly lastUsedAt: string | null
  readonly failure: string | null
  readonly pid: number | null
}

/** An entry of `models:`, as the config file writes it. */
export interface NewModel {
  readonly id: string
  readonly engine?: string
  readonly file?: string
  readonly hf?: string
  readonly cmd?: readonly string[]
  readonly context?: number
  readonly memory?: string
  readonly ttl?: string
  readonly [setting: string]: unknown
}

export interface PlanView {
  /** What a confirmation is bound to: a plan with other facts has another hash. */
  readonly hash: string
  readonly steps: readonly unknown[]
  /** What will happen, in plain words. */
  readonly effects: readonly string[]
  /** Why it cannot happen; empty = it can. */
  readonly obstacles: readonly string[]
}

export interface OperationAnswer {
  readonly plan: PlanView
  readonly applied: boolean
  readonly model: ModelView
}

/** `batch` waits until nothing interactive does, but not for ever. */
export type Priority = 'interactive' | 'batch'

export interface LibraryFile {
  readonly name: string
  readonly path: string
  readonly sizeBytes: number
  readonly from: 'hearth' | 'ollama' | 'lmstudio' | 'huggingface'
  /** The model that uses it. */
  readonly id: string | null
}

export interface Suggestions {
  readonly memoryBytes: number | null
  readonly data: readonly Suggestion[]
}

export interface Suggestion {
  readonly ref: string
  readonly name: string
  readonly description: string
  readonly licence: string
  readonly sizeBytes: number
  readonly memoryBytes: number
  readonly fits: boolean | null
}

export type PullState = 'queued' | 'running' | 'verifying' | 'done' | 'failed' | 'cancelled'

export interface PullView {
  readonly id: string
  readonly ref: string
  /** The model that will use the file; null = nobody asked for one. */
  readonly modelId: string | null
  readonly state: PullState
  readonly doneBytes: number
  readonly totalBytes: number | null
  readonly bytesPerSecond: number | null
  readonly etaSeconds: number | null
  readonly failure: string | null
}

/** What is scarce, and who waits for it. */
export interface PoolView {
  readonly name: string
  readonly kind: 'deployment' | 'audio' | 'shared'
  readonly limit: number | null
  readonly perKey: number | null
  readonly inFlight: number
  readonly waiting: { readonly interactive: number; readonly batch: number }
  readonly oldestWaitMs: number | null
  readonly serviceMs: number | null
  readonly members: readonly string[]
}

export type BreakerState = 'closed' | 'open' | 'half_open'

/** A name that callers write, and who answers for it. */
export interface RouteView {
  readonly name: string
  readonly aliases: readonly string[]
  readonly policy: string
  /** false = the name of a model itself, without an entry in `routes`. */
  readonly isConfigured: boolean
  readonly targets: readonly RouteTarget[]
  readonly fallbacks: readonly {
    /** Empty = every failure that lies with the targets. */
    readonly on: readonly string[]
    readonly model: string
  }[]
}

export interface RouteTarget {
  /** `model:<id>` or `upstream:<name>`. */
  readonly deployment: string
  /** An upstream's name, or `local`. */
  readonly upstream: string
  /** The model's name there. */
  readonly model: string
  readonly locality: 'host' | 'lan' | 'cloud' | null
  readonly weight: number
  /** Lower is asked first. */
  readonly priority: number
  /** `open` = not asked until `retryInMs` has passed. */
  readonly breaker: BreakerState
  readonly retryInMs: number | null
  readonly inFlight: number
  readonly queued: number
  /** Moving average of the time to the first byte. */
  readonly firstByteMs: number | null
  /** What its own metrics say; null = not read. */
  readonly engine: {
    readonly running: number | null
    readonly waiting: number | null
    readonly cacheUsage: number | null
  } | null
  /** In a row. */
  readonly failures: number
  readonly lastFailure: string | null
}

/** A target whose breaker changed. */
export interface TargetState {
  readonly deployment: string
  readonly upstream: string
  readonly model: string
  readonly breaker: BreakerState
  readonly failures: number
  readonly lastFailure: string | null
}

export interface EngineView {
  readonly name: string
  readonly isInstalled: boolean
  readonly version: string | null
  readonly variant: string | null
}

/** `progress` is a share from 0 to 1; null = not known. */
export interface EngineInstall {
  readonly engine: string
  readonly phase: string
  readonly progress: number | null
}

/** A one-time way in for a browser. */
export interface Ticket {
  readonly url: string
  readonly ticket: string
  readonly expiresAt: string
}

export interface SessionView {
  readonly key: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly by: 'key' | 'session' | 'token' | 'local'
  /** null: a key, or the owner of the machine. */
  readonly user: { readonly id: string; readonly username: string; readonly role: Role } | null
}

/** `/v1/models`: what this key can use now. */
export interface CallableModel {
  readonly id: string
  readonly object: 'model'
  readonly created: number
  readonly owned_by: string
  readonly name?: string
  readonly context_length?: number
  readonly max_output_tokens?: number
  readonly architecture?: {
    readonly input_modalities: readonly string[]
    readonly output_modalities: readonly string[]
  }
  /** Dollars for one token, as text. */
  readonly pricing?: { readonly prompt: string; readonly completion: string; readonly input_cache_read?: string }
  readonly top_provider?: { readonly context_length: number | null; readonly max_completion_tokens: number }
  readonly supported_parameters?: readonly string[]
  readonly hearth?: {
    readonly state: string | null
    readonly label: string | null
    readonly capabilities: readonly string[] | null
    readonly context: number | null
  }
}

/** What `/api/events` tells, by type. */
export interface EventData {
  readonly hello: { readonly version: string; readonly startedAt: string }
  /** The id to resume from is too old: read the state anew. */
  readonly reset: Readonly<Record<string, never>>
  readonly 'model.state': { readonly model: ModelView }
  readonly 'model.removed': { readonly id: string }
  readonly 'model.log': { readonly id: string; readonly line: string }
  readonly 'pull.progress': { readonly pull: PullView }
  readonly 'engine.install': EngineInstall
  readonly 'key.created': { readonly key: KeyView }
  readonly 'key.rotated': { readonly key: KeyView }
  readonly 'key.revoked': { readonly key: KeyView }
  readonly 'request.finished': RequestRecord
  /** 80 % of a budget is spent. */
  readonly 'quota.low': QuotaNotice
  /** A budget has no room left. */
  readonly 'quota.exhausted': QuotaNotice
  readonly 'upstream.state': { readonly upstream: UpstreamState }
  readonly 'route.state': { readonly target: TargetState }
  readonly 'config.reloaded': Readonly<Record<string, unknown>>
  readonly 'config.refused': { readonly problems: readonly ConfigProblem[] }
}

export type EventType = keyof EventData

/** An event; a type that this client does not know yet arrives all the same, at run time. */
export type HearthEvent = {
  readonly [Type in EventType]: { readonly id: string | null; readonly type: Type; readonly data: EventData[Type] }
}[EventType]
