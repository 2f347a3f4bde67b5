import { estimateMemoryBytes } from '../core/gguf/memory.ts'
import { maxHeadBytes, readGguf } from '#protocol/gguf/reader.ts'
import type { Recipe } from '../core/recipe.ts'
import type { Weights, WeightsFacts } from '../ports.ts'

/** Tokens of context that the embedded engine takes when nobody says how many and the file does not say less. */
const defaultContext = 4096
const firstLookBytes = 2 ** 20

/** Reads the heads of GGUF files. */
export function createGgufWeights(): Weights {
  return {
    async look(path, recipe) {
      const file = Bun.file(path)
      if (!(await file.exists())) return null
      return lookAt(file, recipe)
    },
  }
}

async function lookAt(file: Bun.BunFile, recipe: Recipe): Promise<WeightsFacts> {
  const fileBytes = file.size
  for (let want = firstLookBytes; ;) {
    const reading = readGguf(await file.slice(0, want).bytes(), fileBytes)
    if (reading.kind === 'bad') return { memoryBytes: null, defect: reading.reason }
    if (reading.kind === 'ok') {
      const context = recipe.context ?? Math.min(defaultContext, reading.info.contextLength ?? defaultContext)
      return {
        memoryBytes: estimateMemoryBytes({
          info: reading.info,
          context,
          parallel: recipe.parallel,
          withVectors: recipe.embeddings || recipe.rerank,
        }),
        defect: null,
      }
    }
    if (reading.wantBytes <= want || want >= Math.min(fileBytes, maxHeadBytes))
      return { memoryBytes: null, defect: null }
    want = Math.min(maxHeadBytes, Math.max(reading.wantBytes, want * 2))
  }
}
