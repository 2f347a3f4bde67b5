import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { modelName } from '#kernel/ids.ts'
import { compileAllowList } from './model-allow-list.ts'

describe('an allow-list of models', () => {
  test.each([
    [null, 'anything/at:all', true],
    [['*'], 'anything/at:all', true],
    [['tiny-a'], 'tiny-a', true],
    [['tiny-a'], 'tiny-ab', false],
    [['tiny-a'], 'Tiny-A', false],
    [['office-vllm/*'], 'office-vllm/qwen3-30b', true],
    [['office-vllm/*'], 'office-vllm/org/qwen3', true],
    [['office-vllm/*'], 'office-vllm', false],
    [['office-vllm/*'], 'home-vllm/qwen3', false],
    [['*-mini'], 'gpt-4o-mini', true],
    [['*-mini'], 'gpt-4o-mini-2', false],
    [['a*a'], 'a', false],
    [['a*b*c'], 'a-b-c', true],
    [['a*b*c'], 'a-c-b', false],
    [['**'], 'x', true],
    [['x', 'y*'], 'yes', true],
    [[], 'x', false],
  ])('%j lets %p through: %p', (models, model, isAllowed) => {
    expect(compileAllowList(models)(modelName(model))).toBe(isAllowed)
  })

  test('agrees with the regular expression that its stars mean', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.'), maxLength: 8 })
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '*'), maxLength: 6 })
    fc.assert(
      fc.property(pattern, text, (stars, model) => {
        const expression = new RegExp(`^${stars.replaceAll('.', '\\.').replaceAll(/\*+/g, '.*')}$`)
        expect(compileAllowList([stars])(modelName(model))).toBe(expression.test(model))
      }),
      { numRuns: 2000 },
    )
  })
})
