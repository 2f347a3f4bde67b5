import type { Found, Place, Recogniser } from '../words.ts'
import { isBeyondAscii } from './beyond-ascii.ts'
import { calendarDay } from './checksums.ts'
import { contextWords, isIn } from './context.ts'
import { isWhole } from './edges.ts'

/** A date is one of birth when one of these stands near; the beginnings of them are what is looked for in a text. */
const words = contextWords(
  ['born', 'dob', 'd o b', 'birth', 'date of birth', 'birthdate', 'birthday', 'birthdays', 'dateofbirth', 'birth date'],
  ['geboren', 'geborene', 'geb', 'geburtsdatum', 'geburtstag*', 'geburt', 'geb dat', 'gebdat', 'geburtsdaten'],
  ['né', 'née', 'né e', 'nee le', 'ne e le', 'né(e)', 'naissance', 'date de naissance', 'anniversaire', 'n(e)'],
  ['nacido', 'nacida', 'naci', 'nacio', 'nació', 'nacimiento', 'fecha de nacimiento', 'cumpleanos', 'f nac'],
  ['nato', 'nata', 'nascita', 'data di nascita', 'compleanno', 'nati', 'natoa'],
  ['nascido', 'nascida', 'nascimento', 'nasceu', 'geboortedatum', 'verjaardag', 'urodzony', 'urodzona', 'urodzenia'],
  ['urodzil', 'ur', 'fodd', 'född', 'født', 'fodelsedatum', 'fødselsdato', 'syntynyt', '生年月日', '出生', '생년월일'],
)

/** Pieces of the words above, in ASCII, that are rare elsewhere; ` le ` for `né le` and `née le`. */
const literals = [
  'born',
  'dob',
  'd.o.b',
  'birth',
  'gebor',
  'geb.',
  'geb ',
  'gebur',
  'naiss',
  'anniversaire',
  ' le ',
  '(e) le',
]
  .concat(['nacid', 'nacim', 'naci', 'cumple', 'f. nac', 'nato ', 'nata ', 'nascit', 'complean', 'nascid', 'nascim'])
  .concat(['nasceu', 'geboort', 'verjaardag', 'urodz', 'ur. ', 'fodelse', 'syntyn', 'gebdat'])

export const birthdates: readonly Recogniser[] = [
  { id: 'birthdate', type: 'BIRTHDATE', trigger: { kind: 'literal', literals }, match: matchBirthdate },
  { id: 'birthdate.foreign', type: 'BIRTHDATE', trigger: { kind: 'digits', min: 1, max: 16 }, match: matchForeign },
]

const ahead = 64
const back = 40

/** The first date behind the word; where there is none, the last one close before it. */
function matchBirthdate({ view, start: at, end: behind }: Place): Found | null {
  const from = Math.max(0, at - 12)
  const around = view.lower.slice(from, behind + 16)
  if (!isIn(words, around)) return null
  // Not beyond a line that says something else.
  const rest = view.text.slice(behind, behind + ahead).split(/\n[^\n]{0,40}\n/)[0] ?? ''
  const after = [...datesIn(rest)].map((date) => ({ ...date, start: date.start + behind, end: date.end + behind }))
  const first = after.find((date) => isWhole(view.text, date.start, date.end))
  if (first !== undefined) return { ...first, score: 0.9, isValidated: false }
  const window = Math.max(0, at - back)
  const before = [...datesIn(view.text.slice(window, at))]
    .map((date) => ({ ...date, start: date.start + window, end: date.end + window }))
    .filter((date) => isWhole(view.text, date.start, date.end))
  const last = before.at(-1)
  const isClose = last !== undefined && !/[.;!?\n]\s/.test(view.text.slice(last.end, at))
  return last === undefined || !isClose ? null : { ...last, score: 0.8, isValidated: false }
}

/** Words that no literal finds, for they begin with letters beyond ASCII or have them in all their long pieces. */
const foreignWords = new RegExp(
  [
    '(?:(?:^|[^\\p{L}])(?:n[ée]{1,2}|nées|nés|né\\(e\\)|född|født|nació|született|doğum|narozen[íaý]?)',
    '|生年月日|出生|誕生日|生于|생년월일|출생|родил(?:ся|ась)|рожд(?:ения|ён|ена)|γεννήθηκε|γέννησης|народи(?:вся|лась)',
    '|народження)[^\\p{L}\\d\\n]{0,6}$',
  ].join(''),
  'iu',
)
const mostBefore = 24

/** The date right behind the word: `né : 12/03/1980`, `生年月日：1980年3月12日`. */
function matchForeign({ view, start }: Place): Found | null {
  if (!isBeyondAscii(view, start, mostBefore)) return null
  const { text } = view
  if (!foreignWords.test(text.slice(Math.max(0, start - mostBefore), start))) return null
  const first = [...datesIn(text.slice(start, start + 32))].find((date) => date.start === 0)
  if (first === undefined || !isWhole(text, start, start + first.end)) return null
  return { ...first, start, end: start + first.end, score: 0.9, isValidated: false }
}

interface DateFound {
  readonly start: number
  readonly end: number
  readonly canonical: string
}

/** English, German, French, Spanish, Italian, Portuguese, Dutch, Polish: the first letters of the months. */
const months: readonly (readonly string[])[] = [
  ['jan', 'jän', 'ene', 'gen', 'sty'],
  ['feb', 'fév', 'fev', 'lut'],
  ['mar', 'mär', 'mae', 'mrz', 'maa', 'mrt'],
  ['apr', 'avr', 'abr', 'kwi'],
  ['may', 'mai', 'mag', 'mei', 'maj'],
  ['jun', 'giu', 'juin', 'cze'],
  ['jul', 'lug', 'juil', 'lip'],
  ['aug', 'aoû', 'aou', 'ago', 'sie'],
  ['sep', 'set', 'wrz'],
  ['oct', 'okt', 'ott', 'out', 'paź', 'paz'],
  ['nov', 'lis'],
  ['dec', 'dez', 'déc', 'dic', 'gru'],
]
const monthName = '(?!le |la |de )[\\p{L}]{3,12}'
const patterns: readonly { readonly pattern: RegExp; readonly order: 'ymd' | 'numbers' | 'dMy' | 'Mdy' }[] = [
  { pattern: /(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)/dg, order: 'ymd' },
  { pattern: /(?<!\d)(\d{1,2})[-/. ]{1,2}(\d{1,2})[-/. ]{1,2}(\d{4}|\d{2})(?!\d)/dg, order: 'numbers' },
  {
    pattern: new RegExp(
      `(\\d{1,2})(?:\\.|st|nd|rd|th|er|º|°)?,? ?(?:of |de |di |-)?(${monthName})\\.?,?[ -]?(?:de |del |of )?(\\d{4})`,
      'dgiu',
    ),
    order: 'dMy',
  },
  { pattern: new RegExp(`(${monthName})\\.? (\\d{1,2})(?:st|nd|rd|th)?,? (\\d{4})`, 'dgiu'), order: 'Mdy' },
  { pattern: /(\d{4})年(\d{1,2})月(\d{1,2})日/dg, order: 'ymd' },
]

/** Dates of a short text in the order of their beginnings; the day as ISO 8601. */
function* datesIn(text: string): Generator<DateFound> {
  const found: DateFound[] = []
  for (const { pattern, order } of patterns) {
    for (const match of text.matchAll(pattern)) {
      const canonical = dayOf(order, match[1] ?? '', match[2] ?? '', match[3] ?? '')
      if (canonical !== null) found.push({ start: match.index, end: match.index + match[0].length, canonical })
    }
  }
  yield* found.toSorted((left, right) => left.start - right.start || right.end - left.end)
}

function dayOf(order: 'ymd' | 'numbers' | 'dMy' | 'Mdy', first: string, second: string, third: string): string | null {
  switch (order) {
    case 'ymd':
      return dayIn(Number(first), Number(second), Number(third))
    case 'numbers': {
      const year = third.length === 4 ? Number(third) : Number(third) + (Number(third) > 30 ? 1900 : 2000)
      // Day before month, as most of the world writes it; the other way round where only that is a day.
      return dayIn(year, Number(second), Number(first)) ?? dayIn(year, Number(first), Number(second))
    }
    case 'dMy':
      return dayIn(Number(third), monthOf(second), Number(first))
    case 'Mdy':
      return dayIn(Number(third), monthOf(first), Number(second))
  }
}

function dayIn(year: number, month: number, day: number): string | null {
  return year >= 1880 && year <= 2099 ? calendarDay(year, month, day) : null
}

/** 1 to 12; 0: it is no month. */
function monthOf(name: string): number {
  const lower = name.toLowerCase()
  const exact = months.findIndex((starts) => starts.some((start) => start.length > 3 && lower.startsWith(start)))
  return (exact >= 0 ? exact : months.findIndex((starts) => starts.some((start) => lower.startsWith(start)))) + 1
}
