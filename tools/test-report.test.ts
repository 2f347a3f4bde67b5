import { describe, expect, test } from 'bun:test'
import { readSummary, report } from './test-report.ts'

const lines = (...text: readonly string[]) => text.join('\n')

describe('the summary of a run', () => {
  const good = lines(
    'src/a.test.ts:',
    '(pass) a is b [0.1ms]',
    '',
    ' 12 pass',
    ' 0 fail',
    ' 30 expect() calls',
    'Ran 12 tests across 2 files. [9ms]',
  )

  test('is what the runner counted', () => {
    expect(readSummary(good, 0)).toEqual({ passed: 12, failed: 0, skipped: [], notes: [] })
  })

  test('is read through colours', () => {
    expect(readSummary(good.replace(' 12 pass', '\u001B[32m 12 pass\u001B[0m'), 0).passed).toBe(12)
  })

  test('is a failure when the runner ended without one: a test that exits the process', () => {
    expect(readSummary('bun test v1\n\nsrc/a.test.ts:\n', 0)).toMatchObject({ passed: 0, failed: 1 })
  })

  test('is a failure when no test ran', () => {
    expect(readSummary(lines(' 0 pass', ' 0 fail', 'Ran 0 tests across 1 file. [3ms]'), 0)).toMatchObject({ failed: 1 })
  })

  test('counts files that did not load', () => {
    const text = lines(' 5 pass', ' 0 fail', ' 2 errors', 'Ran 5 tests across 2 files. [3ms]')
    expect(readSummary(text, 1)).toMatchObject({ passed: 5, failed: 2 })
  })

  test('is a failure when the exit code says so and nothing else does', () => {
    expect(readSummary(good, 1)).toMatchObject({ passed: 12, failed: 1 })
  })

  test('takes no summary from what a test printed', () => {
    const text = lines('Ran 99 tests across 1 file', ' 99 pass', good.replace(' 0 fail', ' 3 fail'))
    expect(readSummary(text, 1)).toMatchObject({ passed: 12, failed: 3 })
  })
})

test('skipped tests are told with their file and reason', () => {
  const text = lines(
    'src/a.test.ts:',
    '(skip) rows survive',
    '(todo) more',
    '',
    'src/b.test.ts:',
    '(skip) c (needs HEARTH_TEST_SYSTEM=1)',
    '',
  )
  const tail = lines(' 1 pass', ' 2 skip', ' 1 todo', ' 0 fail', 'Ran 4 tests across 2 files. [9ms]')
  const summary = readSummary(`${text}${tail}`, 0)
  expect(summary.skipped).toHaveLength(3)
  const told = report(summary, (file) => `needs something for ${file}`)
  expect(told).toContain('Skipped in src/a.test.ts (needs something for src/a.test.ts):\n  - rows survive\n  - more')
  expect(told).toContain('Skipped in src/b.test.ts:\n  - c (needs HEARTH_TEST_SYSTEM=1)')
})
