/**
 * Values that are known: of the house's directory, of its deny list, of a scope. Grows while it is used, and finding
 * costs one pass whatever the number of values: a filter over hashes of words tells which words may begin one.
 */
import type { EntityType, Term, View } from '../words.ts'
import { alone, kindAt, lengthAt, other, wordEnd } from '../text/characters.ts'
import { comparable } from '../text/decode.ts'
import { createCompactTrie, leastCompact, mostCompact } from './compact-trie.ts'
import { createExactTrie } from './exact-trie.ts'
import { createNameTrie, type Match } from './name-trie.ts'
import { isAccented, isSilent, keyOf } from './word-keys.ts'

export interface Dictionary {
  /** In time of its length. false: it has fewer than three characters to be found by, and is left out. */
  add(term: Term): boolean
  readonly size: number
  /** Every known value in a folded view, at the borders of words; offsets are the view's. */
  find(view: View): readonly Match[]
}

const leastCharacters = 3
const mostWordsKept = 64

export function createDictionary(terms: Iterable<Term> = []): Dictionary {
  const known = new Set<string>()
  const tries: Tries = { names: createNameTrie(), exact: createExactTrie(), compact: createCompactTrie() }
  const filter = new Uint8Array(filterSize)
  const dictionary: Dictionary = {
    add(term) {
      const written = spellingsOf(term.value).map((lower) => ({ lower, words: wordsOf(lower) }))
      const [{ lower, words }] = written as [Written]
      if (weightOf(words) < leastCharacters) return false
      const id = `${term.source} ${term.type} ${lower}`
      if (known.has(id)) return true
      known.add(id)
      for (const each of written) for (const first of insert(tries, term, each)) mark(filter, first)
      return true
    },
    get size() {
      return known.size
    },
    find: (view) => (known.size === 0 ? [] : findAll({ tries, filter }, view)),
  }
  for (const term of terms) dictionary.add(term)
  return dictionary
}

interface Tries {
  readonly names: ReturnType<typeof createNameTrie>
  readonly exact: ReturnType<typeof createExactTrie>
  readonly compact: ReturnType<typeof createCompactTrie>
}

/** Numbers and codes that people write in groups. */
const grouped: ReadonlySet<EntityType> = new Set<EntityType>([
  'PHONE',
  'CARD',
  'IBAN',
  'BIC',
  'ACCOUNT',
  'WALLET',
  'NATIONAL_ID',
  'TAX_ID',
  'HEALTH_ID',
  'VEHICLE',
  'DEVICE',
  'MAC',
])
const named: ReadonlySet<EntityType> = new Set<EntityType>(['PERSON', 'ORGANIZATION', 'ADDRESS', 'TERM', 'USERNAME'])

interface Written {
  readonly lower: string
  readonly words: readonly string[]
}

/** The words that it may begin with. */
function insert({ names, exact, compact }: Tries, term: Term, { lower, words }: Written): readonly string[] {
  const units = words.join('')
  const isNumber = term.type === 'TERM' && /^\d+$/.test(units)
  if ((grouped.has(term.type) || isNumber) && units.length >= leastCompact && units.length <= mostCompact) {
    compact.add(term, lower.slice(0, lower.indexOf(words[0] ?? '')), units)
    return []
  }
  if (named.has(term.type) && words.length <= mostWordsKept && !isCode(lower)) {
    names.add(term, words)
    return [words[0] ?? '', words.join(''), ...(words.length === 2 ? [words[1] ?? ''] : [])]
  }
  return [exact.add(term, lower) ?? '']
}

/** What a deny list has beside names: a host, a path, a key. */
function isCode(lower: string): boolean {
  return /[@/\\:=]|\.\w/.test(lower) && !/\s/.test(lower)
}

/**
 * How a value reads after folding. A capital and its small letter may look like different Latin letters (Η and η, Ν and
 * ν), and capitals of Greek have no accents: of a value in such a script each of its usual spellings is kept.
 */
function spellingsOf(value: string): readonly string[] {
  const lower = comparable(value).trim()
  if (!/[\u0370-\u058f\u13a0-\u13ff]/.test(value)) return [lower]
  const small = value.toLowerCase()
  const large = value.toUpperCase()
  const title = small.replace(/(?<![\p{L}\p{M}])\p{L}/gu, (letter) => letter.toUpperCase())
  const bare = large.normalize('NFD').replace(/\p{M}/gu, '')
  return [...new Set([lower, ...[small, large, title, bare].map((each) => comparable(each).trim())])]
}

function wordsOf(lower: string): readonly string[] {
  const words: string[] = []
  for (let index = 0; index < lower.length;) {
    const kind = kindAt(lower, index)
    const end = kind === other ? index + lengthAt(lower, index) : wordEnd(lower, index, kind)
    if (kind !== other) words.push(lower.slice(index, end))
    index = end
  }
  return words
}

/** A character of a script that writes whole syllables or words in one counts twice. */
function weightOf(words: readonly string[]): number {
  return words.reduce((sum, word) => sum + (kindAt(word, 0) === alone ? 2 : word.length), 0)
}

const filterSize = 1 << 16

function mark(filter: Uint8Array, word: string): void {
  filter[placeOf(hashOf(keyOf(word)))] = 1
}

function hashOf(key: string): number {
  let hash = 0
  for (let index = 0; index < key.length; index++) hash = step(hash, key.charCodeAt(index))
  return hash
}

function step(hash: number, unit: number): number {
  return (Math.imul(hash, 31) + unit) | 0
}

function placeOf(hash: number): number {
  return (hash ^ (hash >>> 15)) & (filterSize - 1)
}

interface Known {
  readonly tries: Tries
  readonly filter: Uint8Array
}

function findAll({ tries, filter }: Known, { text, lower }: View): readonly Match[] {
  const matches: Match[] = []
  const add = (match: Match | null): void => {
    if (match !== null) matches.push(match)
  }
  const isKnown = (hash: number): boolean => filter[placeOf(hash)] === 1
  for (let index = 0; index < lower.length;) {
    const kind = kindAt(lower, index)
    if (kind === other) {
      index += lengthAt(lower, index)
      continue
    }
    const word = readWord(text, lower, index)
    const { end } = word
    if (isKnown(word.hash) || (lower[end - 1] === 's' && isKnown(word.hashBefore))) {
      add(tries.names.find(lower, index, end))
      add(tries.exact.find(lower, index, end))
    }
    add(tries.compact.find(lower, index))
    if (word.parts !== null)
      for (let part = 0; part + 2 < word.parts.length; part++) add(tries.names.findInside(lower, word.parts, part))
    index = end
  }
  return withoutCrossings(matches)
}

/** Of two names side by side the end of one with the beginning of the other is no third one. */
function withoutCrossings(matches: readonly Match[]): readonly Match[] {
  if (!matches.some((match) => match.isReversed)) return matches
  let before = 0
  const free = matches.filter((match) => {
    if (match.isReversed) return match.start >= before
    before = Math.max(before, match.end)
    return true
  })
  let behind = Infinity
  return free
    .toReversed()
    .filter((match) => {
      if (match.isReversed) return match.end <= behind
      behind = Math.min(behind, match.start)
      return true
    })
    .toReversed()
}

interface Word {
  readonly end: number
  /** Of its key, and of its key without the last unit: a genitive's s. */
  readonly hash: number
  readonly hashBefore: number
  /** Where the words of an identifier begin (`AliceBrenner`), and its end; null: it is one word. */
  readonly parts: readonly number[] | null
}

function readWord(text: string, lower: string, start: number): Word {
  let hash = 0
  let hashBefore = 0
  let before = 0
  let isCapital = true
  let isAlone = false
  let parts: number[] | null = null
  let end = start
  for (; end < lower.length; end++) {
    const unit = lower.charCodeAt(end)
    const kind = kindAt(lower, end)
    if (kind === other || (kind === alone && end > start) || (end > start && isAlone)) break
    isAlone = kind === alone
    if (unit > 127 && isAccented(unit)) return readLongWord(lower, start)
    if (!isSilent(before, unit)) {
      hashBefore = hash
      hash = step(hash, unit)
    }
    before = unit
    if (lengthAt(lower, end) === 2) hash = step((hashBefore = hash), lower.charCodeAt(++end))
    const wasCapital = isCapital
    isCapital = text.charCodeAt(end) !== unit
    if (isCapital && !wasCapital) (parts ??= [start]).push(end)
  }
  parts?.push(end)
  return { end, hash, hashBefore, parts }
}

/** With Latin letters beside ASCII: its key has to be written out. */
function readLongWord(lower: string, start: number): Word {
  const end = wordEnd(lower, start, kindAt(lower, start))
  const key = keyOf(lower.slice(start, end))
  return { end, hash: hashOf(key), hashBefore: hashOf(key.slice(0, -1)), parts: null }
}
