import { digitAt, isLuhn, isShortDate, weighted } from '../checksums.ts'
import { contextWords } from '../context.ts'
import { anyLength, digitNumber } from '../digit-runs.ts'
import type { Recogniser } from '../../words.ts'
import { writtenNumber } from '../written-numbers.ts'

const rutWords = contextWords('rut', 'rol unico*', 'cedula')

export const americas: readonly Recogniser[] = [
  digitNumber({
    id: 'id.ca.sin',
    type: 'NATIONAL_ID',
    shapes: [[3, 3, 3], [9]],
    separators: ' -',
    tellingSeparators: '-',
    alone: 'grouped',
    words: contextWords('sin', 'sin number', 'social insurance', 'assurance sociale'),
    isValid: (digits) => !/^[08]/.test(digits) && isLuhn(digits),
  }),
  digitNumber({
    id: 'id.br.cpf',
    type: 'TAX_ID',
    shapes: [[3, 3, 3, 2], [11], [9, 2]],
    separators: '.- ',
    alone: 'always',
    words: contextWords('cpf', 'cadastro de pessoa*', 'contribuinte'),
    isValid: (digits) => isBrazilian(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]),
  }),
  digitNumber({
    id: 'id.br.cnpj',
    type: 'TAX_ID',
    shapes: [[2, 3, 3, 4, 2], [14], [8, 4, 2]],
    separators: './-',
    alone: 'always',
    words: contextWords('cnpj', 'pessoa juridica'),
    isValid: (digits) => isBrazilian(digits, [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]),
  }),
  writtenNumber({
    id: 'id.mx.curp',
    type: 'NATIONAL_ID',
    trigger: { kind: 'token', min: 18, max: 18 },
    back: 0,
    pattern: /[A-Z][AEIOUX][A-Z]{2}\d{6}[HMX][A-Z]{5}[A-Z\d]\d/iy,
    alone: 'always',
    words: contextWords('curp', 'clave unica*'),
    isValid: isCurp,
  }),
  writtenNumber({
    id: 'id.cl.rut',
    type: 'NATIONAL_ID',
    trigger: { kind: 'digits', min: 7, max: anyLength, only: { groups: [3] } },
    back: 0,
    pattern: /\d{1,2}\.\d{3}\.\d{3}-[\dK]/iy,
    alone: 'always',
    words: rutWords,
    isValid: isRut,
  }),
  writtenNumber({
    id: 'id.cl.rut.plain',
    type: 'NATIONAL_ID',
    trigger: { kind: 'digits', min: 7, max: anyLength, only: { groups: [7, 8, 9] } },
    back: 0,
    pattern: /\d{7,8}-?[\dK]/iy,
    alone: 'never',
    words: rutWords,
    isValid: isRut,
  }),
  digitNumber({
    id: 'id.ar.cuit',
    type: 'TAX_ID',
    shapes: [[2, 8, 1], [11]],
    separators: '- ',
    alone: 'grouped',
    words: contextWords('cuit', 'cuil', 'cdi', 'clave unica*', 'afip'),
    isValid: isCuit,
  }),
]

/** Two check digits, one after the other; the second counts the first with it. */
function isBrazilian(digits: string, weights: readonly number[]): boolean {
  const check = (body: string, factors: readonly number[]) => {
    const rest = weighted(body, factors) % 11
    return rest < 2 ? 0 : 11 - rest
  }
  const length = weights.length
  const second = [(weights[0] ?? 0) + 1, ...weights]
  return (
    check(digits.slice(0, length), weights) === digitAt(digits, length) &&
    check(digits.slice(0, length + 1), second) === digitAt(digits, length + 1)
  )
}

function isCurp(compact: string): boolean {
  if (!isShortDate(compact.slice(4, 6), compact.slice(6, 8), compact.slice(8, 10))) return false
  // The Ñ stands between N and O in the order of the letters, so that O to Z count one more.
  let sum = 0
  for (let index = 0; index < 17; index++) {
    const code = compact.charCodeAt(index)
    const value = code < 65 ? code - 48 : code - 55 + (code >= 79 ? 1 : 0)
    sum += value * (18 - index)
  }
  return (10 - (sum % 10)) % 10 === digitAt(compact, 17)
}

function isRut(compact: string): boolean {
  const body = [...compact.slice(0, -1)].reverse().join('')
  const rest = 11 - (weighted(body, [2, 3, 4, 5, 6, 7]) % 11)
  return compact.slice(-1) === (rest === 11 ? '0' : rest === 10 ? 'K' : String(rest))
}

function isCuit(digits: string): boolean {
  if (!/^(20|23|24|25|26|27|30|33|34)/.test(digits)) return false
  const rest = 11 - (weighted(digits.slice(0, 10), [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)
  return (rest === 11 ? 0 : rest) === digitAt(digits, 10)
}
