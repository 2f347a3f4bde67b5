import { AppError } from '#kernel/errors.ts'
import { newWireId } from '#platform/crypto/ids.ts'
import type { Departure } from '../../contract.ts'
import { diskFull, vaultBusy, vaultChanged, vaultDamaged, vaultUnavailable } from '../../errors.ts'
import type { StoredScope, VaultStore, VaultWriting } from '../../ports.ts'
import type { HouseKeys } from '../house-keys.ts'
import type { Footing, OpenScope, PlacedEntry } from './open-scope.ts'
import { openEntry, sealEntry } from './sealed-entry.ts'

export interface CommitParts {
  readonly store: VaultStore
  readonly keys: HouseKeys
  /** Somebody else was first with this scope, or it is gone. */
  readonly onEnded: (scope: OpenScope) => void
}

interface Waiting {
  readonly scope: OpenScope | null
  readonly departure: Departure | null
  readonly resolve: () => void
  readonly reject: (error: AppError) => void
}

/** What becomes of one scope in a transaction that succeeds. */
type Plan =
  | { readonly kind: 'failed'; readonly error: AppError }
  | {
      readonly kind: 'written'
      readonly footing: Footing
      readonly foreign: readonly PlacedEntry[]
      readonly added: readonly PlacedEntry[]
      readonly replaced: OpenScope['changed']
    }

/** More than wait for the database at once are refused. */
const maxWaiting = 10_000
/** Of one transaction. */
const maxAtOnce = 500

/**
 * Group commit: all that waits is one transaction, and one is under way at a time. Each waits for the transaction that
 * has all its scope's values in it, also those of another request. What fails leaves everything as it was.
 */
export class Commits {
  readonly #parts: CommitParts
  #waiting: Waiting[] = []
  #running: Promise<void> | null = null

  constructor(parts: CommitParts) {
    this.#parts = parts
  }

  add(scope: OpenScope | null, departure: Departure | null): Promise<void> {
    if (scope?.isOver === true) return Promise.reject(vaultChanged())
    if (departure === null && scope?.hasNews !== true) return Promise.resolve()
    if (this.#waiting.length >= maxWaiting) return Promise.reject(vaultBusy(this.#waiting.length))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ scope, departure, resolve, reject })
      this.#running ??= this.#run()
    })
  }

  /** Resolves when nothing waits any more. */
  async settled(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    // Whatever else comes in this turn of the loop goes along.
    await new Promise<void>((resolve) => setImmediate(resolve))
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, maxAtOnce)
      try {
        await this.#write(batch)
      } catch (thrown) {
        const error = asUnavailable(thrown)
        for (const { reject } of batch) reject(error)
      }
    }
    this.#running = null
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const scopes = new Set(batch.flatMap(({ scope }) => (scope === null ? [] : [scope])))
    // Processes that write the same scopes take them in the same order.
    const inOrder = [...scopes].sort((a, b) => (a.nameHash < b.nameHash ? -1 : 1))
    const plans = await this.#parts.store.write(async (writing) => {
      const made = new Map<OpenScope, Plan>()
      for (const scope of inOrder) made.set(scope, await this.#writeScope(writing, scope))
      const leaving = batch.filter(({ scope }) => scope === null || made.get(scope)?.kind === 'written')
      const departures = leaving.flatMap(({ departure }) => (departure === null ? [] : [departure]))
      await writing.addDepartures(departures.map((departure) => ({ ...departure, id: newWireId('dep_') })))
      return made
    })
    const errors = new Map([...plans].map(([scope, plan]) => [scope, this.#settle(scope, plan)] as const))
    for (const { scope, resolve, reject } of batch) {
      const error = scope === null ? null : (errors.get(scope) ?? null)
      if (error === null) resolve()
      else reject(error)
    }
  }

  async #writeScope(writing: VaultWriting, scope: OpenScope): Promise<Plan> {
    if (scope.isOver) return { kind: 'failed', error: vaultChanged() }
    const row = scope.isStored ? await writing.hold(scope.id) : await writing.add(this.#rowOf(scope))
    if (row === null || row.size < scope.storedSize) return { kind: 'failed', error: vaultChanged() }
    const isOther = row.size > scope.storedSize
    const stored = isOther ? await writing.entries(row.id, { from: scope.storedSize }) : []
    // Whatever was awaited: it may have been deleted meanwhile.
    if (scope.isOver) return { kind: 'failed', error: vaultChanged() }
    const dataKey = row.id === scope.id ? scope.footing.dataKey : this.#parts.keys.unwrap(row.wrappedKey, row.id)
    if (dataKey === null) return { kind: 'failed', error: vaultDamaged() }
    const foreign: PlacedEntry[] = []
    for (const each of stored) {
      const entry = openEntry(each, { dataKey, scope: row.id })
      if (entry === null) return { kind: 'failed', error: vaultDamaged() }
      foreign.push({ ...entry, position: each.position })
    }
    if (!scope.fits(foreign)) return { kind: 'failed', error: vaultChanged() }
    const there = new Set(foreign.map(({ tag, form }) => `${tag}_${form}`))
    const added = scope.unwritten
      .filter(({ tag, form }) => !there.has(`${tag}_${form}`))
      .map((surface, index): PlacedEntry => ({ ...surface, position: row.size + index }))
    const replaced = scope.changed
    const seal = (entry: PlacedEntry) => sealEntry(entry, { dataKey, scope: row.id, position: entry.position })
    await writing.addEntries(row.id, added.map(seal))
    await writing.replaceEntries(
      row.id,
      replaced.flatMap((surface) =>
        surface.position === null ? [] : [seal({ ...surface, position: surface.position })],
      ),
    )
    const { usedAt, expiresAt } = scope
    if (added.length > 0) await writing.resize({ id: row.id, usedAt, expiresAt, size: row.size + added.length })
    const { id, createdAt, ttlMs } = row
    return { kind: 'written', footing: { id, createdAt, ttlMs, dataKey }, foreign, added, replaced }
  }

  #settle(scope: OpenScope, plan: Plan): AppError | null {
    if (plan.kind === 'written' && scope.isOver) return vaultChanged()
    if (plan.kind === 'written' && scope.absorb(plan.footing, plan.foreign)) {
      scope.wrote(plan.added, plan.replaced)
      return null
    }
    scope.end()
    this.#parts.onEnded(scope)
    return plan.kind === 'failed' ? plan.error : vaultChanged()
  }

  #rowOf(scope: OpenScope): StoredScope {
    const { id, createdAt, ttlMs, dataKey } = scope.footing
    return {
      id,
      nameHash: scope.nameHash,
      owner: scope.scope.owner,
      kind: kindOf(scope.scope.name),
      wrappedKey: this.#parts.keys.wrap(dataKey, id),
      createdAt,
      usedAt: scope.usedAt,
      expiresAt: scope.expiresAt,
      ttlMs,
      size: 0,
    }
  }
}

function kindOf(name: string): StoredScope['kind'] {
  const kind = name.slice(0, name.indexOf(':'))
  return kind === 'conversation' || kind === 'map' || kind === 'key' ? kind : 'session'
}

/** SQLite and PostgreSQL for a disk without room. */
const fullCodes = new Set(['SQLITE_FULL', '53100'])

function asUnavailable(thrown: unknown): AppError {
  const cause = thrown instanceof AppError ? thrown.cause : thrown
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : ''
  return fullCodes.has(String(code)) ? diskFull(thrown) : vaultUnavailable(thrown)
}
