import { describe, expect, test } from 'bun:test'
import type { PoolView } from '../../api/types.ts'
import { isQuiet, poolFigures, poolName, sharedBy, waitWords } from './pool-words.ts'

const pool: PoolView = {
  name: 'upstream:office',
  kind: 'deployment',
  limit: 4,
  perKey: null,
  inFlight: 0,
  waiting: { interactive: 0, batch: 0 },
  oldestWaitMs: null,
  serviceMs: null,
  members: ['upstream:office'],
}

describe('places', () => {
  const names: readonly [PoolView['name'], PoolView['kind'], string][] = [
    ['model:hearth/smoke', 'deployment', 'hearth/smoke'],
    ['upstream:office', 'deployment', 'office'],
    ['upstream:office/audio', 'audio', 'office, sound'],
    ['gpu-0', 'shared', 'gpu-0'],
  ]
  test.each(names)('%s, which is %s, is called %p', (name, kind, called) => {
    expect(poolName({ name, kind })).toBe(called)
  })

  test('that are shared tell by whom', () => {
    expect(sharedBy(pool)).toBe('')
    const members = ['upstream:whisper', 'model:kokoro']
    expect(sharedBy({ ...pool, name: 'gpu-0', kind: 'shared', members })).toBe('shared by whisper, kokoro')
    expect(sharedBy({ ...pool, name: 'gpu-0', kind: 'shared', members: [] })).toBe('nobody uses it yet')
  })

  test('tell what is known, and never a number for what is not', () => {
    expect(poolFigures({ ...pool, inFlight: 3 })).toEqual(['3 of 4 places taken'])
    expect(poolFigures({ ...pool, limit: null, inFlight: 12 })).toEqual(['12 in flight, no limit'])
    expect(poolFigures({ ...pool, perKey: 2, serviceMs: 3240 })).toEqual([
      '0 of 4 places taken',
      'one key at most 2',
      'about 3.2 s each',
    ])
  })

  const waits: readonly [Partial<PoolView>, string][] = [
    [{}, ''],
    [{ waiting: { interactive: 1, batch: 0 }, oldestWaitMs: 800 }, '1 waiting · the longest for 800 ms'],
    [
      { waiting: { interactive: 4, batch: 12 }, oldestWaitMs: 42_000 },
      '16 waiting · 12 of them can wait · the longest for 42 s',
    ],
    [{ waiting: { interactive: 0, batch: 3 }, oldestWaitMs: null }, '3 waiting · 3 of them can wait'],
  ]
  test.each(waits)('with %j tell of the line: %p', (more, told) => {
    expect(waitWords({ ...pool, ...more })).toBe(told)
  })

  test('are quiet when nobody takes one or waits, unless somebody named them', () => {
    expect(isQuiet(pool)).toBe(true)
    expect(isQuiet({ ...pool, inFlight: 1 })).toBe(false)
    expect(isQuiet({ ...pool, waiting: { interactive: 0, batch: 1 } })).toBe(false)
    expect(isQuiet({ ...pool, kind: 'shared' })).toBe(false)
  })
})
