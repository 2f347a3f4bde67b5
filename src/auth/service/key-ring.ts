import type { KeyId } from '#kernel/ids.ts'
import type { Clock, EpochMs } from '#kernel/time.ts'
import { equalConstantTime, sha256 } from '#platform/crypto/hash.ts'
import type { Caller, Scope } from '#kernel/words.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { Identity } from '../contract.ts'
import { malformedKey } from '../core/credentials.ts'
import type { KeyRecord } from '../core/key.ts'
import { iso, isUsable } from '../core/key.ts'
import { parseKeyText, splitKeyText } from '../core/key-text.ts'
import { compileAllowList } from '../core/model-allow-list.ts'
import { KeyCaller } from './key-caller.ts'

const askForNew = 'An administrator can make a new one.'

/** What the role of a user holds now; nothing for those who are gone. */
export type RoleCheck = (user: string, scope: Scope) => boolean

/** A secret of a key with all that a request needs of it, made once. */
interface Slot {
  readonly digest: Uint8Array
  readonly generation: number
  readonly caller: KeyCaller
  /** The answer for this secret, the same object for every request. */
  readonly byKey: Identity
  readonly bySession: Identity
}

interface Entry {
  record: KeyRecord
  lastUsedAt: EpochMs | null
  current: Slot
  /** Kept after its grace too, so that its holder learns what happened. */
  previous: { readonly slot: Slot; readonly until: EpochMs } | null
}

/**
 * All keys in memory, for answers without a wait. The hot path is one look-up by public id, one SHA-256 and one
 * comparison.
 * It owns what callers see of a key; `keys.ts` decides and stores.
 */
export class KeyRing {
  readonly #clock: Clock
  readonly #log: Logger
  readonly #roleHas: RoleCheck
  readonly #entries = new Map<string, Entry>()
  readonly #used = new Map<KeyId, EpochMs>()

  constructor(options: { readonly clock: Clock; readonly log: Logger; readonly roleHas: RoleCheck }) {
    this.#clock = options.clock
    this.#log = options.log
    this.#roleHas = options.roleHas
  }

  identify(text: string): Identity {
    const key = splitKeyText(text)
    if (key === null) return { ok: false, why: 'malformed', message: malformedKey }
    const entry = this.#entries.get(key.id)
    if (entry === undefined) return unknown(text)
    const digest = sha256(key.secret)
    const now = this.#clock.now()
    if (equalConstantTime(digest, entry.current.digest)) return this.#standing(entry, now) ?? entry.current.byKey
    if (entry.previous === null || !equalConstantTime(digest, entry.previous.slot.digest)) return unknown(text)
    if (entry.previous.until > now) return this.#standing(entry, now) ?? entry.previous.slot.byKey
    const until = iso(entry.previous.until)
    const message = `This secret of the key ${key.id} was replaced and taken until ${until}; use the new one.`
    return { ok: false, why: 'expired', message }
  }

  /** Of a caller that this ring gave. */
  generationOf(caller: Caller): number {
    const entry = this.#entries.get(caller.key)
    const isPrevious = entry?.previous?.slot.caller === caller
    return (isPrevious ? entry?.previous?.slot.generation : entry?.current.generation) ?? 0
  }

  /** Whether a session of this generation is worth keeping; does not count as a use. */
  isAlive(id: KeyId, generation: number): boolean {
    const entry = this.#entries.get(id)
    const now = this.#clock.now()
    if (entry === undefined || !isUsable(entry.record, now)) return false
    if (entry.current.generation === generation) return true
    return entry.previous !== null && entry.previous.slot.generation === generation && entry.previous.until > now
  }

  /** For a session that began with this generation of the key's secret. */
  identifySession(id: KeyId, generation: number): Identity {
    const entry = this.#entries.get(id)
    const now = this.#clock.now()
    if (entry?.current.generation === generation) return this.#standing(entry, now) ?? entry.current.bySession
    if (entry?.previous?.slot.generation === generation && entry.previous.until > now) {
      return this.#standing(entry, now) ?? entry.previous.slot.bySession
    }
    return { ok: false, why: 'expired', message: 'The key of this sign-in was replaced. Sign in again.' }
  }

  /** A key that was made or read from the store. */
  add(record: KeyRecord): void {
    const current = this.#slot(record, record.secretSha256, record.generation)
    const previous = record.previous && {
      slot: this.#slot(record, record.previous.secretSha256, record.generation - 1),
      until: record.previous.until,
    }
    this.#entries.set(record.id, { record, lastUsedAt: record.lastUsedAt, current, previous })
    if (record.revokedAt !== null) this.#endCallers(record.id)
  }

  get(id: string): KeyRecord | null {
    const entry = this.#entries.get(id)
    return entry ? { ...entry.record, lastUsedAt: entry.lastUsedAt } : null
  }

  all(): readonly KeyRecord[] {
    return [...this.#entries.values()].map((entry) => ({ ...entry.record, lastUsedAt: entry.lastUsedAt }))
  }

  /** Refuses the key from the next call on and cuts what runs with it. */
  revoke(id: KeyId, at: EpochMs): void {
    const entry = this.#entries.get(id)
    if (entry === undefined || entry.record.revokedAt !== null) return
    entry.record = { ...entry.record, revokedAt: at }
    this.#endCallers(id)
  }

  /**
   * Puts a rotated record in place. The old secret's caller lives on for its grace; one of an earlier rotation ends.
   */
  rotate(record: KeyRecord): void {
    const entry = this.#entries.get(record.id)
    if (entry === undefined) return
    entry.previous?.slot.caller.end()
    entry.previous = record.previous && { slot: entry.current, until: record.previous.until }
    entry.record = record
    entry.current = this.#slot(record, record.secretSha256, record.generation)
    if (record.revokedAt !== null) this.#endCallers(record.id)
    this.endExpired()
  }

  /**
   * Ends callers of keys and of secrets whose time is over; requests are refused without it, running streams are cut by
   * it.
   */
  endExpired(): number {
    const now = this.#clock.now()
    let ended = 0
    for (const entry of this.#entries.values()) {
      if (entry.previous !== null && entry.previous.until <= now && entry.previous.slot.caller.end()) ended++
      if (entry.record.expiresAt === null || entry.record.expiresAt > now) continue
      if (entry.current.caller.end()) ended++
      entry.previous?.slot.caller.end()
    }
    return ended
  }

  /** What was used since the last call; the caller stores it, or gives it back when that fails. */
  takeUses(): ReadonlyMap<KeyId, EpochMs> {
    const uses = new Map(this.#used)
    this.#used.clear()
    return uses
  }

  giveBackUses(uses: ReadonlyMap<KeyId, EpochMs>): void {
    for (const [id, at] of uses) if (!this.#used.has(id)) this.#used.set(id, at)
  }

  /** Why the key is refused; null = it may pass, and was used now. */
  #standing(entry: Entry, now: EpochMs): Identity | null {
    const { record } = entry
    if (isUsable(record, now)) {
      if (entry.lastUsedAt !== now) {
        entry.lastUsedAt = now
        this.#used.set(record.id, now)
      }
      return null
    }
    if (record.revokedAt !== null) {
      const message = `The key ${record.id} was revoked at ${iso(record.revokedAt)}. ${askForNew}`
      return { ok: false, why: 'revoked', message }
    }
    const message = `The key ${record.id} expired at ${iso(record.expiresAt ?? now)}. ${askForNew}`
    return { ok: false, why: 'expired', message }
  }

  #slot(record: KeyRecord, secretSha256: string, generation: number): Slot {
    const { id: key, name, limits, budget, scopes, owner } = record
    const user = owner?.user ?? null
    const ceiling = user === null ? {} : { ceiling: (scope: Scope) => this.#roleHas(user, scope) }
    const mayUse = compileAllowList(record.models)
    const caller = new KeyCaller({ key, name, limits, budget, scopes, mayUse, owner, ...ceiling }, this.#log)
    return {
      digest: Buffer.from(secretSha256, 'hex'),
      generation,
      caller,
      byKey: Object.freeze({ ok: true, caller, by: 'key' }),
      bySession: Object.freeze({ ok: true, caller, by: 'session' }),
    }
  }

  #endCallers(id: KeyId): void {
    const entry = this.#entries.get(id)
    entry?.current.caller.end()
    entry?.previous?.slot.caller.end()
  }
}

/** The same words for an unknown id and for a wrong secret: which ids exist is nobody's business. */
function unknown(text: string): Identity {
  const key = parseKeyText(text)
  if (key === null) return { ok: false, why: 'malformed', message: malformedKey }
  const message = `The key hk-${key.id}-… is not known here. Was it made by another Hearth? ${askForNew}`
  return { ok: false, why: 'unknown', message }
}
