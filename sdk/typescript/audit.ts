import type { AuditFilter, AuditPage, AuditVerdict } from './audit-types.ts'
import type { CallOptions, Wire } from './wire.ts'

/** Going along every row may take its time. */
const longMs = 10 * 60_000

/** Who changed what, newest first. */
export type ListAudit = (
  filter?: AuditFilter & { readonly limit?: number; readonly cursor?: string },
  options?: CallOptions,
) => Promise<AuditPage>

/** What is done with the audit log as a whole. */
export interface AuditLog {
  /** Whether the rows follow one another: all of them, or the newest 10,000. */
  verify(part?: 'whole' | 'newest', options?: CallOptions): Promise<AuditVerdict>
  /** A file as it arrives, oldest row first, with the hashes. */
  export(form: 'jsonl' | 'csv', filter?: AuditFilter, options?: CallOptions): Promise<AsyncIterable<Uint8Array>>
  /** Takes away what is older; the rest still follows one another. */
  prune(before: string, options?: CallOptions): Promise<{ readonly rows: number }>
}

export function listAudit(wire: Wire): ListAudit {
  return (filter, options) => wire.json('GET', '/api/audit', { ...options, query: { ...filter } })
}

export function createAuditLog(wire: Wire): AuditLog {
  return {
    verify: (part = 'whole', options) =>
      wire.json('GET', '/api/audit/verify', { timeoutMs: longMs, ...options, query: { part } }),
    export: async (form, filter, options) =>
      (await wire.open('GET', `/api/audit.${form}`, { ...options, query: { ...filter } })).chunks,
    prune: (before, options) =>
      wire.json('POST', '/api/audit/prune', { timeoutMs: longMs, ...options, body: { before } }),
  }
}
