import type { Found, Place, Recogniser, View } from '../words.ts'
import { isLuhn } from './checksums.ts'
import { contextWords, hasContext } from './context.ts'
import { anyLength, digitGroups, fits, isMonotone, type DigitGroup } from './digit-runs.ts'
import { standsAlone } from './edges.ts'

const words = contextWords(
  [
    'card',
    'cards',
    'credit*',
    'debit*',
    'visa',
    'mastercard',
    'amex',
    'american express',
    'maestro',
    'pan',
    'cvv',
    'cvc',
  ],
  ['karte*', 'kreditkarte*', 'kartennummer', 'carte', 'carte bancaire', 'tarjeta*', 'carta', 'carta di credito'],
  ['cartao', 'kaart*', 'karta', 'karty', 'expir*', 'creditcard', 'cardnumber', 'ec karte', 'girocard'],
)

/** 4-4-4-4 and its relatives, American Express, Diners, and digits one by one are seen by `isSpelled`. */
const shapes: readonly (readonly number[])[] = [
  [4, 4, 4, 4],
  [4, 4, 4, 4, 3],
  [4, 6, 5],
  [4, 6, 4],
  [8, 8],
  [6, 13],
  [4, 4, 5],
  [4, 4, 4],
]
const separators = ' -.'

/** Numbers of payment cards: Luhn's digit, a range of an issuer, and the issuer's lengths. */
export const cards: readonly Recogniser[] = [
  {
    id: 'card',
    type: 'CARD',
    trigger: { kind: 'digits', min: 12, max: anyLength, only: { isInside: true } },
    match(place: Place): Found | null {
      const { groups, first } = digitGroups(place)
      for (let index = first; index < groups.length; index++) {
        const group = groups[index]
        if (group === undefined) break
        const length = group.end - group.start
        if (length >= 12) {
          const found = length <= 19 ? judge(place.view, groups, index, 1) : null
          if (found !== null) return found
          continue
        }
        if (length < 4 && !(length === 1 && isSpelled(place.view.text, groups, index))) continue
        const found = length === 1 ? spelled(place.view, groups, index) : grouped(place.view, groups, index)
        if (found !== null) return found
      }
      return null
    },
  },
]

function grouped(view: View, groups: readonly DigitGroup[], index: number): Found | null {
  // Longer shapes first: 4-4-4-4-3 holds 4-4-4-4.
  for (const shape of longestFirst) {
    if (!fits(view.text, groups, index, shape, separators)) continue
    const found = judge(view, groups, index, shape.length)
    if (found !== null) return found
  }
  return null
}

const longestFirst = shapes.toSorted((left, right) => right.length - left.length)

function ones(count: number): readonly number[] {
  return Array.from({ length: count }, () => 1)
}

/** Digits one by one with a blank or hyphen between them: `4 2 4 2 …`. */
function isSpelled(text: string, groups: readonly DigitGroup[], index: number): boolean {
  const before = groups[index - 1]
  const isFirst =
    before === undefined || before.end - before.start !== 1 || (groups[index]?.start ?? 0) - before.end !== 1
  return isFirst && fits(text, groups, index, ones(12), separators)
}

function spelled(view: View, groups: readonly DigitGroup[], index: number): Found | null {
  for (const count of [19, 16, 15, 14, 13]) {
    if (!fits(view.text, groups, index, ones(count), separators)) continue
    const found = judge(view, groups, index, count)
    if (found !== null) return found
  }
  return null
}

function judge(view: View, groups: readonly DigitGroup[], index: number, count: number): Found | null {
  const start = groups[index]?.start ?? 0
  const end = groups[index + count - 1]?.end ?? start
  const digits = view.text.slice(start, end).replace(/\D/g, '')
  const isKnown = isIssued(digits)
  if (isMonotone(digits) || !isLuhn(digits) || !standsAlone(view.text, start, end)) return null
  if (!isKnown && !(isMaestro(digits) && (count > 1 || hasContext({ view, start, end }, words)))) return null
  const score = count > 1 || hasContext({ view, start, end }, words) ? 0.99 : 0.9
  return { start, end, score, isValidated: true, canonical: digits }
}

/** Ranges of the issuers (ISO/IEC 7812 register as they publish them) with the lengths that they use. */
const issuers: readonly { readonly from: number; readonly to: number; readonly lengths: readonly number[] }[] = [
  { from: 400000, to: 499999, lengths: [13, 16, 19] },
  { from: 510000, to: 559999, lengths: [16] },
  { from: 222100, to: 272099, lengths: [16] },
  { from: 220000, to: 220499, lengths: [16, 17, 18, 19] },
  { from: 340000, to: 349999, lengths: [15] },
  { from: 370000, to: 379999, lengths: [15] },
  { from: 300000, to: 305999, lengths: [14, 16, 19] },
  { from: 309500, to: 309599, lengths: [14, 16, 19] },
  { from: 360000, to: 369999, lengths: [14, 16, 19] },
  { from: 380000, to: 399999, lengths: [14, 16, 19] },
  { from: 352800, to: 358999, lengths: [16, 17, 18, 19] },
  { from: 601100, to: 601199, lengths: [16, 17, 18, 19] },
  { from: 644000, to: 659999, lengths: [16, 17, 18, 19] },
  { from: 620000, to: 629999, lengths: [16, 17, 18, 19] },
  { from: 810000, to: 829999, lengths: [16, 17, 18, 19] },
  { from: 606282, to: 606282, lengths: [16] },
  { from: 508500, to: 508999, lengths: [16] },
  { from: 979200, to: 979289, lengths: [16] },
]

function isIssued(digits: string): boolean {
  const prefix = Number(digits.slice(0, 6))
  return issuers.some((each) => prefix >= each.from && prefix <= each.to && each.lengths.includes(digits.length))
}

/** Wide ranges and every length from 12 to 19: grouping or a word has to confirm it. */
function isMaestro(digits: string): boolean {
  return /^(5[06-8]|6)/.test(digits)
}
