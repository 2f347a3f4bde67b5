/**
 * Check digits and checksums, from the published algorithms. All take bare digits; `complete…` makes a valid number out
 * of one without its check digits, for tests that need numbers which nobody has.
 */

/** Sum of digits times weights; weights repeat when there are more digits. */
export function weighted(digits: string, weights: readonly number[]): number {
  let sum = 0
  for (let index = 0; index < digits.length; index++)
    sum += digitAt(digits, index) * (weights[index % weights.length] ?? 0)
  return sum
}

export function digitAt(digits: string, index: number): number {
  return digits.charCodeAt(index) - 48
}

/** ISO/IEC 7812-1, annex B. */
export function isLuhn(digits: string): boolean {
  return luhnSum(digits, 0) % 10 === 0
}

export function completeLuhn(body: string): string {
  return `${body}${(10 - (luhnSum(body, 1) % 10)) % 10}`
}

/** From the right; `shift` 1: the last digit is already one that counts twice. */
function luhnSum(digits: string, shift: number): number {
  let sum = 0
  for (let index = 0; index < digits.length; index++) {
    const digit = digitAt(digits, digits.length - 1 - index)
    const isDoubled = (index + shift) % 2 === 1
    sum += isDoubled ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit
  }
  return sum
}

/** Of a number with any count of digits. */
export function remainder(digits: string, divisor: number): number {
  let rest = 0
  for (let index = 0; index < digits.length; index++) rest = (rest * 10 + digitAt(digits, index)) % divisor
  return rest
}

/** ISO 13616 over ISO 7064 MOD 97-10; upper case, without blanks. */
export function isMod97(iban: string): boolean {
  return remainder(lettersAsNumbers(iban.slice(4) + iban.slice(0, 4)), 97) === 1
}

export function completeIban(country: string, account: string): string {
  const rest = remainder(lettersAsNumbers(`${account}${country}00`), 97)
  return `${country}${String(98 - rest).padStart(2, '0')}${account}`
}

/** A = 10 … Z = 35. */
export function lettersAsNumbers(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55))
}

/** ISO 7064 MOD 11,10: the digit that follows `body`. */
export function mod1110Digit(body: string): number {
  let product = 10
  for (let index = 0; index < body.length; index++) {
    const sum = (digitAt(body, index) + product) % 10
    product = ((sum === 0 ? 10 : sum) * 2) % 11
  }
  return (11 - product) % 10
}

/** ISO 7064 MOD 11-2: the character that follows `body`, a digit or X. */
export function mod112Character(body: string): string {
  let rest = 0
  for (let index = 0; index < body.length; index++) rest = ((rest + digitAt(body, index)) * 2) % 11
  const check = (12 - rest) % 11
  return check === 10 ? 'X' : String(check)
}

/** J. Verhoeff, Error Detecting Decimal Codes, 1969: the dihedral group of ten. */
export function isVerhoeff(digits: string): boolean {
  return verhoeffRest(digits, 0) === 0
}

export function completeVerhoeff(body: string): string {
  const rest = verhoeffRest(body, 1)
  for (let digit = 0; digit < 10; digit++) if (dihedral(rest, digit) === 0) return `${body}${digit}`
  return body
}

function verhoeffRest(digits: string, shift: number): number {
  let rest = 0
  for (let index = 0; index < digits.length; index++)
    rest = dihedral(rest, permuted((index + shift) % 8, digitAt(digits, digits.length - 1 - index)))
  return rest
}

/** Rotations are 0 to 4, reflections 5 to 9. */
function dihedral(left: number, right: number): number {
  if (left < 5) return right < 5 ? (left + right) % 5 : 5 + ((left + right) % 5)
  return right < 5 ? 5 + ((left - right) % 5) : (left - right + 5) % 5
}

const permutation = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]

function permuted(times: number, digit: number): number {
  let result = digit
  for (let index = 0; index < times; index++) result = permutation[result] ?? 0
  return result
}

/** YYYY-MM-DD of a day that is in the calendar; null: there is none. */
export function calendarDay(year: number, month: number, day: number): string | null {
  if (!(month >= 1 && month <= 12 && day >= 1)) return null
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const days = month === 2 ? (isLeap ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
  if (day > days) return null
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}

/** Whether six digits are a day of some century. */
export function isShortDate(year: string, month: string, day: string): boolean {
  // 2000 has a 29th of February; whether 1900 had one does not matter for what looks like a date.
  return calendarDay(2000 + Number(year), Number(month), Number(day)) !== null
}
