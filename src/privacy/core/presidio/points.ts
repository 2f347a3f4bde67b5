import { unitsOfPoints } from '../chunks.ts'

/** A text as Python counts it: by code points. */
export interface PointText {
  readonly text: string
  /** In code points. */
  readonly length: number
  /** UTF-16 unit → code point. */
  pointOf(unit: number): number
  slice(startPoint: number, endPoint: number): string
}

export function createPointText(text: string): PointText {
  const units = unitsOfPoints(text)
  if (units === null) {
    const slice = (start: number, end: number): string => text.slice(start, Math.max(start, end))
    return { text, length: text.length, pointOf: (unit) => unit, slice }
  }
  const unitOf = (point: number): number => units[Math.min(point, units.length - 1)] ?? text.length
  return {
    text,
    length: units.length - 1,
    pointOf: (unit) => pointAt(units, unit),
    slice: (start, end) => text.slice(unitOf(start), Math.max(unitOf(start), unitOf(end))),
  }
}

/** The last point that begins at or before a unit. */
function pointAt(units: Uint32Array, unit: number): number {
  let low = 0
  let high = units.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((units[middle] ?? 0) <= unit) low = middle
    else high = middle - 1
  }
  return low
}
