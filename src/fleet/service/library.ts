import type { Cell } from '#kernel/words.ts'
import type { LibraryFile, Suggestion } from '#protocol/admin/pulls.ts'
import type { Recipe } from '../core/recipe.ts'
import { suggest } from '../core/suggestions.ts'
import { recipeOf } from './pulls/recipes.ts'

/** Model files that lie on this machine, whoever brought them. */
export interface FoundFiles {
  scan(): Promise<readonly Omit<LibraryFile, 'id'>[]>
}

export interface LibraryOptions {
  readonly found: FoundFiles
  readonly recipes: Cell<readonly Recipe[]>
  /** What models may use together on this machine; null = it does not tell. */
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
    return found.map((file) => ({ ...file, id: userOf(file, this.#options.recipes.value)?.id ?? null }))
  }

  suggestions(): { readonly memoryBytes: number | null; readonly data: readonly Suggestion[] } {
    const memoryBytes = this.#options.budgetBytes()
    return { memoryBytes, data: suggest(memoryBytes) }
  }
}

/** The recipe that uses a found file, by whatever it names its weights; null = none. */
function userOf({ from, name, path }: Omit<LibraryFile, 'id'>, recipes: readonly Recipe[]): Recipe | null {
  const byPath = recipeOf(path, recipes)
  if (byPath !== null || from !== 'hearth') return byPath
  // Files that Hearth fetched or wrote are named by their path below its folder of models.
  return recipes.find(({ source }) => ownName(source) === name) ?? null
}

function ownName(source: Recipe['source']): string | null {
  if (source.kind === 'smoke') return source.which === 'chat' ? 'hearth/smoke.gguf' : 'hearth/smoke-rank.gguf'
  if (source.kind !== 'hf' || source.revision !== 'main') return null
  return `${source.repo}/${source.file}`
}
