import { expect, test } from 'bun:test'
import { createPrices } from './prices.ts'

const prices = createPrices([
  {
    name: 'cloud',
    prices: {
      large: { input: 2.5, output: 10, cached: 1.25 },
      embed: { input: 0.02, output: 0, cached: null },
      free: { input: 0, output: 0, cached: null },
      '*': { input: 1, output: 2, cached: null },
    },
  },
  { name: 'lan', prices: {} },
])

test.each([
  ['input and output', 'cloud', 'large', [1000, 100, 0], 3500],
  ['a cached part at its own price', 'cloud', 'large', [1000, 100, 400], 3000],
  ['a cached part without a price of its own', 'cloud', 'other', [1000, 0, 400], 1000],
  ['more cached than the prompt has', 'cloud', 'large', [100, 0, 900], 125],
  ['an unknown cached part as not cached', 'cloud', 'large', [1000, 0, null], 2500],
  ['the price of all others', 'cloud', 'constructor', [10, 10, 0], 30],
  ['parts of a millionth, rounded', 'cloud', 'embed', [26, null, null], 1],
  ['nothing for what is free', 'cloud', 'free', [null, null, null], 0],
  ['unknown where the prompt was not counted', 'cloud', 'large', [null, 5, 0], null],
  ['unknown where the answer was not counted', 'cloud', 'large', [5, null, 0], null],
  ['unknown without a price', 'lan', 'qwen3', [1000, 100, 0], null],
  ['unknown for local models', 'local', 'tiny-a', [1000, 100, 0], null],
] as const)('the cost is %s', (_what, upstream, model, [promptTokens, completionTokens, cachedTokens], cost) => {
  expect(prices.costMicros({ upstream, model }, { promptTokens, completionTokens, cachedTokens })).toBe(cost)
})
