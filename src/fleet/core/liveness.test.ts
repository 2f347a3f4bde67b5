import { expect, test } from 'bun:test'
import type { PermitResult } from '../contract.ts'
import { isQuiet, livenessPolicy, suspicionAfter, unsuspected } from './liveness.ts'

const long = livenessPolicy.longAbortMs
const cases: readonly [string, readonly (readonly [PermitResult, number])[], boolean][] = [
  ['an answer', [['ok', long]], false],
  ['a failure', [['failed', 1]], true],
  [
    'an answer after a failure',
    [
      ['failed', 1],
      ['ok', 1],
    ],
    false,
  ],
  [
    'many who left soon',
    [
      ['aborted', 1],
      ['aborted', 1],
      ['aborted', 1],
    ],
    false,
  ],
  ['one who left after a long wait', [['aborted', long]], false],
  [
    'two who left after a long wait',
    [
      ['aborted', long],
      ['aborted', long],
    ],
    true,
  ],
  [
    'an answer between the two',
    [
      ['aborted', long],
      ['ok', 1],
      ['aborted', long],
    ],
    false,
  ],
  [
    'one who leaves after a failure',
    [
      ['failed', 1],
      ['aborted', 1],
    ],
    true,
  ],
]

test.each(cases)('%s: the engine is suspected or not', (_what, ended, isSuspected) => {
  const after = ended.reduce(
    (before, [result, heldMs]) => suspicionAfter(before, { result, heldMs }, livenessPolicy),
    unsuspected,
  )
  expect(after.isSuspected).toBe(isSuspected)
})

test.each<[number, number, number, boolean]>([
  [59_999, 0, 0, false],
  [60_000, 0, 30_000, true],
  [60_000, 0, 31_000, false],
  [60_000, 1, 0, false],
  [120_000, 1, 0, true],
  [479_999, 3, 0, false],
  [480_000, 3, 0, true],
  [480_000, 50, 0, true],
])('silent for %d ms after %d tokens and a start of %d ms: an engine is asked or not', (silentMs, signs, start, is) => {
  expect(isQuiet({ silentMs, silenceMs: 60_000, signs, slowestStartMs: start })).toBe(is)
})
