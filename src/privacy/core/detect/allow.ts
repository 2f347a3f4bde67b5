import { comparable } from '../text/decode.ts'
import type { Span, View } from '../words.ts'
import { createDictionary } from './dictionary.ts'

/** Values that are left alone whatever finds them, wherever they stand as a whole. */
export interface AllowList {
  readonly size: number
  /** Whether a value as it was written is one of them. */
  has(value: string): boolean
  /** Where they stand in a folded view; offsets are the view's. What is inside is left alone as well. */
  find(view: View): readonly Pick<Span, 'start' | 'end'>[]
}

export function createAllowList(values: Iterable<string>): AllowList {
  const known = new Set<string>()
  const dictionary = createDictionary()
  for (const value of values) {
    const canonical = comparable(value).trim()
    known.add(canonical)
    // Every sign counts: allowing a name allows nothing that only reads like it.
    dictionary.add({ value, type: 'LITERAL', canonical, source: 'directory' })
  }
  return {
    size: known.size,
    has: (value) => known.size > 0 && known.has(comparable(value).trim()),
    find: (view) => dictionary.find(view),
  }
}
