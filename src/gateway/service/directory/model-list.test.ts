import { describe, expect, test } from 'bun:test'
import { keyId, type ModelName, modelName } from '#kernel/ids.ts'
import type { Caller } from '#kernel/words.ts'
import { plainRouting } from '../../../../test/env/routing.ts'
import { buildSnapshot, type UpstreamFacts } from '../../core/snapshot.ts'
import { findModel, listModels, type LocalModel } from './model-list.ts'

const upstream = (name: string, more: Partial<UpstreamFacts>): UpstreamFacts => ({
  name,
  models: [],
  listed: null,
  baseUrl: `http://${name}/v1`,
  locality: 'lan',
  headers: {},
  splitThink: false,
  ...more,
})

const snapshot = buildSnapshot({
  upstreams: [
    upstream('office', {
      models: ['*'],
      listed: new Map([
        ['large', 32_768],
        ['shared', 8192],
      ]),
    }),
    upstream('attic', { models: ['shared', 'own'], context: { own: 600, '*': 400 } }),
    upstream('dark', { models: ['silent'] }),
  ],
  localModels: [
    { id: 'tiny', model: 'tiny-file', contextTokens: 512 },
    { id: 'unread', model: 'unread-file', contextTokens: null },
  ],
  routes: [
    { model: 'both', targets: [{ upstream: 'office', model: 'large' }, { model: 'tiny' }] },
    {
      model: 'half-known',
      targets: [
        { upstream: 'dark', model: 'silent' },
        { upstream: 'attic', model: 'own' },
      ],
    },
    { model: 'home-first', aliases: ['also'], targets: [{ model: 'tiny' }, { upstream: 'attic', model: 'x' }] },
  ],
  routing: plainRouting,
})

const local = (id: string, context: number | null): LocalModel => ({
  id,
  state: 'ready',
  label: null,
  capabilities: ['chat'],
  context,
})
/** The engine of `unread` told its context when it was loaded. */
const locals = [local('tiny', 512), local('unread', 1024)]
const caller = (mayUse: (model: ModelName) => boolean): Caller => ({
  key: keyId('testtesttest'),
  name: 'test',
  limits: { requestsPerMinute: null, tokensPerMinute: null, concurrency: null },
  may: () => true,
  mayUse,
  onRevoke: () => ({ [Symbol.dispose]() {} }),
})
const cards = listModels(
  snapshot,
  locals,
  caller(() => true),
  1_700_000_000,
)

describe('the list of models tells the context', () => {
  const cases: readonly (readonly [string, number | null, string])[] = [
    ['office/large', 32_768, 'as the upstream lists it'],
    ['attic/own', 600, 'as the config says of the model'],
    ['attic/shared', 400, 'as the config says of all others'],
    ['dark/silent', null, 'never, where nobody tells'],
    ['shared', 400, 'as the smallest of the upstreams that share a name'],
    ['tiny', 512, 'of a local model'],
    ['unread', 1024, 'of a local model as its engine told it'],
    ['both', 512, 'as the smallest of a route, whoever is asked first'],
    ['half-known', 600, 'as the smallest that is known, where others are not'],
    ['home-first', 400, 'as the smallest of a route that begins at home'],
    ['also', 400, 'of a further name of a route'],
  ]
  test.each(cases)('%s: %p, %s', (name, context) => {
    expect(findModel(cards, modelName(name))?.hearth.context).toBe(context)
  })
})

describe('the list of models', () => {
  test('names who owns a model, and tells more of those that run here', () => {
    expect(findModel(cards, modelName('home-first'))).toEqual({
      id: 'home-first',
      object: 'model',
      created: 1_700_000_000,
      owned_by: 'hearth',
      context_length: 400,
      hearth: { state: 'ready', label: null, capabilities: ['chat'], context: 400 },
    })
    expect(findModel(cards, modelName('office/large'))).toMatchObject({
      owned_by: 'office',
      hearth: { state: 'external', label: null, capabilities: null },
    })
  })

  test('holds nothing that the caller may not use', () => {
    const seen = listModels(
      snapshot,
      locals,
      caller((name) => name === modelName('tiny')),
      0,
    )
    expect(seen.map(({ id }) => id)).toEqual(['tiny'])
    expect(findModel(seen, modelName('both'))).toBeNull()
  })
})

describe('what the catalogue knows of an upstream', () => {
  const known = new Map(
    ['m', 'old'].map((id) => [
      id,
      {
        name: `The ${id}`,
        contextTokens: 1000,
        outputTokens: 100,
        input: ['text', 'image'],
        output: ['text'],
        hasTools: true,
        hasReasoning: false,
        stage: id === 'old' ? 'deprecated' : null,
      },
    ]),
  )
  const listOf = (listed: UpstreamFacts['listed']) =>
    listModels(
      buildSnapshot({
        upstreams: [
          upstream('cap', { models: ['*'], listed, known, prices: { m: { input: 0.1, output: 2.5, cached: 0.01 } } }),
        ],
        localModels: [],
        routes: [],
        routing: plainRouting,
      }),
      [],
      caller(() => true),
      0,
    )

  test('is offered until its own list was read, but for what is at its end', () => {
    expect(listOf(null).map(({ id }) => id)).toEqual(['cap/m', 'm'])
    expect(listOf(new Map([['old', null]])).map(({ id }) => id)).toEqual(['cap/old', 'old'])
  })

  test('is told as clients of OpenRouter read it', () => {
    expect(findModel(listOf(null), modelName('cap/m'))).toMatchObject({
      name: 'The m',
      context_length: 1000,
      max_output_tokens: 100,
      architecture: { input_modalities: ['text', 'image'], output_modalities: ['text'] },
      pricing: { prompt: '0.0000001', completion: '0.0000025', input_cache_read: '0.00000001' },
      top_provider: { context_length: 1000, max_completion_tokens: 100 },
      supported_parameters: ['tools', 'tool_choice'],
      hearth: { context: 1000 },
    })
  })

  test('goes behind what its own list says of the context', () => {
    expect(findModel(listOf(new Map([['m', 64]])), modelName('cap/m'))?.hearth.context).toBe(64)
  })
})
