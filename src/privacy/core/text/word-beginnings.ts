/**
 * Which words may stand near a place, known without trying a pattern. Dozens of recognisers ask for words around the
 * same places: how each word of a text begins is read once, and a few bits answer nearly all of them. The answer is
 * never no where a pattern would find something; scripts beside the Latin one are left to the patterns.
 */

/** The number of a list of words, among all lists. */
export type WordList = number & { readonly brand: 'WordList' }

/** How the words of a list begin, by letters without diacritics. */
interface Beginnings {
  /** Some word begins with no letter at all. */
  readonly isAny: boolean
  /** One letter, and behind it a sign: with what stands behind that sign in a phrase; `null`: whatever. */
  readonly ones: ReadonlyMap<number, ReadonlySet<number> | null>
  /** Pairs and triples, as `packed`. */
  readonly more: ReadonlySet<number>
}

const lists: Beginnings[] = []
/** Of all lists together: how most words begin no word begins that is looked for. */
const ofAny = { isAny: false, ones: new Map<number, null>(), more: new Set<number>() }

/** Words and phrases in lower case, blanks between their parts, `*` at the end of a stem. */
export function wordList(words: readonly string[]): WordList {
  const ones = new Map<number, Set<number> | null>()
  const more = new Set<number>()
  let isAny = false
  for (const word of words) {
    const letters = /^[a-z0-9\u00c0-\u024f]{0,3}/.exec(word)?.[0] ?? ''
    const [first = 0, second = 0, third = 0] = [...letters].map((letter) => codeOf(letter.charCodeAt(0)))
    if (letters === '' || /^.\*/.test(word)) isAny = true
    else if (letters.length > 1) more.add(packed(first, second, third))
    else {
      // Behind one letter of a phrase there may be a blank, or none: `a c no`, `a.c.`, `ac no`.
      const next = /^. ([a-z])/.exec(word)?.[1]?.charCodeAt(0)
      if (next !== undefined) more.add(packed(first, next, 0))
      const known = ones.get(first)
      if (next === undefined || known === null) ones.set(first, null)
      else ones.set(first, (known ?? new Set()).add(next))
    }
  }
  ofAny.isAny ||= isAny
  for (const first of ones.keys()) ofAny.ones.set(first, null)
  for (const letters of more) ofAny.more.add(letters)
  keys.fill(noKey)
  return (lists.push({ isAny, ones, more }) - 1) as WordList
}

/** Whether a word of the list may stand from `from` to `to`; one that is cut off at `from` counts as a word. */
export function mayStand(list: WordList, view: { readonly lower: string }, from: number, to: number): boolean {
  if (has(setOf(lettersAt(view.lower, from)), list)) return true
  const blocks = blocksOf(view)
  for (let block = Math.max(0, from >> blockBits); block << blockBits < to; block++) {
    const { starts, sets: each, odd } = (blocks[block] ??= readBlock(view.lower, block))
    if (odd.length > 0 && (odd[firstFrom(odd, from)] ?? Infinity) < to) return true
    for (let at = firstFrom(starts, from); at < starts.length && (starts[at] ?? 0) < to; at++) {
      const set = each[at]
      if (set !== undefined && set !== nothing && has(set, list)) return true
    }
  }
  return false
}

/** The same for all lists at once: all whose `has` is true may have one. */
export function wordsNear(view: { readonly lower: string }, from: number, to: number): ListSet {
  const near = new Uint32Array((lists.length + 31) >>> 5)
  const blocks = blocksOf(view)
  const end = Math.min(to, view.lower.length)
  for (let block = Math.max(0, from >> blockBits); block << blockBits < end; block++) {
    const { starts, sets: each, odd } = (blocks[block] ??= readBlock(view.lower, block))
    if (odd.length > 0 && (odd[firstFrom(odd, from)] ?? Infinity) < to) return near.fill(0xffffffff)
    for (let at = firstFrom(starts, from); at < starts.length && (starts[at] ?? 0) < to; at++) {
      const set = each[at] ?? nothing
      for (let index = 0; index < set.length; index++) near[index] = (near[index] ?? 0) | (set[index] ?? 0)
    }
  }
  return near
}

/** A bit for each list. */
export type ListSet = Uint32Array

const nothing: ListSet = new Uint32Array(0)

export function has(set: ListSet, list: WordList): boolean {
  return (((set[list >>> 5] ?? 0) >>> (list & 31)) & 1) === 1
}

/** By the first three letters of a word, each at one place only; forgotten when there is one more list. */
const placeBits = 14
const noKey = -1
const keys = new Int32Array(1 << placeBits).fill(noKey)
const sets: ListSet[] = []

function setOf(letters: number): ListSet {
  const place = Math.imul(letters, 0x9e3779b1) >>> (32 - placeBits)
  return keys[place] === letters ? (sets[place] ?? nothing) : readSet(letters, place)
}

function readSet(letters: number, place: number): ListSet {
  keys[place] = letters
  sets[place] = isOf(ofAny, letters) ? listsOf(letters) : nothing
  return sets[place]
}

function listsOf(letters: number): ListSet {
  const set = new Uint32Array((lists.length + 31) >>> 5)
  for (const [index, beginnings] of lists.entries())
    if (isOf(beginnings, letters)) set[index >>> 5] = (set[index >>> 5] ?? 0) | (1 << (index & 31))
  return set.some((bits) => bits !== 0) ? set : nothing
}

function isOf({ isAny, ones, more }: Beginnings, letters: number): boolean {
  if (isAny || more.has(letters) || more.has(letters & pairMask)) return true
  const next = ones.get(letters & unitMask)
  const [second, third] = [(letters >> unitBits) & unitMask, letters >> (2 * unitBits)]
  if (next === undefined || isLetter(second)) return false
  return next === null || !isLetter(third) || next.has(third)
}

/** Where words begin in a piece of a view: most of a text is never asked about. */
interface Block {
  readonly starts: Int32Array
  /** Of each word the lists that have one which begins like it. */
  readonly sets: readonly ListSet[]
  /** Units of which the letters say nothing. */
  readonly odd: Int32Array
}

/** 512 units. */
const blockBits = 9

/** Kept as long as the view, and as there are no more lists. */
const read = new WeakMap<object, { readonly lists: number; readonly blocks: (Block | undefined)[] }>()

function blocksOf(view: { readonly lower: string }): (Block | undefined)[] {
  const known = read.get(view)
  if (known !== undefined && known.lists === lists.length) return known.blocks
  const blocks: (Block | undefined)[] = []
  read.set(view, { lists: lists.length, blocks })
  return blocks
}

function readBlock(lower: string, block: number): Block {
  const starts: number[] = []
  const each: ListSet[] = []
  const odd: number[] = []
  const from = block << blockBits
  const to = Math.min(lower.length, from + (1 << blockBits))
  let wasLetter = from > 0 && isLetter(lower.charCodeAt(from - 1))
  for (let index = from; index < to; index++) {
    const unit = lower.charCodeAt(index)
    // Behind digits a word begins as well: digits at the edge of what is looked at are left out.
    const isNow = isLetter(unit)
    if (isNow && !wasLetter) {
      starts.push(index)
      each.push(setOf(lettersAt(lower, index)))
    } else if (unit >= latinEnd && isOdd(unit)) odd.push(index)
    wasLetter = isNow
  }
  return { starts: Int32Array.from(starts), sets: each, odd: Int32Array.from(odd) }
}

/** Behind the last unit of Latin letters with diacritics. */
const latinEnd = 0x250

function isLetter(unit: number): boolean {
  return (unit >= 97 && unit <= 122) || (unit >= 0xc0 && unit < latinEnd)
}

/** Dashes, quotation marks and currencies are no letters, and no marks of letters. */
function isOdd(unit: number): boolean {
  return unit < 0x2000 || unit > 0x20cf
}

const unitBits = 10
const unitMask = (1 << unitBits) - 1
const pairMask = (1 << (2 * unitBits)) - 1

function packed(first: number, second: number, third: number): number {
  return first | (second << unitBits) | (third << (2 * unitBits))
}

function lettersAt(lower: string, index: number): number {
  const [first, second] = [codeOf(lower.charCodeAt(index)), codeOf(lower.charCodeAt(index + 1))]
  return packed(first, second, codeOf(lower.charCodeAt(index + 2)))
}

/** A Latin letter without its diacritics; 0 for what stands beyond, and behind the end. */
function codeOf(unit: number): number {
  return unit < latinEnd ? (bare[unit] ?? 0) : 0
}

const bare: Uint16Array = bareLetters()

function bareLetters(): Uint16Array {
  const table = new Uint16Array(latinEnd)
  for (let unit = 0; unit < latinEnd; unit++) {
    const letter = String.fromCharCode(unit)
    const decomposed = letter.normalize('NFD').replace(/\p{M}/gu, '')
    table[unit] = decomposed.length === 1 ? decomposed.charCodeAt(0) : unit
  }
  return table
}

/** The index of the first number that is not less. */
function firstFrom(ascending: Int32Array, least: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ascending[middle] ?? 0) < least) low = middle + 1
    else high = middle
  }
  return low
}
