import type { EpochMs } from '#kernel/time.ts'
import type { AuditEntry } from '../contract.ts'
import { redactText, redactValue } from './audit-redaction.ts'
import { iso } from './key.ts'

/** What a row says, ready to be linked: `before` and `after` are JSON texts. */
export interface AuditRow {
  /** Grows by one with every row. */
  readonly position: number
  readonly at: EpochMs
  readonly who: string
  readonly action: string
  readonly target: string
  readonly detail: string
  readonly from: string | null
  readonly before: string | null
  readonly after: string | null
}

/** A row as it stands in the table. Both null: it was not written by Hearth. */
export interface ChainedRow extends AuditRow {
  readonly previous: string | null
  readonly hash: string | null
}

/** One place of the chain. */
export interface AuditMark {
  readonly position: number
  readonly hash: string
}

/** SHA-256 of a text, 64 hex digits. */
export type Digest = (text: string) => string

/** What the first row follows. */
export const genesis = '0'.repeat(64)

const longest = { who: 200, action: 100, target: 500, detail: 4000, from: 200, value: 16_384 } as const

/**
 * The text that is digested with the hash of the row before. It holds for good: rows that were written stand by it. The
 * guide says how to repeat it.
 */
export function canonicalText(row: AuditRow): string {
  const { position, at, who, action, target, detail, from, before, after } = row
  return JSON.stringify([position, iso(at), who, action, target, detail, from, before, after])
}

export function linkHash(previous: string, row: AuditRow, digest: Digest): string {
  return digest(`${previous}\n${canonicalText(row)}`)
}

/** Links rows to one another and to what they follow. */
export function chained(rows: readonly AuditRow[], start: string, digest: Digest): readonly (ChainedRow & AuditMark)[] {
  let previous = start
  return rows.map((row) => {
    const hash = linkHash(previous, row, digest)
    const linked = { ...row, previous, hash }
    previous = hash
    return linked
  })
}

/**
 * An entry as it may be kept: without secrets, no longer than a row may be, and in letters that both databases give
 * back as they took them.
 */
export function toRow(entry: AuditEntry, position: number): AuditRow {
  const { at, from = null } = entry
  return {
    position,
    at,
    who: kept(entry.who, longest.who),
    action: kept(entry.action, longest.action),
    target: kept(redactText(entry.target), longest.target),
    detail: kept(redactText(entry.detail), longest.detail),
    from: from === null ? null : kept(from, longest.from),
    before: keptValue(entry.before),
    after: keptValue(entry.after),
  }
}

function keptValue(value: unknown): string | null {
  if (value === undefined || value === null) return null
  const text = JSON.stringify(redactValue(value)) ?? 'null'
  if (text.length <= longest.value) return storable(text)
  return JSON.stringify({ tooLong: text.length, begins: storable(text.slice(0, 1000)) })
}

function kept(text: string, most: number): string {
  return storable(text.length > most ? `${text.slice(0, most - 1)}…` : text)
}

/** PostgreSQL takes no NUL, and neither database keeps half of a surrogate pair. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD')
}
