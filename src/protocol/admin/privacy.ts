import { z } from 'zod'
import { entityTypes } from '../../kernel/entity-types.ts'

export type { EntityType } from '../../kernel/entity-types.ts'

/**
 * Shapes of `/scrub`, `/rehydrate` and `/v1/privacy/*`. Members are written as callers of such services know them
 * (`map_id`, `by_type`); only a policy has the words of hearth.yaml (`minScore`). Times are ISO 8601 texts. Offsets are
 * UTF-16 units of the text as it was given, as JavaScript counts.
 */

export const privacyLimits = {
  /** Of one list of a request: types, values to leave alone, values to hide. */
  list: 1000,
  value: 200,
  name: 128,
  scopes: 1000,
  departures: 1000,
  directory: 10_000,
  leakCases: 10_000,
} as const

const entityType = z.enum(entityTypes, {
  error: (issue) => `there is no type ${show(issue.input)}; there are ${entityTypes.join(', ')}`,
})
const entityTypeList = z.array(entityType).max(privacyLimits.list)
const counts = z.record(z.string(), z.number().int()).describe('How many of each type; types without any are left out.')
const text = z.string({ error: 'must be a text' })
const value = text
  .min(1, { error: 'an empty text stands for nothing' })
  .max(privacyLimits.value, { error: `is longer than ${privacyLimits.value} characters` })
const valueList = z.array(value).max(privacyLimits.list, { error: `more than ${privacyLimits.list} of them` })
const scopeName = text
  .min(1, { error: 'an empty name' })
  .max(privacyLimits.name, { error: `a name is at most ${privacyLimits.name} characters long` })
  .regex(/^[^\p{Cc}]*$/u, { error: 'the name holds control characters' })
const policyName = text.max(privacyLimits.name)
const language = text.regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, { error: 'must be a language such as en or de' })
const names = z
  .enum(['recogniser', 'known-names'])
  .describe('`known-names`: names of people were found only where this house knows them, for no recogniser is there.')
const policyTag = z.object({ name: z.string(), version: z.string().describe('Changes with what the policy says.') })
const leakCheck = z
  .enum(['passed', 'skipped'])
  .describe('`passed`: no known value is in the output in any form. `skipped`: only some `entities` were asked for.')
const notice = z.string().describe('What this is and what it is not.')

/** The same sentence wherever a person reads a result. */
export const privacyNotice =
  'Identifiers are replaced; this is not anonymisation: who is meant may still be told by what the text says.'

/** `POST /scrub` */
export const scrubAsk = z.strictObject({
  text,
  session_id: scopeName.optional().describe('The same value has the same placeholder within a session.'),
  policy: policyName.optional(),
  entities: entityTypeList.optional().describe('Only these types; not said: all that the policy does not pass.'),
  allow_list: valueList.optional().describe('Values that are left alone.'),
  deny_list: valueList.optional().describe('Values that are hidden whatever they are.'),
  language: language.optional(),
})

export const scrubAnswer = z.object({
  text: z.string(),
  map_id: z.string().describe('For `/rehydrate`; good for the key that asked only.'),
  expires_at: z.string(),
  entities: z.array(
    z.object({
      type: z.string(),
      placeholder: z.string(),
      start: z.number().int(),
      end: z.number().int(),
      score: z.number(),
    }),
  ),
  leak_check: leakCheck,
  names,
})
export type ScrubAnswer = z.infer<typeof scrubAnswer>

/** `POST /rehydrate` */
export const rehydrateAsk = z.strictObject({ map_id: text.max(200), text })

export const rehydrateAnswer = z.object({
  text: z.string(),
  unresolved: z.array(z.string()).describe('Placeholders of the text that nothing is known for here.'),
  replaced: z.number().int(),
})
export type RehydrateAnswer = z.infer<typeof rehydrateAnswer>

const matter = {
  text: text.optional(),
  messages: z.array(z.unknown()).optional().describe('Messages of a chat, whatever is in them.'),
  json: z.unknown().optional().describe('Any JSON: every text in it, names of members included.'),
}

export const privacyModes = ['token', 'mask', 'block'] as const

/** `POST /v1/privacy/scrub`: one of `text`, `messages` and `json`. */
export const privacyScrubAsk = z.strictObject({
  ...matter,
  scope: scopeName.optional().describe('A name of yours: the same value has the same placeholder within it.'),
  ttl_s: z
    .int({ error: (issue) => `must be a whole number of seconds; it is ${show(issue.input)}` })
    .min(1, { error: 'must be at least 1' })
    .max(366 * 24 * 3600, { error: 'must be at most a year' })
    .optional()
    .describe('How long its values are kept after their last use; not said: `privacy.ttl`.'),
  policy: policyName.optional(),
  entities: entityTypeList.optional(),
  allow: valueList.optional(),
  deny: valueList.optional(),
  language: language.optional(),
  mode: z
    .enum(privacyModes, { error: (issue) => `must be token, mask or block; it is ${show(issue.input)}` })
    .default('token')
    .describe(
      '`token`: placeholders that can be put back. `mask`: `[EMAIL]`, nothing is kept. `block`: 422 if anything is found.',
    ),
  explain: z.boolean().default(false).describe('Tells each place, who found it and why.'),
})
export type PrivacyScrubAsk = z.input<typeof privacyScrubAsk>

const place = {
  type: z.string(),
  path: z.string().describe('Where in the JSON, for example `messages[0].content`; empty for a text.'),
  start: z.number().int(),
  end: z.number().int(),
  score: z.number(),
  recogniser: z.string(),
  view: z.string().describe('In which reading of the text it was seen: `raw`, `folded`, `base64` …'),
  is_validated: z.boolean().describe('A check digit or a list said so, not only its looks.'),
  why: z.string().describe('The same in a sentence.'),
}

export const detectedSpan = z.object(place)
export type DetectedSpan = z.infer<typeof detectedSpan>
export const replacedSpan = z.object({ ...place, placeholder: z.string().nullable() })

export const privacyScrubAnswer = z.object({
  output: z.unknown().describe('What was given, with placeholders.'),
  handle: z.string().nullable().describe('For `/v1/privacy/rehydrate`; null with `mode: mask` and `block`.'),
  scope: z.string().nullable().describe('Its public id, for deleting it; null: nothing is kept.'),
  expires_at: z.string().nullable(),
  stats: z.object({ by_type: counts, replaced: z.number().int() }),
  spans: z.array(replacedSpan).optional(),
  policy: policyTag,
  names,
  leak_check: leakCheck,
  notice,
})
export type PrivacyScrubAnswer = z.infer<typeof privacyScrubAnswer>

/** `POST /v1/privacy/rehydrate`: one of `handle` and `scope`, one of `text` and `json`. */
export const privacyRehydrateAsk = z.strictObject({
  handle: text.max(200).optional(),
  scope: scopeName.optional().describe('The name that was given to scrub.'),
  text: text.optional(),
  json: z.unknown().optional(),
})
export type PrivacyRehydrateAsk = z.input<typeof privacyRehydrateAsk>

export const privacyRehydrateAnswer = z.object({
  output: z.unknown(),
  replaced: z.number().int(),
  unresolved: z.array(z.string()),
})
export type PrivacyRehydrateAnswer = z.infer<typeof privacyRehydrateAnswer>

/** `POST /v1/privacy/detect`: nothing is kept and nothing is replaced. */
export const privacyDetectAsk = z.strictObject({
  ...matter,
  policy: policyName.optional(),
  entities: entityTypeList.optional(),
  allow: valueList.optional(),
  deny: valueList.optional(),
  language: language.optional(),
})
export type PrivacyDetectAsk = z.input<typeof privacyDetectAsk>

export const privacyDetectAnswer = z.object({
  spans: z.array(detectedSpan),
  stats: z.object({ by_type: counts }),
  policy: policyTag,
  names,
})
export type PrivacyDetectAnswer = z.infer<typeof privacyDetectAnswer>

const share = z
  .number({ error: (issue) => `must be a number from 0 to 1; it is ${show(issue.input)}` })
  .min(0, { error: 'must be 0 or more' })
  .max(1, { error: 'must be 1 or less' })
const oneOf = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words, { error: (issue) => `must be one of ${words.join(', ')}; it is ${show(issue.input)}` })

/** What a policy says, in the words of hearth.yaml; what is not said has its safe default. */
export const policyRules = z.strictObject({
  names: oneOf(['known-names', 'local-only', 'block']).optional(),
  cloud: z
    .strictObject({
      text: oneOf(['scrub', 'raw', 'refuse']).optional(),
      transcript: oneOf(['refuse', 'scrub', 'raw']).optional(),
      audio: oneOf(['refuse', 'raw']).optional(),
      image: oneOf(['refuse', 'raw']).optional(),
      file: oneOf(['refuse', 'raw']).optional(),
    })
    .optional(),
  pass: entityTypeList.optional(),
  urls: oneOf(['internal', 'all']).optional(),
  restoreSecrets: oneOf(['never', 'tools', 'always']).optional(),
  hint: z.boolean({ error: 'must be true or false' }).optional(),
  minScore: share.optional(),
})
export type PolicyRules = z.input<typeof policyRules>

export const policyView = z.object({
  name: z.string(),
  version: z.string(),
  isDefault: z.boolean().describe('It is for every cloud that names none.'),
  source: z
    .enum(['default', 'file', 'overlay'])
    .describe('`default`: nobody changed it; `overlay`: it was set at run time.'),
  upstreams: z.array(z.string()).describe('Upstreams that name it.'),
  words: z.array(z.string()).describe('What it does, in sentences.'),
  names: z.enum(['known-names', 'local-only', 'block']),
  cloud: z.object({
    text: z.enum(['scrub', 'raw', 'refuse']),
    transcript: z.enum(['refuse', 'scrub', 'raw']),
    audio: z.enum(['refuse', 'raw']),
    image: z.enum(['refuse', 'raw']),
    file: z.enum(['refuse', 'raw']),
  }),
  pass: z.array(z.string()),
  urls: z.enum(['internal', 'all']),
  restoreSecrets: z.enum(['never', 'tools', 'always']),
  hint: z.boolean(),
  minScore: z.number(),
})
export type PolicyView = z.infer<typeof policyView>

export const policyList = z.object({ data: z.array(policyView) })
export const policyPath = z.object({ name: z.string() })

const directoryEntry = z.strictObject({ value, type: entityType })
const denyEntry = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('text'), value }),
  z.strictObject({ kind: z.literal('pattern'), pattern: value.describe('An expression of RE2.') }),
])

/** `PUT /v1/privacy/lists`: what is given replaces the list of that name; what is not given stays. */
export const listsAsk = z.strictObject({
  directory: z
    .array(directoryEntry)
    .max(privacyLimits.directory)
    .optional()
    .describe('People, hosts, machines: always found, with this type.'),
  deny: z.array(denyEntry).max(privacyLimits.directory).optional().describe('What must never leave.'),
  allow: z.array(value).max(privacyLimits.directory).optional().describe('What is left alone.'),
})
export type ListsAsk = z.input<typeof listsAsk>

export const listsView = z.object({
  version: z.number().int(),
  directory: z.array(z.object({ value: z.string(), type: z.string() })),
  deny: z.array(
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('text'), value: z.string() }),
      z.object({ kind: z.literal('pattern'), pattern: z.string() }),
    ]),
  ),
  allow: z.array(z.string()),
  automatic: z
    .array(z.object({ value: z.string(), type: z.string() }))
    .describe('What the house knows by itself: its machines, the names of its keys.'),
})
export type ListsView = z.infer<typeof listsView>

export const scopeQuery = z.object({
  limit: z.coerce.number().int().min(1).max(privacyLimits.scopes).default(100),
})
export const scopeView = z.object({
  id: z.string(),
  owner: z.string().describe('Public id of the key whose values these are.'),
  kind: z.enum(['session', 'conversation', 'map', 'key']),
  created_at: z.string(),
  used_at: z.string(),
  expires_at: z.string(),
  values: z.number().int(),
})
export type ScopeView = z.infer<typeof scopeView>
export const scopeList = z.object({ data: z.array(scopeView) })
export const scopePath = z.object({ id: z.string().max(200) })
export const shredded = z.object({ id: z.string(), shredded: z.literal(true) })

export const departureQuery = z.object({
  limit: z.coerce.number().int().min(1).max(privacyLimits.departures).default(100),
  destination: z.string().max(100).optional().describe('Name of an upstream.'),
  verdict: oneOf(['sent', 'refused']).optional(),
  cursor: z.string().max(200).optional().describe('`next` of the page before.'),
})

/** What left the house, or would have: counts and types, never values. */
export const departureView = z.object({
  at: z.string(),
  request: z.string().nullable().describe('null: the house asked by itself.'),
  owner: z.string(),
  destination: z.string(),
  path: z.string(),
  bytes: z.number().int(),
  data: z.array(z.string()),
  policy: z.string(),
  verdict: z.enum(['sent', 'refused']),
  reason: z.string().nullable(),
  counts,
})
export type DepartureView = z.infer<typeof departureView>
export const departurePage = z.object({ data: z.array(departureView), next: z.string().nullable() })
export type DeparturePage = z.infer<typeof departurePage>

export const privacyStatus = z.object({
  cloudText: z.enum(['scrub', 'deny', 'raw']).describe('`egress.cloudText`.'),
  names,
  recogniser: z
    .object({
      kind: z.enum(['presidio', 'gliner']),
      url: z.string(),
      language: z.string(),
      isReachable: z.boolean(),
      detail: z.string().nullable().describe('Why it is not.'),
    })
    .nullable(),
  vault: z.object({ lock: z.string().nullable().describe('Why nothing can be kept or sent; null: it works.') }),
  policies: z.array(policyTag),
  lists: z.object({ directory: z.number().int(), deny: z.number().int(), allow: z.number().int() }),
  words: z.array(z.string()).describe('What that means, in sentences.'),
  notice,
})
export type PrivacyStatus = z.infer<typeof privacyStatus>

export const leakTestAsk = z.strictObject({
  cases: z
    .int({ error: (issue) => `must be a whole number; it is ${show(issue.input)}` })
    .min(1, { error: 'must be at least 1' })
    .max(privacyLimits.leakCases, { error: `must be at most ${privacyLimits.leakCases}` })
    .default(500),
  seed: z
    .int({ error: (issue) => `must be a whole number; it is ${show(issue.input)}` })
    .min(0)
    .max(0xffff_ffff)
    .optional()
    .describe('The same seed makes the same cases; not said: a new one, told in the report.'),
})

export const leakSurvivor = z.object({
  type: z.string(),
  carrier: z.string().describe('In which member of which dialect it stood.'),
  mutation: z.string().describe('How it was written.'),
  cases: z.number().int(),
})
export type LeakSurvivor = z.infer<typeof leakSurvivor>

/** Seeded canaries went through the guard to a cloud of the house's own; this is what arrived there. */
export const leakReport = z.object({
  seed: z.number().int(),
  cases: z.number().int(),
  passed: z.boolean().describe('No canary that is claimed to be found got out.'),
  startedAt: z.string(),
  durationMs: z.number(),
  policy: policyTag,
  byType: counts,
  byCarrier: counts,
  byMutation: counts,
  sent: z.number().int(),
  refused: z.number().int(),
  restored: z.number().int().describe('Answers that came back with the original values.'),
  claimed: z.array(leakSurvivor).describe('Survivors that must not be: each is a fault.'),
  listed: z.array(leakSurvivor).describe('Survivors that are known: ways of writing that nobody claims to find.'),
  digest: z.string().describe('Over the rest of the report.'),
})
export type LeakReport = z.infer<typeof leakReport>

function show(input: unknown): string {
  return typeof input === 'string' ? `“${input.slice(0, 40)}”` : String(JSON.stringify(input)).slice(0, 40)
}
