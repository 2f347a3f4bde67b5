import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { formatBytes, parseBytes } from './bytes.ts'
import { createCell } from './cell.ts'
import { AppError, assert, messageOf } from './errors.ts'
import { editDistance, nearestNames } from './nearest.ts'
import { formatDuration, parseDuration } from './time.ts'

test.each([
  ['500ms', 500],
  ['60s', 60_000],
  ['1.5h', 5_400_000],
  ['7d', 604_800_000],
  ['60', null],
  ['-1s', null],
  ['1 week', null],
])('the duration %s is %p milliseconds', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test.each([
  [400, '400ms'],
  [60_000, '1m'],
  [90_000, '1m30s'],
  [5_400_000, '1h30m'],
])('%p milliseconds are told as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})

test.each([
  ['24GiB', 24 * 2 ** 30],
  ['1.5 GiB', 1.5 * 2 ** 30],
  ['24GB', 24e9],
  ['1024', 1024],
  ['24 gigs', null],
])('the size %s is %p bytes', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes)
})

test('bytes are told in the largest unit that fits', () => {
  expect([0, 1023, 1024, 1.5 * 2 ** 30, 24 * 2 ** 30].map(formatBytes)).toEqual([
    '0 B',
    '1023 B',
    '1 KiB',
    '1.5 GiB',
    '24 GiB',
  ])
})

describe('the nearest names', () => {
  test.each([
    ['qwen3-30', ['qwen3-30b', 'office/qwen3-30b']],
    ['QWEN3-30B', ['qwen3-30b', 'office/qwen3-30b']],
    ['llma', ['llama']],
    ['zzz', []],
  ])('to %s are %p', (wanted, names) => {
    expect(nearestNames(wanted, ['office/qwen3-30b', 'qwen3-30b', 'llama', 'whisper'])).toEqual(names)
  })

  test('are known by what they contain among any number, and by their letters among the first', () => {
    const many = Array.from({ length: 5000 }, (_, index) => `vendor-${index}/a-name-of-the-usual-length-${index}`)
    const names = ['vendor/first-one', ...many, 'vendor/last-one']
    // Comparing all of them letter by letter would hold up everybody else.
    expect(nearestNames('vendor/frist-one', names)).toContain('vendor/first-one')
    expect(nearestNames('last-one', names)).toEqual(['vendor/last-one'])
  })

  test('rest on a distance that is 0 only for equal texts and the same both ways', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a))
        expect(editDistance(a, b) === 0).toBe(a === b)
      }),
    )
  })
})

test('a cell tells its new value to those who listen, and to nobody who stopped', () => {
  const cell = createCell(1)
  const seen: number[] = []
  const subscription = cell.onChange((value) => seen.push(value))
  cell.replace(2)
  subscription[Symbol.dispose]()
  cell.replace(3)
  expect([cell.value, seen]).toEqual([3, [2]])
})

test('an error carries its reason, and a broken assumption says which', () => {
  expect(new AppError('busy', 'Full.', { retryAfterMs: 5 })).toMatchObject({
    reason: 'busy',
    retryAfterMs: 5,
    param: null,
  })
  expect(() => assert(false, 'two owners')).toThrow('Broken assumption: two owners.')
  expect(messageOf('text')).toBe('text')
})
