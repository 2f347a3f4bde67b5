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

const recipes: readonly Recipe[] = [
  recipe,
  { ...recipe, id: 'pulled', source: { kind: 'hf', repo: 'o/r', file: 'f.gguf', revision: 'main' } },
  { ...recipe, id: 'hearth/smoke', from: 'builtin', source: { kind: 'smoke', which: 'chat' } },
]

function library(found: FoundFiles, budgetBytes: number | null = null) {
  return new Library({ found, recipes: createCell(recipes), budgetBytes: () => budgetBytes })
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

test.each([
  { from: 'hearth', name: 'o/r/f.gguf', id: 'pulled' },
  { from: 'hearth', name: 'hearth/smoke.gguf', id: 'hearth/smoke' },
  { from: 'hearth', name: 'hearth/smoke-rank.gguf', id: null },
  { from: 'lmstudio', name: 'o/r/f.gguf', id: null },
] as const)('a file of $from called $name is used by $id', async ({ from, name, id }) => {
  const [file] = await library({ scan: async () => [{ name, from, sizeBytes: 1, path: `/elsewhere/${name}` }] }).files()
  expect(file?.id).toBe(id)
})

test('suggestions go by what models may use here, and claim nothing where that is not known', () => {
  const nothing = { scan: async () => [] }
  const unknown = library(nothing).suggestions()
  expect(unknown.memoryBytes).toBeNull()
  expect(unknown.data.every((model) => model.fits === null)).toBe(true)
  const { memoryBytes, data } = library(nothing, 2 ** 30).suggestions()
  expect(memoryBytes).toBe(2 ** 30)
  expect(data.filter((model) => model.fits).length).toBeLessThan(3)
})
