import { AppError } from '#kernel/errors.ts'
import type { Counts, HouseLists, ScopeVault } from '../contract.ts'
import { findLeaks, type Leaving, type Recheck } from '../core/leak/gate.ts'
import { createNeedles, type Needles } from '../core/leak/needles.ts'
import { denyTexts } from './detection.ts'

/**
 * The last look at what leaves, on the bytes themselves: nothing that the house or the scope knows may stand in them, in
 * whatever writing.
 */
export class LeakGuard {
  readonly #recheck: Recheck
  /** What is known of a scope only grows, and so do its needles. */
  readonly #scopes = new WeakMap<ScopeVault, { readonly needles: Needles; size: number }>()
  #directory: Needles = createNeedles()
  #deny: Needles = createNeedles()

  /** `recheck`: recognisers that cannot be wrong look once more. */
  constructor(recheck: Recheck) {
    this.#recheck = recheck
  }

  set lists({ directory, deny, allow }: HouseLists) {
    const allowed = new Set(allow.map((value) => value.toLowerCase()))
    this.#directory = createNeedles()
    for (const { value, type } of directory) if (!allowed.has(value.toLowerCase())) this.#directory.add(value, type)
    this.#deny = createNeedles()
    for (const value of denyTexts(deny)) this.#deny.add(value, 'TERM')
  }

  /** Throws AppError `blocked` (`leak_blocked`) with counts by type, never with a value. */
  check(leaving: Leaving, vault: ScopeVault): void {
    this.#judge(leaving, [this.#deny, this.#directory, this.#needlesOf(vault)], this.#recheck)
  }

  /** For what an admin lets out as it is: what must never leave does not. */
  checkRaw(leaving: Leaving): void {
    this.#judge(leaving, [this.#deny])
  }

  #judge(leaving: Leaving, needles: readonly Needles[], recheck?: Recheck): void {
    const verdict = findLeaks(leaving, needles, recheck)
    if (verdict.kind === 'leaks') throw leakBlocked(verdict.counts)
    if (verdict.kind === 'exceeded') throw leakBlocked({})
  }

  #needlesOf(vault: ScopeVault): Needles {
    let known = this.#scopes.get(vault)
    if (known === undefined) {
      known = { needles: createNeedles(), size: 0 }
      this.#scopes.set(vault, known)
    }
    if (known.size !== vault.size) {
      for (const { value, type } of vault.values()) if (type !== 'LITERAL') known.needles.add(value, type)
      known.size = vault.size
    }
    return known.needles
  }
}

export function leakBlocked(counts: Counts): AppError {
  const types = Object.entries(counts).map(([type, count]) => `${count} × ${type}`)
  const what = types.length === 0 ? 'it could not be told in time whether it holds any' : types.join(', ')
  return new AppError(
    'blocked',
    `Nothing was sent: what was about to leave for a cloud still held identifiers (${what}) where they could not be ` +
      `replaced. Take them out of names, ids, addresses and encoded parts, or use a local model.`,
    { reason: 'leak_blocked', details: { leak: { counts } } },
  )
}
