/**
 * The shapes of `/v1/privacy/*`, as they go on the wire. Offsets are UTF-16 units, as JavaScript counts; times are ISO
 * 8601 texts.
 */

export type EntityType =
  | 'PERSON'
  | 'ORGANIZATION'
  | 'ADDRESS'
  | 'EMAIL'
  | 'PHONE'
  | 'USERNAME'
  | 'BIRTHDATE'
  | 'CARD'
  | 'IBAN'
  | 'BIC'
  | 'ACCOUNT'
  | 'WALLET'
  | 'NATIONAL_ID'
  | 'TAX_ID'
  | 'HEALTH_ID'
  | 'VEHICLE'
  | 'DEVICE'
  | 'IP'
  | 'MAC'
  | 'HOST'
  | 'URL'
  | 'COORDINATES'
  | 'SECRET'
  | 'TERM'
  | 'LITERAL'

/** How many of each type. */
export type EntityCounts = Readonly<Record<string, number>>

/** What to look at: one of the three. */
interface Matter {
  readonly text?: string | undefined
  readonly messages?: readonly unknown[] | undefined
  readonly json?: unknown
}

export interface DetectAsk extends Matter {
  readonly policy?: string | undefined
  /** Only these types. */
  readonly entities?: readonly EntityType[] | undefined
  /** Values that are left alone. */
  readonly allow?: readonly string[] | undefined
  /** Values that are hidden whatever they are. */
  readonly deny?: readonly string[] | undefined
  readonly language?: string | undefined
}

export interface ScrubAsk extends DetectAsk {
  /** A name of yours: the same value has the same placeholder within it. */
  readonly scope?: string | undefined
  /** How long its values are kept after their last use, in seconds. */
  readonly ttl_s?: number | undefined
  /** `mask`: `[EMAIL]`, nothing is kept; `block`: 422 if anything is found. */
  readonly mode?: 'token' | 'mask' | 'block' | undefined
  readonly explain?: boolean | undefined
}

/** Whether names are found by a recogniser, or only where the house knows them. */
export type NameFinding = 'recogniser' | 'known-names'

export interface PolicyTag {
  readonly name: string
  readonly version: string
}

export interface DetectedSpan {
  readonly type: string
  /** Where in the JSON; empty for a text. */
  readonly path: string
  readonly start: number
  readonly end: number
  readonly score: number
  readonly recogniser: string
  readonly view: string
  readonly is_validated: boolean
  readonly why: string
}

export interface ReplacedSpan extends DetectedSpan {
  readonly placeholder: string | null
}

export interface ScrubAnswer {
  readonly output: unknown
  /** For `rehydrate`; null with `mask` and `block`. */
  readonly handle: string | null
  /** Its public id, for `shred`. */
  readonly scope: string | null
  readonly expires_at: string | null
  readonly stats: { readonly by_type: EntityCounts; readonly replaced: number }
  /** With `explain`. */
  readonly spans?: readonly ReplacedSpan[] | undefined
  readonly policy: PolicyTag
  readonly names: NameFinding
  readonly leak_check: 'passed' | 'skipped'
  readonly notice: string
}

/** One of `handle` and `scope`, one of `text` and `json`. */
export interface RehydrateAsk {
  readonly handle?: string | undefined
  readonly scope?: string | undefined
  readonly text?: string | undefined
  readonly json?: unknown
}

export interface RehydrateAnswer {
  readonly output: unknown
  readonly replaced: number
  readonly unresolved: readonly string[]
}

export interface DetectAnswer {
  readonly spans: readonly DetectedSpan[]
  readonly stats: { readonly by_type: EntityCounts }
  readonly policy: PolicyTag
  readonly names: NameFinding
}

/** In the words of hearth.yaml; what is not said has its safe default. */
export interface PolicyRules {
  readonly names?: PolicyView['names'] | undefined
  readonly cloud?: { readonly [Data in keyof PolicyView['cloud']]?: PolicyView['cloud'][Data] | undefined } | undefined
  readonly pass?: readonly EntityType[] | undefined
  readonly urls?: PolicyView['urls'] | undefined
  readonly restoreSecrets?: PolicyView['restoreSecrets'] | undefined
  readonly hint?: boolean | undefined
  readonly minScore?: number | undefined
}

export interface PolicyView {
  readonly name: string
  readonly version: string
  /** For every cloud that names none. */
  readonly isDefault: boolean
  readonly source: 'default' | 'file' | 'overlay'
  readonly upstreams: readonly string[]
  /** What it does, in sentences. */
  readonly words: readonly string[]
  readonly names: 'known-names' | 'local-only' | 'block'
  readonly cloud: {
    readonly text: 'scrub' | 'raw' | 'refuse'
    readonly transcript: 'refuse' | 'scrub' | 'raw'
    readonly audio: 'refuse' | 'raw'
    readonly image: 'refuse' | 'raw'
    readonly file: 'refuse' | 'raw'
  }
  readonly pass: readonly string[]
  readonly urls: 'internal' | 'all'
  readonly restoreSecrets: 'never' | 'tools' | 'always'
  readonly hint: boolean
  readonly minScore: number
}

export interface NewLists {
  readonly directory?: readonly { readonly value: string; readonly type: EntityType }[] | undefined
  readonly deny?: HouseLists['deny'] | undefined
  readonly allow?: readonly string[] | undefined
}

export interface HouseLists {
  readonly version: number
  /** People, hosts, machines: always found. */
  readonly directory: readonly { readonly value: string; readonly type: string }[]
  /** What must never leave; a pattern is an expression of RE2. */
  readonly deny: readonly (
    | { readonly kind: 'text'; readonly value: string }
    | { readonly kind: 'pattern'; readonly pattern: string }
  )[]
  /** What is left alone. */
  readonly allow: readonly string[]
  /** What the house knows by itself. */
  readonly automatic: readonly { readonly value: string; readonly type: string }[]
}

export interface ScopeView {
  readonly id: string
  readonly owner: string
  readonly kind: 'session' | 'conversation' | 'map' | 'key'
  readonly created_at: string
  readonly used_at: string
  readonly expires_at: string
  readonly values: number
}

export interface DepartureFilter {
  readonly limit?: number
  readonly destination?: string
  readonly verdict?: 'sent' | 'refused'
  /** `next` of the page before. */
  readonly cursor?: string
}

export interface DepartureView {
  readonly at: string
  /** null = the house asked by itself. */
  readonly request: string | null
  readonly owner: string
  readonly destination: string
  readonly path: string
  readonly bytes: number
  readonly data: readonly string[]
  readonly policy: string
  readonly verdict: 'sent' | 'refused'
  readonly reason: string | null
  readonly counts: EntityCounts
}

export interface DeparturePage {
  readonly data: readonly DepartureView[]
  readonly next: string | null
}

export interface PrivacyStatus {
  readonly cloudText: 'scrub' | 'deny' | 'raw'
  readonly names: NameFinding
  readonly recogniser: {
    readonly kind: 'presidio' | 'gliner'
    readonly url: string
    readonly language: string
    readonly isReachable: boolean
    readonly detail: string | null
  } | null
  /** `lock`: why nothing can be kept or sent; null = it works. */
  readonly vault: { readonly lock: string | null }
  readonly policies: readonly PolicyTag[]
  readonly lists: { readonly directory: number; readonly deny: number; readonly allow: number }
  /** What that means, in sentences. */
  readonly words: readonly string[]
  readonly notice: string
}

export interface LeakSurvivor {
  readonly type: string
  readonly carrier: string
  readonly mutation: string
  readonly cases: number
}

/** What arrived at a cloud of the house's own when seeded canaries were sent to it. */
export interface LeakReport {
  readonly seed: number
  readonly cases: number
  readonly passed: boolean
  readonly startedAt: string
  readonly durationMs: number
  readonly policy: PolicyTag
  readonly byType: EntityCounts
  readonly byCarrier: EntityCounts
  readonly byMutation: EntityCounts
  readonly sent: number
  readonly refused: number
  readonly restored: number
  /** Survivors that must not be. */
  readonly claimed: readonly LeakSurvivor[]
  /** Survivors that are known. */
  readonly listed: readonly LeakSurvivor[]
  readonly digest: string
}
