import { isLuhn, isShortDate, weighted } from '../checksums.ts'
import { contextWords } from '../context.ts'
import { anyLength, digitNumber } from '../digit-runs.ts'
import type { Recogniser } from '../../words.ts'
import { writtenNumber } from '../written-numbers.ts'

const danish = contextWords('cpr', 'cpr nr', 'cpr nummer', 'personnummer', 'fodselsnummer')

export const nordic: readonly Recogniser[] = [
  digitNumber({
    id: 'id.se.personal',
    type: 'NATIONAL_ID',
    shapes: [[6, 4], [8, 4], [10], [12]],
    separators: '-+',
    alone: 'grouped',
    words: contextWords('personnummer', 'personnr', 'pnr', 'samordningsnummer', 'personal identity number'),
    isValid: (digits) => isSwedish(digits.slice(-10)),
    canonical: (digits) => digits.slice(-10),
  }),
  digitNumber({
    id: 'id.no.birth',
    type: 'NATIONAL_ID',
    shapes: [[11], [6, 5]],
    separators: ' ',
    alone: 'always',
    words: contextWords('fodselsnummer', 'fødselsnummer', 'fnr', 'd nummer', 'personnummer'),
    isValid: isNorwegian,
  }),
  digitNumber({
    id: 'id.dk.cpr',
    type: 'NATIONAL_ID',
    shapes: [[6, 4], [10]],
    separators: '-',
    alone: 'grouped',
    words: danish,
    isValid: (digits) => isDanishDay(digits) && weighted(digits, [4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0,
  }),
  // Since 2007 there are numbers that do not keep the check digit.
  digitNumber({
    id: 'id.dk.cpr.unchecked',
    type: 'NATIONAL_ID',
    shapes: [[6, 4], [10]],
    separators: '-',
    alone: 'never',
    isUnchecked: true,
    words: danish,
    isValid: isDanishDay,
  }),
  writtenNumber({
    id: 'id.fi.personal',
    type: 'NATIONAL_ID',
    trigger: { kind: 'digits', min: 6, max: anyLength, only: { groups: [6] } },
    back: 0,
    pattern: /\d{6}[-+A-FU-Y]\d{3}[\dA-FHJ-NPR-Y]/iy,
    alone: 'always',
    words: contextWords('henkilotunnus', 'hetu', 'personbeteckning', 'sosiaaliturvatunnus'),
    isValid: isFinnish,
  }),
]

/** The day is 60 more in a coordination number. */
function isSwedish(digits: string): boolean {
  const day = String(Number(digits.slice(4, 6)) % 60).padStart(2, '0')
  return isShortDate(digits.slice(0, 2), digits.slice(2, 4), day) && isLuhn(digits)
}

/** The day is 40 more in a D number. */
function isNorwegian(digits: string): boolean {
  const day = String(Number(digits.slice(0, 2)) % 40).padStart(2, '0')
  if (!isShortDate(digits.slice(4, 6), digits.slice(2, 4), day)) return false
  const isFirst = weighted(digits.slice(0, 10), [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11 === 0
  return isFirst && weighted(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0
}

function isDanishDay(digits: string): boolean {
  return isShortDate(digits.slice(4, 6), digits.slice(2, 4), digits.slice(0, 2))
}

function isFinnish(compact: string): boolean {
  // The century's sign is a letter or, taken out of the compact form, a sign.
  const digits = `${compact.slice(0, 6)}${compact.slice(-4, -1)}`
  if (!isShortDate(digits.slice(4, 6), digits.slice(2, 4), digits.slice(0, 2))) return false
  return '0123456789ABCDEFHJKLMNPRSTUVWXY'.charAt(Number(digits) % 31) === compact.slice(-1)
}
