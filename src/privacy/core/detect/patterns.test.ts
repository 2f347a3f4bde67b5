import { describe, expect, test } from 'bun:test'
import { rawView } from '../text/offsets.ts'
import { compilePatterns, mostPatternUnits } from './patterns.ts'

function patternsOf(...patterns: readonly string[]) {
  const made = compilePatterns(patterns)
  if (made.kind === 'problems') throw new Error(JSON.stringify(made.problems))
  return made.patterns
}

describe('patterns', () => {
  test('find all their matches, with places in units of the text', () => {
    const hits = patternsOf('(?i)proj-\\d+', 'Ü+').find(rawView('😀 PROJ-12, proj-3 ÜÜ'))
    expect(hits?.map(({ start, end, canonical }) => [start, end, canonical])).toEqual([
      [3, 10, 'proj-12'],
      [12, 18, 'proj-3'],
      [19, 21, 'üü'],
    ])
    expect(hits?.every((hit) => hit.recogniser === 'deny' && hit.type === 'TERM' && hit.isValidated)).toBe(true)
  })

  test('are matched in one pass where other engines never end', () => {
    expect(patternsOf('(a+)+$', '(x|x)*y').find(rawView(`${'a'.repeat(50_000)}b${'x'.repeat(50_000)}`))).toEqual([])
  })

  test('that match all over the place let nothing leave', () => {
    expect(patternsOf('a').find(rawView('ab'.repeat(10_000)))).toHaveLength(10_000)
    expect(patternsOf('a').find(rawView('ab'.repeat(10_001)))).toBeNull()
  })
})

describe('a pattern that cannot be used is told in a sentence', () => {
  test.each([
    ['proj-(\\d+', 'is no expression of RE2: error parsing regexp: missing closing )'],
    ['(?<=a)b', 'is no expression of RE2'],
    ['(a)\\1', 'is no expression of RE2'],
    ['a*', 'matches the empty text; make it need something.'],
    ['a'.repeat(mostPatternUnits + 1), `has 1001 characters; ${mostPatternUnits} is the most.`],
  ])('%.12s', (pattern, sentence) => {
    const made = compilePatterns(['fine', pattern])
    expect(made).toMatchObject({
      kind: 'problems',
      problems: [{ pattern, problem: expect.stringContaining(sentence) }],
    })
  })
})
