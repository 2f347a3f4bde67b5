import type { KeyLimits, SubjectKind } from '#kernel/words.ts'
import type { Allowance, Quota } from '../contract.ts'
import type { Limiter, Subject } from '../core/limiter.ts'
import { noSuchAllowance, tooManyAllowances } from '../errors.ts'
import type { AllowanceStore, RequestStore } from '../ports.ts'

/** All of them are in memory, and in one answer. */
const maxAllowances = 10_000

/** A key with what limits it. */
export interface LimitedKey {
  readonly id: string
  readonly name: string
  readonly limits: KeyLimits
  readonly budget: Quota['budget'] | null
}

export interface AllowancesParts {
  readonly limiter: Limiter
  readonly store: AllowanceStore
  readonly charges: RequestStore['charges']
  /** What waits in the journal reaches the database. */
  readonly flush: () => Promise<unknown>
}

/** Limits and budgets of people, teams, tags and models: kept, and in effect at once. One change after the other. */
export class Allowances {
  readonly #parts: AllowancesParts
  readonly #known = new Map<string, Allowance>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(parts: AllowancesParts) {
    this.#parts = parts
  }

  /** At the start, before anything is served. */
  async load(): Promise<void> {
    for (const allowance of await this.#parts.store.all()) this.#use(allowance)
  }

  /** By kind and name. */
  list(): readonly Allowance[] {
    return [...this.#known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, allowance]) => allowance)
  }

  find(subject: Subject): Allowance | null {
    return this.#known.get(nameOf(subject)) ?? null
  }

  /** Resolves with what was there before when it is stored and in effect. */
  put(allowance: Allowance): Promise<Allowance | null> {
    return this.#inOrder(async () => {
      const before = this.find(allowance)
      if (before === null && this.#known.size >= maxAllowances) throw tooManyAllowances(maxAllowances)
      await this.#parts.store.put(allowance)
      await this.#remember(allowance)
      this.#use(allowance)
      return before
    })
  }

  remove(subject: Subject & { readonly kind: Allowance['kind'] }): Promise<Allowance> {
    return this.#inOrder(async () => {
      const before = this.find(subject)
      if (before === null) throw noSuchAllowance(subject)
      await this.#parts.store.remove(subject)
      this.#known.delete(nameOf(subject))
      this.#parts.limiter.setRule(subject, null)
      return before
    })
  }

  /** How its budget stands; null = there is none. */
  stateOf(subject: Subject, budget: Quota['budget'] | null): Omit<Quota, 'subject' | 'budget'> | null {
    return budget === null ? null : this.#parts.limiter.spending(subject, budget.period)
  }

  #use(allowance: Allowance): void {
    const { kind, id, limits, budget } = allowance
    this.#known.set(nameOf(allowance), allowance)
    this.#parts.limiter.setRule({ kind, id }, { limits, budget })
  }

  /** Whoever was charged is remembered from the start on; of all others the books know. */
  async #remember({ kind, id }: Subject): Promise<void> {
    const { limiter, charges, flush } = this.#parts
    if (limiter.knows({ kind, id })) return
    await flush()
    const days = await charges({ kind, id })
    // Nobody asked in between: from here to the rule nothing waits.
    if (!limiter.knows({ kind, id })) for (const day of days) limiter.load(day, day, dayStart(day.day))
  }

  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => {})
    return result
  }
}

/** When a day of the books began; what was carried over is before all days. */
export const dayStart = (day: string): number => (day === '' ? -Infinity : Date.parse(`${day}T00:00:00Z`))

const nameOf = ({ kind, id }: { readonly kind: SubjectKind; readonly id: string }): string => `${kind} ${id}`
