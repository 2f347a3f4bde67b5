import type { AuditMark, AuditRow, ChainedRow, Digest } from './audit-row.ts'
import { canonicalText, genesis, linkHash } from './audit-row.ts'

/**
 * Whether rows follow one another, and if not, what was done. Each row holds the hash of the row before (`previous`)
 * and its own, over `previous` and its content, its position with it:
 *
 * 1. A position is skipped: rows were deleted.
 * 2. A row without a hash was put in by something else than Hearth.
 * 3. A row whose content does not give its hash:
 *    a. its content gives it at another position: rows were moved, taken out or put in, and numbered anew;
 *    b. the row behind it stands one too far: this one was put in;
 *    c. neither: it was edited.
 * 4. A row that is right in itself and does not follow the one before: that one was put in, or edited and its hash made
 *    anew.
 * 5. At the end the last row has to be the one that the chain's own record and the marks outside of the database tell
 *    of: otherwise the end was cut off, put on, or made anew.
 */

export type BreakKind = 'edited' | 'deleted' | 'inserted' | 'reordered' | 'cut_off' | 'rewritten'

/** The first link that does not hold. */
export interface ChainBreak {
  readonly kind: BreakKind
  readonly position: number
  /** A sentence for people. */
  readonly message: string
}

/** Where a walk along the chain is. */
export interface Walk {
  /** The position that must come next. */
  readonly next: number
  /** What it must follow; null = not known, because the rows before are gone by right. */
  readonly previous: string | null
  /** The row before the last one, where there was one: tells a row that was put in. */
  readonly beforeLast: string | null
}

/** The action of a row that says so. */
export const pruneAction = 'audit.prune'

/** What was taken away by right: everything up to here. */
export type Anchor = AuditMark

export type Start = { readonly ok: true; readonly walk: Walk } | { readonly ok: false; readonly at: ChainBreak }

/** Where a walk over the whole chain begins, given its first row. */
export function startOf(first: number, anchor: Anchor | null): Start {
  if (first <= 1) return { ok: true, walk: { next: 1, previous: genesis, beforeLast: null } }
  const isByRight = anchor !== null && anchor.position >= first - 1
  if (!isByRight) return { ok: false, at: gone(anchor === null ? 1 : anchor.position + 1, first - 1) }
  const previous = anchor.position === first - 1 ? anchor.hash : null
  return { ok: true, walk: { next: first, previous, beforeLast: null } }
}

export type Step = { readonly ok: true; readonly walk: Walk } | { readonly ok: false; readonly why: 1 | 2 | 3 | 4 }

/** One link further, or the number of the rule that it breaks. */
export function step(walk: Walk, row: ChainedRow, digest: Digest): Step {
  if (row.position !== walk.next) return { ok: false, why: 1 }
  if (row.hash === null || row.previous === null) return { ok: false, why: 2 }
  if (linkHash(row.previous, row, digest) !== row.hash) return { ok: false, why: 3 }
  if (walk.previous !== null && row.previous !== walk.previous) return { ok: false, why: 4 }
  return { ok: true, walk: { next: row.position + 1, previous: row.hash, beforeLast: walk.previous } }
}

/** How far rows are looked for that stand at another position than they were written at. */
export const neighbours = 200

/** What was done at the first row that does not hold; `behind` are the rows that follow it, some of them. */
export function diagnose(broken: {
  readonly walk: Walk
  readonly row: ChainedRow
  readonly why: 1 | 2 | 3 | 4
  readonly behind: readonly ChainedRow[]
  readonly digest: Digest
}): ChainBreak {
  const { walk, row, why, behind, digest } = broken
  const { position } = row
  // 1
  if (why === 1) return position > walk.next ? gone(walk.next, position - 1) : put(position)
  // 2
  if (why === 2) return put(position)
  // 4
  if (why === 4) {
    if (row.previous === walk.beforeLast) return put(position - 1)
    const message = `Row ${position - 1} was edited and its hash made anew: row ${position} follows another content.`
    return { kind: 'edited', position: position - 1, message }
  }
  // 3
  const stood = positionWrittenAt(row, digest)
  const successor = behind[0]
  // 3c, 3b
  if (stood === null) {
    const isShifted = successor !== undefined && positionWrittenAt(successor, digest) === position
    return isShifted ? put(position) : edited(position)
  }
  // 3a
  if (stood < position) return put(position - 1)
  if (behind.some((other) => positionWrittenAt(other, digest) === position)) {
    const message = `Row ${position} was moved: it was written as row ${stood}.`
    return { kind: 'reordered', position, message }
  }
  return gone(position, stood - 1, ' The rows behind were numbered anew.')
}

/** The position at which a row's content gives its hash, near the one where it stands; null = nowhere. */
function positionWrittenAt(row: ChainedRow, digest: Digest): number | null {
  if (row.previous === null || row.hash === null) return null
  const content: AuditRow = row
  for (let distance = 0; distance <= neighbours; distance++) {
    for (const position of distance === 0 ? [row.position] : [row.position + distance, row.position - distance]) {
      if (digest(`${row.previous}\n${canonicalText({ ...content, position })}`) === row.hash) return position
    }
  }
  return null
}

/** Rule 5. `last` is the last row that there is; null = there is none. */
export function judgeEnd(end: {
  readonly last: { readonly position: number; readonly hash: string | null } | null
  /** What the database itself says its end is; null = nothing, though rows were written. */
  readonly record: AuditMark | null
}): ChainBreak | null {
  const { record } = end
  const last = end.last ?? { position: 0, hash: genesis }
  if (record === null) {
    const message = 'The record of the chain’s end was taken out of the table auth_audit_chain.'
    return { kind: 'cut_off', position: last.position, message }
  }
  if (last.position < record.position) return cutOff(last.position + 1, record.position)
  if (last.position > record.position) {
    const message = `Row ${record.position + 1} was put in behind the end: Hearth wrote ${record.position} rows.`
    return { kind: 'inserted', position: record.position + 1, message }
  }
  if (last.hash === record.hash) return null
  const message = `Row ${last.position} is not the one that Hearth wrote last: its content and hash were made anew.`
  return { kind: 'rewritten', position: last.position, message }
}

/** Whether the chain still has a place that was noted outside of the database; `hash` is what stands there now. */
export function judgeMark(mark: AuditMark, hash: string | null, last: number): ChainBreak | null {
  if (hash === mark.hash) return null
  if (mark.position > last) return cutOff(last + 1, mark.position, ' audit.head tells of them.')
  const message =
    `Row ${mark.position} is not the one that audit.head tells of: the chain was made anew up to there, ` +
    'or this is another database.'
  return { kind: 'rewritten', position: mark.position, message }
}

function gone(from: number, to: number, more = ''): ChainBreak {
  const what = from === to ? `Row ${from} was deleted.` : `Rows ${from} to ${to} were deleted.`
  return { kind: 'deleted', position: from, message: `${what}${more}` }
}

function cutOff(from: number, to: number, more = ''): ChainBreak {
  const what = from === to ? `row ${from} is missing.` : `rows ${from} to ${to} are missing.`
  return { kind: 'cut_off', position: from, message: `The end was cut off: ${what}${more}` }
}

function put(position: number): ChainBreak {
  const message = `Row ${position} was put in: Hearth did not write it there.`
  return { kind: 'inserted', position, message }
}

function edited(position: number): ChainBreak {
  return { kind: 'edited', position, message: `Row ${position} was edited: its content does not give its hash.` }
}
