import type { CatalogueModel } from '#catalogue/core/catalogue.ts'
import type { Engine, FailureClass, Policy } from '#kernel/routing.ts'
import type { Locality } from '#kernel/words.ts'
import type { EntityType } from '#kernel/entity-types.ts'
import type { Api } from '#protocol/conversation/dialect.ts'

/** Everything people decide, whole and checked. Times in milliseconds, sizes in bytes. Secrets are not in here. */
export interface Config {
  readonly server: {
    /** At least one; each is opened. */
    readonly hosts: readonly string[]
    readonly port: number
    /** Plain HTTP: answered, only sent on to HTTPS, or not opened at all. */
    readonly http: 'serve' | 'redirect' | 'none'
    /** null = no HTTPS. `files: null` = the house's own authority. */
    readonly tls: {
      readonly port: number
      readonly files: { readonly certificate: string; readonly key: string } | null
    } | null
    /** null = none. `clientCa: null` = the house's own authority. */
    readonly mutualTls: {
      readonly port: number
      readonly clientCa: string | null
      /** Its clients need no key to use the models. */
      readonly isTrusted: boolean
    } | null
    /** Names and addresses that people come by, beside what the machine itself tells. */
    readonly names: readonly string[]
    /** Addresses and ranges of proxies whose word on their callers is believed. */
    readonly trustedProxies: readonly string[]
    /** How long a non-streaming call waits for a model that is loading. */
    readonly loadWaitMs: number
    /** How long SIGTERM waits for running streams. */
    readonly drainMs: number
    /** Origins that browsers may call from; empty = none. `*` is allowed and said in a warning. */
    readonly corsOrigins: readonly string[]
    /** The address people use where a reverse proxy stands in front; null = `http://host:port`. */
    readonly publicUrl: string | null
  }
  readonly home: string
  readonly enginesDir: string
  readonly upstreams: readonly UpstreamConfig[]
  readonly models: readonly ModelConfig[]
  /** Dollars per million tokens of local models, by their name. */
  readonly localPrices: UpstreamConfig['prices']
  readonly pools: readonly PoolConfig[]
  readonly fleet: {
    /** null = measured. */
    readonly memoryBytes: number | null
    /**
     * `on-demand`: a request may unload an idle model to make room (a standing consent, audited). `never`: 503
     * instead.
     */
    readonly swap: 'on-demand' | 'never'
    readonly maxQueuePerModel: number
    /** null = a part of `maxQueuePerModel`. */
    readonly maxQueuePerKey: number | null
    readonly batchAgeMs: number
    readonly engineSilenceMs: number
    readonly drainMs: number
    readonly logBytes: number
  }
  readonly routes: readonly RouteConfig[]
  readonly routing: RoutingConfig
  readonly egress: {
    /** `scrub`: as the policies of `privacy` say; the others hold whatever those say. */
    readonly cloudText: 'scrub' | 'deny' | 'raw'
    readonly proxy: string | null
  }
  readonly privacy: PrivacyConfig
  readonly hub: { readonly huggingface: string }
  /** People: accounts and sign-ins. */
  readonly auth: {
    readonly registration: 'off' | 'invite' | 'open'
    readonly accessTokenMs: number
    readonly refreshTokenMs: number
  }
  /** Listeners that answer as other systems do. */
  readonly compat: {
    readonly host: string
    /** The port for clients of Ollama; null = none. */
    readonly ollama: number | null
    /** The port for clients of Presidio; null = none. */
    readonly presidio: number | null
    /** The port for clients of HelixFlow; null = none. */
    readonly helix: number | null
    /** Addresses and ranges from which no key is needed there. */
    readonly trust: readonly string[]
  }
  /** Answers of the Responses API that the house keeps. */
  readonly responses: {
    readonly isStoring: boolean
    readonly retentionDays: number
    readonly bodyBytes: number
    /** The most at once that run in the background. */
    readonly background: number
  }
  readonly limits: {
    readonly requestBodyBytes: number
    readonly controlBodyBytes: number
    readonly responseBodyBytes: number
    readonly bodyReadMs: number
    readonly stalledReaderMs: number
    readonly connectMs: number
    readonly firstByteMs: number
    readonly idleMs: number
    readonly totalMs: number
    readonly eventBuffer: number
    readonly uploadBodyBytes: number
    readonly uploadMemoryBytes: number
    /** Of all uploads on their way. */
    readonly uploadDiskBytes: number
    readonly socketMessageBytes: number
    readonly socketIdleMs: number
    readonly journalBytes: number
    readonly requestRetentionDays: number
  }
  /** Which bodies of requests are kept. */
  readonly log: {
    readonly bodies: 'off' | 'errors' | 'all'
    readonly bodyBytes: number
    readonly maxBytes: number
    readonly retentionDays: number
    readonly mayOptIn: boolean
    readonly exceptKeys: readonly string[]
  }
  /** The cache of answers; which routes use it, and how long, stands with them. */
  readonly cache: { readonly maxBytes: number; readonly maxEntryBytes: number }
  readonly telemetry: {
    /** Where traces go, whole (`http://127.0.0.1:4318/v1/traces`); null = nowhere. */
    readonly tracesUrl: string | null
    readonly sample: number
    readonly queue: number
  }
}

export interface UpstreamConfig {
  readonly name: string
  /** Who it is in the catalogue; null = nobody said. */
  readonly provider: string | null
  /** What the catalogue knows of its models, by name. */
  readonly known: ReadonlyMap<string, CatalogueModel>
  /** It refuses requests with `stream_options`. */
  readonly refusesStreamOptions: boolean
  /** The dialect it speaks. */
  readonly kind: 'openai' | 'anthropic' | 'azure' | 'gemini'
  /** Normalised: with `/v1`, no trailing slash. */
  readonly baseUrl: string
  /** Where every model has an address of its own: it, with `{model}` in it; null = all are at `baseUrl`. */
  readonly modelUrl: string | null
  /** Appended to every path, with its `?`; usually empty. */
  readonly query: string
  readonly apis: readonly Api[]
  readonly engine: Engine | null
  /** Where `engine` tells its load. */
  readonly metricsUrl: string
  /** Tokens by model name; `*` for all others. */
  readonly context: Readonly<Record<string, number>>
  readonly locality: Locality | null
  /** `['*']` asks its `/v1/models`. */
  readonly models: readonly string[]
  readonly concurrency: number | null
  readonly pool: string | null
  readonly audio: boolean
  /** Split `<think>…</think>` into `reasoning_content`. */
  readonly splitThink: boolean
  /** Dollars per million tokens by model name; `*` for all others. Where nobody set any, those of the catalogue. */
  readonly prices: Readonly<
    Record<string, { readonly input: number; readonly output: number; readonly cached: number | null }>
  >
}

export interface ModelConfig {
  readonly id: string
  readonly from: 'config' | 'overlay' | 'builtin'
  readonly label: string | null
  readonly engine: 'llama' | 'command'
  readonly source:
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'hf'; readonly repo: string; readonly file: string; readonly revision: string }
    | { readonly kind: 'smoke'; readonly which: 'chat' | 'rank' }
    /** Another program: argv with `${PORT}` and `${HOST}` filled in; never a shell. */
    | {
        readonly kind: 'command'
        readonly argv: readonly string[]
        readonly env: Readonly<Record<string, string>>
        readonly modelName: string | null
      }
  readonly mmproj: string | null
  readonly lora: readonly { readonly path: string; readonly scale: number }[]
  readonly context: number | null
  readonly parallel: number
  readonly gpuLayers: number | 'auto'
  readonly memoryBytes: number | null
  /** null = never unloaded for idleness. */
  readonly ttlMs: number | null
  readonly preload: boolean
  /** Never unloaded to make room for another. */
  readonly pin: boolean
  readonly loadDeadlineMs: number | null
  readonly readyPath: string
  readonly embeddings: boolean
  readonly rerank: boolean
  readonly pool: string | null
  readonly audio: boolean
}

/** What leaves the house, and how. */
export interface PrivacyConfig {
  /** The first one is `default`: for every cloud that names none. */
  readonly policies: readonly PolicyConfig[]
  /** By upstream name; not there: the first one. */
  readonly upstreamPolicies: ReadonlyMap<string, string>
  /** A program that finds names; null = names that the house knows are found. */
  readonly recogniser: {
    readonly url: string
    readonly kind: 'presidio' | 'gliner'
    readonly timeoutMs: number
    readonly minScore: number
    readonly language: string
    /** Empty = its own choice. */
    readonly entities: readonly string[]
  } | null
  /** How long values are kept after their last use. */
  readonly ttlMs: number
  readonly limits: {
    readonly textBytes: number
    readonly scrubMs: number
    readonly decodedBytes: number
    readonly scopes: number
    readonly valuesPerScope: number
  }
}

export interface PolicyConfig {
  readonly name: string
  /** Where nobody finds names by reading. */
  readonly names: 'known-names' | 'local-only' | 'block'
  readonly cloud: {
    readonly text: 'scrub' | 'raw' | 'refuse'
    readonly transcript: 'refuse' | 'scrub' | 'raw'
    readonly audio: 'refuse' | 'raw'
    readonly image: 'refuse' | 'raw'
    readonly file: 'refuse' | 'raw'
  }
  readonly pass: readonly EntityType[]
  readonly urls: 'internal' | 'all'
  readonly restoreSecrets: 'never' | 'tools' | 'always'
  readonly hint: boolean
  readonly minScore: number
}

/** Places that several deployments share. */
export interface PoolConfig {
  readonly name: string
  readonly concurrency: number
  /** null = one key may have all. */
  readonly perKey: number | null
}

export interface RouteConfig {
  readonly model: string
  readonly aliases: readonly string[]
  readonly policy: Policy
  readonly targets: readonly {
    /** Not said = a local model. */
    readonly upstream?: string
    readonly model: string
    readonly weight: number
    readonly priority?: number
  }[]
  /** `on: null` = every failure that lies with the targets. */
  readonly fallbacks: readonly { readonly on: readonly FailureClass[] | null; readonly model: string }[]
  /** What is otherwise than in `routing`. */
  readonly retries: { readonly attempts?: number; readonly backoffMs?: number; readonly maxBackoffMs?: number }
  /** What is otherwise than in `limits`; null = nothing. */
  readonly deadlines: {
    readonly connectMs?: number
    readonly firstByteMs?: number
    readonly idleMs?: number
    readonly totalMs?: number
  } | null
  readonly cacheTtlMs: number | null
}

export interface RoutingConfig {
  /** For names that several upstreams share. */
  readonly policy: Policy
  readonly retries: {
    readonly attempts: number
    readonly maxAttempts: number
    readonly backoffMs: number
    readonly maxBackoffMs: number
    readonly maxRetryAfterMs: number
  }
  readonly breaker: {
    readonly failures: number
    readonly openForMs: number
    readonly maxOpenForMs: number
    readonly whenAllOpen: 'ask' | 'refuse'
  }
  readonly prefix: { readonly match: number; readonly maxAhead: number; readonly maxRatio: number }
}

/** Never logged, never in `Config`. */
export interface Secrets {
  readonly adminKey: string | null
  readonly databaseUrl: string | null
  /** By upstream name. */
  readonly upstreamKeys: ReadonlyMap<string, string>
  /** Headers for the receiver of traces. */
  readonly telemetryHeaders: Readonly<Record<string, string>>
  readonly huggingfaceToken: string | null
}

export type Source = 'environment' | 'file' | 'overlay' | 'default'

/**
 * One setting with where its value comes from, for `hearth config` and the page. Secrets show as `set` or `not
 * set`.
 */
export interface Provenance {
  readonly path: string
  readonly value: unknown
  readonly source: Source
  readonly line: number | null
}

/** One problem of a configuration: everything a person needs to mend it. */
export interface Problem {
  readonly path: string
  readonly line: number | null
  readonly message: string
  readonly fix: string
}

export type Loaded =
  | {
      readonly ok: true
      readonly config: Config
      readonly secrets: Secrets
      readonly provenance: readonly Provenance[]
      readonly warnings: readonly string[]
    }
  | { readonly ok: false; readonly problems: readonly Problem[] }
