import { expect, test } from 'bun:test'
import type { PermitResult } from '../contract.ts'
import { livenessPolicy, suspicionAfter, unsuspected } from './liveness.ts'

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
