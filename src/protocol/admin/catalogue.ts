import { z } from 'zod'

/** Shapes of `/api/catalogue`: what the world offers, and what of it can be used here. null = unknown, never 0. */

const modality = z.enum(['text', 'image', 'audio', 'video', 'pdf'])

const listPrice = z.object({
  input: z.number(),
  output: z.number(),
  cached: z.number().nullable(),
  cacheWrite: z.number().nullable(),
})

export const catalogueModel = z.object({
  id: z.string().describe('`<provider>/<model>`'),
  provider: z.string(),
  model: z.string().describe('Its name there.'),
  name: z.string().describe('What people call it.'),
  released: z.string().nullable(),
  contextTokens: z.number().int().nullable().describe('Prompt and answer together.'),
  outputTokens: z.number().int().nullable().describe('The longest answer.'),
  input: z.array(modality).readonly().nullable(),
  output: z.array(modality).readonly().nullable(),
  tools: z.boolean().nullable(),
  reasoning: z.boolean().nullable(),
  openWeights: z.boolean().nullable(),
  stage: z.enum(['alpha', 'beta', 'deprecated']).nullable(),
  price: listPrice
    .nullable()
    .describe('Dollars per million tokens, as the catalogue has them; `prices` of the configuration go before them.'),
  usable: z.boolean().describe('Whether this key can use it now.'),
  why: z.string().describe('Why, or why not: a sentence.'),
  lacks: z
    .enum(['upstream', 'address', 'key', 'offer', 'egress', 'permission', 'answer'])
    .nullable()
    .describe('What is wanting, for programs: `upstream` = none is set up; null: nothing.'),
  as: z.string().nullable().describe('The name to ask for; null: none leads there.'),
  local: z.string().nullable().describe('A model of this house with the same weights.'),
})
export type CatalogueModelView = z.infer<typeof catalogueModel>

export const catalogueSource = z.object({
  asOf: z.string().describe('The day that its facts are of.'),
  source: z.string().describe('Who gathered them.'),
  from: z.string().nullable().describe('Where it was taken from at run time; null: it came with Hearth.'),
  updatedAt: z.iso.datetime().nullable(),
  providers: z.number().int(),
  models: z.number().int(),
})
export type CatalogueSourceView = z.infer<typeof catalogueSource>

export const catalogueList = z.object({
  data: z.array(catalogueModel),
  total: z.number().int().describe('How many there are on all pages.'),
  next: z.string().nullable().describe('For `after` of the next page; null: this is the last one.'),
  catalogue: catalogueSource,
})
export type CataloguePage = z.infer<typeof catalogueList>

const flag = z.enum(['true', 'false']).optional()
const kinds = z
  .string()
  .regex(/^(text|image|audio|video|pdf)(,(text|image|audio|video|pdf))*$/)
  .optional()

export const catalogueQuery = z.object({
  provider: z.string().max(64).optional(),
  text: z.string().max(200).optional().describe('Words that must all stand in a name.'),
  input: kinds.describe('What it must take in: `image`, `text,audio` …'),
  output: kinds.describe('What it must give.'),
  tools: flag,
  reasoning: flag,
  openWeights: flag,
  usable: flag,
  minContext: z.coerce.number().int().min(1).optional().describe('Tokens.'),
  maxInputPrice: z.coerce.number().min(0).optional().describe('Dollars per million tokens.'),
  maxOutputPrice: z.coerce.number().min(0).optional().describe('Dollars per million tokens.'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  after: z.string().max(300).optional().describe('`next` of the page before.'),
})

export const catalogueProvider = z.object({
  id: z.string(),
  name: z.string(),
  documentation: z.string().nullable(),
  keyVariable: z.string().nullable().describe('The variable that its key is usually kept in.'),
  address: z.string().nullable().describe('Where it is reached, or the form of it; null: it is not.'),
  apis: z.array(z.enum(['chat', 'responses', 'messages'])).readonly(),
  reach: z.enum(['address', 'own_address', 'none']).describe('`own_address`: each account has its own.'),
  why: z.string().nullable().describe('Why Hearth cannot reach it.'),
  models: z.number().int(),
  isLocal: z.boolean().describe('It runs on a machine of the house and wants no key.'),
  upstreams: z.array(z.string()).readonly().describe('The upstreams that are set up for it.'),
  keyless: z.array(z.string()).readonly().describe('Those of them that have no key and want one.'),
})
export type CatalogueProviderView = z.infer<typeof catalogueProvider>

export const catalogueProviders = z.object({ data: z.array(catalogueProvider) })

/** What another catalogue would change. Lists are cut at 1000 entries; `counts` are whole. */
export const cataloguePlan = z.object({
  hash: z.string().describe('What `apply` must name: a confirmation holds for what was shown.'),
  from: z.string(),
  asOf: z.string(),
  providers: z.number().int(),
  models: z.number().int(),
  counts: z.record(z.string(), z.number().int()),
  newProviders: z.array(z.string()).readonly(),
  goneProviders: z.array(z.string()).readonly(),
  moved: z
    .array(z.object({ provider: z.string(), before: z.string(), after: z.string() }))
    .readonly()
    .describe('Providers whose keys would go to another address, or in another form.'),
  newModels: z.array(z.string()).readonly(),
  goneModels: z.array(z.string()).readonly(),
  repriced: z
    .array(z.object({ model: z.string(), before: listPrice.nullable(), after: listPrice.nullable() }))
    .readonly(),
  changedModels: z.array(z.string()).readonly(),
  leftOut: z.array(z.string()).readonly().describe('Entries of the document that nothing could be called by.'),
})
export type CataloguePlan = z.infer<typeof cataloguePlan>

export const catalogueDocument = z
  .object({
    url: z
      .url({ protocol: /^https?$/ })
      .max(2000)
      .optional(),
    document: z.unknown().optional(),
    name: z.string().max(200).optional().describe('What a document is called, where there is no address.'),
  })
  .refine(({ url, document }) => (url === undefined) !== (document === undefined), {
    message: 'either url or document is wanted',
  })

export const catalogueConfirmation = z.object({ hash: z.string().regex(/^[0-9a-f]{64}$/) })
