import type { Found, Place, Recogniser } from '../words.ts'
import { isMod97, remainder, weighted } from './checksums.ts'
import { contextWords, hasContext } from './context.ts'
import { anyLength, digitNumber, isMonotone } from './digit-runs.ts'
import { isDigitCode, isWhole, isWordCode, standsAlone } from './edges.ts'
import { countryCodes, ibanLengths } from './iban-lengths.ts'

const accountWords = contextWords(
  [
    'account',
    'account no',
    'account nr',
    'account number',
    'acct*',
    'a c no',
    'a c number',
    'bank account',
    'beneficiary',
  ],
  ['konto', 'kontonr', 'kto', 'konto nr', 'kontonummer*', 'bankkonto', 'bankverbindung', 'compte', 'numero de compte'],
  ['rib', 'cuenta', 'numero de cuenta', 'ccc', 'conto', 'conto corrente', 'numero di conto', 'rekening*', 'conta'],
  ['numer konta', 'nr konta', 'konta', 'rachunek', 'rachunku', 'accountnumber', 'bankaccount'],
)
const routingWords = contextWords('routing', 'routing number', 'aba', 'rtn', 'transit number', 'wire', 'ach')

export const bankRecognisers: readonly Recogniser[] = [
  { id: 'iban', type: 'IBAN', trigger: { kind: 'token', min: 4, max: 38 }, match: matchIban },
  { id: 'iban.spaced', type: 'IBAN', trigger: { kind: 'digits', min: 11, max: anyLength }, match: matchSpacedIban },
  { id: 'iban.named', type: 'IBAN', trigger: { kind: 'literal', literals: ['iban'] }, match: matchNamedIban },
  { id: 'bic', type: 'BIC', trigger: { kind: 'literal', literals: ['bic', 'swift'] }, match: matchBic },
  digitNumber({
    id: 'account.us.routing',
    type: 'ACCOUNT',
    shapes: [[9], [4, 4, 1]],
    separators: '-',
    alone: 'never',
    words: routingWords,
    isValid: (digits) => /^(0[0-9]|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]|80)/.test(digits) && isRouting(digits),
  }),
  digitNumber({
    id: 'account.gb.sort-code',
    type: 'ACCOUNT',
    shapes: [[2, 2, 2], [6]],
    separators: '- ',
    alone: 'never',
    isUnchecked: true,
    words: contextWords('sort code', 'sortcode', 'sort codes'),
    isValid: () => true,
  }),
  digitNumber({
    id: 'account.au.bsb',
    type: 'ACCOUNT',
    shapes: [[3, 3], [6]],
    separators: '- ',
    alone: 'never',
    isUnchecked: true,
    words: contextWords('bsb', 'bsb number'),
    isValid: () => true,
  }),
  digitNumber({
    id: 'account.de.bank',
    type: 'ACCOUNT',
    shapes: [[8], [3, 3, 2]],
    separators: ' ',
    alone: 'never',
    isUnchecked: true,
    words: contextWords('blz', 'bankleitzahl*'),
    isValid: (digits) => /^[1-8]/.test(digits),
  }),
  digitNumber({
    id: 'account.es.ccc',
    type: 'ACCOUNT',
    shapes: [[4, 4, 2, 10], [20]],
    separators: ' -',
    alone: 'always',
    words: accountWords,
    isValid: isCcc,
  }),
  digitNumber({
    id: 'account.fr.rib',
    type: 'ACCOUNT',
    shapes: [[5, 5, 11, 2], [23]],
    separators: ' ',
    alone: 'always',
    words: accountWords,
    isValid: isRib,
  }),
  {
    id: 'account',
    type: 'ACCOUNT',
    trigger: {
      kind: 'digits',
      min: 5,
      max: anyLength,
      only: { isInside: true, near: { list: accountWords.list, when: 'always' } },
    },
    match: matchAccount,
  },
]

/** ISO 13616: `DE89 3704 0044 0532 0130 00`, with single blanks, hyphens or dots anywhere in it, or without. */
function matchIban({ view, start: at }: Place): Found | null {
  const { text } = view
  // Most tokens are none: two letters stand before two digits.
  if (!isDigitCode(text.charCodeAt(at + 2)) && !view.lower.startsWith('iban', at)) return null
  // `IBAN:` is a word of its own; `IBANDE89…` is one token.
  const start = /^iban/i.test(text.slice(at, at + 4)) ? at + 4 : at
  if (!/^[a-z]{2}\d\d/i.test(text.slice(start, start + 4))) return null
  if (start === at && at > 0 && isWordCode(text.charCodeAt(at - 1))) return null
  return ibanAt(text, start)
}

/** `DE 89 3704 …`, `D E 8 9 3 7 …`: the country stands before what is a number by itself. */
function matchSpacedIban({ view: { text }, start: at }: Place): Found | null {
  const before = /(?:^|[^\p{L}\p{N}_])([A-Z] ?[A-Z][ .-]?)$/iu.exec(text.slice(Math.max(0, at - 5), at))?.[1]
  return before === undefined ? null : ibanAt(text, at - before.length)
}

/** Behind its name, however its first characters are grouped. */
function matchNamedIban({ view: { text }, end: behind }: Place): Found | null {
  const gap = /^[^\p{L}\p{N}\n]{1,6}/u.exec(text.slice(behind, behind + 6))?.[0]
  return gap === undefined ? null : ibanAt(text, behind + gap.length)
}

function ibanAt(text: string, start: number): Found | null {
  let compact = ''
  let end = start
  let length = longestIban
  while (compact.length < length && end < text.length) {
    const character = text.charAt(end)
    if (/[A-Za-z0-9]/.test(character)) compact += character.toUpperCase()
    else if (!/[ .\-\u00a0]/.test(character) || /[ .\-\u00a0]/.test(text.charAt(end + 1))) return null
    end++
    if (compact.length !== 2 || length !== longestIban) continue
    const known = ibanLengths.get(compact)
    if (known === undefined) return null
    length = known
  }
  if (compact.length < length || !/^..\d\d/.test(compact) || !isMod97(compact)) return null
  if (end < text.length && isWordCode(text.charCodeAt(end))) return null
  return { start, end, score: 0.99, isValidated: true, canonical: compact }
}

const longestIban = 40

/** ISO 9362. Eight capitals are a word as well, so that `BIC` or `SWIFT` has to stand within forty characters. */
function matchBic({ view, start: at, end: after }: Place): Found | null {
  if (!isWhole(view.text, at, after)) return null
  const windows = [
    { from: after, text: view.text.slice(after, after + 48) },
    { from: Math.max(0, at - 20), text: view.text.slice(Math.max(0, at - 20), at) },
  ]
  for (const window of windows) {
    for (const candidate of window.text.matchAll(/[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?/g)) {
      const [code] = candidate
      const start = window.from + candidate.index
      if (!countryCodes.has(code.slice(4, 6)) || !isWhole(view.text, start, start + code.length)) continue
      return { start, end: start + code.length, score: 0.85, isValidated: false, canonical: code.padEnd(11, 'X') }
    }
  }
  return null
}

/** A number that a word right before it says is an account's: `Kto.-Nr. 12345678`. */
function matchAccount(place: Place): Found | null {
  const { view } = place
  const pattern = /\d(?:[ -]?\d){4,17}/y
  pattern.lastIndex = place.start
  const written = pattern.exec(view.text)?.[0]
  if (written === undefined) return null
  const end = place.start + written.length
  const digits = written.replace(/\D/g, '')
  if (isMonotone(digits) || !standsAlone(view.text, place.start, end)) return null
  // Close by, and nothing but marks and a short word between them.
  if (!hasContext({ view, start: place.start, end }, accountWords, 24, 0)) return null
  if (/[.!?]\s|\n\s*\n|\d/.test(view.text.slice(Math.max(0, place.start - 8), place.start))) return null
  return { start: place.start, end, score: 0.75, isValidated: false, canonical: digits }
}

/** American Bankers Association: weights 3 7 1. */
function isRouting(digits: string): boolean {
  return weighted(digits, [3, 7, 1]) % 10 === 0
}

/** Bank and branch, two control digits, account. */
function isCcc(digits: string): boolean {
  const control = (body: string) => {
    const rest = 11 - (weighted(body.padStart(10, '0'), [1, 2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11)
    return rest === 11 ? '0' : rest === 10 ? '1' : String(rest)
  }
  return control(digits.slice(0, 8)) === digits.charAt(8) && control(digits.slice(10)) === digits.charAt(9)
}

/** Letters of accounts are rare and left to the IBAN; the key is 97 minus the rest. */
function isRib(digits: string): boolean {
  return remainder(digits, 97) === 0
}
