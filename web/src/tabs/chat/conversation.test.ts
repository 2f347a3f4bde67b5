import { describe, expect, test } from 'bun:test'
import { isBusy, openCalls, roundsOf, tokensPerSecond, withoutLastAnswer, withQuestion } from './conversation.ts'
import { answer, question, talk } from './planted-talk.ts'

describe('a conversation', () => {
  test('falls into rounds: a question and what each side said to it', () => {
    const rival = answer({ id: 3, side: 'rival' })
    const rounds = roundsOf([question(1), answer(), rival, question(4)])
    expect(rounds.map(({ head, main, rival: beside }) => [head?.id, main.length, beside.length])).toEqual([
      [1, 1, 1],
      [4, 0, 0],
    ])
  })

  test('that lost its beginning still has its answers', () => {
    expect(roundsOf([answer()]).map(({ head, main }) => [head, main.length])).toEqual([[null, 1]])
  })

  test('is busy while one of its answers runs, whichever side', () => {
    expect(isBusy(talk())).toBe(false)
    const running = answer({ id: 3, side: 'rival', state: { kind: 'streaming' } })
    expect(isBusy(talk({ turns: [question(1), running, answer()] }))).toBe(true)
  })

  test('knows the calls nobody has answered', () => {
    const call = (id: string) => ({ id, name: 'f', arguments: '' })
    const calling = answer({ calls: [call('a'), call('b')] })
    const result = { role: 'tool', id: 3, side: 'main', call: 'a', name: 'f', content: '1' } as const
    expect(openCalls(calling, [calling, result]).map(({ id }) => id)).toEqual(['b'])
    expect(openCalls(answer(), [])).toEqual([])
  })

  test('loses the last answer of one side when that is asked for anew', () => {
    const turns = [question(1), answer(), answer({ id: 3, side: 'rival' })]
    expect(withoutLastAnswer(turns, 'main').map(({ id }) => id)).toEqual([1, 3])
    expect(withoutLastAnswer([question(1)], 'rival').map(({ id }) => id)).toEqual([1])
  })

  test('ends with the question that was said otherwise', () => {
    const edited = withQuestion([question(1), answer(), question(3)], 1, 'Hey')
    expect(edited).toEqual([{ role: 'user', id: 1, content: 'Hey', images: [] }])
    expect(withQuestion([question(1), answer()], 2, 'Hey')).toBeNull()
  })

  test('tells its speed only where it is known', () => {
    expect(tokensPerSecond(answer())).toBe(10)
    expect(tokensPerSecond(answer({ usage: null }))).toBeNull()
    expect(tokensPerSecond(answer({ firstWordMs: null }))).toBeNull()
    expect(tokensPerSecond(answer({ totalMs: 500 }))).toBeNull()
  })
})
