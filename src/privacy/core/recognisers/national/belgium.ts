import { isShortDate, remainder } from '../checksums.ts'
import { contextWords } from '../context.ts'
import { digitNumber } from '../digit-runs.ts'
import type { Recogniser } from '../../words.ts'

export const belgium: readonly Recogniser[] = [
  digitNumber({
    id: 'id.be.register',
    type: 'NATIONAL_ID',
    shapes: [[11], [2, 2, 2, 3, 2], [6, 3, 2]],
    separators: '.- ',
    alone: 'always',
    words: contextWords(
      'rijksregister*',
      'registre national',
      'insz',
      'niss',
      'nrn',
      'numero national',
      'nationaal nummer',
    ),
    isValid: isRegisterNumber,
  }),
]

/** Who was born since 2000 has a 2 before the nine digits; months are 20 or 40 more for who is no citizen. */
function isRegisterNumber(digits: string): boolean {
  const body = digits.slice(0, 9)
  const month = String(Number(digits.slice(2, 4)) % 20).padStart(2, '0')
  if (!isShortDate(digits.slice(0, 2), month, digits.slice(4, 6))) return false
  const check = Number(digits.slice(9))
  return 97 - remainder(body, 97) === check || 97 - remainder(`2${body}`, 97) === check
}
