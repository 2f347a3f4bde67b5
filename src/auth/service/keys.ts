import { AppError } from '#kernel/errors.ts'
import type { Clock } from '#kernel/time.ts'
import type { Announce, Caller, Owner, Scope } from '#kernel/words.ts'
import { sha256Hex } from '#platform/crypto/hash.ts'
import { newKeyId } from '#platform/crypto/ids.ts'
import { randomHex } from '#platform/crypto/random.ts'
import type { AuditEntry, KeyView } from '../contract.ts'
import type { KeyRecord, WantedKey } from '../core/key.ts'
import { isUsable, planKey, toView, toWire } from '../core/key.ts'
import { formatKeyText } from '../core/key-text.ts'
import { keyIsOver, keyOfEnvironment, tooManyKeys, unknownKey, unknownUser } from '../errors.ts'
import type { AuthEvent } from '../events.ts'
import type { KeyStore } from '../ports.ts'
import type { AuditLog } from './audit-log.ts'
import type { KeyRing } from './key-ring.ts'
import { createLane } from './lane.ts'

/** Keys that are neither revoked nor expired; all of them are in memory. */
const maxKeys = 10_000

/** Who does it, and from where, for the audit log. */
export interface Actor {
  readonly caller: Caller
  readonly from: string
}

/** A key with its text, which is shown here and never again. */
export interface MadeKey {
  readonly view: KeyView
  readonly key: string
}

export interface KeysOptions {
  readonly store: KeyStore
  readonly ring: KeyRing
  readonly audit: AuditLog
  readonly announce: Announce<AuthEvent>
  readonly clock: Clock
  readonly owners: Owners
}

/** What keys need to know of people. */
export interface Owners {
  isActive(user: string): boolean
  /** Whose a new key will be; throws where whoever makes it may not say so, or its scopes are beyond the owner's. */
  ownerFor(wanted: WantedKey, scopes: readonly Scope[], by: Caller): Owner | null
  /** Whether somebody may see and end a key of this owner. */
  mayKeep(owner: Owner | null, by: Caller): boolean
}

/** Decides about keys, stores, and puts it in the ring, one change after the other. */
export class Keys {
  readonly #options: KeysOptions
  readonly #inOrder = createLane()

  constructor(options: KeysOptions) {
    this.#options = options
  }

  /** Newest first; with `by` those that they may see. */
  list(by: Caller | null = null): readonly KeyView[] {
    const { ring, owners, clock } = this.#options
    const now = clock.now()
    const seen = by === null ? ring.all() : ring.all().filter(({ owner }) => owners.mayKeep(owner, by))
    const records = [...seen].sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1))
    return records.map((record) => toView(record, now))
  }

  create(wanted: WantedKey, by: Actor): Promise<MadeKey> {
    return this.#inOrder(async () => {
      const { ring, owners, clock } = this.#options
      const now = clock.now()
      if (ring.all().filter((record) => isUsable(record, now)).length >= maxKeys) throw tooManyKeys(maxKeys)
      const { name, scopes, models, limits, budget, expiresAt } = planKey(wanted, by.caller, now)
      const owner = owners.ownerFor(wanted, scopes, by.caller)
      const meaning = { name, scopes, models, limits, budget, owner, expiresAt }
      const made = await this.#make({ ...meaning, origin: 'created', createdBy: by.caller.key })
      if (owner?.user != null && !owners.isActive(owner.user)) {
        // They went out during the write, when their keys had been ended already.
        ring.revoke(made.view.id, clock.now())
        await this.#storeRevocation(made.view.id)
        throw unknownUser(owner.user)
      }
      const detail = `“${name}” with ${scopes.join(', ')}${models === null ? '' : ` for ${models.join(', ')}`}`
      await this.#write({ by, action: 'key.create', target: made.view.id, detail, after: toWire(made.view) })
      return made
    })
  }

  /** The old secret is taken for `graceSeconds` more; 0 refuses it at once and cuts what runs with it. */
  rotate(id: string, graceSeconds: number, by: Actor): Promise<MadeKey> {
    return this.#inOrder(async () => {
      const { store, ring, announce, clock } = this.#options
      const record = this.#ownOf(id, by)
      const now = clock.now()
      if (record.origin === 'environment') throw keyOfEnvironment()
      if (!isUsable(record, now)) throw keyIsOver(record.id, record.revokedAt === null ? 'expired' : 'revoked')
      const secret = randomHex(24)
      const next: KeyRecord = {
        ...record,
        secretSha256: sha256Hex(secret),
        generation: record.generation + 1,
        previous: { secretSha256: record.secretSha256, until: now + graceSeconds * 1000 },
      }
      await store.update(next)
      // It may have been revoked during the write; the ring knows.
      const rotated = { ...next, revokedAt: this.#known(id).revokedAt }
      ring.rotate(rotated)
      const view = toView(rotated, now)
      announce({ type: 'key.rotated', data: { key: toWire(view) } })
      const detail = graceSeconds === 0 ? 'the old secret ends at once' : `the old secret ends in ${graceSeconds} s`
      const after = { generation: next.generation }
      await this.#write({
        by,
        action: 'key.rotate',
        target: id,
        detail,
        before: { generation: record.generation },
        after,
      })
      return { view, key: formatKeyText({ id: record.id, secret }) }
    })
  }

  /**
   * Refused when this returns its promise, stored when that resolves. Revoking twice stores again and says nothing new.
   */
  revoke(id: string, by: Actor): Promise<KeyView> {
    const { ring, announce, clock } = this.#options
    const record = this.#ownOf(id, by)
    const isNew = record.revokedAt === null
    if (isNew) {
      ring.revoke(record.id, clock.now())
      announce({ type: 'key.revoked', data: { key: toWire(toView(this.#known(id), clock.now())) } })
    }
    return this.#inOrder(async () => {
      await this.#storeRevocation(id)
      const view = toView(this.#known(id), clock.now())
      const change = { before: { revokedAt: null }, after: { revokedAt: toWire(view).revokedAt } }
      if (isNew) await this.#write({ by, action: 'key.revoke', target: id, detail: `“${record.name}”`, ...change })
      return view
    })
  }

  /** A new admin key; the ones that Hearth made itself before are revoked. For the owner of the machine. */
  async reset(by: Actor): Promise<MadeKey> {
    const { ring, clock } = this.#options
    const earlier = ring.all().filter((record) => record.origin === 'generated' && isUsable(record, clock.now()))
    const made = await this.#inOrder(() => this.makeAdminKey(by.caller.key))
    for (const record of earlier) await this.revoke(record.id, by)
    const detail = earlier.length === 0 ? '' : `revokes ${earlier.map((record) => record.id).join(', ')}`
    await this.#write({ by, action: 'admin.reset', target: made.view.id, detail })
    return made
  }

  makeAdminKey(createdBy: string): Promise<MadeKey> {
    const limits = { requestsPerMinute: null, tokensPerMinute: null, concurrency: null }
    const nothing = { models: null, limits, budget: null, owner: null, expiresAt: null }
    const meaning = { name: 'admin', scopes: ['admin'], ...nothing } as const
    return this.#make({ ...meaning, origin: 'generated', createdBy })
  }

  async #make(
    meaning: Omit<
      KeyRecord,
      'id' | 'createdAt' | 'revokedAt' | 'lastUsedAt' | 'secretSha256' | 'generation' | 'previous'
    >,
  ): Promise<MadeKey> {
    const { store, ring, announce, clock } = this.#options
    const secret = randomHex(24)
    const record: KeyRecord = {
      ...meaning,
      id: newKeyId(),
      createdAt: clock.now(),
      revokedAt: null,
      lastUsedAt: null,
      secretSha256: sha256Hex(secret),
      generation: 0,
      previous: null,
    }
    await store.insert(record)
    ring.add(record)
    const view = toView(record, clock.now())
    announce({ type: 'key.created', data: { key: toWire(view) } })
    return { view, key: formatKeyText({ id: record.id, secret }) }
  }

  async #storeRevocation(id: string): Promise<void> {
    try {
      await this.#options.store.update(this.#known(id))
    } catch (cause) {
      const message =
        `The key ${id} is refused from now on, but this could not be stored: ` +
        'it would be taken again after a restart. Revoke it again when the database answers.'
      throw new AppError('unavailable', message, { reason: 'revocation_not_stored', cause })
    }
  }

  /** Ends all keys of a user: in memory before it returns its promise. */
  async revokeOf(user: string, by: Actor): Promise<void> {
    const own = this.#options.ring.all().filter(({ owner, revokedAt }) => owner?.user === user && revokedAt === null)
    await Promise.all(own.map((record) => this.revoke(record.id, by)))
  }

  /** Keys that work and are counted for a team. */
  countOf(team: string): number {
    const { ring, clock } = this.#options
    const now = clock.now()
    return ring.all().filter((record) => record.owner?.team === team && isUsable(record, now)).length
  }

  /** A key of somebody else is as unknown as one that never was. */
  #ownOf(id: string, by: Actor): KeyRecord {
    const record = this.#known(id)
    if (!this.#options.owners.mayKeep(record.owner, by.caller)) throw unknownKey(id)
    return record
  }

  #known(id: string): KeyRecord {
    const record = this.#options.ring.get(id)
    if (record === null) throw unknownKey(id)
    return record
  }

  async #write(
    entry: { readonly by: Actor } & Pick<AuditEntry, 'action' | 'target' | 'detail' | 'before' | 'after'>,
  ): Promise<void> {
    const { audit, clock } = this.#options
    const { by, ...said } = entry
    audit.record({ at: clock.now(), who: by.caller.key, ...said, from: by.from })
    // Answered when it is written. If it cannot be, the act stands all the same and its row waits in memory.
    await audit.written().catch(() => {})
  }
}
