import { describe, expect, test } from 'bun:test'
import { progressLine } from './progress-bar.ts'
import { widthOf } from './text-width.ts'

const half = { label: 'qwen', doneBytes: 2 ** 30, totalBytes: 2 ** 31, bytesPerSecond: 10 * 2 ** 20, etaSeconds: 102 }

describe('a progress line', () => {
  test.each([
    [80, 'qwen  [##########----------]   50%  1.0 GiB of 2.0 GiB  10.0 MiB/s  1m42s left'],
    [120, `qwen  [${'#'.repeat(19)}${'-'.repeat(19)}]   50%  1.0 GiB of 2.0 GiB  10.0 MiB/s  1m42s left`],
    [56, 'qwen   50%  1.0 GiB of 2.0 GiB  10.0 MiB/s  1m42s left'],
    [30, 'qwen   50%  1.0 GiB of 2.0 GiB'],
  ])('in %d columns', (width, line) => {
    expect(progressLine(half, width)).toBe(line)
  })

  test.each([10, 20, 33, 47, 61, 80, 133])('fits in %d columns', (width) => {
    for (const doneBytes of [0, 1, 2 ** 31]) {
      expect(
        widthOf(progressLine({ ...half, doneBytes, label: 'a rather long name of a model' }, width)),
      ).toBeLessThanOrEqual(width)
    }
  })

  test('tells only what is known', () => {
    const unknown = { label: 'qwen', doneBytes: 512, totalBytes: null, bytesPerSecond: null, etaSeconds: null }
    expect(progressLine(unknown, 80)).toBe('qwen  512 B')
  })

  test('never passes its ends', () => {
    expect(progressLine({ ...half, doneBytes: 2 ** 33 }, 60)).toContain('100%')
    expect(progressLine({ ...half, totalBytes: 0, etaSeconds: null }, 60)).toBe('qwen  1.0 GiB of 0 B  10.0 MiB/s')
  })
})
