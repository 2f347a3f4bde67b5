import { remainder } from '../checksums.ts'
import { contextWords } from '../context.ts'
import { anyLength, digitNumber } from '../digit-runs.ts'
import type { Recogniser } from '../../words.ts'
import { writtenNumber } from '../written-numbers.ts'

export const france: readonly Recogniser[] = [
  writtenNumber({
    id: 'id.fr.nir',
    type: 'NATIONAL_ID',
    trigger: { kind: 'digits', min: 6, max: anyLength },
    back: 0,
    pattern: /[1-478][ .]?\d\d[ .]?\d\d[ .]?\d[\dAB][ .]?\d{3}[ .]?\d{3}[ .-]?\d\d/iy,
    alone: 'always',
    words: contextWords('nir', 'securite sociale', 'numero de securite*', 'secu', 'insee', 'n ss', 'carte vitale'),
    isValid: isNir,
  }),
  digitNumber({
    id: 'id.fr.tax',
    type: 'TAX_ID',
    shapes: [[13], [2, 2, 3, 3, 3]],
    separators: ' ',
    alone: 'never',
    words: contextWords(
      'numero fiscal',
      'spi',
      'impot*',
      'identifiant fiscal',
      'reference fiscale',
      'avis d imposition',
    ),
    isValid: (digits) => /^[0-3]/.test(digits) && remainder(digits.slice(0, 10), 511) === Number(digits.slice(10)),
  }),
]

/** The key is 97 minus the rest; Corsica's departments 2A and 2B count as 19 and 18. */
function isNir(compact: string): boolean {
  const month = Number(compact.slice(3, 5))
  const isMonth = (month >= 1 && month <= 12) || month === 20 || (month >= 30 && month <= 42) || month >= 50
  if (!isMonth) return false
  const body = compact.slice(0, 13).replace('2A', '19').replace('2B', '18')
  return /^\d{13}$/.test(body) && 97 - remainder(body, 97) === Number(compact.slice(13))
}
