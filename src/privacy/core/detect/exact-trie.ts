/** Values whose every sign counts: addresses of mail, hosts, links, keys. No letter or digit touches them. */
import type { Term } from '../words.ts'
import { inWord, kindAt, nextWord } from '../text/characters.ts'
import type { Match } from './name-trie.ts'

interface Entry {
  readonly term: Term
  /** Signs before the first word and behind the last one of the way: `"-----`; of very long values all the rest. */
  readonly lead: string
  readonly tail: string
}

interface Node {
  /** By what stands before a word, with the word: `://example`. */
  children: Map<string, Node> | null
  entries: Entry[] | null
}

export interface ExactTrie {
  /** The first word, in lower case; null: it has none. */
  add(term: Term, lower: string): string | null
  find(lower: string, start: number, end: number): Match | null
}

const mostWords = 64
const mostGap = 64

export function createExactTrie(): ExactTrie {
  const root: Node = { children: null, entries: null }
  return {
    add(term, lower) {
      const first = nextWord(lower, 0, lower.length)
      if (first === null) return null
      let node = root
      let until = first.start
      for (let word: typeof first | null = first, count = 0; word !== null && count < mostWords; count++) {
        const key = lower.slice(count === 0 ? first.start : until, word.end)
        node.children ??= new Map()
        let child = node.children.get(key)
        if (child === undefined) node.children.set(key, (child = { children: null, entries: null }))
        node = child
        until = word.end
        word = nextWord(lower, until, mostGap)
      }
      ;(node.entries ??= []).push({ term, lead: lower.slice(0, first.start), tail: lower.slice(until) })
      return lower.slice(first.start, first.end)
    },
    find: (lower, start, end) => walk(root, lower, { start, end }),
  }
}

function walk(root: Node, lower: string, first: { readonly start: number; readonly end: number }): Match | null {
  let best: Match | null = null
  let node = root
  let from = first.start
  for (let word: typeof first | null = first; word !== null;) {
    const child = node.children?.get(lower.slice(from, word.end))
    if (child === undefined) break
    for (const { term, lead, tail } of child.entries ?? []) {
      const start = first.start - lead.length
      const end = word.end + tail.length
      if (start < 0 || !lower.startsWith(lead, start) || !lower.startsWith(tail, word.end)) continue
      if (isInsideWord(lower, end, tail) || (best !== null && best.end >= end)) continue
      best = { start, end, term }
    }
    node = child
    from = word.end
    word = node.children === null ? null : nextWord(lower, from, mostGap)
  }
  return best
}

/** Whether a word goes on behind a tail that ends in it. */
function isInsideWord(lower: string, end: number, tail: string): boolean {
  if (tail === '' || end >= lower.length) return false
  return kindAt(tail, tail.length - 1) === inWord && kindAt(lower, end) === inWord
}
