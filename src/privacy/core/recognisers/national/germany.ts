import { digitAt, isShortDate, mod1110Digit, weighted } from '../checksums.ts'
import { contextWords } from '../context.ts'
import { anyLength, digitNumber } from '../digit-runs.ts'
import type { Recogniser } from '../../words.ts'
import { writtenNumber } from '../written-numbers.ts'

export const germany: readonly Recogniser[] = [
  digitNumber({
    id: 'id.de.tax',
    type: 'TAX_ID',
    shapes: [[11], [2, 3, 3, 3]],
    separators: ' -/',
    alone: 'always',
    words: contextWords('steuer*', 'idnr', 'id nr', 'identifikationsnummer', 'tin', 'tax*', 'finanzamt'),
    isValid: isSteuerId,
  }),
  writtenNumber({
    id: 'id.de.tax-number',
    type: 'TAX_ID',
    trigger: { kind: 'digits', min: 10, max: anyLength },
    back: 0,
    pattern: /\d{2,3}[ /]\d{3,4}[ /]\d{4,5}|\d{13}/y,
    alone: 'never',
    isUnchecked: true,
    words: contextWords('steuernummer', 'steuer nr', 'st nr', 'stnr', 'tax number', 'finanzamt'),
    isValid: (compact) => compact.length >= 10 && compact.length <= 13,
  }),
  writtenNumber({
    id: 'id.de.vat',
    type: 'TAX_ID',
    trigger: { kind: 'digits', min: 9, max: anyLength, only: { groups: [3, 6, 9] } },
    back: 3,
    pattern: /DE ?\d{3} ?\d{3} ?\d{3}/y,
    alone: 'always',
    words: contextWords('ust id*', 'ustid*', 'umsatzsteuer*', 'vat*'),
    isValid: (compact) => mod1110Digit(compact.slice(2, 10)) === digitAt(compact, 10),
  }),
  writtenNumber({
    id: 'id.de.pension',
    type: 'NATIONAL_ID',
    trigger: { kind: 'digits', min: 8, max: anyLength, only: { groups: [2, 4, 6, 8] } },
    back: 0,
    pattern: /\d\d ?\d\d ?\d\d ?\d\d ?[A-Z] ?\d\d ?\d/iy,
    alone: 'always',
    words: contextWords(
      'rvnr',
      'rv nr',
      'rentenversicherung*',
      'sozialversicherung*',
      'versicherungsnummer',
      'svnr',
      'sv nummer',
    ),
    isValid: isPensionNumber,
  }),
  writtenNumber({
    id: 'id.de.health',
    type: 'HEALTH_ID',
    trigger: { kind: 'token', min: 10, max: 10 },
    back: 0,
    pattern: /[A-Z]\d{9}/iy,
    alone: 'never',
    words: contextWords(
      'kvnr',
      'kv nr',
      'krankenversicher*',
      'krankenkasse*',
      'versichertennummer',
      'versicherten*',
      'egk',
    ),
    isValid: isHealthNumber,
  }),
  writtenNumber({
    id: 'id.de.card',
    type: 'NATIONAL_ID',
    trigger: { kind: 'token', min: 9, max: 10 },
    back: 0,
    pattern: /[CFGHJ-NPRTVWXYZ][CFGHJKLMNPRTVWXYZ0-9]{8}\d?/iy,
    alone: 'never',
    words: contextWords(
      'personalausweis*',
      'ausweis*',
      'reisepass*',
      'pass nr',
      'passnummer',
      'id card',
      'identity card',
    ),
    // Without its check digit it is nine characters.
    isValid: (compact) => compact.length === 9 || isDocument(compact),
  }),
]

/** Of the first ten digits exactly one stands there twice or three times, and there is no leading zero. */
function isSteuerId(digits: string): boolean {
  if (digits.startsWith('0')) return false
  const counts = new Uint8Array(10)
  for (let index = 0; index < 10; index++) counts[digitAt(digits, index)] = (counts[digitAt(digits, index)] ?? 0) + 1
  const repeated = counts.filter((count) => count > 1)
  if (repeated.length !== 1 || (repeated[0] ?? 0) > 3) return false
  return mod1110Digit(digits.slice(0, 10)) === digitAt(digits, 10)
}

/** Area, birthday, letter of the name as two digits, serial, check: sums of digits of the products. */
function isPensionNumber(compact: string): boolean {
  const day = Number(compact.slice(2, 4))
  // The serial part moves the day up by 50 where numbers ran out.
  const plainDay = String(day > 50 ? day - 50 : day).padStart(2, '0')
  if (!isShortDate(compact.slice(6, 8), compact.slice(4, 6), plainDay)) return false
  const digits = `${compact.slice(0, 8)}${letterNumber(compact.charAt(8))}${compact.slice(9, 11)}`
  return digitSums(digits, [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1]) % 10 === digitAt(compact, 11)
}

function isHealthNumber(compact: string): boolean {
  return digitSums(`${letterNumber(compact.charAt(0))}${compact.slice(1, 9)}`, [1, 2]) % 10 === digitAt(compact, 9)
}

function letterNumber(letter: string): string {
  return String(letter.charCodeAt(0) - 64).padStart(2, '0')
}

function digitSums(digits: string, weights: readonly number[]): number {
  let sum = 0
  for (let index = 0; index < digits.length; index++) {
    const product = weighted(digits.charAt(index), [weights[index % weights.length] ?? 0])
    sum += Math.floor(product / 10) + (product % 10)
  }
  return sum
}

/** ICAO 9303: letters are 10 to 35, weights 7 3 1. */
function isDocument(compact: string): boolean {
  let sum = 0
  for (let index = 0; index < 9; index++) {
    const code = compact.charCodeAt(index)
    sum += (code >= 65 ? code - 55 : code - 48) * ([7, 3, 1][index % 3] ?? 0)
  }
  return sum % 10 === digitAt(compact, 9)
}
