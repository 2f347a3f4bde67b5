import type { View, ViewKind } from '../words.ts'

/** Says where each unit of a rewritten text comes from; see `createTrail`. */
export interface Trail {
  /** Where the unit at `index` begins in the text before. */
  start(index: number): number
  /** Where what ends before `index` ends in the text before (exclusive). */
  end(index: number): number
}

/** Written while a text is rewritten from left to right. Kept as stretches: few changes in a long text cost little. */
export interface TrailWriter {
  /** `length` units stand as they stood from `from` on. */
  copy(length: number, from: number): void
  /** `length` units stand for everything from `from` to `to`. */
  replace(length: number, from: number, to: number): void
  finish(): Trail
}

export function createTrail(): TrailWriter {
  const made: number[] = []
  const from: number[] = []
  /** Where a replaced stretch ends in the text before; `copied` = unit by unit. */
  const to: number[] = []
  let length = 0
  return {
    copy(units, start) {
      if (units === 0) return
      const last = made.length - 1
      const isNext = last >= 0 && to[last] === copied && (from[last] ?? 0) + length - (made[last] ?? 0) === start
      if (!isNext) {
        made.push(length)
        from.push(start)
        to.push(copied)
      }
      length += units
    },
    replace(units, start, end) {
      // One unit for one is what `copy` says in fewer words.
      if (units === 1 && end === start + 1) return this.copy(1, start)
      if (units === 0) return
      made.push(length)
      from.push(start)
      to.push(end)
      length += units
    },
    finish: () => trailOf(Int32Array.from(made), Int32Array.from(from), Int32Array.from(to)),
  }
}

const copied = -1

function trailOf(made: Int32Array, from: Int32Array, to: Int32Array): Trail {
  const stretchAt = (index: number): number => {
    let low = 0
    let high = made.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((made[middle] ?? 0) <= index) low = middle
      else high = middle - 1
    }
    return low
  }
  const start = (index: number): number => {
    if (made.length === 0) return 0
    const at = stretchAt(index)
    return to[at] === copied ? (from[at] ?? 0) + index - (made[at] ?? 0) : (from[at] ?? 0)
  }
  const end = (index: number): number => {
    if (made.length === 0 || index === 0) return start(0)
    const at = stretchAt(index - 1)
    return to[at] === copied ? (from[at] ?? 0) + index - (made[at] ?? 0) : (to[at] ?? 0)
  }
  return { start, end }
}

/** The text as it was given. */
export function rawView(text: string): View {
  return { kind: 'raw', text, lower: lowerOf(text), rawStart: (index) => index, rawEnd: (index) => index }
}

/** A reading of a reading. */
export function viewOver(
  base: Pick<View, 'rawStart' | 'rawEnd'>,
  { kind, text, trail }: { readonly kind: ViewKind; readonly text: string; readonly trail: Trail },
): View {
  return {
    kind,
    text,
    lower: lowerOf(text),
    rawStart: (index) => base.rawStart(trail.start(index)),
    rawEnd: (index) => base.rawEnd(trail.end(index)),
  }
}

/** Lower case of the same length: the one letter that becomes two (a dotted I) becomes one. */
export function lowerOf(text: string): string {
  const lower = text.toLowerCase()
  return lower.length === text.length ? lower : text.replaceAll('\u0130', 'i').toLowerCase()
}
