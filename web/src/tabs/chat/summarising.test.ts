import { describe, expect, test } from 'bun:test'
import { answer, question, talk } from './planted-talk.ts'
import { olderPart, summaryBody, wordsOfAnswer } from './summarising.ts'

const long = [1, 3, 5, 7].flatMap((id) => [question(id, `q${id}`), answer({ id: id + 1, content: `a${id}` })])

describe('a summary', () => {
  test('replaces all but the last two rounds', () => {
    const parts = olderPart(long)
    expect(parts?.older.map(({ id }) => id)).toEqual([1, 2, 3, 4])
    expect(parts?.newer.map(({ id }) => id)).toEqual([5, 6, 7, 8])
  })

  test('is not made of little', () => {
    expect(olderPart(long.slice(0, 4))).toBeNull()
    expect(olderPart([])).toBeNull()
    expect(olderPart([question(1), question(2), question(3)])).toBeNull()
  })

  test('takes an earlier summary with it', () => {
    const summary = { role: 'summary', id: 20, model: 'm', content: 'before', replaced: [] } as const
    expect(olderPart([summary, ...long])?.older[0]).toEqual(summary)
  })

  test('is asked for after the older turns, without the system prompt', () => {
    const body = summaryBody(talk({ model: 'm', system: 'Be a pirate.', turns: long }), long.slice(0, 2))
    const messages = body['messages'] as readonly { readonly role: string; readonly content: string }[]
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user'])
    expect(body['model']).toBe('m')
    expect(body['stream']).toBeUndefined()
  })

  test.each([
    [{ choices: [{ message: { content: ' They met. ' } }] }, 'They met.'],
    [{ choices: [{ message: { content: '' } }] }, null],
    [{ choices: [] }, null],
    [{ choices: 3 }, null],
    [null, null],
  ])('is the words of %j', (given, words) => expect(wordsOfAnswer(given)).toBe(words))
})
