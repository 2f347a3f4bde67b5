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
