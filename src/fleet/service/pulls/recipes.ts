import { AppError } from '#kernel/errors.ts'
import type { Recipe } from '../../core/recipe.ts'
import type { RecipeBook } from '../../ports.ts'
import type { PullJob } from './job.ts'
import { modelIdFor } from './reference.ts'

const maxNames = 20

/** The recipe that uses a file; null = none. */
export function recipeOf(path: string, recipes: readonly Recipe[]): Recipe | null {
  return recipes.find((recipe) => recipe.source.kind === 'file' && recipe.source.path === path) ?? null
}

/** Makes a model of a pulled file and answers its id; the one that uses the file already, if there is one. */
export async function addRecipe(given: {
  readonly job: PullJob
  readonly path: string
  readonly recipes: readonly Recipe[]
  readonly book: RecipeBook
}): Promise<string> {
  const { job, path, recipes, book } = given
  const used = recipeOf(path, recipes)
  if (used && (job.parts.modelId === null || job.parts.modelId === used.id)) return used.id
  const wanted = job.parts.modelId
  const base = wanted ?? modelIdFor(path)
  for (let n = 1; n <= maxNames; n++) {
    const id = n === 1 ? base : `${base}-${n}`
    try {
      await book.add({ id, file: path, ...roleOf(path) })
      return id
    } catch (thrown) {
      const isTaken = thrown instanceof AppError && thrown.kind === 'conflict'
      // A name that a person chose is not changed behind their back.
      if (!isTaken || wanted !== null) throw thrown
    }
  }
  throw new AppError(
    'conflict',
    `There are ${maxNames} models named ${base} already: pull again with an id of your own.`,
    {
      reason: 'already_exists',
      param: 'id',
    },
  )
}

/** What a model is for, by the custom of names; whoever knows better writes it into the configuration. */
function roleOf(path: string): { readonly embeddings?: true; readonly rerank?: true } {
  const name = path.split('/').slice(-3).join('/').toLowerCase()
  if (/rerank/.test(name)) return { rerank: true }
  return /embed|(^|[/_-])(bge|e5|gte)[-_]|minilm/.test(name) ? { embeddings: true } : {}
}
