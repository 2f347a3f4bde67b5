import { z } from 'zod'
import { nearestNames } from '#kernel/nearest.ts'
import { roles } from '#kernel/permissions.ts'
import { budgetPeriods, priorities, scopes } from '#kernel/words.ts'

/** Shapes of `/api/keys`, `/api/sessions` and `/api/tickets`. Times are ISO 8601 texts. */

const limits = { name: 100, models: 200, modelName: 200, graceSeconds: 7 * 24 * 3600 } as const

export const scope = z.enum(scopes, {
  error: (issue) => {
    const wanted = String(issue.input).slice(0, 40)
    const near = nearestNames(wanted, scopes)
    const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : `there are ${scopes.join(', ')}`
    return `there is no scope “${wanted}”; ${hint}`
  },
})

const limit = z
  .int({ error: (issue) => `must be a whole number above 0, or null for no limit; it is ${show(issue.input)}` })
  .positive({ error: (issue) => `must be a whole number above 0, or null for no limit; it is ${show(issue.input)}` })
  .nullable()

/** A key with a larger one would leave the others next to nothing. */
const mostWeight = 100
const isWeight = (issue: { readonly input?: unknown }) =>
  `must be a whole number from 1 to ${mostWeight}; it is ${show(issue.input)}`
const weight = z
  .int({ error: isWeight })
  .min(1, { error: isWeight })
  .max(mostWeight, { error: isWeight })
  .nullable()
  .describe('Its share where several keys wait for a place; null = 1.')
const priority = z
  .enum(priorities, { error: (issue) => `must be ${priorities.join(' or ')}; it is ${show(issue.input)}` })
  .nullable()
  .describe('`batch`: its requests wait until nothing interactive does. null = interactive.')

const calendar = (what: string) => limit.describe(`${what} of the calendar (UTC).`)

/** What can be counted; each may be null = no limit. */
const countedLimits = {
  requestsPerMinute: limit,
  requestsPerHour: limit,
  requestsPerDay: calendar('A day'),
  requestsPerMonth: calendar('A month'),
  tokensPerMinute: limit,
  tokensPerHour: limit,
  tokensPerDay: calendar('A day'),
  tokensPerMonth: calendar('A month'),
  concurrency: limit,
}

const keyLimits = z.object({ ...countedLimits, weight, priority })
export const countedLimitsView = z.object(countedLimits)
export type CountedLimitsWire = z.infer<typeof countedLimitsView>
export const wantedLimits = z.strictObject(countedLimits).partial()

/** Whole cents are not asked for: a millionth of a dollar is the smallest that is counted. */
const mostDollars = 1_000_000
const isDollars = (issue: { readonly input?: unknown }) =>
  `must be dollars above 0 and up to ${mostDollars}; it is ${show(issue.input)}`
export const budget = z
  .strictObject({
    usd: z
      .number({ error: isDollars })
      .min(0.000001, { error: isDollars })
      .max(mostDollars, { error: isDollars })
      .describe('Dollars in each period.'),
    period: z
      .enum(budgetPeriods, { error: (issue) => `must be ${budgetPeriods.join(', ')}; it is ${show(issue.input)}` })
      .describe('A day, week (from Monday on) or month of the calendar (UTC), or `total`, which never begins anew.'),
  })
  .describe('What its requests may cost.')

const keyOwner = z.object({ user: z.string().nullable(), team: z.string().nullable() })

export const keyView = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(scopes)),
  models: z.array(z.string()).nullable(),
  limits: keyLimits,
  owner: keyOwner.nullable().describe('null: it is the house’s.'),
  budget: budget.nullable(),
  createdAt: z.string(),
  expiresAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
  lastUsedAt: z.string().nullable(),
  previousSecretUntil: z.string().nullable(),
})
export type KeyViewWire = z.infer<typeof keyView>

export const keyList = z.object({ data: z.array(keyView) })

/** `key` is shown here and never again. */
export const keyWithSecret = keyView.extend({ key: z.string() })
export type KeyWithSecretWire = z.infer<typeof keyWithSecret>

export const newKey = z.strictObject({
  name: z
    .string({ error: 'a name is needed, for example the program that will use the key' })
    .trim()
    .min(1, { error: 'a name is needed, for example the program that will use the key' })
    .max(limits.name, { error: `the name is longer than ${limits.name} characters` })
    .regex(/^[^\p{Cc}]*$/u, { error: 'the name holds control characters' }),
  scopes: z
    .array(scope, { error: `must be a list of scopes: ${scopes.join(', ')}` })
    .min(1, { error: 'an empty list would allow nothing; leave scopes out for inference' })
    .optional(),
  models: z
    .array(
      z
        .string({ error: 'a model’s name is a text' })
        .trim()
        .min(1, { error: 'a model’s name is empty' })
        .max(limits.modelName, { error: `a model’s name is longer than ${limits.modelName} characters` }),
      { error: 'must be a list of model names; * stands for any text' },
    )
    .min(1, { error: 'an empty list would allow nothing; leave models out to allow all' })
    .max(limits.models, { error: `more than ${limits.models} models; use * in names` })
    .nullish(),
  expiresAt: z.iso
    .datetime({
      offset: true,
      error: (issue) => `${show(issue.input)} is not a time like 2027-01-31T12:00:00Z`,
    })
    .nullish(),
  limits: z
    .strictObject({ ...countedLimits, weight, priority })
    .partial()
    .optional(),
  budget: budget.nullish(),
  owner: z
    .strictObject({ user: z.string().max(60).nullish(), team: z.string().max(60).nullish() })
    .nullish()
    .describe('Ids. Not said: whoever makes it, where that is a person. null: the house.'),
})

export const keyRotation = z.strictObject({
  graceSeconds: z
    .int({ error: (issue) => `must be a whole number of seconds; it is ${show(issue.input)}` })
    .min(0, { error: 'must not be negative; 0 ends the old secret at once' })
    .max(limits.graceSeconds, { error: `must be at most ${limits.graceSeconds} (7 days)` })
    .default(0),
})

export const keyPath = z.object({ id: z.string() })

/** One of the three: a ticket, a key, or a user name (or e-mail address) and a password. */
export const signIn = z.strictObject({
  ticket: z.string().max(200).optional(),
  key: z.string().max(200).optional(),
  username: z.string().max(254).optional(),
  password: z.string().max(1024).optional(),
})
export type SignInWire = z.infer<typeof signIn>

export const sessionView = z.object({
  key: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(scopes)),
  by: z.enum(['key', 'session', 'token', 'local']),
  user: z
    .object({ id: z.string(), username: z.string(), role: z.enum(roles) })
    .nullable()
    .describe('null: a key, or the owner of the machine.'),
})
export type SessionViewWire = z.infer<typeof sessionView>

export const signedOut = z.object({ signedOut: z.boolean() })

export const ticketView = z.object({ url: z.string(), ticket: z.string(), expiresAt: z.string() })

export const adminKey = z.object({ key: z.string() })

function show(input: unknown): string {
  return typeof input === 'string' ? `“${input.slice(0, 40)}”` : String(JSON.stringify(input)).slice(0, 40)
}
