import { describe, expect, test } from 'bun:test'
import type { Catalogue, CatalogueModel, Provider } from './catalogue.ts'
import { compareCatalogues } from './compare.ts'
import { searchCatalogue, weightsName } from './search.ts'
import { usabilityOf, type Connection, type Standing, type Usability } from './usability.ts'

const model = (id: string, more: Partial<CatalogueModel> = {}): CatalogueModel => ({
  id,
  name: id,
  released: null,
  contextTokens: null,
  outputTokens: null,
  input: null,
  output: null,
  hasTools: null,
  hasReasoning: null,
  hasOpenWeights: null,
  stage: null,
  price: null,
  ...more,
})

const provider = (id: string, models: readonly CatalogueModel[], more: Partial<Provider> = {}): Provider => ({
  id,
  name: id.toUpperCase(),
  documentation: null,
  keyVariables: [`${id.toUpperCase()}_KEY`],
  kind: 'openai',
  apis: ['chat'],
  reach: { kind: 'address', baseUrl: `https://${id}.test/v1` },
  isLocal: false,
  hasList: true,
  refusesStreamOptions: false,
  models: new Map(models.map((each) => [each.id, each])),
  ...more,
})

const catalogue = (...providers: readonly Provider[]): Catalogue => ({
  asOf: '2026-01-01',
  source: 'a test',
  providers: new Map(providers.map((each) => [each.id, each])),
})

const price = (input: number) => ({ input, output: 2 * input, cached: null, cacheWrite: null })

describe('what another catalogue changes', () => {
  const before = catalogue(
    provider('a', [model('same'), model('dear', { price: price(1) }), model('gone')]),
    provider('b', [model('m')]),
    provider('c', [model('m')]),
  )
  const after = catalogue(
    provider('a', [model('same', { contextTokens: 5 }), model('dear', { price: price(2) }), model('new')]),
    provider('c', [model('m')], { reach: { kind: 'address', baseUrl: 'https://elsewhere.test/v1' } }),
    provider('d', []),
  )

  test('is told by kind: new, gone, at another address, at another price', () => {
    expect(compareCatalogues(before, after)).toEqual({
      newProviders: ['d'],
      goneProviders: ['b'],
      moved: [
        {
          provider: 'c',
          before: 'https://c.test/v1 (openai: chat)',
          after: 'https://elsewhere.test/v1 (openai: chat)',
        },
      ],
      newModels: ['a/new'],
      goneModels: ['a/gone', 'b/m'],
      repriced: [{ model: 'a/dear', before: price(1), after: price(2) }],
      changedModels: ['a/same'],
    })
  })

  test('is nothing where it is the same', () => {
    expect(Object.values(compareCatalogues(before, before)).flat()).toEqual([])
  })
})

describe('a search', () => {
  const all = catalogue(
    provider('a', [
      model('sees', { input: ['text', 'image'], output: ['text'], hasTools: true, contextTokens: 1000 }),
      model('open', { hasOpenWeights: true, price: price(0.5), contextTokens: 10 }),
    ]),
    provider('b', [model('open-too', { name: 'Oak', hasOpenWeights: true, price: price(5), hasReasoning: false })]),
  )
  const cases: readonly (readonly [Parameters<typeof searchCatalogue>[1], readonly string[]])[] = [
    [{}, ['a/open', 'a/sees', 'b/open-too']],
    [{ provider: 'b' }, ['b/open-too']],
    [{ text: 'oak B' }, ['b/open-too']],
    [{ text: 'oak a/' }, []],
    [{ input: ['image'] }, ['a/sees']],
    [{ hasTools: true }, ['a/sees']],
    [{ hasTools: false }, []],
    [{ hasReasoning: false }, ['b/open-too']],
    [{ hasOpenWeights: true, maxInputPrice: 1 }, ['a/open']],
    [{ maxOutputPrice: 1 }, ['a/open']],
    [{ minContextTokens: 100 }, ['a/sees']],
  ]
  test.each(cases)('%j finds %j', (wanted, names) => {
    expect(searchCatalogue(all, wanted).map(({ name }) => name)).toEqual([...names])
  })

  test.each([
    ['Qwen/Qwen3-8B-GGUF', 'qwen38b'],
    ['qwen3-8b', 'qwen38b'],
    ['Qwen3-8B-Q4_K_M.gguf', 'qwen38b'],
    ['qwen/qwen3-8b:free', 'qwen38b'],
    ['meta-llama/Llama-3.3-70B-Instruct', 'llama3370binstruct'],
  ])('%s has the weights %s', (name, weights) => {
    expect(weightsName(name)).toBe(weights)
  })
})

describe('whether a model can be used', () => {
  const groq = provider('groq', [model('m')])
  const entry = (of: Provider = groq) => ({ provider: of, model: model('m'), name: `${of.id}/m` })
  const connection = (more: Partial<Connection> = {}): Connection => ({
    upstream: 'fast',
    hasKey: true,
    isOpen: true,
    named: new Set(),
    listed: null,
    isReachable: null,
    ...more,
  })
  const standing = (more: Partial<Standing> = {}): Standing => ({
    connections: [connection()],
    isCloudRefused: false,
    mayUse: () => true,
    local: null,
    ...more,
  })

  const cases: readonly (readonly [string, Partial<Standing>, Usability['lacks'], string])[] = [
    ['somebody is set up', {}, null, 'The upstream fast answers for it.'],
    [
      'nobody is set up',
      { connections: [] },
      'upstream',
      'add { provider: groq, apiKey: ${GROQ_KEY} } to `upstreams`.',
    ],
    ['the house has it itself', { connections: [], local: 'mine' }, 'upstream', 'This house runs mine itself.'],
    ['there is no key', { connections: [connection({ hasKey: false })] }, 'key', 'has no apiKey'],
    ['it is named', { connections: [connection({ isOpen: false, named: new Set(['m']) })] }, null, 'fast'],
    ['others are named', { connections: [connection({ isOpen: false })] }, 'offer', 'only the models'],
    ['its list has it', { connections: [connection({ listed: new Set(['m']) })] }, null, 'fast'],
    ['its list is without it', { connections: [connection({ listed: new Set(['x']) })] }, 'offer', 'does not list it'],
    ['no text may leave', { isCloudRefused: true }, 'egress', 'egress.cloudText is deny'],
    ['the key may not', { mayUse: () => false }, 'permission', 'Your key may not use it.'],
    ['nobody answers', { connections: [connection({ isReachable: false })] }, 'answer', 'did not answer'],
    [
      'one of two has a key',
      { connections: [connection({ upstream: 'slow', hasKey: false }), connection()] },
      null,
      'fast',
    ],
  ]
  test.each(cases)('where %s', (_, more, lacks, why) => {
    const told = usabilityOf(entry(), standing(more))
    expect([told.lacks, told.isUsable]).toEqual([lacks, lacks === null])
    expect(told.why).toContain(why)
    expect(told.as).toBe(lacks === null ? 'fast/m' : null)
  })

  test('says what else must be written where each account has its own address', () => {
    const own = provider('azurely', [], {
      reach: { kind: 'own_address', form: 'https://${ACCOUNT}.test' },
      keyVariables: ['ACCOUNT', 'SECRET'],
    })
    const told = usabilityOf(entry(own), standing({ connections: [] }))
    expect(told.why).toContain('baseUrl: "https://${ACCOUNT}.test", apiKey: ${SECRET}')
  })

  test('says why where it cannot be reached at all', () => {
    const far = provider('far', [], { reach: { kind: 'none', why: 'It is on the moon.' } })
    expect(usabilityOf(entry(far), standing({ connections: [] }))).toMatchObject({
      why: 'It is on the moon.',
      lacks: 'address',
    })
  })
})
