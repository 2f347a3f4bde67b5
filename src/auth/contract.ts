import type { KeyId } from '#kernel/ids.ts'
import type { Caller, KeyLimits, Scope } from '#kernel/words.ts'
import type { EpochMs } from '#kernel/time.ts'

/** Tells who asks. Synchronous, from memory: a revoked key is refused from the next call on. */
export interface Door {
  /** `Authorization: Bearer`, `x-api-key`, or a session's cookie (control routes of the page). */
  identify(request: { readonly headers: Headers }): Identity
  /** The owner of this machine, who came through the socket in HEARTH_HOME. */
  readonly localAdmin: Caller
}

export type Identity =
  | { readonly ok: true; readonly caller: Caller; readonly by: 'key' | 'session' }
  | { readonly ok: false; readonly why: 'missing' | 'malformed' | 'unknown' | 'expired' | 'revoked'; readonly message: string }

/** A key as it may be shown: never its secret. */
export interface KeyView {
  readonly id: KeyId
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Model names and `*` wildcards; null = all. */
  readonly models: readonly string[] | null
  readonly limits: KeyLimits
  readonly createdAt: EpochMs
  readonly expiresAt: EpochMs | null
  readonly revokedAt: EpochMs | null
  readonly lastUsedAt: EpochMs | null
  /** While a rotation's grace runs: until when the old secret is still taken. */
  readonly previousSecretUntil: EpochMs | null
}
