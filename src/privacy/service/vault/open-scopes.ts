import type { OpenScope } from './open-scope.ts'

export interface OpenScopesLimits {
  readonly scopes: () => number
  readonly bytes: number
}

/**
 * Scopes in memory, those used last for longest. What a running request holds is found again although it had to go: two
 * requests of one scope always see one object.
 */
export class OpenScopes {
  readonly #limits: OpenScopesLimits
  /** In the order of their use. */
  readonly #kept = new Map<string, OpenScope>()
  readonly #gone = new Map<string, WeakRef<OpenScope>>()
  #bytes = 0

  constructor(limits: OpenScopesLimits) {
    this.#limits = limits
  }

  get count(): number {
    return this.#kept.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The one with this name, as the one that was used last. */
  get(nameHash: string): OpenScope | null {
    const kept = this.#kept.get(nameHash)
    if (kept !== undefined) {
      this.#kept.delete(nameHash)
      this.#kept.set(nameHash, kept)
      return kept
    }
    const gone = this.#gone.get(nameHash)?.deref()
    if (gone === undefined) return null
    this.add(gone)
    return gone
  }

  add(scope: OpenScope): void {
    this.#gone.delete(scope.nameHash)
    this.#kept.set(scope.nameHash, scope)
    this.#bytes += scope.bytes
    this.#makeRoom(scope)
  }

  /** A scope that is kept became larger. */
  grew(scope: OpenScope, bytes: number): void {
    if (this.#kept.get(scope.nameHash) !== scope) return
    this.#bytes += bytes
    this.#makeRoom(scope)
  }

  remove(scope: OpenScope): void {
    if (this.#gone.get(scope.nameHash)?.deref() === scope) this.#gone.delete(scope.nameHash)
    if (this.#kept.get(scope.nameHash) !== scope) return
    this.#kept.delete(scope.nameHash)
    this.#bytes -= scope.bytes
  }

  byId(id: string): OpenScope | null {
    for (const scope of this.#kept.values()) if (scope.id === id) return scope
    for (const reference of this.#gone.values()) {
      const scope = reference.deref()
      if (scope?.id === id) return scope
    }
    return null
  }

  /** Takes out what nobody holds any more. */
  sweep(): void {
    for (const [nameHash, reference] of this.#gone) if (reference.deref() === undefined) this.#gone.delete(nameHash)
  }

  #makeRoom(used: OpenScope): void {
    for (const scope of this.#kept.values()) {
      if (this.#kept.size <= this.#limits.scopes() && this.#bytes <= this.#limits.bytes) return
      if (scope === used) continue
      this.#kept.delete(scope.nameHash)
      this.#bytes -= scope.bytes
      this.#gone.set(scope.nameHash, new WeakRef(scope))
    }
  }
}
