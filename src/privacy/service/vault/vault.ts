import type { AppError } from '#kernel/errors.ts'
import type { KeyId } from '#kernel/ids.ts'
import type { Clock, EpochMs } from '#kernel/time.ts'
import type { Announce } from '#kernel/words.ts'
import { sha256Hex } from '#platform/crypto/hash.ts'
import { newWireId } from '#platform/crypto/ids.ts'
import { randomText } from '#platform/crypto/random.ts'
import { randomKey } from '#platform/crypto/seal.ts'
import type { CreatedScope, Departure, PrivacyLimits, ScopeName, ScopeVault, ScopeView, Vault } from '../../contract.ts'
import { badHandle, handleTaken, vaultChanged, vaultDamaged, vaultLocked, vaultUnavailable } from '../../errors.ts'
import type { PrivacyEvent } from '../../events.ts'
import type { ScopeUse, StoredScope, VaultStore } from '../../ports.ts'
import type { HouseKeys, KeyState } from '../house-keys.ts'
import { Commits } from './commits.ts'
import { OpenScope, type Footing, type PlacedEntry } from './open-scope.ts'
import { OpenScopes } from './open-scopes.ts'
import { openEntry } from './sealed-entry.ts'

export interface VaultOptions {
  readonly store: VaultStore
  readonly key: KeyState
  readonly clock: Clock
  readonly limits: () => Pick<PrivacyLimits, 'scopes' | 'valuesPerScope'>
  readonly announce: Announce<PrivacyEvent>
  /** Of all scopes in memory together; not there = 128 MiB. */
  readonly memoryBytes?: number
}

const defaultMemoryBytes = 128 * 2 ** 20
/** Letters of a handle: Crockford's, in lower case. 26 of them are 130 bits. */
const handleLetters = '0123456789abcdefghjkmnpqrstvwxyz'
const handlePattern = /^m_[0-9a-hjkmnp-tv-z]{26}$/
/** How far the end of a scope in the database may be behind the one in memory. */
const useWriteMs = 60_000
/** Uses that wait to be written; more than that are written at once. */
const maxUses = 10_000
/** Other processes write their uses a minute late too. */
const expiryGraceMs = 2 * useWriteMs

/**
 * The vault of one process. Scopes are opened from the disk at their first use and stay in memory; see open-scope.ts
 * for what a scope does and commits.ts for how it gets to the disk.
 */
export class SealedVault implements Vault, AsyncDisposable {
  readonly #options: VaultOptions
  readonly #scopes: OpenScopes
  readonly #commits: Commits | null
  readonly #loading = new Map<string, Promise<OpenScope | null>>()
  #uses = new Map<string, ScopeUse>()
  /** Something was deleted that is still in the database's log. */
  #isPurgeDue = false

  constructor(options: VaultOptions) {
    this.#options = options
    const { store, key, limits, memoryBytes = defaultMemoryBytes } = options
    this.#scopes = new OpenScopes({ scopes: () => limits().scopes, bytes: memoryBytes })
    const onEnded = (scope: OpenScope): void => this.#scopes.remove(scope)
    this.#commits = key.kind === 'open' ? new Commits({ store, keys: key.keys, onEnded }) : null
  }

  get lock(): string | null {
    const { key } = this.#options
    return key.kind === 'locked' ? key.why : null
  }

  /** What it has in memory. */
  get memory(): { readonly scopes: number; readonly bytes: number } {
    return { scopes: this.#scopes.count, bytes: this.#scopes.bytes }
  }

  open(scope: ScopeName, { ttlMs }: { readonly ttlMs: number }): ScopeVault | Promise<ScopeVault> {
    const { key, store, clock } = this.#options
    if (key.kind === 'locked') return Promise.reject(vaultLocked(key.why))
    const nameHash = key.keys.nameHash(scope.owner, scope.name)
    if (!store.isShared) {
      const known = this.#scopes.get(nameHash)
      if (known !== null && known.expiresAt > clock.now()) return this.#use(known, ttlMs)
    }
    return this.#find(key.keys, scope).then((found) => {
      // Of two that found none, the second one takes what the first one made.
      const opened = found ?? this.#scopes.get(nameHash) ?? this.#make(key.keys, scope, ttlMs)
      return this.#use(opened, ttlMs)
    })
  }

  passing(scope: ScopeName): ScopeVault {
    const { key, clock } = this.#options
    if (key.kind === 'locked') throw vaultLocked(key.why)
    const footing = { id: newWireId('scope_'), createdAt: clock.now(), ttlMs: 0, dataKey: randomKey() }
    return this.#place(key.keys, scope, { ...footing, isPassing: true })
  }

  async byHandle(handle: string, owner: KeyId): Promise<ScopeVault | null> {
    const { key } = this.#options
    if (key.kind === 'locked') throw vaultLocked(key.why)
    if (!handlePattern.test(handle)) return null
    const found = await this.#find(key.keys, { owner, name: nameOfMap(handle) })
    return found === null ? null : this.#use(found, found.footing.ttlMs)
  }

  async create(owner: KeyId, options: { readonly ttlMs: number; readonly handle?: string }): Promise<CreatedScope> {
    const { key } = this.#options
    if (key.kind === 'locked') throw vaultLocked(key.why)
    const { ttlMs, handle = `m_${randomText(26, handleLetters)}` } = options
    if (!handlePattern.test(handle)) throw badHandle()
    const scope = { owner, name: nameOfMap(handle) }
    // Nobody had a random one before: the disk need not be asked.
    if (options.handle !== undefined && (await this.#find(key.keys, scope)) !== null) throw handleTaken()
    const made = this.#make(key.keys, scope, ttlMs)
    made.isKept = true
    this.#use(made, ttlMs)
    return { vault: made, handle, expiresAt: made.expiresAt }
  }

  commit(scope: ScopeVault | null, departure: Departure | null): Promise<void> {
    const { key } = this.#options
    if (this.#commits === null) return Promise.reject(vaultLocked(key.kind === 'locked' ? key.why : ''))
    // What stands for a vault where nothing is kept has nothing to be written.
    return this.#commits.add(scope instanceof OpenScope && !scope.footing.isPassing ? scope : null, departure)
  }

  async list(options: { readonly owner: KeyId | null; readonly limit: number }): Promise<readonly ScopeView[]> {
    const rows = await this.#options.store.list({ ...options, now: this.#options.clock.now() })
    return rows.map(({ id, owner, kind, createdAt, usedAt, expiresAt, size }) => {
      const use = this.#uses.get(id) ?? { usedAt, expiresAt }
      return { id, owner, kind, createdAt, usedAt: use.usedAt, expiresAt: use.expiresAt, values: size }
    })
  }

  async shred(id: string, owner: KeyId | null): Promise<boolean> {
    const { store, announce } = this.#options
    const open = this.#scopes.byId(id)
    const row = await store.findById(id)
    const whose = open?.scope.owner ?? row?.owner
    if (whose === undefined || (owner !== null && whose !== owner)) return false
    this.#forget(id)
    await this.#commits?.settled()
    const wasThere = await store.shred(id)
    // Whoever read it from the disk in the meantime has it in memory by now.
    await Promise.allSettled(this.#loading.values())
    this.#forget(id)
    this.#isPurgeDue = true
    await this.#purge()
    announce({ type: 'privacy.scope_deleted', data: { id } })
    return wasThere || open !== null
  }

  /** Writes down how far uses moved the ends of scopes, and lets go of what nobody holds. */
  async flushUses(): Promise<number> {
    this.#scopes.sweep()
    const uses = this.#uses
    this.#uses = new Map()
    try {
      await this.#options.store.touch([...uses.values()])
    } catch (error) {
      for (const [id, use] of uses) if (!this.#uses.has(id)) this.#uses.set(id, use)
      throw error
    }
    return uses.size
  }

  /** Deletes scopes that have ended, at most `limit`; how many. */
  async deleteExpired(limit: number): Promise<number> {
    const { store, clock } = this.#options
    const ids = await store.expired(clock.now() - expiryGraceMs, limit)
    for (const id of ids) {
      this.#forget(id)
      await store.shred(id)
    }
    if (ids.length > 0) this.#isPurgeDue = true
    await this.#purge()
    return ids.length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#commits?.settled()
    await this.flushUses()
  }

  /** From memory or from the disk; null: there is none, or it has ended. */
  #find(keys: HouseKeys, scope: ScopeName): Promise<OpenScope | null> {
    const nameHash = keys.nameHash(scope.owner, scope.name)
    const running = this.#loading.get(nameHash)
    if (running !== undefined) return running
    const finding = this.#look(keys, scope, nameHash).finally(() => this.#loading.delete(nameHash))
    this.#loading.set(nameHash, finding)
    return finding
  }

  async #look(keys: HouseKeys, scope: ScopeName, nameHash: string): Promise<OpenScope | null> {
    const { store, clock } = this.#options
    const now = clock.now()
    const known = this.#scopes.get(nameHash)
    if (known !== null && !store.isShared) {
      if (known.expiresAt > now) return known
      return this.#bury(known.id)
    }
    const row = await reading(store.findByName(nameHash))
    if (row === null) return this.#withoutRow(known)
    // Each process knows of its own uses first.
    const expiresAt = known?.id === row.id ? Math.max(known.expiresAt, row.expiresAt) : row.expiresAt
    return expiresAt > now ? this.#fromRow(keys, scope, row) : this.#bury(row.id)
  }

  /** What is in memory and was never written is all there is; what was written is gone. */
  #withoutRow(known: OpenScope | null): OpenScope | null {
    if (known === null || known.isOver) return null
    if (!known.isStored) return known
    known.forget()
    this.#scopes.remove(known)
    return null
  }

  async #fromRow(keys: HouseKeys, scope: ScopeName, row: StoredScope): Promise<OpenScope> {
    const { store } = this.#options
    const dataKey = keys.unwrap(row.wrappedKey, row.id)
    if (dataKey === null) throw vaultDamaged()
    const footing: Footing = { id: row.id, createdAt: row.createdAt, ttlMs: row.ttlMs, dataKey }
    const known = this.#scopes.get(row.nameHash)
    const isSame = known !== null && !known.isOver && (!known.isStored || known.id === row.id)
    if (isSame && known.isStored && known.storedSize >= row.size) return known
    const from = isSame ? known.storedSize : 0
    const stored = await reading(store.entries(row.id, { from }))
    const entries = stored.map((each): PlacedEntry => {
      const entry = openEntry(each, { dataKey, scope: row.id })
      if (entry === null) throw vaultDamaged()
      return { ...entry, position: each.position }
    })
    if (isSame && !known.isOver && known.absorb(footing, entries)) return known
    if (known !== null) {
      known.end()
      this.#scopes.remove(known)
      // Only what came after what it knew was read.
      if (from > 0) return this.#fromRow(keys, scope, row)
    }
    const opened = this.#place(keys, scope, footing)
    opened.usedAt = row.usedAt
    opened.expiresAt = row.expiresAt
    if (!opened.absorb(footing, entries)) throw vaultDamaged()
    this.#scopes.add(opened)
    return opened
  }

  #make(keys: HouseKeys, scope: ScopeName, ttlMs: number): OpenScope {
    const { clock } = this.#options
    const footing = { id: newWireId('scope_'), createdAt: clock.now(), ttlMs, dataKey: randomKey() }
    const made = this.#place(keys, scope, footing)
    this.#scopes.add(made)
    return made
  }

  #place(keys: HouseKeys, scope: ScopeName, footing: Footing): OpenScope {
    const { clock, limits } = this.#options
    const { owner, name } = scope
    return new OpenScope(
      {
        scope: { owner, name },
        nameHash: keys.nameHash(owner, name),
        clock,
        maxValues: () => limits().valuesPerScope,
        digest: (type, canonical) => keys.tagDigest(owner, name, type, canonical),
        onGrow: (grown, bytes) => this.#scopes.grew(grown, bytes),
      },
      footing,
    )
  }

  #use(scope: OpenScope, ttlMs: number): OpenScope {
    if (scope.isOver) throw vaultChanged()
    const now: EpochMs = this.#options.clock.now()
    scope.usedAt = Math.max(scope.usedAt, now)
    scope.expiresAt = Math.max(scope.expiresAt, now + ttlMs)
    if (scope.isStored) this.#uses.set(scope.id, { id: scope.id, usedAt: scope.usedAt, expiresAt: scope.expiresAt })
    if (this.#uses.size > maxUses) void this.flushUses().catch(() => {})
    return scope
  }

  async #bury(id: string): Promise<null> {
    this.#forget(id)
    await reading(this.#options.store.shred(id))
    this.#isPurgeDue = true
    return null
  }

  async #purge(): Promise<void> {
    if (this.#isPurgeDue) this.#isPurgeDue = !(await this.#options.store.purge())
  }

  #forget(id: string): void {
    const scope = this.#scopes.byId(id)
    this.#uses.delete(id)
    if (scope === null) return
    scope.forget()
    this.#scopes.remove(scope)
  }
}

/** In the database stands a keyed digest of it; a handle that somebody guesses is no more than a name. */
function nameOfMap(handle: string): string {
  return `map:${sha256Hex(handle)}`
}

function reading<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((thrown: unknown): never => {
    const error: AppError = vaultUnavailable(thrown)
    throw error
  })
}
