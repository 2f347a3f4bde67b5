import { expect, test } from 'bun:test'
import { importCatalogue } from '#catalogue/core/import.ts'
import { readEnvironment } from './env.ts'
import { loadConfig } from './load.ts'

const price = { input: 1, output: 2, cache_read: 0.1 }
const models = {
  m: { id: 'm', limit: { context: 1000, output: 100 }, cost: price },
  old: { id: 'old', status: 'deprecated' },
}
const sdk = { npm: '@ai-sdk/openai-compatible', models }
const imported = importCatalogue(
  {
    cap: { name: 'Captive', env: ['CAP_KEY'], api: 'https://api.cap.test/inference', ...sdk },
    mine: { name: 'Mine', env: ['ACCOUNT', 'MINE_KEY'], api: 'https://${ACCOUNT}.mine.test/v1', ...sdk },
    'amazon-bedrock': { name: 'Bedrock', models },
    anthropic: { name: 'Anthropic', env: ['ANTHROPIC_API_KEY'], models },
    perplexity: { name: 'Perplexity', env: ['PERPLEXITY_API_KEY'], models },
    lmstudio: { name: 'LM Studio', models },
  },
  '2026-01-01',
)
if (!imported.ok) throw new Error(imported.why)
const { catalogue } = imported

function load(upstreams: string, overlay: Readonly<Record<string, unknown>> = {}) {
  return loadConfig({
    environment: readEnvironment({ HOME: '/home/ada' }),
    file: { path: '/etc/hearth.yaml', content: `upstreams:\n  - ${upstreams}\n` },
    overlay,
    catalogue,
  })
}

function upstream(text: string) {
  const loaded = load(text)
  if (!loaded.ok) throw new Error(loaded.problems[0]?.message)
  const [only] = loaded.config.upstreams
  if (only === undefined) throw new Error('no upstream')
  return { ...only, warnings: loaded.warnings, secrets: loaded.secrets }
}

const keyWarnings = ({ warnings }: { readonly warnings: readonly string[] }) =>
  warnings.filter((warning) => warning.includes('apiKey'))

test('a provider and its key are enough of an upstream', () => {
  const made = upstream('{ provider: cap, apiKey: k }')
  expect(made).toMatchObject({
    name: 'cap',
    provider: 'cap',
    kind: 'openai',
    // Its path holds no version, and none is put there.
    baseUrl: 'https://api.cap.test/inference',
    apis: ['chat'],
    locality: 'cloud',
    models: ['*'],
    prices: { m: { input: 1, output: 2, cached: 0.1 } },
    refusesStreamOptions: false,
  })
  expect(made.known.get('m')).toMatchObject({ contextTokens: 1000, outputTokens: 100 })
  expect(made.secrets.upstreamKeys.get('cap')).toBe('k')
  expect(keyWarnings(made)).toEqual([])
})

test('what is said goes before what is known', () => {
  const text =
    '{ provider: cap, name: fast, apiKey: k, baseUrl: "http://10.0.0.5:1", locality: lan, models: [m], ' +
    'prices: { m: { input: 9, output: 9 } } }'
  expect(upstream(text)).toMatchObject({
    name: 'fast',
    baseUrl: 'http://10.0.0.5:1/v1',
    locality: 'lan',
    models: ['m'],
    prices: { m: { input: 9, output: 9, cached: null } },
  })
  expect(upstream('{ provider: cap, apiKey: k, prices: { "*": { input: 3, output: 3 } } }').prices).toEqual({
    '*': { input: 3, output: 3, cached: null },
  })
})

test('a provider brings its dialect, and models where it has no list', () => {
  expect(upstream('{ provider: anthropic, apiKey: k }')).toMatchObject({ kind: 'anthropic', apis: ['messages'] })
  expect(upstream('{ provider: perplexity, apiKey: k }')).toMatchObject({
    models: ['m'],
    baseUrl: 'https://api.perplexity.ai',
  })
  expect(upstream('{ provider: lmstudio }')).toMatchObject({ locality: null })
  expect(keyWarnings(upstream('{ provider: lmstudio }'))).toEqual([])
})

test('an address of its own is taken with what is known', () => {
  expect(upstream('{ provider: mine, apiKey: k, baseUrl: "https://acme.mine.test/v1" }')).toMatchObject({
    baseUrl: 'https://acme.mine.test/v1',
    locality: 'cloud',
    prices: { m: { input: 1 } },
  })
})

test('a provider without a key is warned of', () => {
  expect(keyWarnings(upstream('{ provider: cap }'))).toEqual([
    'The upstream cap has no apiKey, and Captive answers nobody without one: usually apiKey: ${CAP_KEY}.',
  ])
})

const wrong: readonly (readonly [string, string, string])[] = [
  ['{ provider: capp }', 'upstreams[0].provider is "capp", which the catalogue does not know.', 'Did you mean cap?'],
  ['{ provider: mine }', 'whose address belongs to your account', 'https://${ACCOUNT}.mine.test/v1'],
  ['{ provider: amazon-bedrock }', 'which Hearth cannot reach: Its requests are signed', 'Take it out.'],
  ['{ name: x }', 'upstreams[0].baseUrl is missing', 'http'],
  ['{ provider: 5, name: x, baseUrl: "http://h" }', 'upstreams[0].provider is 5', 'groq'],
]

test.each(wrong)('%s is one problem, with its fix', (text, message, fix) => {
  const loaded = load(text)
  if (loaded.ok) throw new Error('taken')
  expect(loaded.problems).toHaveLength(1)
  expect(loaded.problems[0]?.message).toContain(message)
  expect(loaded.problems[0]?.fix).toContain(fix)
  expect(loaded.problems[0]?.line).toBe(2)
})

test('an upstream of the file that says only who it is hides the one that was added under that name', () => {
  const added = { 'upstreams.cap': { provider: 'cap', apiKey: 'added' } }
  const loaded = load('{ provider: cap, apiKey: written }', added)
  if (!loaded.ok) throw new Error(loaded.problems[0]?.message)
  expect(loaded.config.upstreams).toHaveLength(1)
  expect(loaded.secrets.upstreamKeys.get('cap')).toBe('written')
  expect(loaded.provenance.map(({ path }) => path)).toContain('upstreams.cap')
})
