import { isTag } from '../placeholder.ts'
import { tagLength, type LiveTags } from '../words.ts'
import { isOpener, readClosing, readJoint, readLiteral, readOpening, type Bracket } from './brackets.ts'

/**
 * What counts as a placeholder in what a model wrote. The tag decides, and only a tag that is live: models change case,
 * escape, translate the label, forget or double the brackets, but copy four odd characters.
 *
 *     placeholder = opening{1,2} ["**"] name ["**"] closing{1,2}   the same brackets on both sides
 *                 | name                                           not within a word
 *     name        = label joint TAG ["s"] [joint form]
 *     label       = words of letters, joined
 *
 * In brackets a label may be any word of letters (`Persona`), or several joined by `_`. Without them it is one that is
 * in use, in whatever case, or is written in capitals: prose never is. Brackets that have no partner belong to the text
 * around, and so does a second pair of square ones: in `[[IP_7KQ2]]` it is more often that of a log or a list than a
 * model's. One pair stays where it makes a Markdown link: `[PERSON_7KQ2](https://…)`.
 */
export type Reading =
  | { readonly kind: 'none' }
  /** It may still become one: what comes next decides. */
  | { readonly kind: 'open' }
  | Found

interface Found {
  readonly kind: 'found'
  readonly end: number
  readonly tag: string
  readonly form: string
  /** What of the text stays in front of the value and behind it. */
  readonly before: string
  readonly after: string
}

/** Nothing longer is a placeholder, brackets and escapes included: so much of an answer is held back at the most. */
export const maxPlaceholderLength = 48

const maxLabelLength = 24
const maxFormLength = 3
const emphasis = '**'

const none: Reading = { kind: 'none' }
const open: Reading = { kind: 'open' }

export interface Reader {
  readonly live: LiveTags
  /** Nothing comes behind the text. */
  readonly isEnd: boolean
}

/** Reads what begins at `start`; the characters before it are looked at only to see whether a word begins there. */
export function readPlaceholder(text: string, start: number, reader: Reader): Reading {
  // Whatever comes later, a name that is longer is none: so the answer does not depend on how much is there.
  const limit = start + maxPlaceholderLength
  const isEnd = reader.isEnd || text.length > limit
  const from = Math.max(0, start - lookBehind)
  const window = text.slice(from, limit + 1)
  const at = start - from
  const reading = isOpener(window.charAt(at))
    ? readBracketed(window, at, { live: reader.live, isEnd })
    : readBare(window, at, { live: reader.live, isEnd })
  if (reading.kind !== 'found') return reading
  const end = reading.end + from
  return end > limit ? none : { ...reading, end }
}

/** As long as an escape of JSON. */
const lookBehind = 6

/** Whether a placeholder may begin here: cheap, for every character of a tail. */
export function mayBegin(text: string, at: number): boolean {
  const char = text.charAt(at)
  if (isOpener(char)) return true
  return isLetter(char) && isWordBegin(text, at)
}

/** `\n` and its like, and `\u2014`, in JSON that is read as it is written: their letters belong to no word. */
function isWordBegin(text: string, at: number): boolean {
  if (at === 0 || !isWordChar(text.charAt(at - 1))) return true
  if (text.charAt(at - 2) === '\\') return 'nrtbf'.includes(text.charAt(at - 1))
  return text.charAt(at - 6) === '\\' && /^\\u[\da-f]{4}$/i.test(text.slice(at - 6, at))
}

export const isWordChar = (char: string): boolean => isDigit(char) || isLetter(char)

function readBracketed(text: string, start: number, reader: Reader): Reading {
  const bracket = readOpening(text, start, reader.isEnd)
  if (typeof bracket === 'string') return bracket === 'open' ? open : none
  let at = start + bracket.length
  let layers = 1
  const second = readOpening(text, at, reader.isEnd)
  if (second === 'open') return open
  if (second !== 'none' && bracket.closing !== ']' && isSame(bracket, second)) {
    layers = 2
    at += second.length
  }
  const stars = readLiteral(text, at, emphasis, reader.isEnd)
  if (stars === 'open') return open
  if (stars !== 'none') at += stars
  const name = readName(text, at, { ...reader, isBracketed: true, isInWord: false })
  if (typeof name === 'string') return name === 'open' ? open : none
  at = name.end
  if (stars !== 'none') {
    const closingStars = readLiteral(text, at, emphasis, reader.isEnd)
    if (typeof closingStars === 'string') return closingStars === 'open' ? open : none
    at += closingStars
  }
  for (let layer = 0; layer < layers; layer++) {
    const closing = readClosing(text, at, bracket, reader.isEnd)
    if (typeof closing === 'string') return closing === 'open' ? open : none
    at += closing
  }
  const isLink = bracket.isPlain && readTarget(text, at, reader.isEnd)
  if (isLink === 'open') return open
  const kept = stars === 'none' ? '' : emphasis
  return {
    kind: 'found',
    end: at,
    tag: name.tag,
    form: name.form,
    before: (isLink ? '[' : '') + kept,
    after: name.plural + kept + (isLink ? ']' : ''),
  }
}

/** Whether the target of a Markdown link follows: `10.0.0.5(eth0)` is none. */
function readTarget(text: string, at: number, isEnd: boolean): boolean | 'open' {
  const pieces = targets.map((begin) => readLiteral(text, at, begin, isEnd))
  if (pieces.some((piece) => typeof piece === 'number')) return true
  return pieces.includes('open') ? 'open' : false
}

const targets = ['(http:', '(https:', '(mailto:', '(tel:', '(/', '(#', '(.', '(<', '([', '(www.']

const isSame = (one: Bracket, other: Bracket): boolean =>
  one.closing === other.closing && one.isEscaped === other.isEscaped

function readBare(text: string, start: number, reader: Reader): Reading {
  if (!isWordBegin(text, start) || !mayBeginLabel(text.charAt(start), reader.live)) return none
  const previous = start === 0 ? '' : text.charAt(start - 1)
  const isInWord = previous === '_' || previous === '-'
  const name = readName(text, start, { ...reader, isBracketed: false, isInWord })
  if (typeof name === 'string') return name === 'open' ? open : none
  return { kind: 'found', end: name.end, tag: name.tag, form: name.form, before: '', after: name.plural }
}

/** Ordinary words end here: a letter that is no capital, and that no label in use begins with. */
function mayBeginLabel(letter: string, live: LiveTags): boolean {
  const upper = letter.toUpperCase()
  if (letter === upper) return true
  for (const label of live.labels) if (label.startsWith(upper)) return true
  return false
}

interface Name {
  readonly end: number
  readonly tag: string
  readonly form: string
  readonly plural: string
}

interface NameReader extends Reader {
  readonly isBracketed: boolean
  /** Something is joined to it in front: `get_PERSON_7KQ2`. */
  readonly isInWord: boolean
}

function readName(text: string, start: number, reader: NameReader): Name | 'none' | 'open' {
  const { live, isEnd } = reader
  const words: string[] = []
  /** The joints behind the words, the last one before the tag among them. */
  const joints: ('line' | 'hyphen' | 'blank')[] = []
  let at = start
  for (;;) {
    const end = wordEnd(text, at)
    const word = text.slice(at, end)
    if (end >= text.length && !isEnd) {
      const mayBeTag = words.length > 0 && isTagBegin(word, live) && isLabel(words, joints, reader)
      return mayBeTag || mayBeLabel([...words, word], joints, reader) ? 'open' : 'none'
    }
    const tag = words.length > 0 ? tagIn(word, live) : null
    if (tag !== null) {
      if (!isLabel(words, joints, reader)) return 'none'
      return withForm(text, { end, tag, form: '', plural: word.slice(tagLength) }, reader)
    }
    if (word === '' || hasDigit(word)) return 'none'
    words.push(word)
    const joint = readJoint(text, end, isEnd)
    if (joint === 'none') return 'none'
    const mayGoOn = mayBeLabel(words, joints, reader)
    if (joint === 'open') return mayGoOn ? 'open' : 'none'
    joints.push(joint.kind)
    // Neither the tag nor another word can follow.
    if (!isLabel(words, joints, reader) && !mayBeLabel([...words, ''], joints, reader)) return 'none'
    at = end + joint.length
  }
}

/** The live tag that a word is, whatever its case, with or without an `s` behind it. */
function tagIn(word: string, live: LiveTags): string | null {
  if (word.length !== tagLength && !(word.length === tagLength + 1 && word.endsWith('s'))) return null
  const tag = word.slice(0, tagLength).toUpperCase()
  return isTag(tag) && live.forms(tag).length > 0 ? tag : null
}

const isTagBegin = (word: string, live: LiveTags): boolean =>
  (word.length <= tagLength && live.isTagPrefix(word.toUpperCase())) || tagIn(word, live) !== null

/** `name.end` stands behind the tag. */
function withForm(text: string, name: Name, reader: NameReader): Name | 'open' {
  const { live, isEnd, isBracketed } = reader
  if (name.end >= text.length) return isEnd ? name : 'open'
  if (name.plural !== '') return name
  const joint = readJoint(text, name.end, isEnd)
  if (joint === 'open') return 'open'
  if (joint === 'none' || (!isBracketed && joint.kind !== 'line')) return name
  const start = name.end + joint.length
  const end = wordEnd(text, start)
  if (end >= text.length && !isEnd) return end - start <= maxFormLength ? 'open' : name
  const form = text.slice(start, end).toUpperCase()
  if (form === '' || form.length > maxFormLength || !/^[A-Z0-9]+$/.test(form)) return name
  const isForm = isBracketed || form === 'F' || form === 'L' || live.forms(name.tag).includes(form)
  return isForm ? { ...name, end, form } : name
}

/** `joints` has as many as `words`: the last one stands before the tag. */
function isLabel(words: readonly string[], joints: readonly string[], reader: NameReader): boolean {
  const { live, isBracketed } = reader
  const upper = words.map((word) => word.toUpperCase())
  if (live.labels.has(upper.join('_'))) return true
  // `see PERSON_7KQ2`: the first word is the text's.
  for (let index = 1; index < upper.length; index++) if (live.labels.has(upper.slice(index).join('_'))) return false
  const last = joints.at(-1)
  if (last === 'blank' && (!isBracketed || words.length > 1)) return false
  return isStrange(words, joints.slice(0, -1), reader) && (isBracketed || words.join('').length > 1)
}

/** Whether more letters, words or joints can make a label of it; `joints` has one less than `words`. */
function mayBeLabel(words: readonly string[], joints: readonly string[], reader: NameReader): boolean {
  const begun = words.join('_').toUpperCase()
  if (begun.length > maxLabelLength || words.some(hasDigit)) return false
  for (const label of reader.live.labels) if (label.startsWith(begun)) return true
  return isStrange(words, joints, reader)
}

/** A label that nobody gave: translated, or made up. */
function isStrange(words: readonly string[], joints: readonly string[], reader: NameReader): boolean {
  if (joints.some((joint) => joint !== 'line') || words.join('_').length > maxLabelLength) return false
  return reader.isBracketed || (!reader.isInWord && words.every(isCapitals))
}

/** Each letter: what comes later cannot make capitals of a word that began otherwise. */
const isCapitals = (word: string): boolean =>
  [...word].every((char) => char === char.toUpperCase() && char !== char.toLowerCase())

/** Behind the letters and digits that begin at `from`. */
function wordEnd(text: string, from: number): number {
  let at = from
  while (at < text.length && isWordChar(text.charAt(at))) at += 1
  return at
}

const isDigit = (char: string): boolean => char >= '0' && char <= '9'

const hasDigit = (word: string): boolean => /\d/.test(word)

function isLetter(char: string): boolean {
  const code = char.charCodeAt(0)
  if (code < 0x80) return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)
  return code >= 0xaa && letter.test(char)
}

const letter = /[\p{L}\p{M}]/u
