import { expect, test } from 'bun:test'
import { suggest, suggestedModels } from './suggestions.ts'

const GiB = 2 ** 30

test('every suggestion can be pulled as it stands, and needs more memory than its file is large', () => {
  for (const model of suggestedModels) {
    expect(model.ref).toMatch(/^[\w-]+\/[\w.-]+:\w+$/)
    expect(model.memoryBytes).toBeGreaterThan(model.sizeBytes)
    expect(model.licence).not.toBe('')
  }
  expect(new Set(suggestedModels.map((model) => model.ref)).size).toBe(suggestedModels.length)
})

const budgets = [
  { budgetBytes: 2 * GiB, best: 'Qwen3 0.6B' },
  { budgetBytes: 8 * GiB, best: 'Qwen3 8B' },
  { budgetBytes: 16 * GiB, best: 'Mistral Small 24B' },
  { budgetBytes: 128 * GiB, best: 'gpt-oss 120B' },
]

test.each(budgets)('within $budgetBytes bytes, $best comes first', ({ budgetBytes, best }) => {
  const [first, ...others] = suggest(budgetBytes)
  expect(first).toMatchObject({ name: best, fits: true })
  const fits = others.map((model) => model.fits)
  expect(fits).toEqual([...fits].sort((a, b) => Number(b) - Number(a)))
})

test('on a machine that does not tell its memory, nothing is claimed', () => {
  expect(suggest(null).every((model) => model.fits === null)).toBe(true)
  expect(suggest(1).every((model) => model.fits === false)).toBe(true)
})
