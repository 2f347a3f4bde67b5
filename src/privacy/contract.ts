import type { KeyId, RequestId } from '#kernel/ids.ts'
import type { EpochMs } from '#kernel/time.ts'
import type { DataClass } from '#kernel/words.ts'
import type { EntityType, LiveTags, Origin, Span } from './core/words.ts'

export type { EntityType, LiveTags, Origin, Span } from './core/words.ts'

/** Whose values these are, and in what they hang together: a tag never resolves outside of both. */
export interface ScopeName {
  readonly owner: KeyId
  /** For example `session:abc`, `conversation:1f…`, `map:m_…`; chosen by whoever opens it. */
  readonly name: string
}

/**
 * The values of one scope: in memory and synchronous once it is open. What is new is on the disk, encrypted, before
 * `commit` is through; nothing may leave the house before that.
 */
export interface ScopeVault {
  /** Public id, for the page and for deleting it; tells nothing. */
  readonly id: string
  readonly scope: ScopeName
  /** The placeholder for a value, made where there is none: `[EMAIL_7KQ2]`. The same for the same value, always. */
  assign(value: NewValue): string
  readonly live: LiveTags
  /** The same without secrets: for words that people read, where a secret may go only into a tool's arguments. */
  readonly words: LiveTags
  /**
   * Every surface that this scope knows, for finding it again and for the leak gate. Grows; never shrinks. `from`: how
   * many at the beginning to leave out, because they are known from before.
   */
  values(from?: number): Iterable<KnownValue>
  /** Grows with every new value: what was built from `values()` before may be extended instead of built again. */
  readonly size: number
}

export interface NewValue {
  readonly type: EntityType
  readonly value: string
  readonly canonical: string
  readonly origin: Origin
  /**
   * What the policy says of values of this kind; a secret of the system's prompt is never put back, whatever it says.
   */
  readonly isRestorable: boolean
}

export interface KnownValue {
  readonly type: EntityType
  readonly value: string
  readonly canonical: string
  readonly recogniserScore?: number
}

export interface Vault {
  /**
   * Opens a scope, from memory or from the disk; makes it where there is none. Rejects `vault_locked`, `vault_full`.
   */
  open(scope: ScopeName, options: { readonly ttlMs: number }): ScopeVault | Promise<ScopeVault>
  /**
   * A scope of one request that belongs to no conversation: it is in memory only, and gone with its answer. Its tags
   * are
   * those of the name all the same, so that two requests say one thing for one value. Throws `vault_locked`.
   */
  passing(scope: ScopeName): ScopeVault
  /** What `/scrub` handed out; null: there is none, or it is somebody else's. */
  byHandle(handle: string, owner: KeyId): Promise<ScopeVault | null>
  /** A new scope with a handle of 128 random bits. */
  create(owner: KeyId, options: { readonly ttlMs: number; readonly handle?: string }): Promise<CreatedScope>
  /** Writes what is new of a scope, and what is about to leave, in one transaction with whatever else waits. */
  commit(scope: ScopeVault | null, departure: Departure | null): Promise<void>
  list(options: { readonly owner: KeyId | null; readonly limit: number }): Promise<readonly ScopeView[]>
  /** The scope's key and its values are gone for good; false: there was none. */
  shred(id: string, owner: KeyId | null): Promise<boolean>
  /** null: it works. */
  readonly lock: string | null
}

export interface CreatedScope {
  readonly vault: ScopeVault
  readonly handle: string
  readonly expiresAt: EpochMs
}

export interface ScopeView {
  readonly id: string
  readonly owner: KeyId
  readonly kind: 'session' | 'conversation' | 'map' | 'key'
  readonly createdAt: EpochMs
  readonly usedAt: EpochMs
  readonly expiresAt: EpochMs
  readonly values: number
}

/** What left the house, or would have: counts and types, never values. */
export interface Departure {
  readonly at: EpochMs
  /** null: the house asked by itself. */
  readonly request: RequestId | null
  readonly owner: KeyId
  readonly destination: string
  readonly path: string
  readonly bytes: number
  readonly data: readonly DataClass[]
  readonly policy: string
  readonly verdict: 'sent' | 'refused'
  /** Why it was refused; null = it was sent. */
  readonly reason: string | null
  readonly counts: Counts
}

export type Counts = Readonly<Partial<Record<EntityType, number>>>

/** What the lists hold that people keep: who and what belongs to this house, what must never leave, what always may. */
export interface HouseLists {
  /** People, hosts, machines: with the type that their placeholders get. */
  readonly directory: readonly ListEntry[]
  readonly deny: readonly DenyEntry[]
  /** Values that are left alone although a recogniser knows them. */
  readonly allow: readonly string[]
}

export interface ListEntry {
  readonly value: string
  readonly type: EntityType
}

/** `pattern`: an expression of RE2, matched in linear time. */
export type DenyEntry =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'pattern'; readonly pattern: string }

/** Rules for what leaves the house; people edit them, and every change stands in the audit log. */
export interface PrivacyPolicy {
  readonly name: string
  /** Free text for a cloud where no recogniser of names is configured. */
  readonly names: 'known-names' | 'local-only' | 'block'
  readonly cloud: {
    readonly text: 'scrub' | 'raw' | 'refuse'
    readonly transcript: 'refuse' | 'scrub' | 'raw'
    readonly audio: 'refuse' | 'raw'
    readonly image: 'refuse' | 'raw'
    readonly file: 'refuse' | 'raw'
  }
  /** Types that are left as they are, for example `URL`. */
  readonly pass: readonly EntityType[]
  /** `internal`: addresses of this house and those with secrets in them; `all`: every one. */
  readonly urls: 'internal' | 'all'
  /** Whether a secret may be put back: nowhere, into arguments of tools, everywhere. */
  readonly restoreSecrets: 'never' | 'tools' | 'always'
  /** One sentence for the model that tells it to copy placeholders. */
  readonly hint: boolean
  readonly minScore: number
}

export interface RecogniserSettings {
  readonly url: string
  readonly kind: 'presidio' | 'gliner'
  readonly timeoutMs: number
  readonly minScore: number
  readonly language: string
  /** Names of its entities that are asked for; empty: its own choice for Presidio, people and addresses for GLiNER. */
  readonly entities: readonly string[]
}

export interface PrivacySettings {
  /** The first one is for whatever names none. */
  readonly policies: readonly PrivacyPolicy[]
  /** Which policy is for which upstream; not there: the first one. */
  readonly upstreamPolicies: ReadonlyMap<string, string>
  readonly recogniser: RecogniserSettings | null
  /** How long the values of a scope are kept after their last use. */
  readonly ttlMs: number
  readonly limits: PrivacyLimits
}

export interface PrivacyLimits {
  /** More text than this in one request for a cloud is refused. */
  readonly textBytes: number
  /** Longer than this nobody looks for identifiers: the request is refused. */
  readonly scrubMs: number
  /** Of encoded runs that are read in one request. */
  readonly decodedBytes: number
  readonly scopes: number
  readonly valuesPerScope: number
}

/** Finds names that nothing but language tells. Rejects `recogniser_unavailable`: then nothing may leave. */
export interface NameRecogniser {
  /** `language`: of these texts; null or not said = that of its settings. */
  recognise(
    texts: readonly string[],
    signal: AbortSignal,
    language?: string | null,
  ): Promise<readonly (readonly Span[])[]>
}
