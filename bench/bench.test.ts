import { describe, expect, test } from 'bun:test'
import { seeded, shuffled } from './chance.ts'
import { readFlags } from './flags.ts'
import { isGood, unchunked, type Answer } from './load/answers.ts'
import { streamAnswer, wholeAnswer, words } from './mock-answers.ts'
import { createTaker } from './mock-request.ts'
import { slope } from './slope.ts'

const good: Answer = { status: 200, isWhole: true, body: words.join(' ') + ' "usage"' }
const expected = { request: '', words, last: '"usage"' }

describe('an answer', () => {
  const swapped = [...words.slice(1), words[0]].join(' ')
  test.each<[string, Answer, boolean]>([
    ['with all words is good', good, true],
    ['that is empty is not', { ...good, body: '' }, false],
    ['without one word is not', { ...good, body: good.body.replace('word050', '') }, false],
    ['with its words in another order is not', { ...good, body: `${swapped} "usage"` }, false],
    ['without its end is not', { ...good, body: words.join(' ') }, false],
    ['that was cut is not', { ...good, isWhole: false }, false],
    ['of another status is not', { ...good, status: 500 }, false],
  ])('%s', (_, answer, is) => {
    expect(isGood(answer, expected)).toBe(is)
  })

  test.each(['chat', 'responses', 'messages'] as const)('of the mock holds its words in %s', (dialect) => {
    for (const body of [wholeAnswer(dialect), streamAnswer(dialect)]) {
      expect(isGood({ status: 200, isWhole: true, body }, { request: '', words, last: 'usage' })).toBe(true)
    }
  })

  test('loses the marks of its transfer, also where they cut a word', () => {
    expect(unchunked('5\r\nword0\r\na\r\n01 word002\r\n0\r\n\r\n')).toBe('word001 word002')
    expect(unchunked('{"plain": true}')).toBe('{"plain": true}')
  })
})

describe('a request to the mock', () => {
  const head = 'POST /v1/chat/completions?a=b HTTP/1.1\r\n'
  const long = `${head}Content-Length: 5\r\n\r\nhello`
  const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n`

  test.each([
    ['with a length', [long]],
    ['in chunks', [chunked]],
    ['byte by byte', long.split('')],
    ['in chunks byte by byte', chunked.split('')],
  ])('%s is taken once', (_, parts) => {
    const take = createTaker()
    const taken = parts.flatMap((part) => take(Buffer.from(part)))
    expect(taken).toEqual([{ path: '/v1/chat/completions', body: 'hello' }])
  })

  test('after another in one packet is taken too', () => {
    expect(createTaker()(Buffer.from(chunked + long)).map(({ body }) => body)).toEqual(['hello', 'hello'])
  })
})

describe('the settings of a run', () => {
  test('are names and numbers', () => {
    expect(readFlags(['endurance', '--minutes=30', '--seed=7', '--quick'])).toEqual({
      names: ['endurance'],
      isQuick: true,
      seconds: 1800,
      requests: null,
      trials: null,
      seed: 7,
    })
  })

  test.each(['--fast', '--seconds', '--seconds=ten', '--colour=3'])('%s is refused', (word) => {
    expect(() => readFlags([word])).toThrow(word)
  })
})

test('the slope of a line is found', () => {
  expect(slope([0, 1, 2, 3].map((minute) => ({ minute, mib: 100 + 2 * minute })))).toBeCloseTo(2)
  expect(slope([5, 6, 7].map((minute) => ({ minute, mib: 80 })))).toBeCloseTo(0)
})

test('an order is the same for the same seed, and holds all', () => {
  const order = shuffled([1, 2, 3, 4, 5, 6, 7, 8], seeded(3))
  expect(shuffled([1, 2, 3, 4, 5, 6, 7, 8], seeded(3))).toEqual([...order])
  expect(shuffled([1, 2, 3, 4, 5, 6, 7, 8], seeded(4))).not.toEqual([...order])
  expect(order.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
})
