import type { RequestView } from '../../api/types.ts'

/** Requests that ended since the list was read, newest first. */
export interface Tail {
  readonly shown: readonly RequestView[]
  /** Waiting while somebody reads further down. */
  readonly held: readonly RequestView[]
  /** More came than are kept: the list must be read anew before it is whole again. */
  readonly isTorn: boolean
}

export const emptyTail: Tail = { shown: [], held: [], isTorn: false }

/** Of both together; above it the beginning of the list is read anew. */
const mostKept = 2_000

export function withArrived(tail: Tail, arrived: readonly RequestView[], isHeld: boolean): Tail {
  if (arrived.length === 0) return tail
  const newest = arrived.toReversed()
  const next = isHeld
    ? { ...tail, held: [...newest, ...tail.held] }
    : { ...tail, shown: [...newest, ...tail.held, ...tail.shown], held: [] }
  if (next.shown.length + next.held.length <= mostKept) return next
  return isHeld ? { ...next, held: next.held.slice(0, mostKept), isTorn: true } : { ...emptyTail, isTorn: true }
}

export function withHeldShown(tail: Tail): Tail {
  if (tail.isTorn) return { ...emptyTail, isTorn: true }
  return tail.held.length === 0 ? tail : { ...tail, shown: [...tail.held, ...tail.shown], held: [] }
}

/** The tail and what was read, each request once; the tail's rows are never older than a read one of the same id. */
export function joined(tail: Tail, read: readonly RequestView[]): readonly RequestView[] {
  if (tail.shown.length === 0) return read
  const seen = new Set(tail.shown.map((request) => request.id))
  return [...tail.shown, ...read.filter((request) => !seen.has(request.id))]
}
