import { weighted } from '../checksums.ts'
import { contextWords } from '../context.ts'
import { digitNumber } from '../digit-runs.ts'
import type { Recogniser } from '../../words.ts'

export const netherlands: readonly Recogniser[] = [
  digitNumber({
    id: 'id.nl.bsn',
    type: 'NATIONAL_ID',
    shapes: [[9], [3, 3, 3], [4, 2, 3]],
    separators: ' .-',
    alone: 'never',
    words: contextWords('bsn', 'burgerservice*', 'sofi*', 'citizen service number', 'persoonsnummer'),
    isValid: (digits) => weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0,
  }),
]
