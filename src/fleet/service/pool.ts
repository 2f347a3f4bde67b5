import { Turns } from '../core/turns.ts'
import type { Bay } from './bay.ts'

/** Lines that wait for the same places: they take turns together. */
export interface Round {
  readonly turns: Turns
  readonly bays: Set<Bay>
}

export const newRound = (): Round => ({ turns: new Turns(), bays: new Set() })

/** What people set about a pool that they named. */
export interface PoolSettings {
  readonly name: string
  readonly concurrency: number
  /** null = one key may have all of it. */
  readonly perKey: number | null
}

/** Audio endpoints of one GPU, where nobody said otherwise: more at once makes all of them late. */
export const audioPool = { concurrency: 3, perKey: 2 } as const

/**
 * Places that several deployments share, for example those of one GPU. It counts work in flight, not connections: a
 * permit takes a place here and at its deployment, or none. Each permit gives back to the pool that it took from,
 * whatever became of the settings meanwhile.
 */
export class Pool {
  readonly name: string
  readonly kind: 'audio' | 'shared'
  readonly round = newRound()
  concurrency: number
  perKey: number | null
  inFlight = 0
  /** The settings speak of it, or somebody has come. */
  isWanted = false
  readonly #held = new Map<string, number>()

  constructor(kind: 'audio' | 'shared', { name, concurrency, perKey }: PoolSettings) {
    this.name = name
    this.kind = kind
    this.concurrency = concurrency
    this.perKey = perKey
  }

  get isFree(): boolean {
    return this.inFlight < this.concurrency
  }

  mayTake(key: string): boolean {
    return this.isFree && (this.perKey === null || (this.#held.get(key) ?? 0) < this.perKey)
  }

  take(key: string): void {
    this.inFlight++
    this.isWanted = true
    this.#held.set(key, (this.#held.get(key) ?? 0) + 1)
  }

  giveBack(key: string): void {
    this.inFlight--
    const left = (this.#held.get(key) ?? 1) - 1
    if (left === 0) this.#held.delete(key)
    else this.#held.set(key, left)
  }
}
