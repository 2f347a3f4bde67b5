/** Values that are words: names, addresses, terms. Found whatever stands between the words. */
import type { Term } from '../words.ts'
import { nextWord } from '../text/characters.ts'
import { agree, keyOf } from './word-keys.ts'

interface Entry {
  readonly term: Term
  readonly words: readonly string[]
  /** Never as a part of an identifier: `mark_as_read` is nobody. */
  readonly standsAlone: boolean
  /** Two words or more, four characters or more: also where the letters' case is all that tells them apart. */
  readonly isCompound: boolean
  readonly isReversed: boolean
}

interface Node {
  children: Map<string, Node> | null
  entries: Entry[] | null
}

export interface Match {
  readonly start: number
  readonly end: number
  readonly term: Term
  /** A name as lists have it, the last name first. */
  readonly isReversed?: boolean
}

export interface NameTrie {
  /** Words are folded, in lower case; the first one's key is what `find` has to be asked with. */
  add(term: Term, words: readonly string[]): void
  /** The longest value that begins with the word from `start` to `end`; its last word may have a genitive's s. */
  find(lower: string, start: number, end: number): Match | null
  /** The same in an identifier whose words have no blanks between them: `parts` are their beginnings and the end. */
  findInside(lower: string, parts: readonly number[], first: number): Match | null
}

/** Words of one value; text between two of them, for example a comma, a line's end and a quotation mark. */
const mostWords = 64
const mostGap = 16
const leastCompound = 4
const leastGenitive = 4

export function createNameTrie(): NameTrie {
  const root: Node = { children: null, entries: null }
  const insert = (entry: Entry): void => {
    let node = root
    for (const word of entry.words.slice(0, mostWords)) {
      node.children ??= new Map()
      const key = keyOf(word)
      let child = node.children.get(key)
      if (child === undefined) node.children.set(key, (child = { children: null, entries: null }))
      node = child
    }
    ;(node.entries ??= []).push(entry)
  }
  return {
    add(term, words) {
      const length = words.reduce((sum, word) => sum + word.length, 0)
      const isCompound = words.length > 1 && length >= leastCompound
      const isOfPeople = term.source !== 'deny' && ofPeople.has(term.type)
      const standsAlone = words.length === 1 && isOfPeople
      insert({ term, words, isCompound, standsAlone, isReversed: false })
      const other = { term, isCompound: false, standsAlone: false }
      if (isCompound) insert({ ...other, words: [words.join('')], isReversed: false })
      // As lists and forms have it: Brenner, Alice.
      if (words.length === 2 && term.type === 'PERSON')
        insert({ ...other, words: words.toReversed(), isReversed: true })
    },
    find: (lower, start, end) => walk(root, lower, { start, end }),
    findInside: (lower, parts, first) => walkInside(root, lower, { parts, first }),
  }
}

const ofPeople: ReadonlySet<string> = new Set(['PERSON', 'ORGANIZATION', 'ADDRESS', 'USERNAME'])

function walk(root: Node, lower: string, first: { readonly start: number; readonly end: number }): Match | null {
  const words: string[] = []
  let best: Match | null = null
  let node = root
  for (let word: typeof first | null = first; word !== null;) {
    const { children } = node
    if (children === null || words.length === mostWords) break
    const { start, end } = word
    const written = lower.slice(start, end)
    if (written.endsWith('s') && written.length > leastGenitive) {
      const without = written.slice(0, -1)
      const entry = entryOf(children.get(keyOf(without)), [...words, without])
      if (entry !== null && counts(entry, lower, { start: first.start, end }))
        best = matchOf(entry, first.start, end - 1)
    }
    words.push(written)
    const child = children.get(keyOf(written))
    if (child === undefined) break
    const entry = entryOf(child, words)
    if (entry !== null && counts(entry, lower, { start: first.start, end })) best = matchOf(entry, first.start, end)
    node = child
    word = nextWord(lower, end, mostGap)
  }
  return best
}

interface Inside {
  readonly parts: readonly number[]
  readonly first: number
}

function walkInside(root: Node, lower: string, { parts, first }: Inside): Match | null {
  const start = parts[first] ?? 0
  const words: string[] = []
  let best: Match | null = null
  let node = root
  for (let index = first; index + 1 < parts.length && words.length < mostWords; index++) {
    const end = parts[index + 1] ?? 0
    const word = lower.slice(parts[index], end)
    const child = node.children?.get(keyOf(word))
    if (child === undefined) break
    words.push(word)
    const entry = entryOf(child, words)
    if (entry?.isCompound) best = matchOf(entry, start, end)
    node = child
  }
  return best
}

function entryOf(node: Node | undefined, words: readonly string[]): Entry | null {
  const found = node?.entries?.find((entry) => entry.words.every((word, index) => agree(word, words[index] ?? '')))
  return found ?? null
}

function matchOf({ term, isReversed }: Entry, start: number, end: number): Match {
  return { start, end, term, isReversed }
}

function counts(
  { standsAlone }: Entry,
  lower: string,
  place: { readonly start: number; readonly end: number },
): boolean {
  return !standsAlone || (lower[place.start - 1] !== '_' && lower[place.end] !== '_')
}
