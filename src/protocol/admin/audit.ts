import { z } from 'zod'

/** Shapes of `/api/audit`. Times are ISO 8601 texts. */

const shown = (input: unknown): string => JSON.stringify(input)?.slice(0, 40) ?? 'missing'

/** `2026-01-31`, `2026-01-31T12:00:00Z`, with or without an offset. */
const moment = z
  .string({ error: (issue) => `must be a time such as 2026-01-31; it is ${shown(issue.input)}` })
  .refine((text) => text.length <= 40 && /^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(Date.parse(text)), {
    error: (issue) => `must be a time such as 2026-01-31 or 2026-01-31T12:00:00Z; it is ${shown(issue.input)}`,
  })
const name = z.string().min(1).max(500)

const filter = {
  who: name.optional().describe('A key’s or a user’s id, `local`, `hearth`.'),
  action: name.optional().describe('For example `key.revoke`; `key.*` takes all that begin so.'),
  target: name.optional(),
  since: moment.optional().describe('From this time on; a day alone begins at midnight UTC.'),
  until: moment.optional().describe('Before this time.'),
  text: name.optional().describe('Anywhere in a row; upper and lower case are the same.'),
}

export const auditFilter = z.object(filter)
export type AuditFilterWire = z.infer<typeof auditFilter>

export const auditQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  /** `next` of the page before. */
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, { error: 'is not a cursor of this list' })
    .optional(),
  ...filter,
})

export const auditEntry = z.object({
  position: z.number().int(),
  at: z.string(),
  who: z.string(),
  action: z.string(),
  target: z.string(),
  detail: z.string(),
  from: z.string().nullable(),
  before: z.unknown().describe('What was, as JSON; null = nothing, or it is not kept.'),
  after: z.unknown().describe('What is.'),
  hash: z.string().nullable().describe('The link: over the hash of the row before and this row. null = no link.'),
})
export type AuditEntryWire = z.infer<typeof auditEntry>

/** Newest first. */
export const auditPage = z.object({ data: z.array(auditEntry), next: z.string().nullable() })

export const auditVerifyQuery = z.object({
  part: z.enum(['whole', 'newest']).default('whole').describe('`newest`: the last 10,000 rows.'),
})

export const auditVerdict = z.object({
  isWhole: z.boolean(),
  message: z.string().describe('What was found, in a sentence.'),
  broken: z
    .object({
      kind: z.enum(['edited', 'deleted', 'inserted', 'reordered', 'cut_off', 'rewritten']),
      position: z.number().int(),
    })
    .nullable()
    .describe('The first link that does not hold; null = all do.'),
  rows: z.number().int().describe('How many were gone over.'),
  head: z.object({ position: z.number().int(), hash: z.string() }).nullable(),
  prunedUpTo: z.number().int().nullable(),
  linkedLater: z.number().int().describe('Rows up to here were linked by an upgrade, not when they were written.'),
  marks: z.number().int().describe('Places kept outside of the database that were compared.'),
})
export type AuditVerdictWire = z.infer<typeof auditVerdict>

export const auditPrune = z.object({ before: moment.describe('Rows from this time on stay.') })
export const auditPruned = z.object({ rows: z.number().int() })
