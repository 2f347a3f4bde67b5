import { describe, expect, test } from 'bun:test'
import { modelName } from '#kernel/ids.ts'
import { choose } from './choose.ts'
import { plainRouting } from '../../../test/env/routing.ts'
import { buildSnapshot, type UpstreamFacts } from './snapshot.ts'

const upstream = (name: string, models: readonly string[], listed: readonly string[] | null = null): UpstreamFacts => ({
  name,
  models,
  listed: listed && new Map(listed.map((id) => [id, null])),
  baseUrl: `http://${name}/v1`,
  locality: 'lan',
  headers: {},
  splitThink: false,
})

const snapshot = buildSnapshot({
  upstreams: [
    upstream('office', ['*'], ['qwen3-30b', 'shared']),
    upstream('lab', ['shared', 'tiny-a']),
    upstream('dark', ['*']),
  ],
  routing: plainRouting,
  localModels: ['tiny-a', 'hearth/smoke'].map((id) => ({ id, model: id })),
  routes: [
    { model: 'gpt-4o', targets: [{ upstream: 'office', model: 'qwen3-30b' }, { model: 'tiny-a' }] },
    { model: 'any', targets: [{ model: 'shared' }] },
    { model: 'empty', targets: [{ model: 'nothing' }] },
  ],
})

const where = (model: string, mayUse = (_: string) => true) => {
  const choice = choose(snapshot, modelName(model), mayUse)
  return choice.kind === 'route' ? choice.route.targets.map((target) => `${target.upstream}:${target.model}`) : choice
}

describe('a model name', () => {
  test.each([
    ['qwen3-30b', ['office:qwen3-30b']],
    ['office/qwen3-30b', ['office:qwen3-30b']],
    ['shared', ['office:shared', 'lab:shared']],
    ['tiny-a', ['local:tiny-a']],
    ['lab/tiny-a', ['lab:tiny-a']],
    ['hearth/smoke', ['local:hearth/smoke']],
    ['gpt-4o', ['office:qwen3-30b', 'local:tiny-a']],
    ['any', ['office:shared', 'lab:shared']],
    ['dark/not-read-yet', ['dark:not-read-yet']],
  ])('%s leads to %p', (model, targets) => {
    expect(where(model)).toEqual(targets)
  })

  test('that is unknown is answered with the nearest names the caller may use', () => {
    expect(where('qwen3-30')).toEqual({ kind: 'unknown_model', nearest: ['qwen3-30b', 'office/qwen3-30b'] })
    expect(where('qwen3-30', (name) => name === 'any')).toEqual({ kind: 'unknown_model', nearest: [] })
    expect(where('lab/other')).toMatchObject({ kind: 'unknown_model' })
    expect(where('dark/')).toMatchObject({ kind: 'unknown_model' })
  })

  test('that the key may not use is refused', () => {
    expect(where('tiny-a', () => false)).toEqual({ kind: 'not_allowed' })
  })
})

describe('a route', () => {
  const prices = { cheap: { input: 1, output: 5 }, '*': { input: 2, output: 2 } }
  const made = buildSnapshot({
    upstreams: [
      { ...upstream('a', ['m', 'cheap'], ['m']), listed: new Map([['m', 4096]]), prices },
      { ...upstream('b', ['m']), context: { m: 100, '*': 200 }, apis: ['messages', 'chat'], query: '?v=1' },
      { ...upstream('dep', ['my dep']), modelUrl: 'https://r/openai/deployments/{model}' },
    ],
    routing: { ...plainRouting, policy: 'latency' },
    localModels: [{ id: 'tiny', model: 'tiny-file', contextTokens: 512 }],
    routes: [
      {
        model: 'in-order',
        aliases: ['also'],
        targets: [{ upstream: 'a', model: 'm' }, { model: 'tiny' }, { upstream: 'b', model: 'm', priority: 0 }],
        fallbacks: [
          { on: ['context_length'], model: 'weighed' },
          { on: null, model: 'not-there' },
        ],
        retries: { attempts: 1 },
        deadlines: { idleMs: 5 },
        cacheTtlMs: 9,
      },
      {
        model: 'weighed',
        policy: 'weighted',
        targets: [
          { upstream: 'a', model: 'cheap', weight: 3 },
          { upstream: 'b', model: 'other', priority: 7 },
        ],
      },
    ],
  })
  const route = (name: string) => {
    const choice = choose(made, modelName(name), () => true)
    if (choice.kind !== 'route') throw new Error(`${name} leads nowhere`)
    return choice.route
  }
  const targets = (name: string, member: 'priority' | 'weight' | 'contextTokens' | 'costPerMillion') =>
    route(name).targets.map((target) => target[member])

  test('has the priorities of its order where nothing else is said, and none where another policy chooses', () => {
    expect(targets('in-order', 'priority')).toEqual([0, 1, 0])
    expect(targets('weighed', 'priority')).toEqual([0, 7])
    expect(targets('weighed', 'weight')).toEqual([3, 1])
  })

  test('is the same under all its names', () => {
    expect(route('also')).toBe(route('in-order'))
    expect(route('also')).toMatchObject({ name: 'in-order', policy: 'priority', isConfigured: true, cacheTtlMs: 9 })
  })

  test('says what it says otherwise than the house, and the house the rest', () => {
    expect(route('in-order').retries).toEqual({ ...plainRouting.retries, attempts: 1, whenAllOpen: 'ask' })
    expect(route('in-order').deadlines).toEqual({ idleMs: 5 })
    expect(route('weighed')).toMatchObject({ deadlines: null, cacheTtlMs: null, fallbacks: [] })
  })

  test('finds its fallbacks when they are needed', () => {
    const found = route('in-order').fallbacks.map((fallback) => fallback.route()?.name ?? null)
    expect(found).toEqual([modelName('weighed'), null])
  })

  test('of a name that several share chooses as the house says', () => {
    expect(route('m')).toMatchObject({ policy: 'latency', isConfigured: false })
    expect(targets('m', 'priority')).toEqual([0, 0])
  })

  test('knows the context of its targets: as written for the model, as listed, as written for all', () => {
    expect(targets('m', 'contextTokens')).toEqual([4096, 100])
    expect(targets('weighed', 'contextTokens')).toEqual([null, 200])
    expect(targets('tiny', 'contextTokens')).toEqual([512])
  })

  test('knows what a token costs, three of the prompt for one of the answer', () => {
    expect(targets('weighed', 'costPerMillion')).toEqual([2, null])
    expect(targets('a/m', 'costPerMillion')).toEqual([2])
  })

  test('asks each model at its own address where the vendor has it so', () => {
    expect(route('my dep').targets[0]).toMatchObject({ baseUrl: 'https://r/openai/deployments/my%20dep', query: '' })
    expect(route('b/m').targets[0]).toMatchObject({ baseUrl: 'http://b/v1', query: '?v=1', apis: ['messages', 'chat'] })
  })
})
