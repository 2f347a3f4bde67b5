import { expect, test } from 'bun:test'
import { createCell } from '#kernel/cell.ts'
import type { Recipe } from '../core/recipe.ts'
import { Library, type FoundFiles } from './library.ts'

const recipe: Recipe = {
  id: 'mine',
  from: 'overlay',
  label: null,
  engine: 'llama',
  source: { kind: 'file', path: '/models/a.gguf' },
  mmproj: null,
  lora: [],
  context: null,
  parallel: 1,
  gpuLayers: 'auto',
  memoryBytes: null,
  ttlMs: null,
  preload: false,
  pin: false,
  loadDeadlineMs: null,
  readyPath: '/health',
  embeddings: false,
  rerank: false,
}

function library(found: FoundFiles, budgetBytes: number | null = null) {
  const memory = { read: () => ({ totalBytes: 8 * 2 ** 30, availableBytes: null, hasDiscreteGpu: false }) }
  return new Library({ found, recipes: createCell([recipe]), memory, budgetBytes: () => budgetBytes })
}

test('a file that a model uses says which, and pages that ask at once share one walk over the disk', async () => {
  let walks = 0
  const files = library({
    async scan() {
      walks++
      const file = { name: 'a', sizeBytes: 1, from: 'hearth' } as const
      return [
        { ...file, path: '/models/a.gguf' },
        { ...file, path: '/models/b.gguf' },
      ]
    },
  })
  const [first] = await Promise.all([files.files(), files.files()])
  expect(first.map((file) => file.id)).toEqual(['mine', null])
  expect(walks).toBe(1)
  await files.files()
  expect(walks).toBe(2)
})

test('suggestions go by the budget that a person set, else by what the machine has', () => {
  const nothing = { scan: async () => [] }
  expect(library(nothing).suggestions().memoryBytes).toBe(8 * 2 ** 30)
  const { memoryBytes, data } = library(nothing, 2 ** 30).suggestions()
  expect(memoryBytes).toBe(2 ** 30)
  expect(data.filter((model) => model.fits).length).toBeLessThan(3)
})
