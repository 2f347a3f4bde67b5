/**
 * A reading in which places of a text stand otherwise than they were written. Only what surrounds such places is in it,
 * so that one escape in a megabyte does not cost reading the megabyte again.
 */
import { reach, type View, type ViewKind } from '../words.ts'
import { foldWithTrail } from './fold.ts'
import { createTrail, viewOver } from './offsets.ts'

export interface Reading {
  readonly view: View
  /** Known values are looked for here; where folding changes something they are not looked for before it. */
  readonly isFolded: boolean
  /** Whether something from `start` to `end` of the view counts: it does not go through a seam, nor begin at a cut. */
  keeps(start: number, end: number): boolean
  /** false: nothing that lies from `start` to `end` counts. */
  mayKeep(start: number, end: number): boolean
  /** Where line ends were taken out, ascending, in the view; empty for all other readings. */
  readonly breaks: readonly number[]
}

/** What stands for what: parallel lists, ascending and disjoint. */
export class Rewrites {
  readonly from: number[] = []
  readonly to: number[] = []
  readonly text: string[] = []

  add(from: number, to: number, text: string): void {
    this.from.push(from)
    this.to.push(to)
    this.text.push(text)
  }

  get size(): number {
    return this.from.length
  }
}

export interface Rewriting {
  readonly kind: ViewKind
  readonly rewrites: Rewrites
  /** What counts: everything, what touches a rewritten place, or what goes through one. */
  readonly counts: 'all' | 'touching' | 'crossing'
  /** How much of the surroundings is in the view. None: each rewritten place is a text of its own. */
  readonly margin: number
}

export const surroundings = reach
const seam = '\n\n'

/** `base` with the rewrites applied: windows around them, with seams between. */
export function rewriteReading(base: Reading, { kind, rewrites, counts, margin }: Rewriting): Reading {
  const { text } = base.view
  const trail = createTrail()
  const parts: string[] = []
  const seams: number[] = []
  const places: Places = { from: [], to: [] }
  let length = 0
  /** Up to where the base is in the view; windows that nearly meet become one. */
  let until = -1
  const copy = (from: number, to: number): void => {
    if (to <= from) return
    trail.copy(to - from, from)
    parts.push(text.slice(from, to))
    length += to - from
  }
  for (let index = 0; index < rewrites.size; index++) {
    const from = rewrites.from[index] ?? 0
    const to = rewrites.to[index] ?? 0
    const made = rewrites.text[index] ?? ''
    const begin = margin === 0 ? from : runBegins(text, Math.max(0, from - margin), until)
    if (until < 0 || begin > until) {
      if (until >= 0) {
        copy(lastEnd(rewrites, index), until)
        seams.push(length)
        trail.replace(seam.length, until, begin)
        parts.push(seam)
        length += seam.length
      }
      copy(begin, from)
    } else copy(lastEnd(rewrites, index), from)
    places.from.push(length)
    trail.replace(made.length, from, to)
    parts.push(made)
    length += made.length
    places.to.push(length)
    until = margin === 0 ? to : runEnds(text, Math.min(text.length, to + margin))
  }
  copy(lastEnd(rewrites, rewrites.size), until)
  const path = trail.finish()
  const view = viewOver(base.view, { kind, text: parts.join(''), trail: path })
  const cuts: Cuts = {
    seams,
    isWhole: margin === 0,
    begins: margin === 0 || (rewrites.from[0] ?? 0) <= margin,
    ends: margin === 0 || until === text.length,
    length,
  }
  return {
    view,
    isFolded: false,
    breaks: counts === 'crossing' ? places.from : [],
    mayKeep: (start, end) => counts === 'all' || meets(places, { start, end, isThrough: counts === 'crossing' }),
    keeps: (start, end) =>
      staysInside(cuts, start, end) &&
      (counts === 'all' || meets(places, { start, end, isThrough: counts === 'crossing' })) &&
      base.keeps(path.start(start), path.end(end)),
  }
}

/** A longer run at the edge of a window is cut all the same. */
const mostRunUnits = 65_536

/**
 * Right before the run of encoded text that `at` stands in, not before `least`: half of a run is not read, nor one that
 * begins where the window does.
 */
function runBegins(text: string, at: number, least: number): number {
  const first = Math.max(0, least, at - mostRunUnits)
  let begin = at
  while (begin > first && isRunUnit(text.charCodeAt(begin - 1))) begin--
  return Math.max(0, begin - 1)
}

function runEnds(text: string, at: number): number {
  const last = Math.min(text.length, at + mostRunUnits)
  let end = at
  while (end < last && isRunUnit(text.charCodeAt(end))) end++
  return Math.min(text.length, end + 1)
}

/** Letters of base64 in both alphabets, and of hexadecimal digits. */
function isRunUnit(unit: number): boolean {
  return (
    (unit >= 97 && unit <= 122) ||
    (unit >= 65 && unit <= 90) ||
    (unit >= 47 && unit <= 57) ||
    unit === 43 ||
    unit === 45 ||
    unit === 95
  )
}

function lastEnd(rewrites: Rewrites, index: number): number {
  return rewrites.to[index - 1] ?? 0
}

/** The reading with its view folded; the same view where folding changes nothing. */
export function foldReading(reading: Reading): Reading {
  const folded = foldWithTrail(reading.view.text)
  if (folded === null) return { ...reading, isFolded: true }
  const { text, trail } = folded
  return {
    view: viewOver(reading.view, { kind: reading.view.kind === 'raw' ? 'folded' : reading.view.kind, text, trail }),
    isFolded: true,
    keeps: (start, end) => reading.keeps(trail.start(start), trail.end(end)),
    mayKeep: (start, end) => reading.mayKeep(trail.start(Math.max(0, start)), trail.end(end)),
    breaks: reading.breaks,
  }
}

interface Cuts {
  readonly seams: readonly number[]
  /** What is between seams is a whole text: what stands at its edge is not cut. */
  readonly isWhole: boolean
  readonly begins: boolean
  readonly ends: boolean
  readonly length: number
}

function staysInside({ seams, isWhole, begins, ends, length }: Cuts, start: number, end: number): boolean {
  if (!begins && start === 0) return false
  if (!ends && end === length) return false
  // The first seam that does not end before the start: there the text goes on as if it were cut off, or it is whole.
  const at = seams[firstFrom(seams, isWhole ? start - seam.length + 1 : start - seam.length)]
  if (at === undefined) return true
  return isWhole ? end <= at : end < at
}

interface Places {
  readonly from: number[]
  readonly to: number[]
}

function meets(
  { from, to }: Places,
  { start, end, isThrough }: { readonly start: number; readonly end: number; readonly isThrough: boolean },
): boolean {
  if (isThrough) return (from[firstFrom(from, start + 1)] ?? Infinity) < end
  return (from[firstFrom(to, start + 1)] ?? Infinity) < end
}

/** The index of the first number that is not less. */
export function firstFrom(ascending: readonly number[], least: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ascending[middle] ?? 0) < least) low = middle + 1
    else high = middle
  }
  return low
}
