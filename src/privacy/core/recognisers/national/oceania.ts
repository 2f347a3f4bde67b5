import { digitAt, weighted } from '../checksums.ts'
import { contextWords } from '../context.ts'
import { digitNumber } from '../digit-runs.ts'
import type { Recogniser } from '../../words.ts'

export const oceania: readonly Recogniser[] = [
  digitNumber({
    id: 'id.au.tfn',
    type: 'TAX_ID',
    shapes: [[9], [3, 3, 3]],
    separators: ' -',
    alone: 'never',
    words: contextWords('tfn', 'tax file*', 'tax number', 'ato'),
    isValid: (digits) => weighted(digits, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0,
  }),
  digitNumber({
    id: 'id.au.abn',
    type: 'TAX_ID',
    shapes: [[11], [2, 3, 3, 3]],
    separators: ' ',
    alone: 'grouped',
    words: contextWords('abn', 'australian business*', 'business number'),
    isValid: (digits) =>
      !digits.startsWith('0') && (weighted(digits, [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) - 10) % 89 === 0,
  }),
  digitNumber({
    id: 'id.au.medicare',
    type: 'HEALTH_ID',
    shapes: [[4, 5, 1], [10], [4, 5, 1, 1], [4, 5, 2], [11]],
    separators: ' -/',
    alone: 'grouped',
    words: contextWords('medicare', 'medicare number', 'medicare card'),
    isValid: (digits) =>
      /^[2-6]/.test(digits) && weighted(digits.slice(0, 8), [1, 3, 7, 9, 1, 3, 7, 9]) % 10 === digitAt(digits, 8),
  }),
  digitNumber({
    id: 'id.nz.ird',
    type: 'TAX_ID',
    shapes: [[2, 3, 3], [3, 3, 3], [8], [9]],
    separators: '- ',
    tellingSeparators: '-',
    alone: 'grouped',
    words: contextWords('ird', 'ird number', 'inland revenue'),
    isValid: isIrd,
  }),
]

/** A second set of weights where the first one gives ten. */
function isIrd(digits: string): boolean {
  const number = Number(digits)
  if (number < 10_000_000 || number > 200_000_000) return false
  const padded = digits.padStart(9, '0')
  const check = (weights: readonly number[]) => {
    const rest = weighted(padded.slice(0, 8), weights) % 11
    return rest === 0 ? 0 : 11 - rest
  }
  const first = check([3, 2, 7, 6, 5, 4, 3, 2])
  const result = first === 10 ? check([7, 4, 3, 2, 5, 2, 7, 6]) : first
  return result !== 10 && result === digitAt(padded, 8)
}
