import { digitAt, isLuhn, isShortDate, mod1110Digit, remainder, weighted } from '../checksums.ts'
import { contextWords } from '../context.ts'
import { anyLength, digitNumber } from '../digit-runs.ts'
import type { Recogniser } from '../../words.ts'
import { writtenNumber } from '../written-numbers.ts'

/** Countries of Europe with one number each. */
export const europe: readonly Recogniser[] = [
  digitNumber({
    id: 'id.pt.nif',
    type: 'TAX_ID',
    shapes: [[9], [3, 3, 3]],
    separators: ' ',
    alone: 'never',
    words: contextWords('nif', 'contribuinte', 'numero fiscal', 'numero de identificacao fiscal'),
    isValid: isPortuguese,
  }),
  digitNumber({
    id: 'id.ch.ahv',
    type: 'NATIONAL_ID',
    shapes: [[3, 4, 4, 2], [13]],
    separators: '. ',
    alone: 'always',
    words: contextWords('ahv*', 'avs', 'sozialversicherung*', 'numero avs', 'navs'),
    isValid: (digits) => digits.startsWith('756') && weighted(digits, [1, 3]) % 10 === 0,
  }),
  digitNumber({
    id: 'id.at.svnr',
    type: 'NATIONAL_ID',
    shapes: [[4, 6], [10], [4, 2, 2, 2]],
    separators: ' -/',
    alone: 'grouped',
    words: contextWords('svnr', 'sv nummer', 'sv nr', 'sozialversicherung*', 'versicherungsnummer', 'vsnr', 'e card'),
    isValid: isAustrian,
  }),
  writtenNumber({
    id: 'id.ie.pps',
    type: 'NATIONAL_ID',
    trigger: { kind: 'digits', min: 7, max: anyLength, only: { groups: [7] } },
    back: 0,
    pattern: /\d{7}[A-W][A-IW]?/y,
    alone: 'always',
    words: contextWords('pps', 'ppsn', 'pps number', 'personal public service'),
    isValid: isIrish,
  }),
  digitNumber({
    id: 'id.cz.birth',
    type: 'NATIONAL_ID',
    shapes: [[6, 4], [10]],
    separators: '/',
    alone: 'grouped',
    words: contextWords('rodne cislo', 'rc', 'r c', 'cislo pojistence', 'rodné číslo'),
    isValid: isCzech,
  }),
  digitNumber({
    id: 'id.ro.cnp',
    type: 'NATIONAL_ID',
    shapes: [[13]],
    separators: '',
    alone: 'always',
    words: contextWords('cnp', 'cod numeric*'),
    isValid: isRomanian,
  }),
  digitNumber({
    id: 'id.bg.egn',
    type: 'NATIONAL_ID',
    shapes: [[10]],
    separators: '',
    alone: 'never',
    words: contextWords('egn', 'егн', 'единен граждански номер'),
    isValid: isBulgarian,
  }),
  digitNumber({
    id: 'id.gr.afm',
    type: 'TAX_ID',
    shapes: [[9]],
    separators: '',
    alone: 'never',
    words: contextWords('afm', 'αφμ', 'α φ μ', 'φορολογικου μητρωου'),
    isValid: (digits) =>
      (weighted(digits.slice(0, 8), [256, 128, 64, 32, 16, 8, 4, 2]) % 11) % 10 === digitAt(digits, 8),
  }),
  digitNumber({
    id: 'id.gr.amka',
    type: 'NATIONAL_ID',
    shapes: [[11]],
    separators: '',
    alone: 'always',
    words: contextWords('amka', 'αμκα', 'α μ κ α'),
    isValid: (digits) => isShortDate(digits.slice(4, 6), digits.slice(2, 4), digits.slice(0, 2)) && isLuhn(digits),
  }),
  digitNumber({
    id: 'id.hr.oib',
    type: 'TAX_ID',
    shapes: [[11]],
    separators: '',
    alone: 'never',
    words: contextWords('oib', 'osobni identifikacijski*'),
    isValid: (digits) => mod1110Digit(digits.slice(0, 10)) === digitAt(digits, 10),
  }),
  // Estonia and Lithuania count alike.
  digitNumber({
    id: 'id.ee.personal',
    type: 'NATIONAL_ID',
    shapes: [[11]],
    separators: '',
    alone: 'always',
    words: contextWords('isikukood', 'asmens kodas', 'personal code'),
    isValid: isBaltic,
  }),
]

function isPortuguese(digits: string): boolean {
  if (!/^[1235689]/.test(digits)) return false
  const rest = weighted(digits.slice(0, 8), [9, 8, 7, 6, 5, 4, 3, 2]) % 11
  return (rest < 2 ? 0 : 11 - rest) === digitAt(digits, 8)
}

/** Three digits, the check digit, the birthday; months above 12 where numbers ran out. */
function isAustrian(digits: string): boolean {
  const day = Number(digits.slice(4, 6))
  const month = Number(digits.slice(6, 8))
  if (day < 1 || day > 31 || month < 1 || month > 15 || digits.startsWith('0')) return false
  return weighted(digits, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 === digitAt(digits, 3)
}

function isIrish(compact: string): boolean {
  const second = compact.charAt(8)
  // The W of former wives' numbers counts nothing.
  const extra = second === '' || second === 'W' ? 0 : (second.charCodeAt(0) - 64) * 9
  const rest = (weighted(compact.slice(0, 7), [8, 7, 6, 5, 4, 3, 2]) + extra) % 23
  return 'WABCDEFGHIJKLMNOPQRSTUV'.charAt(rest) === compact.charAt(7)
}

/** Months are 50 more for women, 20 more again where numbers ran out. */
function isCzech(digits: string): boolean {
  const month = String((Number(digits.slice(2, 4)) % 50) % 20).padStart(2, '0')
  if (!isShortDate(digits.slice(0, 2), month, digits.slice(4, 6))) return false
  return remainder(digits.slice(0, 9), 11) % 10 === digitAt(digits, 9)
}

function isRomanian(digits: string): boolean {
  const county = Number(digits.slice(7, 9))
  if (!/^[1-8]/.test(digits) || county < 1 || county > 52) return false
  if (!isShortDate(digits.slice(1, 3), digits.slice(3, 5), digits.slice(5, 7))) return false
  const rest = weighted(digits.slice(0, 12), [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11
  return (rest === 10 ? 1 : rest) === digitAt(digits, 12)
}

/** Months are 20 more for who was born before 1900, 40 more since 2000. */
function isBulgarian(digits: string): boolean {
  const month = String(Number(digits.slice(2, 4)) % 20).padStart(2, '0')
  if (!isShortDate(digits.slice(0, 2), month, digits.slice(4, 6))) return false
  return (weighted(digits.slice(0, 9), [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11) % 10 === digitAt(digits, 9)
}

function isBaltic(digits: string): boolean {
  if (!/^[1-8]/.test(digits)) return false
  if (!isShortDate(digits.slice(1, 3), digits.slice(3, 5), digits.slice(5, 7))) return false
  const first = weighted(digits.slice(0, 10), [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11
  const second = weighted(digits.slice(0, 10), [3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11
  return (first < 10 ? first : second < 10 ? second : 0) === digitAt(digits, 10)
}
