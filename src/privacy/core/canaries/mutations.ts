import type { EntityType } from '../words.ts'
import { base64Of } from '../leak/forms.ts'
import type { Canary } from './canary.ts'
import type { Random } from './random.ts'

/** A way of writing a value that people and programs still read. */
export interface Mutation {
  readonly id: string
  /** null: this value cannot be written that way. */
  apply(value: string, random: Random): string | null
  /** Codes within codes: two are read. Not there: none or one. */
  readonly depth?: number
  /** Whether it is claimed to be found: a survivor is a fault. Otherwise survivors are listed. */
  claims(canary: Pick<Canary, 'kind' | 'type' | 'value'>): boolean
}

const everything = (): boolean => true
const nothing = (): boolean => false
const only =
  (...types: readonly EntityType[]) =>
  ({ type }: Pick<Canary, 'type'>): boolean =>
    types.includes(type)

const encoder = new TextEncoder()
const ascii = (bytes: Uint8Array): string => String.fromCharCode(...bytes)
const isPlain = (value: string): boolean => /^[\0-\x7f]*$/.test(value)
const each = (value: string, write: (letter: string) => string): string => [...value].map(write).join('')
const changed = (before: string, after: string): string | null => (before === after ? null : after)
const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0')
const bytesAs = (value: string, write: (byte: number) => string): string =>
  [...encoder.encode(value)].map(write).join('')

const cyrillic = 'асеорхуАВСЕНІКМОРТХ'

/** Letters that look like others. */
const lookalikes: ReadonlyMap<string, string> = new Map(
  'aceopxyABCEHIKMOPTX'.split('').map((letter, index) => [letter, cyrillic.charAt(index)] as const),
)

/** Somewhere inside, not at the ends. */
function inserted(value: string, mark: string, random: Random): string | null {
  const letters = [...value]
  if (letters.length < 2) return null
  letters.splice(1 + random.below(letters.length - 1), 0, mark)
  letters.splice(1 + random.below(letters.length - 1), 0, mark)
  return letters.join('')
}

/** Digits and capitals of other blocks, in the order of ASCII. */
function moved(value: string, ranges: readonly (readonly [first: string, last: string, to: number])[]): string | null {
  const after = each(value, (letter) => {
    const range = ranges.find(([first, last]) => letter >= first && letter <= last)
    if (!range) return letter
    return String.fromCodePoint(range[2] + (letter.codePointAt(0) ?? 0) - (range[0].codePointAt(0) ?? 0))
  })
  return changed(value, after)
}

/** Encoded they are found by themselves, without the words that stand around them in clear. */
const isKnownAlone = ({ kind, value }: Pick<Canary, 'kind' | 'value'>): boolean =>
  encoder.encode(value).length >= 12 && !contextual.has(kind)
const contextual: ReadonlySet<string> = new Set(['wallet.eth', 'imei', 'secret.password', 'secret.connection'])
/** Their case is part of them: written otherwise they are of no use to anybody. */
const caseless = only('EMAIL', 'IBAN', 'HOST', 'MAC', 'PERSON', 'IP')
const grouped = only('CARD', 'IBAN')
const numbers = only('CARD', 'PHONE', 'IBAN', 'NATIONAL_ID', 'TAX_ID', 'HEALTH_ID', 'IP', 'BIRTHDATE')

export const mutations: readonly Mutation[] = [
  { id: 'none', apply: (value) => value, claims: everything },
  { id: 'upper-case', apply: (value) => changed(value, value.toUpperCase()), claims: caseless },
  { id: 'lower-case', apply: (value) => changed(value, value.toLowerCase()), claims: caseless },
  { id: 'zero-width', apply: (value, random) => inserted(value, '\u200b', random), claims: everything },
  { id: 'word-joiner', apply: (value, random) => inserted(value, '\u2060', random), claims: everything },
  { id: 'soft-hyphen', apply: (value, random) => inserted(value, '\u00ad', random), claims: everything },
  {
    id: 'bidi',
    apply: (value, random) => inserted(value, random.pick(['\u202e', '\u2066', '\u200f']), random),
    claims: everything,
  },
  {
    id: 'look-alikes',
    apply: (value) =>
      changed(
        value,
        each(value, (letter) => lookalikes.get(letter) ?? letter),
      ),
    claims: everything,
  },
  { id: 'one-look-alike', apply: oneLookAlike, claims: everything },
  { id: 'full-width', apply: (value) => moved(value, [['!', '~', 0xff01]]), claims: everything },
  {
    id: 'mathematical',
    apply: (value) =>
      moved(value, [
        ['A', 'Z', 0x1d400],
        ['a', 'z', 0x1d41a],
        ['0', '9', 0x1d7ce],
      ]),
    claims: everything,
  },
  { id: 'nfd', apply: (value) => changed(value, value.normalize('NFD')), claims: everything },
  { id: 'arabic-digits', apply: (value) => moved(value, [['0', '9', 0x660]]), claims: numbers },
  { id: 'devanagari-digits', apply: (value) => moved(value, [['0', '9', 0x966]]), claims: numbers },
  { id: 'no-break-blanks', apply: (value) => changed(value, value.replaceAll(' ', '\u00a0')), claims: everything },
  { id: 'exotic-dashes', apply: (value) => changed(value, value.replaceAll('-', '\u2011')), claims: everything },
  { id: 'digits-spaced', apply: spaced, claims: grouped },
  { id: 'percent', apply: (value) => changed(value, encodeURIComponent(value)), claims: everything },
  { id: 'percent-all', apply: (value) => bytesAs(value, (byte) => `%${hex(byte, 2)}`), claims: everything },
  { id: 'html-decimal', apply: (value) => each(value, (letter) => `&#${letter.codePointAt(0)};`), claims: everything },
  {
    id: 'html-hex',
    apply: (value) => each(value, (letter) => `&#x${hex(letter.codePointAt(0) ?? 0, 2)};`),
    claims: everything,
  },
  { id: 'unicode-escapes', apply: (value) => unitsAs(value, (unit) => `\\u${hex(unit, 4)}`), claims: everything },
  {
    id: 'byte-escapes',
    apply: (value) => (isPlain(value) ? bytesAs(value, (byte) => `\\x${hex(byte, 2)}`) : null),
    claims: everything,
  },
  { id: 'base64', apply: (value) => encoded(value, (bytes) => ascii(base64Of(bytes))), claims: isKnownAlone },
  { id: 'base64-url', apply: (value) => encoded(value, urlOf), claims: isKnownAlone },
  {
    id: 'base64-padded',
    apply: (value) => encoded(value, (bytes) => padded(ascii(base64Of(bytes)))),
    claims: isKnownAlone,
  },
  { id: 'hex', apply: (value) => bytesAs(value, (byte) => hex(byte, 2)), claims: isKnownAlone },
  {
    id: 'quoted-printable',
    apply: (value) => bytesAs(value, (byte) => `=${hex(byte, 2).toUpperCase()}`),
    claims: everything,
  },
  {
    id: 'percent-in-base64',
    depth: 2,
    apply: (value) => ascii(base64Of(encoder.encode(encodeURIComponent(value)))),
    claims: isKnownAlone,
  },
  { id: 'line-wrapped', apply: (value, random) => wrapped(value, '\n', random), claims: nothing },
  { id: 'quoted-lines', apply: (value, random) => wrapped(value, '\n> ', random), claims: nothing },
  {
    id: 'at-in-words',
    apply: (value) => changed(value, value.replace('@', ' [at] ').replaceAll('.', ' (dot) ')),
    claims: only('EMAIL'),
  },
  { id: 'digits-in-words', apply: inWords, claims: nothing },
  { id: 'file-suffix', apply: (value) => `${value}.pdf`, claims: everything },
  { id: 'reversed', apply: (value) => changed(value, [...value].toReversed().join('')), claims: nothing },
  { id: 'letters-spaced', apply: (value) => [...value].join(' '), claims: nothing },
  { id: 'rot13', apply: rot13, claims: nothing },
]

function oneLookAlike(value: string, random: Random): string | null {
  const places = [...value].flatMap((letter, place) => (lookalikes.has(letter) ? [place] : []))
  if (places.length === 0) return null
  const place = random.pick(places)
  return [...value].map((letter, index) => (index === place ? (lookalikes.get(letter) ?? letter) : letter)).join('')
}

function spaced(value: string): string | null {
  return /^[\d ]+$/.test(value) ? changed(value, [...value.replaceAll(' ', '')].join(' ')) : null
}

function unitsAs(value: string, write: (unit: number) => string): string {
  let text = ''
  for (let index = 0; index < value.length; index++) text += write(value.charCodeAt(index))
  return text
}

/** Nobody encodes a few letters by themselves. */
function encoded(value: string, write: (bytes: Uint8Array) => string): string | null {
  const bytes = encoder.encode(value)
  return bytes.length < 6 ? null : write(bytes)
}

const urlOf = (bytes: Uint8Array): string => ascii(base64Of(bytes)).replaceAll('+', '-').replaceAll('/', '_')
const padded = (text: string): string => text.padEnd(Math.ceil(text.length / 4) * 4, '=')

function wrapped(value: string, end: string, random: Random): string | null {
  const letters = [...value]
  if (letters.length < 8) return null
  letters.splice(3 + random.below(letters.length - 6), 0, end)
  return letters.join('')
}

const words = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine']

function inWords(value: string): string | null {
  return changed(value, value.replaceAll(/\d/g, (digit) => `${words[Number(digit)] ?? ''} `).trim())
}

function rot13(value: string): string | null {
  const turned = value.replaceAll(/[a-z]/gi, (letter) => {
    const first = letter <= 'Z' ? 65 : 97
    return String.fromCharCode(((letter.charCodeAt(0) - first + 13) % 26) + first)
  })
  return changed(value, turned)
}
