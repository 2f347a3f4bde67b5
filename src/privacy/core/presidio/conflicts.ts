import type { PointText } from './points.ts'

/** One place of a text, in code points. */
export interface Place {
  readonly start: number
  readonly end: number
  readonly type: string
  readonly score: number | null
}

/**
 * Which places are replaced, as Presidio decides it: those of one type that overlap become one, what is contained in
 * another goes, of two at the same place the surer one stays (the later one of equals), and neighbours of one type with
 * only blanks between them become one.
 */
export function settleConflicts(places: readonly Place[], text: PointText): readonly Place[] {
  return joinNeighbours(dropContained(uniteOverlapping(places)), text)
}

function uniteOverlapping(places: readonly Place[]): readonly Place[] {
  const united: Place[] = []
  const lastOf = new Map<string, number>()
  for (const place of places.toSorted(byPlace)) {
    const index = lastOf.get(place.type)
    const last = index === undefined ? undefined : united[index]
    if (index === undefined || last === undefined || place.start >= last.end) {
      lastOf.set(place.type, united.push(place) - 1)
      continue
    }
    const score = Math.max(last.score ?? 0, place.score ?? 0)
    united[index] = { ...last, end: Math.max(last.end, place.end), score }
  }
  return united
}

function dropContained(places: readonly Place[]): readonly Place[] {
  const kept: Place[] = []
  let farthest = -1
  for (const place of places.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = kept.at(-1)
    if (last?.start === place.start && last.end === place.end) {
      if ((place.score ?? 0) >= (last.score ?? 0)) kept[kept.length - 1] = place
    } else if (place.end > farthest) {
      kept.push(place)
      farthest = place.end
    }
  }
  return kept
}

function joinNeighbours(places: readonly Place[], text: PointText): readonly Place[] {
  const joined: Place[] = []
  for (const place of places) {
    const last = joined.at(-1)
    const isNext = last?.type === place.type && /^ +$/.test(text.slice(last.end, place.start))
    if (last !== undefined && isNext) joined[joined.length - 1] = { ...place, start: last.start }
    else joined.push(place)
  }
  return joined
}

const byPlace = (a: Place, b: Place): number => a.start - b.start || a.end - b.end

export interface Replaced {
  readonly text: string
  /** From the end of the text to its beginning, in code points of the new text. */
  readonly items: readonly {
    readonly start: number
    readonly end: number
    readonly entity_type: string
    readonly text: string
    readonly operator: string
    readonly score: number | null
  }[]
}

/** Puts something in place of each place; what overlaps is cut at the next one's beginning. */
export function replacePlaces(
  text: PointText,
  places: readonly Place[],
  operate: (value: string, place: Place) => { readonly text: string; readonly operator: string },
): Replaced {
  const ordered = places.toSorted(byPlace)
  const pieces: string[] = []
  const items: (Omit<Replaced['items'][number], 'start' | 'end'> & { readonly start: number; readonly end: number })[] =
    []
  let length = 0
  let from = 0
  ordered.forEach((place, index) => {
    const before = text.slice(from, place.start)
    const made = operate(text.slice(place.start, place.end), place)
    const start = length + pointsOf(before)
    const end = start + pointsOf(made.text)
    pieces.push(before, made.text)
    items.push({ start, end, entity_type: place.type, text: made.text, operator: made.operator, score: place.score })
    length = end
    from = Math.max(place.start, Math.min(place.end, ordered[index + 1]?.start ?? text.length))
  })
  return { text: pieces.join('') + text.slice(from, text.length), items: items.reverse() }
}

const pointsOf = (text: string): number => {
  let points = 0
  for (const _ of text) points += 1
  return points
}
