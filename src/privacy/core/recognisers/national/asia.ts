import { calendarDay, digitAt, isShortDate, isVerhoeff, mod112Character, weighted } from '../checksums.ts'
import { contextWords } from '../context.ts'
import { anyLength, digitNumber } from '../digit-runs.ts'
import type { Recogniser } from '../../words.ts'
import { writtenNumber } from '../written-numbers.ts'

const koreanWords = contextWords('rrn', 'resident registration*', '주민등록번호', '주민번호', '외국인등록번호')

export const asia: readonly Recogniser[] = [
  digitNumber({
    id: 'id.in.aadhaar',
    type: 'NATIONAL_ID',
    shapes: [[4, 4, 4], [12]],
    separators: ' -',
    alone: 'grouped',
    words: contextWords('aadhaar', 'aadhar', 'uidai', 'आधार'),
    isValid: (digits) => /^[2-9]/.test(digits) && isVerhoeff(digits),
  }),
  writtenNumber({
    id: 'id.in.pan',
    type: 'TAX_ID',
    trigger: { kind: 'token', min: 10, max: 10 },
    back: 0,
    pattern: /[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]/y,
    alone: 'always',
    isUnchecked: true,
    words: contextWords('pan', 'permanent account*', 'income tax'),
    isValid: () => true,
  }),
  writtenNumber({
    id: 'id.cn.resident',
    type: 'NATIONAL_ID',
    trigger: { kind: 'digits', min: 17, max: anyLength, only: { groups: [17, 18] } },
    back: 0,
    pattern: /[1-8]\d{16}[\dX]/iy,
    alone: 'always',
    words: contextWords('身份证', '身份證', '公民身份', '证件号', 'id card', 'resident id', 'shenfenzheng'),
    isValid: isChinese,
  }),
  digitNumber({
    id: 'id.kr.rrn',
    type: 'NATIONAL_ID',
    shapes: [[6, 7], [13]],
    separators: '-',
    alone: 'grouped',
    words: koreanWords,
    isValid: (digits) => isKoreanDay(digits) && koreanCheck(digits) === digitAt(digits, 12),
  }),
  // Since October 2020 the last six digits are chance.
  digitNumber({
    id: 'id.kr.rrn.unchecked',
    type: 'NATIONAL_ID',
    shapes: [[6, 7], [13]],
    separators: '-',
    alone: 'grouped',
    isUnchecked: true,
    words: koreanWords,
    isValid: isKoreanDay,
  }),
  writtenNumber({
    id: 'id.tw.card',
    type: 'NATIONAL_ID',
    trigger: { kind: 'token', min: 10, max: 10 },
    back: 0,
    pattern: /[A-Z][1289]\d{8}/iy,
    alone: 'never',
    words: contextWords('身分證', '身份證', '居留證', '統一證號', 'national id', 'taiwan*', 'arc number'),
    isValid: isTaiwanese,
  }),
  writtenNumber({
    id: 'id.sg.nric',
    type: 'NATIONAL_ID',
    trigger: { kind: 'token', min: 9, max: 9 },
    back: 0,
    pattern: /[STFGM]\d{7}[A-Z]/iy,
    alone: 'always',
    words: contextWords('nric', 'fin', 'singapore*', 'identity card'),
    isValid: isSingaporean,
  }),
  writtenNumber({
    id: 'id.hk.card',
    type: 'NATIONAL_ID',
    trigger: { kind: 'token', min: 7, max: 9 },
    back: 0,
    pattern: /[A-Z]{1,2}\d{6} ?(?:\([\dA]\)|[\dA])/iy,
    alone: 'grouped',
    words: contextWords('hkid', 'hong kong*', 'identity card', '身份證', '身分證'),
    isValid: isHongKong,
  }),
  digitNumber({
    id: 'id.jp.my-number',
    type: 'NATIONAL_ID',
    shapes: [[12], [4, 4, 4]],
    separators: ' -',
    alone: 'never',
    words: contextWords('my number', 'mynumber', 'マイナンバー', '個人番号'),
    isValid: isMyNumber,
  }),
  digitNumber({
    id: 'id.th.card',
    type: 'NATIONAL_ID',
    shapes: [[1, 4, 5, 2, 1], [13]],
    separators: '- ',
    alone: 'grouped',
    words: contextWords('thai id*', 'thai national*', 'citizen id', 'เลขประจำตัวประชาชน', 'บัตรประชาชน'),
    isValid: (digits) =>
      (11 - (weighted(digits.slice(0, 12), [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 10 ===
      digitAt(digits, 12),
  }),
]

/** GB 11643-1999. */
function isChinese(compact: string): boolean {
  const year = Number(compact.slice(6, 10))
  if (year < 1900 || year > 2099) return false
  if (calendarDay(year, Number(compact.slice(10, 12)), Number(compact.slice(12, 14))) === null) return false
  return mod112Character(compact.slice(0, 17)) === compact.charAt(17)
}

function isKoreanDay(digits: string): boolean {
  return isShortDate(digits.slice(0, 2), digits.slice(2, 4), digits.slice(4, 6))
}

function koreanCheck(digits: string): number {
  return (11 - (weighted(digits.slice(0, 12), [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11)) % 10
}

/** The letter is the number of a place, 10 to 35 in an order of its own. */
function isTaiwanese(compact: string): boolean {
  const place = 'ABCDEFGHJKLMNPQRSTUVXYWZIO'.indexOf(compact.charAt(0)) + 10
  const sum = Math.floor(place / 10) + (place % 10) * 9 + weighted(compact.slice(1, 9), [8, 7, 6, 5, 4, 3, 2, 1])
  return (10 - (sum % 10)) % 10 === digitAt(compact, 9)
}

function isSingaporean(compact: string): boolean {
  const series = compact.charAt(0)
  const extra = series === 'T' || series === 'G' ? 4 : series === 'M' ? 3 : 0
  const rest = (weighted(compact.slice(1, 8), [2, 7, 6, 5, 4, 3, 2]) + extra) % 11
  const letters = series === 'M' ? 'XWUTRQPNJLK' : 'ST'.includes(series) ? 'JZIHGFEDCBA' : 'XWUTRQPNMLK'
  return letters.charAt(series === 'M' ? 10 - rest : rest) === compact.charAt(8)
}

/** One letter counts as if a blank (36) stood before it. */
function isHongKong(compact: string): boolean {
  const letters = compact.length === 9 ? compact.slice(0, 2) : ` ${compact.charAt(0)}`
  const value = (letter: string) => (letter === ' ' ? 36 : letter.charCodeAt(0) - 55)
  const check = compact.slice(-1) === 'A' ? 10 : Number(compact.slice(-1))
  const sum = value(letters.charAt(0)) * 9 + value(letters.charAt(1)) * 8
  return (sum + weighted(compact.slice(-7, -1), [7, 6, 5, 4, 3, 2]) + check) % 11 === 0
}

function isMyNumber(digits: string): boolean {
  const rest = weighted(digits.slice(0, 11), [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11
  return (rest <= 1 ? 0 : 11 - rest) === digitAt(digits, 11)
}
