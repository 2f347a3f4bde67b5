import { digitAt, isLuhn, isShortDate } from '../checksums.ts'
import { contextWords } from '../context.ts'
import { digitNumber } from '../digit-runs.ts'
import type { Recogniser } from '../../words.ts'

/** Turkey, Israel, South Africa. */
export const nearEastAfrica: readonly Recogniser[] = [
  digitNumber({
    id: 'id.tr.identity',
    type: 'NATIONAL_ID',
    shapes: [[11]],
    separators: '',
    alone: 'always',
    words: contextWords('tckn', 'tc kimlik*', 't c kimlik*', 'kimlik no', 'kimlik numarasi'),
    isValid: isTurkish,
  }),
  digitNumber({
    id: 'id.il.identity',
    type: 'NATIONAL_ID',
    shapes: [[9], [8, 1]],
    separators: '-',
    alone: 'never',
    words: contextWords('teudat zehut', 'israeli id', 'תעודת זהות', 'ת ז', 'מספר זהות'),
    isValid: isLuhn,
  }),
  digitNumber({
    id: 'id.za.identity',
    type: 'NATIONAL_ID',
    shapes: [[13], [6, 4, 3], [6, 4, 2, 1]],
    separators: ' ',
    alone: 'always',
    words: contextWords('id number', 'identity number', 'south african id', 'sa id', 'identiteitsnommer'),
    isValid: (digits) =>
      isShortDate(digits.slice(0, 2), digits.slice(2, 4), digits.slice(4, 6)) &&
      /[01]/.test(digits.charAt(10)) &&
      isLuhn(digits),
  }),
]

function isTurkish(digits: string): boolean {
  if (digits.startsWith('0')) return false
  const at = (index: number) => digitAt(digits, index)
  const odd = at(0) + at(2) + at(4) + at(6) + at(8)
  const even = at(1) + at(3) + at(5) + at(7)
  const tenth = (((odd * 7 - even) % 10) + 10) % 10
  return tenth === at(9) && (odd + even + at(9)) % 10 === at(10)
}
