import { describe, expect, test } from 'bun:test'
import { until } from '../../../test/env/until.ts'
import { acquire, chat, fakeRecipe, openTestFleet, permitOf, type TestFleet } from '../../../test/fakes/fleet.ts'
import type { FleetOptions } from '../index.ts'

const liveness = {
  probeMs: 150,
  busyProbeMs: 150,
  failedProbes: 2,
  pauseMs: 10,
  calmMs: 0,
  longAbortMs: 0,
  longAborts: 2,
}
const backoff = { firstMs: 30, maxMs: 100, maxRestarts: 2, healthyMs: 60_000 }
const limits: FleetOptions['limits'] = { liveness, backoff, stopGraceMs: 50 }
const open = (flags: readonly string[], parallel = 2) =>
  openTestFleet({ recipes: [fakeRecipe('a', { flags, parallel })], limits })
const stateOf = (at: TestFleet) => at.fleet.view('a')?.state

test('an engine that hangs is ended with all that runs on it, and started again', async () => {
  await using at = await open(['--hang-after', '2'])
  const [first, second] = [await permitOf(acquire(at, 'a')), await permitOf(acquire(at, 'a'))]
  const pid = at.fleet.view('a')?.pid
  expect(await chat(first)).toBe('from a')
  const hanging = chat(second).catch(() => 'it broke off')
  first.release('failed')
  expect(await hanging).toBe('it broke off')
  second.release('failed')
  await until('it is failed', () => stateOf(at) === 'failed')
  expect(at.fleet.view('a')).toMatchObject({
    failure: expect.stringMatching(/^The engine did not answer a token for .*; it is started again\.$/),
    phase: 'backing_off',
    inFlight: 0,
  })
  const next = await permitOf(acquire(at, 'a'))
  expect(await chat(next)).toBe('from a')
  expect(at.fleet.view('a')?.pid).not.toBe(pid)
  next.release('ok')
})

test('who waits in line is served by the next start', async () => {
  await using at = await open(['--hang-after', '2'], 1)
  const running = await permitOf(acquire(at, 'a'))
  const waiting = acquire(at, 'a')
  expect(await chat(running)).toBe('from a')
  running.release('failed')
  const permit = await permitOf(waiting)
  expect(await chat(permit)).toBe('from a')
  permit.release('ok')
})

test('an engine that hangs again and again is left alone in the end', async () => {
  await using at = await open(['--hang-after', '1'])
  for (const restarts of [1, 2, 3]) {
    ;(await permitOf(acquire(at, 'a'))).release('failed')
    await until(`it is failed, ${restarts}`, () => stateOf(at) === 'failed')
  }
  expect(at.fleet.view('a')?.phase).toBeNull()
  expect(at.fleet.view('a')?.failure).not.toContain('started again')
})

test('a failed request on an engine that answers costs a token and nothing else', async () => {
  await using at = await open([], 1)
  const permit = await permitOf(acquire(at, 'a'))
  const pid = at.fleet.view('a')?.pid
  permit.release('failed')
  // The question has the only place: nobody's request is beside it.
  expect(at.fleet.view('a')).toMatchObject({ state: 'ready', inFlight: 0 })
  const waiting = acquire(at, 'a')
  expect(at.fleet.view('a')?.queued).toBe(1)
  const next = await permitOf(waiting)
  expect(await chat(next)).toBe('from a')
  next.release('ok')
  expect(at.fleet.view('a')).toMatchObject({ state: 'ready', pid, inFlight: 0, queued: 0 })
})

test('busy is not down: answers to others are a sign of life', async () => {
  await using at = await open(['--hang-after', '2', '--no-token-asked'])
  const failed = await permitOf(acquire(at, 'a'))
  const pid = at.fleet.view('a')?.pid
  expect(await chat(failed)).toBe('from a')
  failed.release('failed')
  const startedAt = performance.now()
  while (performance.now() - startedAt < 4 * liveness.probeMs) {
    const other = await permitOf(acquire(at, 'a'))
    await new Promise((resolve) => setImmediate(resolve))
    other.release('ok')
  }
  expect(at.fleet.view('a')).toMatchObject({ state: 'ready', pid })
})

test('callers who leave one after another without an answer raise the suspicion, too', async () => {
  await using at = await open(['--hang-after', '1'])
  ;(await permitOf(acquire(at, 'a'))).release('aborted')
  ;(await permitOf(acquire(at, 'a'))).release('aborted')
  await until('it is failed', () => stateOf(at) === 'failed')
})

test('an unload while it is ended is the last word', async () => {
  await using at = await openTestFleet({
    recipes: [fakeRecipe('a', { flags: ['--hang-after', '1'] })],
    limits: { ...limits, stopGraceMs: 300 },
  })
  ;(await permitOf(acquire(at, 'a'))).release('failed')
  await until('it is ended', () => stateOf(at) === 'stopping')
  at.recipes.replace([])
  await until('it is gone', () => at.events.some((event) => event.type === 'model.removed'))
})

describe('an engine that is silent while its callers wait patiently', () => {
  const silence = { engineSilenceMs: 60, limits: { ...limits, observeEveryMs: 20 } }
  const failed = (at: TestFleet) => until('it is failed', () => stateOf(at) === 'failed')

  test('is asked for a token, and ended when none comes', async () => {
    await using at = await openTestFleet({ recipes: [fakeRecipe('a', { flags: ['--hang-after', '1'] })], ...silence })
    const permit = await permitOf(acquire(at, 'a'))
    const patient = chat(permit).catch(() => 'it broke off')
    await failed(at)
    expect(await patient).toBe('it broke off')
    permit.release('failed')
  })

  test('is left alone when it gives its token: slow is not silent', async () => {
    const patience = { ...liveness, probeMs: 5000, busyProbeMs: 5000 }
    await using at = await openTestFleet({
      ...silence,
      recipes: [fakeRecipe('a', { flags: ['--slow-ms', '400'] })],
      limits: { ...silence.limits, liveness: patience },
    })
    const permit = await permitOf(acquire(at, 'a'))
    const pid = at.fleet.view('a')?.pid
    expect(await chat(permit)).toBe('from a')
    permit.release('ok')
    expect(at.fleet.view('a')).toMatchObject({ state: 'ready', pid })
  })

  test('is asked though all its places are taken when it stops in the middle of an answer', async () => {
    const recipes = [fakeRecipe('a', { flags: ['--hang-after', '1'], parallel: 1 })]
    await using at = await openTestFleet({ recipes, ...silence })
    const permit = await permitOf(acquire(at, 'a'))
    permit.heard()
    await failed(at)
    permit.release('failed')
    permit.heard()
  })

  test('with all places taken and no answer begun is asked when the first of them leaves, before those who wait', async () => {
    const recipes = [fakeRecipe('a', { flags: ['--hang-after', '1'], parallel: 1 })]
    const calm = { ...liveness, longAbortMs: 60_000 }
    await using at = await openTestFleet({ ...silence, recipes, limits: { ...silence.limits, liveness: calm } })
    const permit = await permitOf(acquire(at, 'a'))
    const since = performance.now()
    await until('it has been silent for long', () => performance.now() - since > 4 * silence.engineSilenceMs)
    expect(stateOf(at)).toBe('ready')
    const next = acquire(at, 'a')
    permit.release('aborted')
    expect(at.fleet.view('a')).toMatchObject({ state: 'ready', inFlight: 0, queued: 1 })
    await failed(at)
    ;(await permitOf(next)).release('ok')
  })

  test('is not suspected while it speaks to one of them', async () => {
    const recipes = [fakeRecipe('a', { flags: ['--hang-after', '1'], parallel: 2 })]
    await using at = await openTestFleet({ recipes, ...silence })
    const [speaks, waits] = [await permitOf(acquire(at, 'a')), await permitOf(acquire(at, 'a'))]
    const since = performance.now()
    await until('it has spoken for long', () => {
      speaks.heard()
      return performance.now() - since > 6 * silence.engineSilenceMs
    })
    expect(stateOf(at)).toBe('ready')
    speaks.release('aborted')
    waits.release('aborted')
  })
})
