/** Numbers and codes: found however they are grouped. Letters and digits count, what stands between them does not. */
import type { Term } from '../words.ts'
import { inWord, kindAt } from '../text/characters.ts'
import type { Match } from './name-trie.ts'

interface Entry {
  readonly term: Term
  /** What it begins with before its first letter or digit: `+`, `(`. */
  readonly lead: string
}

interface Node {
  children: Map<string, Node> | null
  /** By what is left of a value, fewer than `step` units. */
  ends: Map<string, Entry> | null
}

export interface CompactTrie {
  /** `compact`: its letters and digits alone, in lower case. */
  add(term: Term, lead: string, compact: string): void
  find(lower: string, start: number): Match | null
}

const step = 4
/** Between two groups: ` / `, or a line's end with indentation. */
const mostGap = 4
/** Of the longest number that is written in groups. */
export const mostCompact = 64
/** A shorter one in groups is anything. */
export const leastCompact = 6

export function createCompactTrie(): CompactTrie {
  const root: Node = { children: null, ends: null }
  /** By the first two units: most words are known not to begin a value. */
  const heads = new Set<number>()
  return {
    add(term, lead, compact) {
      const [first, second] = [compact.charCodeAt(0), compact.charCodeAt(1)]
      heads.add(first).add(first * 0x10000 + second)
      let node = root
      let from = 0
      for (; compact.length - from >= step; from += step) {
        node.children ??= new Map()
        const key = compact.slice(from, from + step)
        let child = node.children.get(key)
        if (child === undefined) node.children.set(key, (child = { children: null, ends: null }))
        node = child
      }
      ;(node.ends ??= new Map()).set(compact.slice(from), { term, lead })
    },
    find(lower, start) {
      const first = lower.charCodeAt(start)
      if (!heads.has(first)) return null
      const isGroup = kindAt(lower, start + 1) === inWord
      if (isGroup && !heads.has(first * 0x10000 + lower.charCodeAt(start + 1))) return null
      return walk(root, lower, start)
    },
  }
}

function walk(root: Node, lower: string, start: number): Match | null {
  let best: Match | null = null
  let node = root
  let held = ''
  let index = start
  for (let count = 0; count < mostCompact; count++) {
    held += lower.charAt(index)
    index++
    if (held.length === step) {
      const child = node.children?.get(held)
      if (child === undefined) return best
      node = child
      held = ''
    }
    const isEnd = index >= lower.length || kindAt(lower, index) !== inWord
    const entry = isEnd ? node.ends?.get(held) : undefined
    if (entry !== undefined)
      best = { start: start - leadBefore(lower, start, entry.lead), end: index, term: entry.term }
    if (!isEnd) continue
    const next = afterGap(lower, index)
    if (next < 0) return best
    index = next
  }
  return best
}

function afterGap(lower: string, from: number): number {
  for (let index = from; index <= from + mostGap && index < lower.length; index++)
    if (kindAt(lower, index) === inWord) return index
  return -1
}

function leadBefore(lower: string, start: number, lead: string): number {
  return lead !== '' && start >= lead.length && lower.startsWith(lead, start - lead.length) ? lead.length : 0
}
