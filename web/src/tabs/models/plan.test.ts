import { describe, expect, test } from 'bun:test'
import type { ModelView, Plan } from '../../api/types.ts'
import { deedFor, isHarmless } from './plan.ts'

const model = (more: Partial<ModelView> = {}) =>
  ({ id: 'a', state: 'stopped', inFlight: 0, queued: 0, ...more }) as ModelView
const plan = (models: readonly string[], more: Partial<Plan> = {}): Plan => ({
  hash: 'h',
  steps: models.map((id, n) => ({ n, step: { kind: 'stop', model: id }, after: [], undo: null })),
  effects: [],
  obstacles: [],
  ...more,
})

describe('a plan is applied without asking', () => {
  const cases: readonly [string, boolean, Parameters<typeof isHarmless>][] = [
    ['when only this model starts', true, [plan(['a']), model(), 'load']],
    ['when an idle model is unloaded', true, [plan(['a']), model({ state: 'ready' }), 'unload']],
    ['but not when another model must go', false, [plan(['b', 'a']), model(), 'load']],
    ['but not when it is answering', false, [plan(['a']), model({ inFlight: 1 }), 'unload']],
    ['but not when somebody waits for it', false, [plan(['a']), model({ queued: 1 }), 'unload']],
    ['but not when something stands in the way', false, [plan(['a'], { obstacles: ['No room.'] }), model(), 'load']],
  ]
  for (const [name, isIt, given] of cases) test(name, () => expect(isHarmless(...given)).toBe(isIt))
})

test('a model on its way down offers nothing to do', () => {
  expect(deedFor(model({ state: 'draining' }))).toBeNull()
  expect(deedFor(model({ state: 'failed' }))).toBe('load')
  expect(deedFor(model({ state: 'loading' }))).toBe('unload')
})
