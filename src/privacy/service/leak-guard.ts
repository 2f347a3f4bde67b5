import { AppError } from '#kernel/errors.ts'
import type { Counts, HouseLists, KnownValue, ScopeVault } from '../contract.ts'
import { createScanner } from '../core/detect/scan.ts'
import { findLeaks, type Leaving, type Recheck } from '../core/leak/gate.ts'
import { createNeedles, type Needles } from '../core/leak/needles.ts'
import { identifierRecognisers } from '../core/recognisers/identifiers.ts'
import { secretRecognisers } from '../core/recognisers/secrets/secrets.ts'
import { rawView } from '../core/text/offsets.ts'
import type { EntityType } from '../core/words.ts'
import { denyTexts } from './detection.ts'

/** How strictly the last look is taken. */
export interface LeakRules {
  /** Types that the policy leaves as they are. */
  readonly pass: readonly EntityType[]
  /** Values that whoever asks left alone; those of the house's own list are known. */
  readonly allow?: readonly string[]
}

/**
 * The last look at what leaves, on the bytes themselves: nothing that the house or the scope knows may stand in them,
 * in
 * whatever writing, and nothing that proves itself.
 */
export class LeakGuard {
  readonly #recheck = createRecheck()
  /** What is known of a scope only grows, and so do its needles; the last used ones stand at the end. */
  readonly #scopes = new Map<ScopeVault, { readonly needles: Needles; size: number }>()
  #directory: Needles = createNeedles()
  #deny: Needles = createNeedles()
  #allow: readonly string[] = []

  set lists({ directory, deny, allow }: HouseLists) {
    this.#allow = allow
    this.#directory = createNeedles()
    for (const { value, type } of directory) this.#directory.add(value, type)
    this.#deny = createNeedles()
    for (const value of denyTexts(deny)) this.#deny.add(value, 'TERM')
  }

  /** Throws AppError `blocked` (`leak_blocked`) with counts by type, never with a value. */
  check(leaving: Leaving, vault: ScopeVault, rules: LeakRules): void {
    this.#judge(leaving, [this.#deny, this.#directory, this.#needlesOf(vault)], rules)
  }

  /** For what holds no words of anybody. */
  checkHouse(leaving: Leaving): void {
    this.#judge(leaving, [this.#deny, this.#directory], { pass: [] })
  }

  /** For what an admin lets out as it is: what must never leave does not. */
  checkRaw(leaving: Leaving): void {
    const verdict = findLeaks(leaving, [this.#deny])
    if (verdict.kind !== 'clean') throw leakBlocked(verdict.kind === 'leaks' ? verdict.counts : {})
  }

  #judge(leaving: Leaving, needles: readonly Needles[], { pass, allow = [] }: LeakRules): void {
    const allowed = [...this.#allow, ...allow, ...(leaving.allowed ?? [])]
    const verdict = findLeaks({ ...leaving, allowed }, needles, this.#recheck)
    if (verdict.kind === 'clean') return
    if (verdict.kind === 'exceeded') throw leakBlocked({})
    const counts = Object.entries(verdict.counts).filter(([type]) => !pass.includes(type as EntityType))
    if (counts.length > 0) throw leakBlocked(Object.fromEntries(counts))
  }

  #needlesOf(vault: ScopeVault): Needles {
    const known = this.#scopes.get(vault) ?? { needles: createNeedles(), size: 0 }
    this.#scopes.delete(vault)
    this.#scopes.set(vault, known)
    const oldest = this.#scopes.size > maxScopes ? this.#scopes.keys().next() : null
    if (oldest?.done === false) this.#scopes.delete(oldest.value)
    if (known.size !== vault.size) {
      for (const each of vault.values()) addKnown(known.needles, each)
      known.size = vault.size
    }
    return known.needles
  }
}

/** Needles are many times as large as their values: those of so many scopes are kept, others are made again. */
const maxScopes = 256

/** As it was written, and as it is whatever way it is written. */
function addKnown(needles: Needles, { value, canonical, type }: KnownValue): void {
  if (type === 'LITERAL') return
  needles.add(value, type)
  if (canonical !== value && written.has(type)) needles.add(canonical, type)
}

/** Their canonical form is one that people and programs write; of the others it is a key of ours, or the value. */
const written: ReadonlySet<EntityType> = new Set([
  ...(['EMAIL', 'PHONE', 'CARD', 'IBAN', 'ACCOUNT', 'WALLET', 'NATIONAL_ID', 'TAX_ID', 'HEALTH_ID'] as const),
  ...(['VEHICLE', 'DEVICE', 'IP', 'MAC', 'HOST'] as const),
])

/** What cannot be mistaken for anything else is looked for once more, whatever was found before. */
const proven: ReadonlySet<EntityType> = new Set(['CARD', 'IBAN', 'SECRET'])

function createRecheck(): Recheck {
  const all = [...identifierRecognisers({ urls: 'internal' }), ...secretRecognisers]
  const scanner = createScanner(all.filter(({ type }) => proven.has(type)))
  return (text) => scanner.scan(rawView(text)).filter(({ isValidated }) => isValidated)
}

/**
 * `attempt` scrubs and checks. What only its surroundings told in one place is seen by the check in another one, where
 * nothing does; by then it is known, and the second attempt finds it wherever it stands.
 */
export async function untilKnown<T>(vault: Pick<ScopeVault, 'size'>, attempt: () => Promise<T>): Promise<T> {
  const before = vault.size
  try {
    return await attempt()
  } catch (thrown) {
    const isNew = thrown instanceof AppError && thrown.reason === 'leak_blocked' && vault.size > before
    if (!isNew) throw thrown
    return await attempt()
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
