import { describe, expect, test } from 'bun:test'
import { bestModel } from './chat/model.ts'
import { visible } from './chat/speak.ts'
import { overlapOf } from './commands/logs.ts'
import { bytesText, costText, durationMs, millisecondsText, secondsText } from './format.ts'
import { nearest } from './nearest.ts'
import { wrap } from './text-width.ts'

describe('figures read well, and unknown is never 0', () => {
  test.each([
    [bytesText(null), '-'],
    [bytesText(0), '0 B'],
    [bytesText(1023), '1023 B'],
    [bytesText(1536), '1.5 KiB'],
    [bytesText(24 * 2 ** 30), '24.0 GiB'],
    [bytesText(300 * 2 ** 20), '300 MiB'],
    [secondsText(null), '-'],
    [secondsText(59.4), '59s'],
    [secondsText(60), '1m00s'],
    [secondsText(3725), '1h02m'],
    [secondsText(90_000), '1d01h'],
    [millisecondsText(21.4), '21ms'],
    [millisecondsText(1234), '1.23s'],
    [costText(null), '-'],
    [costText(0), '$0.00'],
    [costText(1500), '$0.0015'],
    [costText(2_500_000), '$2.50'],
  ])('%s', (text, wanted) => {
    expect(text).toBe(wanted)
  })

  test('times of a duration are read, others are not', () => {
    expect(['90s', '10m', '12h', '30d', '1.5h', '5', 'soon'].map(durationMs)).toEqual([
      90_000,
      600_000,
      43_200_000,
      2_592_000_000,
      5_400_000,
      null,
      null,
    ])
  })
})

test('the nearest names come first', () => {
  expect(nearest('stauts', ['status', 'serve', 'usage'])).toEqual(['status'])
  expect(nearest('mod', ['chat', 'models'])).toEqual(['models'])
  expect(nearest('qqqqqq', ['status', 'serve'])).toEqual([])
})

test('a real model that is ready is talked to before the smoke model', () => {
  const model = (id: string, state: string, capabilities = ['chat']) => ({
    id,
    object: 'model' as const,
    created: 0,
    owned_by: 'local',
    hearth: { state, label: null, capabilities, context: null },
  })
  const smoke = model('hearth/smoke', 'ready')
  expect(bestModel([smoke])).toBe('hearth/smoke')
  expect(bestModel([smoke, model('cold', 'stopped')])).toBe('cold')
  expect(bestModel([smoke, model('cold', 'stopped'), model('warm', 'ready')])).toBe('warm')
  expect(bestModel([smoke, model('dead', 'failed'), model('vectors', 'ready', ['embedding'])])).toBe('dead')
  expect(() => bestModel([])).toThrow('no model')
})

test('a model’s words cannot steer the terminal', () => {
  expect(visible('a\u001b[2Jb\u0007c\r\n\td\u009b31m')).toBe('a[2Jbc\n\td31m')
})

test('lines that are in the log and among the events are shown once', () => {
  expect(overlapOf(['a', 'b', 'c'], ['b', 'c', 'd'])).toBe(2)
  expect(overlapOf(['a', 'a'], ['a', 'b'])).toBe(1)
  expect(overlapOf(['a', 'b'], ['a'])).toBe(0)
  expect(overlapOf([], ['a'])).toBe(0)
})

test('long lines are broken at spaces', () => {
  expect(wrap('the quick brown fox jumps over', 20)).toEqual(['the quick brown fox', 'jumps over'])
  expect(wrap('whole', null)).toEqual(['whole'])
})
