import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max'
import type { Found, Place, Recogniser, View } from '../words.ts'
import { contextWords, hasContext } from './context.ts'
import { anyLength, digitGroups, isMonotone, type DigitGroup } from './digit-runs.ts'
import { isWhole, isWordCode, standsAlone } from './edges.ts'

const words = contextWords(
  [
    'tel',
    'telephone*',
    'phone',
    'phones',
    'phone number',
    'phonenumber',
    'mobile',
    'cell',
    'cellphone',
    'call',
    'calls',
    'dial',
  ],
  [
    'fax',
    'whatsapp',
    'signal',
    'sms',
    'text me',
    'ring',
    'hotline',
    'ext',
    'contact number',
    'reach me at',
    'reach him at',
  ],
  ['telefon*', 'handy*', 'mobil', 'mobilnummer', 'rufnummer*', 'durchwahl', 'anrufen', 'ruf', 'rufen', 'erreichbar'],
  ['mobiltelefon*', 'festnetz*', 'portable', 'appel*', 'joindre', 'joignable', 'telefono', 'movil', 'llamar', 'llame'],
  [
    'llamame',
    'cellulare',
    'chiama*',
    'recapito',
    'telefoon*',
    'mobiel',
    'bel',
    'bellen',
    'telemovel',
    'celular',
    'ligue',
  ],
  [
    'tfno',
    'tlf',
    'komorka',
    'komorkowy',
    'zadzwon*',
    'numer telefonu',
    '电话',
    '手机',
    '電話',
    '携帯',
    '전화',
    '휴대폰',
  ],
)
/** Where national numbers begin with the digit of the trunk. */
const trunkRegions: readonly CountryCode[] = ['DE', 'GB', 'FR', 'AT', 'CH', 'NL', 'IT']

export const phones: readonly Recogniser[] = [
  {
    id: 'phone',
    type: 'PHONE',
    trigger: { kind: 'digits', min: 6, max: anyLength, only: { isInside: true } },
    match: matchPhone,
  },
]

/** Of digits in one number: nobody has a longer one (E.164 has 15, an exit code before it three). */
const mostDigits = 18
const mostGroups = 9

function matchPhone(place: Place): Found | null {
  const { view } = place
  const { groups, first } = digitGroups(place)
  for (let index = first; index < groups.length; index++) {
    const group = groups[index]
    if (group === undefined) break
    if (isLaterGroup(view.text, groups, index, first)) continue
    const found = international(view, groups, index) ?? national(view, groups, index)
    if (found !== null) return found
  }
  return null
}

/** Whether a number that begins earlier has this group in it: what touches it on the left is no border. */
function isLaterGroup(text: string, groups: readonly DigitGroup[], index: number, first: number): boolean {
  const group = groups[index]
  const before = groups[index - 1]
  if (group === undefined || before === undefined || index === first) return false
  return group.start - before.end === 1 && '.-/:('.includes(text.charAt(before.end))
}

/** `+49 30 901820`, `0049 30 901820`, `+1 (415) 555-2671`. */
function international(view: View, groups: readonly DigitGroup[], index: number): Found | null {
  const { text } = view
  const group = groups[index]
  if (group === undefined) return null
  const isPlus = text.charAt(group.start - 1) === '+' || text.slice(group.start - 2, group.start) === '+('
  const isExit = text.startsWith('00', group.start) && text.charAt(group.start + 2) !== '0'
  if (!isPlus && !isExit) return null
  const start = isPlus ? text.lastIndexOf('+', group.start) : group.start
  if (start > 0 && isWordCode(text.charCodeAt(start - 1))) return null
  // Without a sign it may be a part of any number: digits before it and a long first group speak against it.
  if (!isPlus && (isFlanked(text, start, start) || group.end - group.start > 4)) {
    if (!hasContext({ view, start, end: group.end }, words, 48, 16)) return null
  }
  for (const end of endings(text, groups, index)) {
    const written = text.slice(start, end)
    const number = parsePhoneNumberFromString(isExit ? `+${written.slice(2)}` : written, { extract: false })
    if (number?.isValid() !== true || !isWhole(text, start, end)) continue
    return { start, end, score: isPlus ? 0.95 : 0.85, isValidated: true, canonical: number.number }
  }
  return null
}

/** `030 901820`, `(415) 555-2671`, `06 12 34 56 78`: beside a word, or in a grouping that is no other number's. */
function national(view: View, groups: readonly DigitGroup[], index: number): Found | null {
  const { text } = view
  const group = groups[index]
  if (group === undefined) return null
  const start = text.charAt(group.start - 1) === '(' ? group.start - 1 : group.start
  if (text.charAt(start - 1) === '+' || (start > 0 && isWordCode(text.charCodeAt(start - 1)))) return null
  const ends = endings(text, groups, index)
  if (ends.length === 0) return null
  // Between the run's beginning and here are no letters: what stands before it is asked for once.
  const isNamedBefore = hasContext({ view, start, end: start }, words, 40, 0)
  const likely = shapesFor(text, start, group)
  for (const end of ends) {
    const written = text.slice(start, end)
    const shaped = likely.find((shape) => shape.pattern.test(written))
    const isNamed = isNamedBefore || hasContext({ view, start: end, end }, words, 0, 12)
    if (shaped === undefined && !isNamed) continue
    const digits = written.replace(/\D/g, '')
    if (digits.length > 13 || isMonotone(digits) || isOther(written) || !standsAlone(text, start, end)) continue
    // Columns of a table: digits that are none of this number beside it.
    if (!isNamed && isFlanked(text, start, end)) continue
    const others = isNamed ? likelyRegions(digits) : []
    const number = firstValid(written, [...new Set([...(shaped?.regions ?? []), ...others])])
    if (number === null) continue
    return { start, end, score: isNamed ? 0.9 : 0.7, isValidated: false, canonical: number }
  }
  return null
}

function isFlanked(text: string, start: number, end: number): boolean {
  return /\d $/.test(text.slice(Math.max(0, start - 2), start)) || /^ \d/.test(text.slice(end, end + 2))
}

/** With the digit of the trunk, or as the countries write it that have none. */
function likelyRegions(digits: string): readonly CountryCode[] {
  if (digits.startsWith('0')) return trunkRegions
  if (digits.startsWith('3') && (digits.length === 9 || digits.length === 10)) return ['IT', 'US']
  return digits.length === 9 ? ['ES'] : digits.length === 10 || digits.length === 11 ? ['US'] : []
}

function firstValid(written: string, candidates: readonly CountryCode[]): string | null {
  for (const region of candidates) {
    const number = parsePhoneNumberFromString(written, { defaultCountry: region, extract: false })
    if (number?.isValid() === true) return number.number
  }
  return null
}

/** Groupings that people use for telephone numbers and hardly for anything else. */
const shapes: readonly { readonly pattern: RegExp; readonly regions: readonly CountryCode[] }[] = [
  { pattern: /^(\(\d{3}\) ?|\d{3}[-.])\d{3}[-.]\d{4}$/, regions: ['US'] },
  { pattern: /^0[1-9]([ .-])\d\d\1\d\d\1\d\d\1\d\d$/, regions: ['FR', 'NL'] },
  { pattern: /^0[1-9]\d \d{3} \d\d \d\d$/, regions: ['CH'] },
  { pattern: /^[6-9]\d\d \d\d \d\d \d\d$/, regions: ['ES'] },
  { pattern: /^(07\d{3} ?\d{3} ?\d{3}|\(?02\d\)? \d{4} \d{4}|\(?01\d{3}\)? \d{6})$/, regions: ['GB', 'DE'] },
  { pattern: /^06[ -]\d{8}$/, regions: ['NL'] },
  { pattern: /^\(?0[1-9]\d{1,4}\)?( ?\/ ?| - | )\d{3,9}([ -]\d{1,6}){0,3}$/, regions: ['DE', 'AT', 'GB'] },
  { pattern: /^0[1-9]\d{1,3}-\d{5,9}$/, regions: ['DE', 'AT', 'NL'] },
]

/** Those that may begin as this one does. */
function shapesFor(text: string, start: number, group: DigitGroup): typeof shapes {
  const first = text.charAt(start)
  if (first === '0' || first === '(') return shapes
  const isSpanish = first >= '6' && first <= '9'
  // What is left are three digits and three digits with `-` or `.` between them, and Spain's.
  const isAmerican = group.end - group.start === 3 && /[-.]/.test(text.charAt(group.end))
  return isSpanish || isAmerican ? shapes : []
}

/** A date, a time, a version, an address, a price. */
function isOther(written: string): boolean {
  return (
    /^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b/.test(written) ||
    /^\d{1,2}[-/.]\d{1,2}[-/.]\d{4}\b/.test(written) ||
    /^\d{1,2}\.\d{1,2}\.\d{2}$/.test(written) ||
    /^\d{1,3}(\.\d{1,3}){3}$/.test(written) ||
    /^\d+\.\d+$/.test(written) ||
    /^\d{1,3}(\.\d{3})+$/.test(written) ||
    /^(19|20)\d\d ?[-/] ?(19|20)\d\d$/.test(written)
  )
}

/** One to three of ` .-/()`. */
function areSeparators(text: string, from: number, to: number): boolean {
  for (let index = from; index < to; index++) {
    const code = text.charCodeAt(index)
    if (code !== 32 && code !== 40 && code !== 41 && (code < 45 || code > 47)) return false
  }
  return to > from && to - from <= 3
}

/** Where a number that begins at `index` may end, the longest first: at most eighteen digits, nine groups. */
function endings(text: string, groups: readonly DigitGroup[], index: number): readonly number[] {
  const ends: number[] = []
  let digits = 0
  for (let offset = 0; offset < mostGroups; offset++) {
    const group = groups[index + offset]
    const before = groups[index + offset - 1]
    if (group === undefined) break
    if (offset > 0 && before !== undefined && !areSeparators(text, before.end, group.start)) break
    digits += group.end - group.start
    if (digits > mostDigits) break
    if (digits >= 7) ends.unshift(group.end)
  }
  return ends
}
