import { hashOf, mix } from '../../core/hash.ts'
import type { PrefixGuard, PrefixMemory } from '../../core/health.ts'

/** Blocks that are remembered in all, each about 60 bytes. */
const maxRemembered = 65_536

/**
 * Who has seen which beginnings: two generations, of which the older goes when the younger is full. What is used comes
 * over into the younger one.
 */
export class SeenPrefixes implements PrefixMemory {
  readonly #guard: () => PrefixGuard
  readonly #half: number
  #young = new Map<number, string>()
  #old: ReadonlyMap<number, string> = new Map()

  constructor(guard: () => PrefixGuard, max = maxRemembered) {
    this.#guard = guard
    this.#half = Math.max(1, Math.floor(max / 2))
  }

  get guard(): PrefixGuard {
    return this.#guard()
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  find(route: string, blocks: readonly number[]): { readonly target: string; readonly blocks: number } | null {
    const salt = hashOf(route)
    let target: string | null = null
    let length = 0
    for (const block of blocks) {
      const key = mix(block ^ salt)
      const seen = this.#young.get(key) ?? this.#old.get(key)
      if (seen === undefined) break
      target = seen
      length++
    }
    return target === null ? null : { target, blocks: length }
  }

  learn(route: string, blocks: readonly number[], target: string): void {
    const salt = hashOf(route)
    for (const block of blocks) {
      const key = mix(block ^ salt)
      if (this.#young.get(key) === target) continue
      if (this.#young.size >= this.#half) {
        this.#old = this.#young
        this.#young = new Map()
      }
      this.#young.set(key, target)
    }
  }
}
