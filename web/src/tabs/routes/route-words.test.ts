import { describe, expect, test } from 'bun:test'
import type { TargetView } from '../../api/types.ts'
import { policyWords, targetName } from '../../text/route-told.ts'
import { fallbackWords, figuresOf, troubleOf } from './route-words.ts'

const target: TargetView = {
  deployment: 'upstream:office',
  upstream: 'office',
  model: 'qwen3',
  locality: 'lan',
  weight: 1,
  priority: 0,
  breaker: 'closed',
  retryInMs: null,
  inFlight: 2,
  queued: 0,
  firstByteMs: 180,
  engine: null,
  failures: 0,
  lastFailure: null,
}

describe('a target', () => {
  test('is called as it can be asked for', () => {
    expect(targetName(target)).toBe('office/qwen3')
    expect(targetName({ upstream: 'local', model: 'hearth/smoke' })).toBe('hearth/smoke')
  })

  test('tells what is known, and never a number for what is not', () => {
    expect(figuresOf(target)).toEqual(['2 in flight', 'first byte after 180 ms'])
    const engine = { running: 8, waiting: null, cacheUsage: 0.41 }
    expect(figuresOf({ ...target, queued: 4, firstByteMs: null, engine })).toEqual([
      '2 in flight',
      '4 waiting',
      'no answer yet',
      'engine: 8 running, ? waiting',
      'cache 41% full',
    ])
  })

  const troubles: readonly [Partial<TargetView>, string][] = [
    [{}, ''],
    [{ failures: 1, lastFailure: 'busy' }, 'failed once · last: it is full'],
    [
      { breaker: 'open', failures: 5, lastFailure: 'refused', retryInMs: 21_000 },
      'failed 5 times in a row · last: nobody answers · asked again in 21 s',
    ],
    [{ breaker: 'half_open', failures: 2, lastFailure: 'odd_class' }, 'failed 2 times in a row · last: odd_class'],
  ]
  test.each(troubles)('%j is in this trouble: %p', (change, words) => {
    expect(troubleOf({ ...target, ...change })).toBe(words)
  })
})

describe('a route', () => {
  test('tells its policy, also one the page does not know', () => {
    expect(policyWords('sticky')).toBe('one conversation, one place')
    expect(policyWords('by-moon')).toBe('by-moon')
  })

  test('tells when it falls back', () => {
    expect(fallbackWords({ on: [], model: 'm' })).toBe('when nobody here can')
    expect(fallbackWords({ on: ['context_length', 'busy'], model: 'm' })).toBe(
      'when the prompt is too long, it is full',
    )
  })
})
