import { describe, expect, test } from 'bun:test'
import type { Json } from '../conversation/conversation.ts'
import { messagesCaller } from './caller.ts'
import { estimateTokens } from './estimate.ts'

const estimate = (content: unknown, members: Json = {}): number =>
  estimateTokens(messagesCaller.readRequest({ model: 'm', messages: [{ role: 'user', content }], ...members }))

const empty = estimate('')

/** Tokens as o200k and cl100k count them: the estimate is not below the former and not above twice the latter. */
const texts: readonly (readonly [string, string, number, number])[] = [
  [
    'English',
    'The quick brown fox jumps over the lazy dog near the old stone bridge every morning. '.repeat(10),
    171,
    171,
  ],
  ['code', 'for (let index = 0; index < list.length; index++) { total += list[index].price }\n'.repeat(10), 230, 230],
  ['German', 'Die Größe der Straßenbahn überraschte die Gäste in München außerordentlich. '.repeat(10), 151, 221],
  ['Chinese', '今天天气很好我们一起去公园散步吧'.repeat(10), 120, 200],
]

describe('the estimate of', () => {
  test.each(texts)('%s is near', (_, text, least, most) => {
    expect(estimate(text) - empty).toBeGreaterThanOrEqual(least)
    expect(estimate(text) - empty).toBeLessThanOrEqual(2 * most)
  })

  test('tools, pictures and thoughts counts them', () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'A'.repeat(100_000) } }
    expect(estimate([image]) - empty).toBeWithin(1500, 1700)
    const tools = [{ name: 'Bash', description: 'x'.repeat(350), input_schema: { type: 'object' } }]
    expect(estimate('', { tools })).toBeGreaterThan(empty + 100)
  })
})
