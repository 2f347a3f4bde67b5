import { digitAt, weighted } from '../checksums.ts'
import { contextWords } from '../context.ts'
import { anyLength, digitNumber } from '../digit-runs.ts'
import type { Recogniser } from '../../words.ts'
import { writtenNumber } from '../written-numbers.ts'

export const unitedKingdom: readonly Recogniser[] = [
  digitNumber({
    id: 'id.gb.nhs',
    type: 'HEALTH_ID',
    shapes: [[3, 3, 4], [10]],
    separators: ' -',
    // With hyphens it may be a telephone number of America.
    tellingSeparators: ' ',
    alone: 'grouped',
    words: contextWords('nhs', 'nhs number', 'national health*', 'patient*', 'health number', 'health service'),
    isValid: isNhs,
  }),
  writtenNumber({
    id: 'id.gb.nino',
    type: 'NATIONAL_ID',
    trigger: { kind: 'digits', min: 6, max: anyLength, only: { groups: [2, 4, 6] } },
    back: 3,
    pattern: /[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]/iy,
    alone: 'always',
    isUnchecked: true,
    words: contextWords('nino', 'ni number', 'ni no', 'national insurance', 'insurance number'),
    isValid: (compact) => !/^(BG|GB|NK|KN|TN|NT|ZZ)/.test(compact),
  }),
  digitNumber({
    id: 'id.gb.utr',
    type: 'TAX_ID',
    shapes: [[10], [5, 5]],
    separators: ' ',
    alone: 'never',
    words: contextWords('utr', 'unique taxpayer*', 'tax reference', 'hmrc', 'self assessment'),
    isValid: (digits) =>
      digits.charAt(0) === '21987654321'.charAt(weighted(digits.slice(1), [6, 7, 8, 9, 10, 5, 4, 3, 2]) % 11),
  }),
]

function isNhs(digits: string): boolean {
  const check = 11 - (weighted(digits.slice(0, 9), [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)
  return check !== 10 && check % 11 === digitAt(digits, 9)
}
