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

const machines = [
  { memoryBytes: 2 * GiB, best: 'Qwen3 0.6B' },
  { memoryBytes: 8 * GiB, best: 'Qwen3 8B' },
  { memoryBytes: 16 * GiB, best: 'gpt-oss 20B' },
  { memoryBytes: 128 * GiB, best: 'gpt-oss 120B' },
]

test.each(machines)('on $memoryBytes bytes, $best comes first', ({ memoryBytes, best }) => {
  const [first, ...others] = suggest(memoryBytes)
  expect(first).toMatchObject({ name: best, fits: true })
  const fits = others.map((model) => model.fits)
  expect(fits).toEqual([...fits].sort((a, b) => Number(b) - Number(a)))
})

test('on a machine that does not tell its memory, nothing is claimed', () => {
  expect(suggest(null).every((model) => model.fits === null)).toBe(true)
  expect(suggest(1).every((model) => model.fits === false)).toBe(true)
})
