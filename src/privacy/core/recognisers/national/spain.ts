import { remainder } from '../checksums.ts'
import { contextWords } from '../context.ts'
import { anyLength, digitNumber } from '../digit-runs.ts'
import type { Recogniser } from '../../words.ts'
import { writtenNumber } from '../written-numbers.ts'

const words = contextWords('dni', 'nie', 'nif', 'documento*', 'identidad', 'extranjero*', 'residencia')

export const spain: readonly Recogniser[] = [
  writtenNumber({
    id: 'id.es.dni',
    type: 'NATIONAL_ID',
    trigger: { kind: 'digits', min: 8, max: anyLength, only: { groups: [2, 5, 8] } },
    back: 0,
    pattern: /\d{2}\.?\d{3}\.?\d{3}[- ]?[A-HJ-NP-TV-Z]/y,
    alone: 'always',
    words,
    isValid: (compact) => checkLetter(compact.slice(0, 8)) === compact.charAt(8),
  }),
  writtenNumber({
    id: 'id.es.dni.lower',
    type: 'NATIONAL_ID',
    trigger: { kind: 'digits', min: 8, max: anyLength, only: { groups: [8] } },
    back: 0,
    pattern: /\d{8}-?[a-hj-np-tv-z]/y,
    alone: 'never',
    words,
    isValid: (compact) => checkLetter(compact.slice(0, 8)) === compact.charAt(8),
  }),
  writtenNumber({
    id: 'id.es.nie',
    type: 'NATIONAL_ID',
    trigger: { kind: 'digits', min: 7, max: anyLength, only: { groups: [7] } },
    back: 2,
    pattern: /[XYZ][- ]?\d{7}[- ]?[A-HJ-NP-TV-Z]/iy,
    alone: 'always',
    words,
    isValid: (compact) =>
      checkLetter(`${'XYZ'.indexOf(compact.charAt(0))}${compact.slice(1, 8)}`) === compact.charAt(8),
  }),
  digitNumber({
    id: 'id.es.nuss',
    type: 'NATIONAL_ID',
    shapes: [[12], [2, 8, 2], [2, 10]],
    separators: ' /-',
    alone: 'never',
    words: contextWords('seguridad social', 'nuss', 'afiliacion', 'numero de la seguridad*', 'naf'),
    isValid: isNuss,
  }),
]

function checkLetter(digits: string): string {
  return 'TRWAGMYFPDXBNJZSQVHLCKE'.charAt(Number(digits) % 23)
}

/** Small numbers count without the zeros before them. */
function isNuss(digits: string): boolean {
  const number = Number(digits.slice(2, 10))
  const body = number < 10_000_000 ? `${digits.slice(0, 2)}${number}` : digits.slice(0, 10)
  return remainder(body, 97) === Number(digits.slice(10))
}
