import { digitAt, isShortDate, weighted } from '../checksums.ts'
import { contextWords } from '../context.ts'
import { digitNumber } from '../digit-runs.ts'
import type { Recogniser } from '../../words.ts'

export const poland: readonly Recogniser[] = [
  digitNumber({
    id: 'id.pl.pesel',
    type: 'NATIONAL_ID',
    shapes: [[11]],
    separators: '',
    alone: 'always',
    words: contextWords('pesel', 'numer pesel', 'numer ewidencyjny'),
    isValid: isPesel,
  }),
  digitNumber({
    id: 'id.pl.nip',
    type: 'TAX_ID',
    shapes: [[10], [3, 3, 2, 2], [3, 2, 2, 3]],
    separators: '- ',
    alone: 'grouped',
    words: contextWords('nip', 'podatnik*', 'numer identyfikacji podatkowej'),
    isValid: (digits) => weighted(digits.slice(0, 9), [6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 === digitAt(digits, 9),
  }),
]

/** The month is 20 more for who was born since 2000; of other centuries nobody is left or born yet. */
function isPesel(digits: string): boolean {
  const month = Number(digits.slice(2, 4))
  if (month > 32) return false
  if (!isShortDate(digits.slice(0, 2), String(month % 20).padStart(2, '0'), digits.slice(4, 6))) return false
  return (10 - (weighted(digits.slice(0, 10), [1, 3, 7, 9]) % 10)) % 10 === digitAt(digits, 10)
}
