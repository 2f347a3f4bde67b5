/** A part of a text that is read by itself. UTF-16 units of the whole text. */
export interface TextChunk {
  readonly start: number
  readonly end: number
}

export interface ChunkLimits {
  readonly chunkUnits: number
  /** How much of its end every chunk has in common with the next one: no name is longer. */
  readonly overlapUnits: number
}

/**
 * Cuts a text into parts that overlap, at blanks where there are any, never within a character. Whatever is shorter
 * than the overlap stands whole in at least one of them.
 */
export function chunksOf(text: string, { chunkUnits, overlapUnits }: ChunkLimits): readonly TextChunk[] {
  const chunks: TextChunk[] = []
  for (let start = 0; start < text.length;) {
    const most = start + chunkUnits
    const end = most >= text.length ? text.length : cutBefore(text, most, start + overlapUnits * 2)
    chunks.push({ start, end })
    if (end === text.length) break
    start = cutBefore(text, end - overlapUnits, Math.max(start + 1, end - overlapUnits * 2))
  }
  return chunks
}

/** The nearest place at or before `at` that splits no word, or no character where all of it is one word. */
function cutBefore(text: string, at: number, notBefore: number): number {
  for (let place = at; place > notBefore; place--) if (/\s/.test(text.charAt(place - 1))) return place
  const isSplit = isLow(text.charCodeAt(at)) && isHigh(text.charCodeAt(at - 1))
  return isSplit ? at - 1 : at
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000

/**
 * From code points, as Python counts, to UTF-16 units: the unit at which each code point begins, and the length at the
 * end. null: they are the same.
 */
export function unitsOfPoints(text: string): Uint32Array | null {
  if (!/[\ud800-\udbff]/.test(text)) return null
  const units = new Uint32Array(text.length + 1)
  let points = 0
  for (let unit = 0; unit < text.length; points++) {
    units[points] = unit
    unit += isHigh(text.charCodeAt(unit)) && isLow(text.charCodeAt(unit + 1)) ? 2 : 1
  }
  units[points] = text.length
  return units.subarray(0, points + 1)
}

interface Stretch<T> extends TextChunk {
  readonly type: T
  readonly score: number
}

/** What chunks found in what they have in common is one: of one type and overlapping means the same thing. */
export function mergeStretches<T extends string>(found: readonly Stretch<T>[]): readonly Stretch<T>[] {
  const merged: Stretch<T>[] = []
  const lastOf = new Map<T, number>()
  for (const next of found.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const index = lastOf.get(next.type)
    const last = index === undefined ? undefined : merged[index]
    if (index !== undefined && last && next.start < last.end) {
      const score = Math.max(last.score, next.score)
      merged[index] = { ...last, end: Math.max(last.end, next.end), score }
    } else lastOf.set(next.type, merged.push(next) - 1)
  }
  return merged
}
