import type { KeyId } from '#kernel/ids.ts'
import type { EpochMs } from '#kernel/time.ts'
import type { AuditEntry } from './contract.ts'
import type { KeyRecord } from './core/key.ts'

/** Keys for good. What it rejects with are AppErrors of `platform/db`. */
export interface KeyStore {
  /** Every key that ever was, revoked ones too: a revoked key is told apart from an unknown one. */
  all(): Promise<readonly KeyRecord[]>
  /** Rejects with `already_exists` when the id is taken. */
  insert(record: KeyRecord): Promise<void>
  /** Replaces all of a key but when it was last used. */
  update(record: KeyRecord): Promise<void>
  /** Keeps the later time of what is there and what is given; unknown ids are passed over. */
  markUsed(uses: ReadonlyMap<KeyId, EpochMs>): Promise<void>
}

/** A person signed in with a browser. `tokenSha256` stands for the cookie, which is not kept. */
export interface SessionRecord {
  readonly tokenSha256: string
  /** A key's public id, or `local` for a sign-in link that was made over the socket. */
  readonly key: KeyId
  /** The rotation of the key's secret that it began with. */
  readonly generation: number
  readonly createdAt: EpochMs
  readonly expiresAt: EpochMs
}

export interface SessionStore {
  all(): Promise<readonly SessionRecord[]>
  insert(record: SessionRecord): Promise<void>
  /** Moves the ends of these sessions; those that are gone stay gone. */
  extend(ends: ReadonlyMap<string, EpochMs>): Promise<void>
  remove(tokens: readonly string[]): Promise<void>
}

/** A sign-in link that works once. */
export interface TicketRecord {
  readonly ticketSha256: string
  readonly key: KeyId
  readonly generation: number
  readonly expiresAt: EpochMs
}

export interface TicketStore {
  insert(record: TicketRecord): Promise<void>
  /** Takes it away and tells what it was: of two that ask at once, one gets it. */
  take(ticketSha256: string): Promise<TicketRecord | null>
  removeExpired(now: EpochMs): Promise<void>
}

export interface AuditStore {
  /** In this order, all or none. */
  append(entries: readonly AuditEntry[]): Promise<void>
  /** Newest first; `before` is a position of an earlier answer. */
  list(page: { readonly limit: number; readonly before: number | null }): Promise<readonly StoredAuditEntry[]>
}

export interface StoredAuditEntry extends AuditEntry {
  /** Grows by one with every entry. */
  readonly position: number
}
