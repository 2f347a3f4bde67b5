import { classesOf, entropy, hasDigit, hasLetter, isNameLike, isStandIn, isWordy } from './randomness.ts'
import { reach } from '../../words.ts'

/** What stands where a value is expected. */
export interface Value {
  readonly start: number
  readonly end: number
  readonly text: string
  readonly isQuoted: boolean
  /** The character behind it (behind the closing quote). */
  readonly next: string
}

/** A password may be short and chosen by a person; a token was made by a program. */
export type Kind = 'password' | 'opaque'

/** How the value was given. Code names variables where the others write the value itself. */
export type Manner = 'quoted' | 'environment' | 'member' | 'argument' | 'prose'

/** Reads the value at `at`: in quotes up to the closing one, else up to a blank or what begins the next member. */
export function readValue(text: string, at: number): Value | null {
  let start = at
  if (/[bru]/.test(text.charAt(start)) && quotes.has(text.charAt(start + 1))) start++
  const isEscaped = text.charAt(start) === '\\'
  const opening = text.charAt(isEscaped ? start + 1 : start)
  const closing = quotes.get(opening)
  if (closing !== undefined) {
    const times = isEscaped ? 1 : timesQuoted(text, start, opening)
    start += isEscaped ? 2 : times
    const end = closingAt(text, start, closing.repeat(times), isEscaped)
    if (end !== null) return valueOf(text, start, end, end + (isEscaped ? 2 : times), true)
  }
  const end = bareEnd(text, start)
  return end === start ? null : valueOf(text, start, end, end, false)
}

function valueOf(text: string, start: number, end: number, after: number, isQuoted: boolean): Value | null {
  return end === start ? null : { start, end, text: text.slice(start, end), isQuoted, next: text.charAt(after) }
}

const quotes = new Map([
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['“', '”'],
  ['„', '“'],
  ['«', '»'],
  ['‘', '’'],
])

/** Doubled within a field of CSV, three times around a string of Python; once where nothing stands between them. */
function timesQuoted(text: string, start: number, quote: string): number {
  let times = 1
  while (times < 3 && text.charAt(start + times) === quote) times++
  return times > 1 && /[^\s"'`,;)\]}<>]/.test(text.charAt(start + times)) ? times : 1
}

function closingAt(text: string, start: number, closing: string, isEscaped: boolean): number | null {
  const limit = Math.min(text.length, start + reach)
  for (let index = start; index < limit; index++) {
    const character = text.charAt(index)
    if (character === '\n') return null
    if (character === '\\' && isEscaped && text.charAt(index + 1) === closing) return index
    if (character === '\\') index++
    else if (text.startsWith(closing, index)) return index
  }
  const end = longEnd(text, limit)
  return end > limit && text.startsWith(isEscaped ? `\\${closing}` : closing, end) ? end : null
}

/**
 * What programs made may be longer than what stands around it is read: its run goes on. Nothing that joins a name and a
 * value is in it, so that each stretch is read for one name only.
 */
function longEnd(text: string, limit: number): number {
  longRun.lastIndex = limit
  return longRun.test(text) ? longRun.lastIndex : limit
}

const longRun = /[^\s"'`<>“”«»\\;,&|=:(){}[\]]{1,8192}={0,2}/y

/**
 * Up to a blank, a quote or an angle bracket. `;`, `,` and `&` are characters of passwords too: they end a value only
 * where what follows them looks like the next member, or where nothing follows.
 */
function bareEnd(text: string, start: number): number {
  const limit = Math.min(text.length, start + reach)
  let end = start
  while (end < limit) {
    bareRun.lastIndex = end
    if (bareRun.test(text)) end = bareRun.lastIndex
    const next = text.charAt(end)
    if (end >= limit || !/[;,&|]/.test(next) || (end > start && isNextMember(text.slice(end + 1, end + 40)))) break
    end++
  }
  end = end < limit ? end : longEnd(text, limit)
  while (end > start && /[.,;:)\]}?]/.test(text.charAt(end - 1)) && !isClosed(text.slice(start, end))) end--
  return end
}

const bareRun = /[^\s"'`<>“”«»\\;,&|]{1,256}/y

function isNextMember(rest: string): boolean {
  return /^(?:$|[\s"'`<&;,]|["']?[\w .-]{1,30}["']?[=:])/.test(rest)
}

/** `[SECRET_7KQ2]`, `{x}`, `f(x)`: the last bracket belongs to the value. */
function isClosed(value: string): boolean {
  const last = value.charAt(value.length - 1)
  const opening = { ')': '(', ']': '[', '}': '{' }[last]
  return opening !== undefined && value.includes(opening)
}

/** How sure it is that the value is a secret; 0: it is none. */
export function judgeValue(value: Value, kind: Kind, manner: Manner): number {
  const { text } = value
  if (text.length < 4 || (kind === 'opaque' && !hasDigit(text))) return 0
  if (isStandIn(text) || isExpression(value, manner) || notSecrets.test(text)) return 0
  const score = opaqueScore(text, manner)
  if (score > 0) return score
  return kind === 'password' ? passwordScore(value, manner) : shortTokenScore(value, manner)
}

/** Made by chance: as long and as mixed as keys are. */
function opaqueScore(text: string, manner: Manner): number {
  if (text.length < 16 || !/^[\w+/=.~:-]+$/.test(text) || !hasDigit(text) || !hasLetter(text)) return 0
  const bits = entropy(text.slice(0, mostJudged))
  if (/^[0-9a-f-]+$/i.test(text)) return bits >= 2.8 ? 0.85 : 0
  if (isWordy(text) || (manner !== 'quoted' && isCallOrPath(text))) return 0
  return bits >= (text.length < 20 ? 3.2 : 3.5) ? 0.85 : 0
}

/** Chance shows soon. */
const mostJudged = 512

/** Chosen by a person: at least two kinds of characters among eight, or three among six. */
function passwordScore({ text, isQuoted, next }: Value, manner: Manner): number {
  if (/\s/.test(text)) return isQuoted && isPassphrase(text) ? 0.7 : 0
  const classes = classesOf(text)
  if (/^\d+$/.test(text)) return text.length >= 6 && manner !== 'member' ? 0.6 : 0
  if (!hasDigit(text) && /^[\w.:/-]+$/.test(text)) return isCamelPassword(text, isQuoted) ? 0.6 : 0
  if (isNameLike(text)) {
    // `hunter2` in a file of settings is a password, in a program it is a variable.
    if (!isQuoted && manner === 'member' && /[,;)\]}]/.test(next)) return 0
    if (keyWords.test(text) && !isQuoted && manner === 'member') return 0
    return text.length >= 6 && classes >= 2 ? 0.65 : 0
  }
  if (text.length >= 8 && classes >= 2) return 0.8
  return text.length >= 6 && classes >= 2 && hasLetter(text) ? 0.65 : 0
}

/** Four words and more that are no sentence: `correct horse battery staple`. */
function isPassphrase(text: string): boolean {
  const words = text.split(/[ _-]/)
  if (words.length < 4 || words.length > 12 || !words.every((each) => /^[A-Za-z0-9]{1,12}$/.test(each))) return false
  const isSentence = words.some((each) => sentenceWords.has(each.toLowerCase()))
  return !isSentence && (words.every((each) => /^[a-z]{3,}$/.test(each)) || hasDigit(text))
}

const sentenceWords = new Set([
  ...['the', 'a', 'an', 'your', 'you', 'is', 'are', 'for', 'to', 'must', 'be', 'new', 'enter', 'at', 'least', 'choose'],
  ...[
    'please',
    'with',
    'and',
    'or',
    'not',
    'of',
    'in',
    'characters',
    'letters',
    'password',
    'passphrase',
    'key',
    'that',
  ],
  ...[
    'der',
    'die',
    'das',
    'ihr',
    'ist',
    'bitte',
    'und',
    'oder',
    'nicht',
    'le',
    'la',
    'votre',
    'el',
    'su',
    'il',
    'on',
    'it',
  ],
])

/** Two words in one, both capitalised, in quotes: `"SuperSecret"`; but no name that says what it is. */
function isCamelPassword(text: string, isQuoted: boolean): boolean {
  return isQuoted && text.length >= 8 && /^[A-Z][a-z]+[A-Z][a-z]+$/.test(text) && !keyWords.test(text)
}

/** Shorter than what programs make, but with digits and letters: an own token, an old one. */
function shortTokenScore({ text, isQuoted, next }: Value, manner: Manner): number {
  if (text.length < 8 || /\s/.test(text) || !hasDigit(text) || !hasLetter(text)) return 0
  if (isWordy(text) || !/^[\w+/=.~!@#$%^&*-]+$/.test(text)) return 0
  if (manner === 'member' && !isQuoted && /[,;)\]}]/.test(next)) return 0
  return text.length >= 10 && entropy(text) >= 2.9 && classesOf(text) >= 2 ? 0.65 : 0
}

/** Code instead of a value: a call, an index, a member of something. */
export function isExpression({ text, isQuoted, next }: Value, manner: Manner): boolean {
  if (isQuoted) return /\$\{|\{\{|^\\/.test(text)
  if (manner === 'environment' || manner === 'argument') return /^\$\(|^`/.test(text)
  return next === '(' || isCallOrPath(text) || codeSigns.test(text) || hasBrackets(text)
}

function hasBrackets(text: string): boolean {
  const opening = text.search(/[({[]/)
  return opening >= 0 && /[)}\]]/.test(text.slice(opening + 1))
}

const codeSigns = /\}\)|\)\{|\|\||&&|=>|,\w{1,20}[.=:[]|[})][,;)]|^[,)}\]]/

function isCallOrPath(text: string): boolean {
  return (
    (/^[!&*$_A-Za-z][\w$]*(?:\?\.|\.|\(|\[|::|->)/.test(text) &&
      !/^[A-Za-z0-9_-]{12,}\.[A-Za-z0-9_-]{16,}/.test(text)) ||
    /^(?:new|await|async|return|function|typeof)$/.test(text)
  )
}

const keyWords = /pass|secret|token|key|auth|credential|kennwort/i

/** Addresses, paths, dates, times, versions, sizes, algorithms, selectors. */
const notSecrets = new RegExp(
  [
    '^(?:[a-z][a-z0-9+.-]{1,12}:)?//|^\\.{0,2}/|^~/|^[A-Za-z]:\\\\',
    '^[\\d.:TZ+/-]+$|^v?\\d+\\.\\d+|^\\d+(?:\\.\\d+)?\\s?(?:[kKMGT]?i?[bB]|ms|s|min|h|d|px|em|rem|%)$',
    '^(?:sha|md|hs|rs|es|ps|aes|utf|base|oauth|argon|ed|x)-?\\d+(?:-[\\w-]{1,12})?$|^(?:argon2id|bcrypt|scrypt|pbkdf2)$',
    '^#[\\w-]+$|^--[\\w-]+$|^\\+\\w+$|^[\\w.-]+@[\\w.-]+\\.[a-z]{2,}$|^[\\w-]+/[\\w.+-]+$',
    '^=|^\\||^(?:Big)?(?:U?[Ii]nt|Float|Base|Sha|Ed|Utf|Aes|Rsa|Hs|Rs)\\d+\\w*$',
  ].join('|'),
)
