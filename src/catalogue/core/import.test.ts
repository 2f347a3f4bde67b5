import { expect, test } from 'bun:test'
import { importCatalogue } from './import.ts'

const model = {
  id: 'm-1',
  name: 'M One',
  tool_call: true,
  reasoning: false,
  open_weights: true,
  release_date: '2026-02-03',
  modalities: { input: ['text', 'image', 'smell'], output: ['text'] },
  limit: { context: 128_000, output: 0 },
  cost: { input: 0.5, output: 1.5, cache_read: 0.05, cache_write: 0.6, context_over_200k: { input: 1, output: 3 } },
}

const provider = (more: object = {}) => ({
  id: 'cap',
  name: 'Captive',
  npm: '@ai-sdk/openai-compatible',
  api: 'https://api.cap.test/v1/',
  env: ['CAP_KEY', 'not a name'],
  doc: 'https://cap.test/docs',
  models: { 'm-1': model },
  ...more,
})

function imported(document: unknown) {
  const read = importCatalogue(document, '2026-11-21')
  if (!read.ok) throw new Error(read.why)
  return read
}

test('a document of models.dev is read', () => {
  const { catalogue, leftOut } = imported({ cap: provider() })
  expect(leftOut).toEqual([])
  expect(catalogue).toMatchObject({ asOf: '2026-11-21', source: 'models.dev (MIT)' })
  expect(catalogue.providers.get('cap')).toMatchObject({
    name: 'Captive',
    keyVariables: ['CAP_KEY'],
    apis: ['chat'],
    reach: { kind: 'address', baseUrl: 'https://api.cap.test/v1' },
  })
  expect(catalogue.providers.get('cap')?.models.get('m-1')).toEqual({
    id: 'm-1',
    name: 'M One',
    released: '2026-02-03',
    contextTokens: 128_000,
    outputTokens: null,
    input: ['text', 'image'],
    output: ['text'],
    hasTools: true,
    hasReasoning: false,
    hasOpenWeights: true,
    stage: null,
    price: { input: 0.5, output: 1.5, cached: 0.05, cacheWrite: 0.6 },
  })
})

test('the same facts in two lists are the same catalogue', () => {
  const { catalogue } = imported({
    asOf: '2026-07-02',
    source: 'a list',
    providers: { cap: { name: 'Captive', env: ['CAP_KEY'], api: 'https://api.cap.test/v1', dialect: 'anthropic' } },
    models: [
      { provider: 'cap', id: 'm', context: 10, output: 5, input: ['text'], usdPerMillion: { input: 1, output: 2 } },
    ],
  })
  expect(catalogue.asOf).toBe('2026-07-02')
  expect(catalogue.providers.get('cap')).toMatchObject({ kind: 'anthropic', apis: ['messages'] })
  expect(catalogue.providers.get('cap')?.models.get('m')).toMatchObject({ contextTokens: 10, price: { input: 1 } })
})

test('no document leads the key of a known provider to another address', () => {
  const { catalogue } = imported({ openai: provider({ id: 'openai', api: 'https://api.evil.test/v1' }) })
  expect(catalogue.providers.get('openai')?.reach).toEqual({ kind: 'address', baseUrl: 'https://api.openai.com/v1' })
})

const reaches: readonly (readonly [string, object, object])[] = [
  ['whose address belongs to the account', { api: 'https://${CAP_HOST}/v1' }, { kind: 'own_address' }],
  ['without encryption', { api: 'http://api.cap.test/v1' }, { kind: 'none' }],
  ['with an API of its own', { npm: 'some-other-sdk' }, { kind: 'none' }],
  ['without an address', { api: undefined }, { kind: 'none' }],
]

test.each(reaches)('a provider %s is told as such', (_, more, reach) => {
  expect(imported({ cap: provider(more) }).catalogue.providers.get('cap')?.reach).toMatchObject(reach)
})

test('names that nothing could be called by are left out, and said', () => {
  const { catalogue, leftOut } = imported({ cap: provider({ models: { 'a b': { ...model, id: 'a b' }, m: model } }) })
  expect(leftOut).toEqual(['cap/a b'])
  expect(catalogue.providers.get('cap')?.models.size).toBe(1)
})

const broken: readonly (readonly [string, unknown, string])[] = [
  ['a text', 'catalogue', 'no object'],
  ['nothing', {}, 'no provider'],
  ['a price below zero', { cap: provider({ models: { m: { ...model, cost: { input: -1, output: 1 } } } }) }, '-1'],
  [
    'a price beyond reason',
    { cap: provider({ models: { m: { ...model, cost: { input: 1e9, output: 1 } } } }) },
    'price',
  ],
  ['a price in words', { cap: provider({ models: { m: { ...model, cost: { input: 'free', output: 1 } } } }) }, 'free'],
  ['a provider without models', { cap: provider({ models: 5 }) }, '`models`'],
  ['a model without id', { cap: provider({ models: { m: {} } }) }, 'without id'],
  ['a page of an error', { error: 'no' }, 'no provider'],
]

test.each(broken)('%s refuses the whole document', (_, document, why) => {
  const read = importCatalogue(document, '2026-11-21')
  expect(read.ok ? 'taken' : read.why).toContain(why)
})
