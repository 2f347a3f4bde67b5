import type { KeyId } from '#kernel/ids.ts'
import type { EpochMs } from '#kernel/time.ts'
import type { Departure, ScopeView } from './contract.ts'
import type { EntityType } from './core/words.ts'

/** Where the key of this house comes from. Throws an AppError `invalid` when a key was given that is none. */
export interface KeySource {
  /** `mayMake`: nothing was written with another key yet, so a new one may be made where there is none. */
  read(options: { readonly mayMake: boolean }): Promise<FoundKey>
}

export type FoundKey =
  | { readonly kind: 'key'; readonly key: Uint8Array }
  /** `why`: a sentence with what to do. */
  | { readonly kind: 'locked'; readonly why: string }

/** Small facts of the domain as a whole, by name: what a right key gives, the version of the lists. */
export interface FactStore {
  get(name: string): Promise<string | null>
  /** Writes it where there is none, and tells what stands there then. */
  putIfAbsent(name: string, value: string): Promise<string>
}

/** A scope as it is kept: nothing in it tells a value or a name. */
export interface StoredScope {
  readonly id: string
  /** A keyed digest of owner and name; in the name of a map stands nothing but the SHA-256 of its handle. */
  readonly nameHash: string
  readonly owner: KeyId
  readonly kind: ScopeView['kind']
  /** Its data key, sealed with the key of the house. */
  readonly wrappedKey: Uint8Array
  readonly createdAt: EpochMs
  readonly usedAt: EpochMs
  readonly expiresAt: EpochMs
  readonly ttlMs: number
  /** How many entries it has; their positions are 0 to below it, without gaps. */
  readonly size: number
}

/** One surface of one value, sealed with the data key of its scope. */
export interface StoredEntry {
  readonly position: number
  readonly tag: string
  readonly form: string
  readonly type: EntityType
  readonly sealed: Uint8Array
}

/** Scopes and what is in them, for good. What it rejects with are AppErrors of `platform/db`. */
export interface VaultStore {
  /** Other processes write to it too: what is in memory may be older than what is kept. */
  readonly isShared: boolean
  findByName(nameHash: string): Promise<StoredScope | null>
  findById(id: string): Promise<StoredScope | null>
  entries(scope: string, options: { readonly from: number }): Promise<readonly StoredEntry[]>
  /** All or nothing; one after the other within this process. */
  write<T>(work: (writing: VaultWriting) => Promise<T>): Promise<T>
  /** Moves uses and ends forward, never back; scopes that are gone stay gone. */
  touch(uses: readonly ScopeUse[]): Promise<void>
  /** Newest use first; those that have ended are not among them. */
  list(options: {
    readonly owner: KeyId | null
    readonly limit: number
    readonly now: EpochMs
  }): Promise<readonly StoredScope[]>
  expired(before: EpochMs, limit: number): Promise<readonly string[]>
  /**
   * The data key is overwritten and the scope is found by nobody; then its entries and itself are deleted, part by
   * part. Where this is interrupted `expired` names it again. false: there is none with this id.
   */
  shred(id: string): Promise<boolean>
  /** What was deleted leaves the disk too, as far as the engine allows. false: somebody is reading; ask again later. */
  purge(): Promise<boolean>
  /** Everything of this domain that is sealed, and the facts: for a house whose key is lost. */
  clear(): Promise<void>
}

export interface ScopeUse {
  readonly id: string
  readonly usedAt: EpochMs
  readonly expiresAt: EpochMs
}

/** The steps of one transaction. */
export interface VaultWriting {
  /** Adds the scope where there is none of its name; answers with the one that stands, held until the end. */
  add(scope: StoredScope): Promise<StoredScope>
  /** Holds a scope until the end, and answers with how it stands; null: it is gone. */
  hold(id: string): Promise<StoredScope | null>
  entries(scope: string, options: { readonly from: number }): Promise<readonly StoredEntry[]>
  addEntries(scope: string, entries: readonly StoredEntry[]): Promise<void>
  /** Puts other sealed content in the place of entries that stand. */
  replaceEntries(scope: string, entries: readonly StoredEntry[]): Promise<void>
  resize(use: ScopeUse & { readonly size: number }): Promise<void>
  addDepartures(departures: readonly StoredDeparture[]): Promise<void>
}

export interface StoredDeparture extends Departure {
  /** `dep_` and 16 of `a-z0-9`. */
  readonly id: string
}

export interface DeparturePage {
  /** null = of all owners. */
  readonly owner: KeyId | null
  readonly destination?: string
  readonly verdict?: Departure['verdict']
  readonly limit: number
  /** Behind this one; null = from the newest on. */
  readonly before: { readonly at: EpochMs; readonly id: string } | null
}

export interface DepartureStore {
  /** Newest first. */
  list(page: DeparturePage): Promise<readonly StoredDeparture[]>
  /** The oldest first, at most `limit`; how many went. */
  deleteBefore(at: EpochMs, limit: number): Promise<number>
}

export interface SealedList {
  readonly version: number
  /** In order; each sealed by itself. */
  readonly rows: readonly Uint8Array[]
}

export interface ListStore {
  /** The version that stands, without reading it all; 0 = nothing was ever put. */
  version(): Promise<number>
  read(): Promise<SealedList>
  /** Takes the place of the version before it, whole; false: somebody else was first. */
  replace(list: SealedList): Promise<boolean>
}

/** Fingerprints of one text. */
export interface StoredPrints {
  readonly id: string
  readonly owner: KeyId | null
  readonly createdAt: EpochMs
  readonly expiresAt: EpochMs
  readonly sealed: Uint8Array
}

export interface TranscriptStore {
  /** Other processes write to it too. */
  readonly isShared: boolean
  add(prints: readonly StoredPrints[]): Promise<void>
  /** Those that were made at or after a time, the oldest first, without the ones that have ended. */
  since(at: EpochMs, options: { readonly now: EpochMs }): Promise<readonly StoredPrints[]>
  deleteExpired(now: EpochMs, limit: number): Promise<number>
}
