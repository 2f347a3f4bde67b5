import { describe, expect, test } from 'bun:test'
import { routeToldWords, whyWords } from './route-told.ts'

describe('why a target was asked', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['only target', 'nobody else answers for this name'],
    ['priority 1 of 2', 'the first that can: 1 of 2'],
    ['least-in-flight 3 of 3', 'fewest requests in flight: 3 of 3'],
    ['by-moon 2 of 2', 'by-moon: 2 of 2'],
    ['next after refused', 'the next one, after this failure: nobody answers'],
    ['retry 1 after rate_limited', 'asked again, after this failure: there are too many requests'],
    ['fallback huge after context_length', 'the fallback huge, after this failure: the prompt is too long'],
    ['all breakers open, tried nevertheless', 'asked though everybody is out of order'],
    [
      'all breakers open, tried nevertheless after timeout',
      'asked though everybody is out of order, after this failure: it takes too long',
    ],
    ['by a coin', 'by a coin'],
    ['somehow after refused', 'somehow after refused'],
  ]
  test.each(cases)('%s is told as %p', (why, told) => expect(whyWords(why)).toBe(told))
})

describe('who answered', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['local/hearth/smoke; only target', 'this house'],
    ['local', 'this house'],
    ['office/qwen3; only target', 'office/qwen3'],
    ['office/qwen3; weighted 1 of 2', 'office/qwen3 (by weight: 1 of 2)'],
    ['office/odd; name', 'office/odd (name)'],
  ]
  test.each(cases)('%s is told as %p', (route, told) => expect(routeToldWords(route)).toBe(told))
})
