import type { AuditEntryWire } from '#protocol/admin/audit.ts'
import type { ChainedRow } from './audit-row.ts'
import { iso } from './key.ts'

export function toEntryWire(row: ChainedRow): AuditEntryWire {
  const { position, at, who, action, target, detail, from, before, after, hash } = row
  const values = { before: parsed(before), after: parsed(after) }
  return { position, at: iso(at), who, action, target, detail, from, ...values, hash }
}

/** One row on a line, with both hashes: whoever has the file can go along the chain. */
export function jsonLine(row: ChainedRow): string {
  const { hash, ...said } = toEntryWire(row)
  return `${JSON.stringify({ ...said, previous: row.previous, hash })}\n`
}

const columns = ['position', 'at', 'who', 'action', 'target', 'detail', 'from', 'before', 'after', 'previous', 'hash']
export const csvHead = `${columns.join(',')}\r\n`

/** RFC 4180. */
export function csvLine(row: ChainedRow): string {
  const { position, at, who, action, target, detail, from, before, after, previous, hash } = row
  const texts = [who, action, target, detail, from, before, after, previous, hash]
  return `${[String(position), iso(at), ...texts.map(cell)].join(',')}\r\n`
}

/** People choose some of these texts: a spreadsheet would take some of them for a formula to run. */
function cell(text: string | null): string {
  if (text === null) return ''
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

/** Rows that something else than Hearth wrote may hold anything. */
function parsed(text: string | null): unknown {
  if (text === null) return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
