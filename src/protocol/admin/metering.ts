import { z } from 'zod'
import type { RequestRecord } from '#kernel/words.ts'
import { subjectKinds } from '#kernel/words.ts'
import { budget, countedLimitsView, wantedLimits } from './auth.ts'

/** Shapes of `/api/requests` and `/api/usage`. Times are ISO 8601 texts; null = unknown, never 0. */

export const maxRequestRows = 100_000

const count = z.number().int().nullable()

export const requestView = z.object({
  id: z.string().describe("The answer's x-request-id."),
  at: z.iso.datetime(),
  key: z.string(),
  user: z.string().nullable().describe('Whom the key belonged to; null = nobody.'),
  team: z.string().nullable(),
  tags: z.array(z.string()).describe('What the caller wrote on it.'),
  endpoint: z.string(),
  model: z.string().describe('The name the caller wrote.'),
  upstream: z.string().nullable().describe('Who answered: an upstream, or `local`; null when nobody was asked.'),
  upstreamModel: z.string().nullable(),
  status: z.number().int(),
  outcome: z.enum(['complete', 'incomplete', 'aborted', 'failed']),
  isStream: z.boolean(),
  tokens: count.describe('Prompt and completion together; null when the upstream told neither.'),
  usage: z.object({ promptTokens: count, completionTokens: count, cachedTokens: count }),
  ttftMs: z.number().nullable(),
  durationMs: z.number(),
  costMicros: count.describe('Millionths of a US dollar; null where no price is known.'),
  reason: z.string().nullable(),
})
export type RequestView = z.infer<typeof requestView>

export function toRequestView(record: RequestRecord): RequestView {
  const { promptTokens, completionTokens } = record.usage
  const isCounted = promptTokens !== null || completionTokens !== null
  return {
    id: record.id,
    at: new Date(record.at).toISOString(),
    key: record.key,
    user: record.owner?.user ?? null,
    team: record.owner?.team ?? null,
    tags: [...(record.tags ?? [])],
    endpoint: record.endpoint,
    model: record.model,
    upstream: record.upstream,
    upstreamModel: record.upstreamModel,
    status: record.status,
    outcome: record.outcome,
    isStream: record.isStream,
    tokens: isCounted ? (promptTokens ?? 0) + (completionTokens ?? 0) : null,
    usage: record.usage,
    ttftMs: record.ttftMs,
    durationMs: record.durationMs,
    costMicros: record.costMicros,
    reason: record.reason,
  }
}

/** Where the time of a request went; milliseconds since it came. */
export const requestTrace = z.object({
  route: z.string().nullable().describe('Which target was taken and why.'),
  cache: z.enum(['hit', 'miss']).nullable().describe('null: the cache is off for it.'),
  attempts: z
    .array(
      z.object({
        upstream: z.string(),
        model: z.string(),
        startedMs: z.number(),
        placedMs: z.number().nullable().describe('A place was free; before it the queue.'),
        headMs: z.number().nullable().describe('The head of the answer came.'),
        status: z.number().int().nullable(),
        failure: z.string().nullable().describe('Why it came to nothing; null = it answered.'),
        endedMs: z.number().nullable(),
      }),
    )
    .readonly(),
  privacy: z
    .object({
      policy: z.string(),
      names: z.enum(['recogniser', 'known-names']).describe('Whether names were looked for, or only known ones found.'),
      counts: z.record(z.string(), z.number().int()).describe('How many of each type were hidden.'),
    })
    .optional()
    .describe('What was hidden of it before it left for a cloud; not there: it did not leave, or as it was.'),
})

export const requestBodies = z.object({
  request: z.string().nullable(),
  response: z.string().nullable(),
  isCut: z.boolean().describe('Longer than what is kept.'),
})
export type RequestBodies = z.infer<typeof requestBodies>

/** `/api/requests/{id}`. */
export const requestDetail = requestView.extend({
  keyName: z.string().nullable(),
  trace: requestTrace.nullable(),
  bodies: requestBodies
    .nullable()
    .describe('null: bodies were not kept for it, or this key may not read them (scope `admin`).'),
})
export type RequestDetail = z.infer<typeof requestDetail>

const shown = (input: unknown): string => JSON.stringify(input)?.slice(0, 40) ?? 'missing'

/** `2026-01-31`, `2026-01-31T12:00:00Z`, with or without an offset. */
const moment = z
  .string()
  .refine((text) => text.length <= 40 && /^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(Date.parse(text)), {
    error: (issue) => `must be a time such as 2026-01-31 or 2026-01-31T12:00:00Z; it is ${shown(issue.input)}`,
  })

const span = {
  since: moment.optional().describe('From this time on; a day alone begins at midnight UTC.'),
  until: moment.optional().describe('Before this time.'),
}

export const requestQuery = z.object({
  limit: z.coerce
    .number({
      error: (issue) =>
        `must be a number from 1 to ${maxRequestRows}; it is ${JSON.stringify(issue.input)?.slice(0, 40)}`,
    })
    .int({ error: 'must be a whole number' })
    .min(1, { error: 'must be at least 1' })
    .max(maxRequestRows, { error: `must be at most ${maxRequestRows}; use cursor for what comes after` })
    .default(100),
  key: z.string().max(100).optional().describe('Public id of a key.'),
  user: z.string().max(200).optional().describe('Whom the key belongs to.'),
  team: z.string().max(200).optional(),
  tag: z.string().max(64).optional().describe('What the caller wrote on it.'),
  model: z.string().max(500).optional().describe('The name the caller wrote.'),
  upstream: z.string().max(100).optional().describe('Who answered: an upstream’s name, or `local`.'),
  outcome: z
    .enum(['complete', 'incomplete', 'aborted', 'failed'], {
      error: (issue) => `must be one of complete, incomplete, aborted, failed; it is ${shown(issue.input)}`,
    })
    .optional(),
  status: z
    .string()
    .regex(/^[1-5](xx|\d\d)$/, {
      error: (issue) => `must be a status or a class of them, such as 429 or 5xx; it is ${shown(issue.input)}`,
    })
    .optional()
    .describe('`429`, or `5xx` for a class.'),
  endpoint: z.string().max(100).optional().describe('For example `chat/completions`.'),
  text: z.string().min(1).max(200).optional().describe('Part of a model’s name or of the reason.'),
  ...span,
  cursor: z.string().max(200).optional().describe('`next` of the page before.'),
})

export const requestPage = z.object({
  data: z.array(requestView),
  next: z
    .string()
    .nullable()
    .describe('Pass as `cursor` for the page after this one, which may be shorter than its limit; null = the last.'),
})
export type RequestPage = z.infer<typeof requestPage>

export const usageGroupings = ['key', 'user', 'team', 'model', 'upstream', 'tag', 'day'] as const
export type UsageGrouping = (typeof usageGroupings)[number]

export const usageQuery = z.object({
  by: z
    .enum(usageGroupings, {
      error: (issue) =>
        `must be one of ${usageGroupings.join(', ')}; it is ${JSON.stringify(issue.input)?.slice(0, 40) ?? 'missing'}`,
    })
    .describe('A request with several tags counts in each of them.'),
  key: z.string().max(100).optional().describe('Only of this key, by its public id.'),
  user: z.string().max(200).optional(),
  team: z.string().max(200).optional(),
  model: z.string().max(500).optional().describe('The name the caller wrote.'),
  upstream: z.string().max(100).optional().describe('Who was asked: an upstream’s name, or `local`.'),
  tag: z.string().max(64).optional(),
  since: moment.optional().describe('Whole days (UTC), beginning with that of this time.'),
  until: moment.optional().describe('Whole days (UTC) that begin before this time.'),
})
export type UsageQuery = z.infer<typeof usageQuery>

const group = z.string().nullable().optional()

/** The member that `by` names tells whose sums these are; null = nobody's. */
export const usageRow = z.object({
  key: z.string().optional(),
  user: group,
  team: group,
  model: z.string().optional(),
  upstream: group.describe('Who was asked; null = nobody, or before this was written down.'),
  tag: z.string().optional(),
  day: z.string().optional().describe('In UTC, for example 2026-01-31.'),
  requests: z.number().int(),
  promptTokens: z.number().int().describe('The sum of what upstreams told.'),
  completionTokens: z.number().int(),
  cachedTokens: z.number().int(),
  costMicros: count.describe('The sum of the requests with a known price; null when there is none.'),
  failed: z.number().int(),
})
export const usageReport = z.object({ data: z.array(usageRow) })
export type UsageRow = z.infer<typeof usageRow>
export type UsageReport = z.infer<typeof usageReport>

/** Whom limits and a budget can be set for, beside keys, which have their own. */
export const allowanceKinds = ['user', 'team', 'tag', 'model'] as const

export const allowancePath = z.object({
  kind: z.enum(allowanceKinds, {
    error: (issue) => `must be one of ${allowanceKinds.join(', ')}; it is ${shown(issue.input)}`,
  }),
  id: z
    .string()
    .min(1)
    .max(500, { error: 'is longer than any name' })
    .regex(/^[^\p{Cc}]*$/u, { error: 'holds control characters' }),
})

export const newAllowance = z.strictObject({
  limits: wantedLimits.optional().describe('What is not said is not limited.'),
  budget: budget.nullish(),
})

/** How a budget stands. */
export const budgetState = z.object({
  spentUsd: z.number().describe('In the running period.'),
  heldUsd: z.number().describe('What requests under way may use at most, beside it.'),
  endsAt: z.string().nullable().describe('When the next period begins; null = never.'),
})

export const allowanceView = z.object({
  kind: z.enum(subjectKinds).describe('Keys have their limits in `/api/keys`; their budgets are listed here too.'),
  id: z.string(),
  name: z.string().nullable().describe('What a key is called.'),
  limits: countedLimitsView,
  budget: budget.nullable(),
  state: budgetState.nullable().describe('null: there is no budget.'),
})
export type AllowanceView = z.infer<typeof allowanceView>
export const allowanceList = z.object({ data: z.array(allowanceView) })
