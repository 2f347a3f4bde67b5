import type { CatalogueChanges, CatalogueSource, WorldModel, WorldProvider } from '../src/api/catalogue.ts'
import { json, refuse } from './answers.ts'

const vendor = (id: string, name: string, more: Partial<WorldProvider> = {}): WorldProvider => ({
  id,
  name,
  documentation: `https://docs.${id}.test`,
  keyVariable: `${id.toUpperCase().replaceAll('-', '_')}_API_KEY`,
  address: `https://api.${id}.test/v1`,
  apis: ['chat'],
  reach: 'address',
  why: null,
  models: 0,
  isLocal: false,
  upstreams: [],
  keyless: [],
  ...more,
})

const vendors: readonly WorldProvider[] = [
  vendor('anthropic', 'Anthropic', { apis: ['messages'], upstreams: ['anthropic'] }),
  vendor('groq', 'Groq', { upstreams: ['fast', 'fast-too'], keyless: ['fast-too'] }),
  vendor('openai', 'OpenAI', { apis: ['responses', 'chat'], upstreams: ['work'], keyless: ['work'] }),
  vendor('mistral', 'Mistral'),
  vendor('databricks', 'Databricks', { reach: 'own_address', address: 'https://${DATABRICKS_HOST}/serving-endpoints' }),
  vendor('amazon-bedrock', 'Amazon Bedrock', {
    reach: 'none',
    address: null,
    apis: [],
    why: 'It signs each request by a method of its own, which Hearth does not speak.',
  }),
  vendor('lmstudio', 'LM Studio', { isLocal: true, keyVariable: null, address: 'http://127.0.0.1:1234/v1' }),
  ...Array.from({ length: 60 }, (_, place) => vendor(`vendor-${place + 10}`, `Vendor ${place + 10}`)),
]

const model = (provider: string, name: string, more: Partial<WorldModel> = {}): WorldModel => ({
  id: `${provider}/${name}`,
  provider,
  model: name,
  name: name.replaceAll('-', ' '),
  released: '2026-02-11',
  contextTokens: 131_072,
  outputTokens: 32_768,
  input: ['text'],
  output: ['text'],
  tools: true,
  reasoning: false,
  openWeights: true,
  stage: null,
  price: { input: 0.59, output: 0.79, cached: null, cacheWrite: null },
  usable: false,
  why: `Nobody is set up for ${provider}: add { provider: ${provider} } to \`upstreams\`.`,
  lacks: 'upstream',
  as: null,
  local: null,
  ...more,
})
const usable = (as: string) => ({
  usable: true,
  lacks: null,
  as,
  why: `The upstream ${as.split('/')[0]} answers for it.`,
})

const models: readonly WorldModel[] = [
  model('amazon-bedrock', 'anthropic.claude-haiku-4-5-20251001-v1:0', {
    lacks: 'address',
    why: 'It signs each request by a method of its own, which Hearth does not speak.',
    openWeights: false,
  }),
  model('anthropic', 'claude-haiku-4-5', {
    ...usable('anthropic/claude-haiku-4-5'),
    name: 'Claude Haiku 4.5',
    contextTokens: 200_000,
    outputTokens: 64_000,
    input: ['text', 'image', 'pdf'],
    reasoning: true,
    openWeights: false,
    price: { input: 1, output: 5, cached: 0.1, cacheWrite: 1.25 },
  }),
  model('databricks', 'databricks-gpt-oss-120b'),
  model('groq', 'llama-3.3-70b-versatile', { ...usable('fast/llama-3.3-70b-versatile'), stage: 'deprecated' }),
  model('groq', 'qwen/qwen3-8b', {
    lacks: 'permission',
    why: 'Your key may not use it. This house runs qwen3-8b-instruct itself.',
    local: 'qwen3-8b-instruct',
  }),
  model('openai', 'gpt-5-mini', {
    lacks: 'key',
    why: 'The upstream work has no apiKey (usually ${OPENAI_API_KEY}).',
    contextTokens: 400_000,
    input: ['text', 'image'],
    reasoning: true,
    openWeights: false,
    price: { input: 0.25, output: 2, cached: 0.025, cacheWrite: null },
  }),
  model('openai', 'a-model-with-a-rather-long-name-that-nobody-can-remember-2026-05-13-preview', {
    lacks: 'offer',
    why: 'The upstream work offers only the models that the configuration names.',
    stage: 'beta',
    contextTokens: null,
    price: null,
    tools: null,
    output: ['text', 'audio'],
  }),
  ...vendors.flatMap(({ id }) =>
    id.startsWith('vendor-') ? [model(id, 'glm-5'), model(id, 'kimi-k3', { stage: 'alpha' })] : [],
  ),
]

const counted = vendors.map((each) => ({
  ...each,
  models: models.filter(({ provider }) => provider === each.id).length,
}))
const bundled: CatalogueSource = {
  asOf: '2026-07-02',
  source: 'models.dev (MIT)',
  from: null,
  updatedAt: null,
  providers: vendors.length,
  models: models.length,
}
const cheap = { input: 0.59, output: 0.79, cached: null, cacheWrite: null }
const changes: CatalogueChanges = {
  hash: 'f'.repeat(64),
  from: 'https://models.dev/api.json',
  asOf: '2026-11-20',
  providers: vendors.length + 1,
  models: 1402,
  counts: {
    moved: 1,
    repriced: 2,
    newProviders: 1,
    goneProviders: 0,
    newModels: 1276,
    goneModels: 1,
    changedModels: 3,
  },
  moved: [
    {
      provider: 'vendor-11',
      before: 'https://api.vendor-11.test/v1 (openai: chat)',
      after: 'https://api.elsewhere.test/v1 (openai: chat)',
    },
  ],
  repriced: [
    { model: 'groq/llama-3.3-70b-versatile', before: cheap, after: { ...cheap, input: 0.9, cached: 0.2 } },
    { model: 'openai/gpt-5-mini', before: null, after: cheap },
  ],
  newProviders: ['new-vendor'],
  goneProviders: [],
  newModels: Array.from({ length: 1000 }, (_, place) => `new-vendor/model-${place}`),
  goneModels: ['groq/qwen/qwen3-8b'],
  changedModels: ['mistral/a', 'mistral/b', 'mistral/c'],
  leftOut: ['vendor-12/an odd name'],
}

/** A catalogue that is searched by name and usability, renewed and reset. */
export function createFakeCatalogue() {
  let source = bundled
  return (request: Request): Response | null => {
    const { pathname, searchParams } = new URL(request.url)
    if (!pathname.startsWith('/api/catalogue')) return null
    const at = `${request.method} ${pathname}`
    if (at === 'GET /api/catalogue') return json(pageOf(searchParams, source))
    if (at === 'GET /api/catalogue/providers') return json({ data: counted })
    if (at === 'POST /api/catalogue/plan') return json(changes)
    if (request.method === 'GET') {
      const id = decodeURIComponent(pathname.slice('/api/catalogue/models/'.length))
      const found = models.find((each) => each.id === id)
      return found ? json(found) : refuse(404, 'not_found', `The catalogue has no model "${id}".`)
    }
    const { from, asOf } = changes
    source = request.method === 'DELETE' ? bundled : { ...bundled, from, asOf, updatedAt: new Date().toISOString() }
    return json(source)
  }
}

function pageOf(query: URLSearchParams, catalogue: CatalogueSource) {
  const words = (query.get('text') ?? '').toLowerCase().split(/\s+/)
  const provider = query.get('provider')
  const wanted = query.get('usable')
  const found = models
    .filter((each) => words.every((word) => `${each.id} ${each.name}`.toLowerCase().includes(word)))
    .filter((each) => (provider === null || each.provider === provider) && (!wanted || String(each.usable) === wanted))
    .toSorted((one, other) => (one.id < other.id ? -1 : 1))
  const limit = Number(query.get('limit') ?? 100)
  const rest = found.filter(({ id }) => id > (query.get('after') ?? ''))
  const data = rest.slice(0, limit)
  return { data, total: found.length, next: rest.length > limit ? (data.at(-1)?.id ?? null) : null, catalogue }
}
