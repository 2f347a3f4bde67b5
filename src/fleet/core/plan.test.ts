import { expect, test } from 'bun:test'
import { type ModelSeen, type Plan, plan, type Wish, type World } from './plan.ts'

const GiB = 2 ** 30
const policy = { drainMs: 30_000, proveDeadlineMs: 120_000 }

const model = (id: string, facts: Partial<ModelSeen> = {}): ModelSeen => ({
  id,
  state: 'stopped',
  reserveBytes: 2 * GiB,
  isPinned: false,
  inFlight: 0,
  queued: 0,
  lastUsedAt: 0,
  loadMs: null,
  ...facts,
})
const world = (...models: readonly ModelSeen[]): World => ({ budgetBytes: 3 * GiB, models })
const run = (id: string): Wish => ({ model: id, state: 'running' })
const end = (id: string): Wish => ({ model: id, state: 'stopped' })

/** One line a step, as a person would read it. */
function written(made: Plan): string {
  const name = (step: Plan['steps'][number]['step']) => {
    if (step.kind === 'drain')
      return `drain ${step.model} (${step.graceMs === null ? 'as long as it takes' : `${step.graceMs} ms`})`
    return step.kind === 'prove' ? `prove ${step.model} (${step.deadlineMs} ms)` : `${step.kind} ${step.model}`
  }
  const steps = made.steps.map(({ n, step, after, undo }) => {
    const order = after.length === 0 ? '' : ` after ${after.join(', ')}`
    return `${n}. ${name(step)}${order}${undo === null ? '' : `; undo: ${name(undo)}`}`
  })
  return [...steps, ...made.effects.map((text) => `+ ${text}`), ...made.obstacles.map((text) => `! ${text}`)].join('\n')
}

const cases: readonly [string, World, readonly Wish[]][] = [
  ['a load that fits', world(model('a', { loadMs: 4200 })), [run('a')]],
  ['a load with an unknown need', world(model('a', { reserveBytes: null })), [run('a')]],
  ['a load that unloads the idle model', world(model('a', { state: 'ready' }), model('b')), [run('b')]],
  ['a load that waits for running answers', world(model('a', { state: 'ready', inFlight: 3 }), model('b')), [run('b')]],
  [
    'a load that unloads the least used of two',
    world(
      model('a', { state: 'ready', reserveBytes: GiB, lastUsedAt: 9 }),
      model('c', { state: 'ready', reserveBytes: GiB, lastUsedAt: 5 }),
      model('b'),
    ),
    [run('b')],
  ],
  [
    'a load in the way of a pinned model',
    world(model('a', { state: 'ready', isPinned: true }), model('b')),
    [run('b')],
  ],
  ['a load larger than the budget', world(model('b', { reserveBytes: 5 * GiB })), [run('b')]],
  ['a load of what is loaded', world(model('a', { state: 'ready' })), [run('a')]],
  ['an unload', world(model('a', { state: 'ready' })), [end('a')]],
  ['an unload with requests', world(model('a', { state: 'ready', inFlight: 1, queued: 2 })), [end('a')]],
  ['an unload during the load', world(model('a', { state: 'loading' })), [end('a')]],
  ['an unload of what is not loaded', world(model('a')), [end('a')]],
  [
    'an end that makes room for a start',
    world(model('a', { state: 'ready', isPinned: true }), model('b')),
    [run('b'), end('a')],
  ],
  ['an unknown model', world(), [run('x')]],
]

test('plans read as they are written down', async () => {
  const text = cases.map(([name, seen, wishes]) => `# ${name}\n${written(plan(seen, wishes, policy))}\n`).join('\n')
  const golden = Bun.file(`${import.meta.dir}/golden/plans.txt`)
  if (process.env['HEARTH_UPDATE_GOLDEN'] === '1') await Bun.write(golden, text)
  expect(text).toBe(await golden.text())
})

test('the basis changes with what the plan rests on, and with nothing else', () => {
  const basis = (seen: World) => plan(seen, [run('b')], policy).basis
  const before = basis(world(model('a', { state: 'ready' }), model('b'), model('z')))
  expect(
    basis(
      world(model('a', { state: 'ready', lastUsedAt: 77, inFlight: 2 }), model('b'), model('z', { reserveBytes: 1 })),
    ),
  ).toBe(before)
  expect(basis(world(model('a'), model('b'), model('z')))).not.toBe(before)
  expect(basis(world(model('a', { state: 'ready' }), model('b', { reserveBytes: GiB }), model('z')))).not.toBe(before)
})
