import { messageOf } from '#kernel/errors.ts'
import type { KeyId, ModelName, UserId } from '#kernel/ids.ts'
import type { Budget, Caller, KeyLimits, Owner, Scope } from '#kernel/words.ts'
import { scopes as allScopes } from '#kernel/words.ts'
import type { Logger } from '#platform/log/logger.ts'

export interface CallerFacts {
  readonly key: KeyId
  readonly name: string
  readonly limits: KeyLimits
  readonly budget?: Budget | null
  readonly scopes: readonly Scope[]
  readonly mayUse: (model: ModelName) => boolean
  readonly owner?: Owner | null
  /** What its owner's role holds now: a key has never more. */
  readonly ceiling?: (scope: Scope) => boolean
  /** Set where a person asks without a key. */
  readonly person?: UserId
}

/**
 * One for each secret of a key, not one for each request. Ends once: revoked, expired, or its secret's grace is over.
 */
export class KeyCaller implements Caller {
  readonly key: KeyId
  readonly name: string
  readonly limits: KeyLimits
  readonly budget: Budget | null
  readonly mayUse: (model: ModelName) => boolean
  readonly owner: Owner
  readonly person: UserId | null
  readonly #ceiling: ((scope: Scope) => boolean) | null
  readonly #scopes: ReadonlySet<Scope>
  readonly #log: Logger
  readonly #listeners = new Set<() => void>()
  #isOver = false

  constructor(facts: CallerFacts, log: Logger) {
    this.key = facts.key
    this.name = facts.name
    this.limits = facts.limits
    this.budget = facts.budget ?? null
    this.mayUse = facts.mayUse
    this.owner = facts.owner ?? nobody
    this.person = facts.person ?? null
    this.#ceiling = facts.ceiling ?? null
    this.#scopes = new Set(facts.scopes.includes('admin') ? allScopes : facts.scopes)
    this.#log = log
  }

  may(scope: Scope): boolean {
    return this.#scopes.has(scope) && (this.#ceiling === null || this.#ceiling(scope))
  }

  onRevoke(listener: () => void): Disposable {
    if (this.#isOver) {
      listener()
      return { [Symbol.dispose]: () => {} }
    }
    // Wrapped, so that the same function given twice is two listeners, each with an end of its own.
    const own = () => listener()
    this.#listeners.add(own)
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) }
  }

  /** False: it was over already. */
  end(): boolean {
    if (this.#isOver) return false
    this.#isOver = true
    for (const listener of this.#listeners) {
      try {
        listener()
      } catch (error) {
        // The next one is a stream that must be cut too.
        this.#log.error('a listener of a revoked key failed', { key: this.key, error: messageOf(error) })
      }
    }
    this.#listeners.clear()
    return true
  }
}

const nobody: Owner = Object.freeze({ user: null, team: null })

export const noLimits: KeyLimits = { requestsPerMinute: null, tokensPerMinute: null, concurrency: null }

/** The owner of this machine: everything, without limits. */
export function createLocalCaller(log: Logger): KeyCaller {
  return new KeyCaller(
    { key: localKey, name: 'this machine', limits: noLimits, scopes: ['admin'], mayUse: () => true },
    log,
  )
}

/** Whoever comes without a key to a listener that trusts the place it comes from: models, and nothing else. */
export function createTrustedCaller(log: Logger): KeyCaller {
  return new KeyCaller(
    { key: trustedKey, name: 'trusted network', limits: noLimits, scopes: ['inference'], mayUse: () => true },
    log,
  )
}

/** Stands in the ledger for all of them; no key can have it: it is too short. */
const trustedKey = 'trusted' as KeyId

/** Stands for the socket in HEARTH_HOME wherever a key's id is asked for; no key can have it: it is too short. */
export const localKey = 'local' as KeyId
