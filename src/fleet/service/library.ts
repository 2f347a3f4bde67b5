import type { Cell } from '#kernel/words.ts'
import type { LibraryFile, Suggestion } from '#protocol/admin/pulls.ts'
import type { Recipe } from '../core/recipe.ts'
import { suggest } from '../core/suggestions.ts'
import type { MachineMemory } from '../ports.ts'
import { recipeOf } from './pulls/recipes.ts'

/** Model files that lie on this machine, whoever brought them. */
export interface FoundFiles {
  scan(): Promise<readonly Omit<LibraryFile, 'id'>[]>
}

export interface LibraryOptions {
  readonly found: FoundFiles
  readonly recipes: Cell<readonly Recipe[]>
  readonly memory: MachineMemory
  /** Set in the config; null = measured. */
  readonly budgetBytes: () => number | null
}

/** What could be run here: files that are here already, and models that would fit. */
export class Library {
  readonly #options: LibraryOptions
  #underway: Promise<readonly Omit<LibraryFile, 'id'>[]> | null = null

  constructor(options: LibraryOptions) {
    this.#options = options
  }

  async files(): Promise<readonly LibraryFile[]> {
    // One walk over the disk at a time, however many pages ask.
    this.#underway ??= this.#options.found.scan().finally(() => (this.#underway = null))
    const found = await this.#underway
    return found.map((file) => ({ ...file, id: recipeOf(file.path, this.#options.recipes.value)?.id ?? null }))
  }

  suggestions(): { readonly memoryBytes: number | null; readonly data: readonly Suggestion[] } {
    const memoryBytes = this.#options.budgetBytes() ?? this.#options.memory.read().totalBytes
    return { memoryBytes, data: suggest(memoryBytes) }
  }
}
