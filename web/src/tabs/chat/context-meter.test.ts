import { describe, expect, test } from 'bun:test'
import { contextUse } from './context-meter.ts'
import { answer, question, talk } from './planted-talk.ts'

describe('the room in a context', () => {
  test('is what the model counted, while nothing was written since', () => {
    const use = contextUse(talk(), { draft: '', limit: 100 })
    expect(use).toEqual({ tokens: 14, isGuess: false, limit: 100, level: 'calm' })
  })

  test('is guessed for what was written since', () => {
    const turns = [question(1), answer(), question(3, 'x'.repeat(40))]
    expect(contextUse(talk({ turns }), { draft: 'yyyy', limit: 100 })).toMatchObject({ tokens: 25, isGuess: true })
  })

  test('is guessed in whole where no model counted', () => {
    const turns = [question(1, 'abcd'), answer({ usage: null, content: 'abcdefgh' })]
    expect(contextUse(talk({ turns, system: 'abcd' }), { draft: '', limit: null })).toMatchObject({ tokens: 4 })
  })

  test('is guessed after a summary, for the model counted what it replaced', () => {
    const summary = { role: 'summary', id: 9, model: 'm', content: 'abcd', replaced: [] } as const
    const use = (turns: Parameters<typeof talk>[0]) => contextUse(talk(turns), { draft: '', limit: 100 })
    expect(use({ turns: [summary, question(1), answer()] })).toMatchObject({ tokens: 4, isGuess: true })
    expect(use({ turns: [summary, question(10), answer({ id: 11 })] })).toMatchObject({ tokens: 14, isGuess: false })
  })

  test('does not count what only the rival said', () => {
    const turns = [
      question(1),
      answer(),
      answer({ id: 3, side: 'rival', usage: { promptTokens: 9, completionTokens: 9 } }),
    ]
    expect(contextUse(talk({ turns }), { draft: '', limit: 100 }).tokens).toBe(14)
  })

  test.each([
    [13, 'over'],
    [14, 'over'],
    [20, 'watch'],
    [21, 'calm'],
    [null, 'calm'],
  ] as const)('of %p is %p at 14 tokens', (limit, level) => {
    expect(contextUse(talk(), { draft: '', limit }).level).toBe(level)
  })
})
