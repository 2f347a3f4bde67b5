import type { KeyId, UserId } from '#kernel/ids.ts'
import type { Role } from '#kernel/permissions.ts'
import type { EpochMs } from '#kernel/time.ts'
import type { AuditEntry } from './contract.ts'
import type { AuditMark, ChainedRow } from './core/audit-row.ts'
import type { KeyRecord } from './core/key.ts'
import type { TeamRecord, UserRecord } from './core/user.ts'

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
  /** A key's public id, a user's id, or `local` for a sign-in link that was made over the socket. */
  readonly key: KeyId
  /** The rotation of the key's secret, or of the user's password, that it began with. */
  readonly generation: number
  readonly createdAt: EpochMs
  readonly expiresAt: EpochMs
}

export interface SessionStore {
  all(): Promise<readonly SessionRecord[]>
  insert(record: SessionRecord): Promise<void>
  /** Moves the ends of these sessions; those that are gone stay gone. */
  extend(ends: ReadonlyMap<string, EpochMs>): Promise<void>
  /** Lets a session live on after its user changed the password in it. */
  moveOn(token: string, generation: number): Promise<void>
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

/** Rows for good, each linked to the one before. Several processes may append to one database. */
export interface AuditStore {
  /** In this order, all or none; on the disk when it resolves. Tells the new end. */
  append(entries: readonly AuditEntry[]): Promise<AuditMark>
  /** Newest first; `before` is a position of an earlier answer. */
  list(page: {
    readonly limit: number
    readonly before: number | null
    readonly filter?: AuditFilter
  }): Promise<readonly ChainedRow[]>
  /** Oldest first, behind `after` and up to `upTo`. */
  walk(piece: {
    readonly after: number
    readonly upTo: number
    readonly limit: number
    readonly filter?: AuditFilter
  }): Promise<readonly ChainedRow[]>
  end(): Promise<AuditEnd>
  /** null = there is no such row, or it has no hash. */
  hashAt(position: number): Promise<string | null>
  /** What was taken away by right, newest word. */
  anchor(): Promise<AuditMark | null>
  /** The last row of those at the beginning that are all older than this; null = the first one is not. */
  lastBefore(at: EpochMs): Promise<number | null>
  /** Takes the oldest rows away, `limit` at the most; tells how many. */
  deleteUpTo(position: number, limit: number): Promise<number>
}

/** All that are given must hold. */
export interface AuditFilter {
  readonly who?: string | undefined
  /** `key.*` takes all that begin so. */
  readonly action?: string | undefined
  readonly target?: string | undefined
  readonly since?: EpochMs | undefined
  readonly until?: EpochMs | undefined
  /** Anywhere in what a row says; upper and lower case are the same. */
  readonly text?: string | undefined
}

/** How the chain ends, at one moment. */
export interface AuditEnd {
  readonly first: number | null
  readonly last: { readonly position: number; readonly hash: string | null } | null
  /** What the database says its end is; null = nothing. */
  readonly record: AuditMark | null
  /** Rows up to here were linked by an upgrade, not when they were written. */
  readonly linkedLater: number
}

/** Places of the chain that are kept outside of the database: who changes only that is found out. */
export interface AuditHead {
  readonly head: DatedMark
  /** One of each day, and those that the database no longer agreed with. Oldest first. */
  readonly marks: readonly DatedMark[]
}

export interface DatedMark extends AuditMark {
  readonly at: EpochMs
}

export interface AuditHeadStore {
  /** For people. */
  readonly place: string
  /** null = nothing was written yet. Rejects when what is there cannot be read. */
  read(): Promise<AuditHead | null>
  /** On the disk when it resolves. */
  write(head: AuditHead): Promise<void>
}

/** People for good. User names and e-mail addresses stand once: `already_exists`. */
export interface UserStore {
  all(): Promise<readonly UserRecord[]>
  insert(record: UserRecord): Promise<void>
  update(record: UserRecord): Promise<void>
  remove(id: UserId): Promise<void>
}

export interface TeamStore {
  all(): Promise<readonly TeamRecord[]>
  /** Rejects with `already_exists` when the id is taken. */
  insert(record: TeamRecord): Promise<void>
  rename(id: string, name: string): Promise<void>
  remove(id: string): Promise<void>
}

/** A text that works once: for choosing a password, or for becoming a user with this role. */
export type LinkRecord = {
  readonly linkSha256: string
  readonly createdBy: string
  readonly expiresAt: EpochMs
} & (
  | { readonly kind: 'password'; readonly user: UserId; readonly generation: number }
  | { readonly kind: 'invitation'; readonly role: Role; readonly teams: readonly string[] }
)

export interface LinkStore {
  insert(record: LinkRecord): Promise<void>
  find(linkSha256: string): Promise<LinkRecord | null>
  /** Takes it away and tells what it was: of two that ask at once, one gets it. */
  take(linkSha256: string): Promise<LinkRecord | null>
  removeOf(user: UserId): Promise<void>
  removeExpired(now: EpochMs): Promise<void>
}

/** A person signed in with a program: one refresh token after the other, and the access tokens they brought. */
export interface LoginRecord {
  readonly id: string
  readonly user: UserId
  readonly generation: number
  readonly createdAt: EpochMs
  readonly expiresAt: EpochMs
}

export interface LoginStore {
  all(): Promise<readonly LoginRecord[]>
  insert(record: LoginRecord, refreshSha256: string): Promise<void>
  /** Spends one refresh token and keeps the next, or tells that it was spent before: of two at once, one rotates. */
  rotate(turn: {
    readonly spentSha256: string
    readonly nextSha256: string
    readonly now: EpochMs
    readonly expiresAt: EpochMs
  }): Promise<{ readonly kind: 'rotated' | 'reused'; readonly login: string } | { readonly kind: 'unknown' }>
  /** Of a refresh token, spent or not. */
  loginOf(refreshSha256: string): Promise<string | null>
  moveOn(id: string, generation: number): Promise<void>
  /** With their refresh tokens. */
  remove(ids: readonly string[]): Promise<void>
}

/** A key that signs access tokens, or did: its parts in base64url. */
export interface SigningKeyRecord {
  readonly x: string
  /** null: it signs no more. */
  readonly d: string | null
  readonly createdAt: EpochMs
  /** Until when its tokens are taken; null = it is the one that signs. */
  readonly until: EpochMs | null
}

export interface SigningKeyStore {
  read(): Promise<readonly SigningKeyRecord[]>
  write(keys: readonly SigningKeyRecord[]): Promise<void>
}
