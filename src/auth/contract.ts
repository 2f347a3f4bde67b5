import type { KeyId } from '#kernel/ids.ts'
import type { Budget, Caller, KeyLimits, Owner, Scope } from '#kernel/words.ts'
import type { EpochMs } from '#kernel/time.ts'

/** Tells who asks. Synchronous, from memory: a revoked key is refused from the next call on. */
export interface Door {
  /**
   * `Authorization: Bearer`, `x-api-key`, or a session's cookie (the page). A cookie counts only when the request comes
   * from
   * our own page; without a `method` it is taken for one that changes something.
   */
  identify(request: { readonly headers: HeaderReader; readonly method?: string }): Identity
  /** The owner of this machine, who came through the socket in HEARTH_HOME. */
  readonly localAdmin: Caller
}

/** What a request's `Headers` give. */
export interface HeaderReader {
  get(name: string): string | null
}

export type Identity =
  | { readonly ok: true; readonly caller: Caller; readonly by: 'key' | 'session' | 'token' }
  | {
      readonly ok: false
      /** `foreign`: a session's cookie came with a request that another site's page may have made. */
      readonly why: 'missing' | 'malformed' | 'unknown' | 'expired' | 'revoked' | 'foreign'
      readonly message: string
      /** The code for callers, where it is another one than that of keys. */
      readonly reason?: string
    }

/** A key as it may be shown: never its secret. */
export interface KeyView {
  readonly id: KeyId
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Model names and `*` wildcards; null = all. */
  readonly models: readonly string[] | null
  readonly limits: KeyLimits
  readonly budget: Budget | null
  /** null: it is the house's. */
  readonly owner: Owner | null
  readonly createdAt: EpochMs
  readonly expiresAt: EpochMs | null
  readonly revokedAt: EpochMs | null
  readonly lastUsedAt: EpochMs | null
  /** While a rotation's grace runs: until when the old secret is still taken. */
  readonly previousSecretUntil: EpochMs | null
}

/** Where control actions of all domains are written down, in the order in which they were told. */
export interface Audit {
  /** Never throws; the row reaches the database in the background, `written()` waits for it. */
  record(entry: AuditEntry): void
  /** Resolves when all that was recorded until now is in the database; rejects when it is not to be reached. */
  written(): Promise<void>
}

export interface AuditEntry {
  readonly at: EpochMs
  /**
   * A key's public id, a user's id, `local` (the socket in HEARTH_HOME), `hearth` itself, or the name of a standing
   * consent.
   */
  readonly who: string
  /** Dotted: `key.revoke`. */
  readonly action: string
  readonly target: string
  readonly detail: string
  /** The peer's address; null = not a request. */
  readonly from?: string | null
  /**
   * JSON values: what was, and what is. Members whose names tell of secrets or of people's words are blackened, and
   * secrets that are known by their form; keep both short.
   */
  readonly before?: unknown
  readonly after?: unknown
}
