import { isLuhn } from '../checksums.ts'
import { contextWords } from '../context.ts'
import { digitNumber } from '../digit-runs.ts'
import type { Recogniser } from '../../words.ts'
import { writtenNumber } from '../written-numbers.ts'

export const italy: readonly Recogniser[] = [
  writtenNumber({
    id: 'id.it.fiscal-code',
    type: 'TAX_ID',
    trigger: { kind: 'token', min: 16, max: 16 },
    back: 0,
    // Digits may be letters, where two people would have the same code.
    pattern: /[A-Z]{6}[\dLMNP-V]{2}[ABCDEHLMPRST][\dLMNP-V]{2}[A-Z][\dLMNP-V]{3}[A-Z]/iy,
    alone: 'always',
    words: contextWords('codice fiscale', 'cod fisc', 'c f', 'cf', 'tessera sanitaria'),
    isValid: (compact) => checkLetter(compact.slice(0, 15)) === compact.charAt(15),
  }),
  digitNumber({
    id: 'id.it.vat',
    type: 'TAX_ID',
    shapes: [[11]],
    separators: '',
    alone: 'never',
    words: contextWords('partita iva', 'p iva', 'piva', 'vat*'),
    isValid: isLuhn,
  }),
]

/** Values of the characters in odd places, 0 to 9 and A to Z (decree of 23 December 1976); A to J are 0 to 9 again. */
const odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]

function checkLetter(body: string): string {
  let sum = 0
  for (let index = 0; index < body.length; index++) {
    const code = body.charCodeAt(index)
    const value = code >= 65 ? code - 65 : code - 48
    sum += index % 2 === 0 ? (odd[value] ?? 0) : value
  }
  return String.fromCharCode(65 + (sum % 26))
}
