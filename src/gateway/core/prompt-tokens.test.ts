import { expect, test } from 'bun:test'
import { promptTokensOf } from './prompt-tokens.ts'

const picture = 'iVBORw0KGgo'.repeat(100_000)
const chat = (content: unknown) => ({ messages: [{ role: 'user', content }] })

test.each([
  ['a short text', chat('word '.repeat(100)), 100, 140],
  ['a long text', chat('word '.repeat(100_000)), 100_000, 140_000],
  [
    'a picture as a data URL',
    chat([{ type: 'image_url', image_url: { url: `data:image/png;base64,${picture}` } }]),
    1000,
    1100,
  ],
  ['a picture of Anthropic', chat([{ type: 'image', source: { type: 'base64', data: picture } }]), 1000, 1100],
  ['words without a blank', chat('слово'.repeat(10_000)), 10_000, 15_000],
  ['tokens themselves', { prompt: Array.from({ length: 500 }, (_, token) => token) }, 500, 510],
  ['nothing', {}, 0, 0],
])('%s is counted about right', (_what, body, least, most) => {
  const tokens = promptTokensOf(body)
  expect(tokens).toBeGreaterThanOrEqual(least)
  expect(tokens).toBeLessThanOrEqual(most)
})

test('a body without a bottom is no trap', () => {
  let deep: unknown = 'x'
  for (let level = 0; level < 5000; level++) deep = [deep]
  expect(promptTokensOf(deep)).toBe(0)
})
