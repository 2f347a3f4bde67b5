import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { processesWithMark } from '#platform/process/procfs.ts'
import { acquire, chat, fakeRecipe, MiB, openTestFleet, permitOf, type TestFleet } from '../../test/fakes/fleet.ts'
import { until } from '../../test/env/until.ts'

const stateOf = (at: TestFleet, id: string) => at.fleet.view(id)?.state

describe('a local model', () => {
  test('is loaded by the first request, answers with its own name, and is ready only after a real token', async () => {
    await using at = await openTestFleet({ recipes: [fakeRecipe('a', { flags: ['--load-ms', '400'] })] })
    expect(stateOf(at, 'a')).toBe('stopped')
    const permit = await permitOf(acquire(at, 'a'))
    expect(await chat(permit)).toBe('from a')
    expect(at.fleet.view('a')).toMatchObject({ state: 'ready', inFlight: 1, phase: null, failure: null })
    permit.release()
    permit.release()
    expect(at.fleet.view('a')?.inFlight).toBe(0)
    const states = at.events.flatMap((event) =>
      event.type === 'model.state' ? [`${event.data.model.state} ${event.data.model.phase}`] : [],
    )
    const order = ['starting starting', 'loading loading', 'loading proving', 'ready null'].map((state) =>
      states.indexOf(state),
    )
    expect(order).toEqual([...order].sort((a, b) => a - b))
    expect(order).not.toContain(-1)
  })

  test('that many ask for at once is started once', async () => {
    await using at = await openTestFleet({ recipes: [fakeRecipe('a', { parallel: 3 })] })
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const permit = await permitOf(acquire(at, 'a', { key: `k${n % 3}` }))
        const answer = await chat(permit)
        permit.release()
        return answer
      }),
    )
    expect(new Set(answers)).toEqual(new Set(['from a']))
    expect(
      at.events.filter((event) => event.type === 'model.state' && event.data.model.phase === 'proving').length,
    ).toBe(1)
    expect(at.fleet.view('a')).toMatchObject({ inFlight: 0, queued: 0 })
  })

  test.each(['embeddings', 'rerank'] as const)('made for %s is proved by what it is made for', async (kind) => {
    await using at = await openTestFleet({ recipes: [fakeRecipe('a', { [kind]: true })] })
    const permit = await permitOf(acquire(at, 'a'))
    permit.release()
    expect(stateOf(at, 'a')).toBe('ready')
  })

  test('does not see the secrets of Hearth', async () => {
    await using at = await openTestFleet({ recipes: [fakeRecipe('a')] })
    const permit = await permitOf(acquire(at, 'a'))
    const response = await fetch(permit.baseUrl.replace('/v1', '/environment'), {
      headers: { authorization: `Bearer ${permit.token}` },
    })
    permit.release()
    const environment = (await response.json()) as Record<string, string>
    expect(
      Object.keys(environment)
        .filter((name) => name.startsWith('HEARTH'))
        .sort(),
    ).toEqual(['HEARTH_ENGINE', 'HEARTH_ENGINE_TOKEN'])
    expect(environment['PATH']).toBeString()
  })

  test('is unloaded after its ttl', async () => {
    await using at = await openTestFleet({ recipes: [fakeRecipe('a', { ttlMs: 60 })] })
    const permit = await permitOf(acquire(at, 'a'))
    permit.release()
    await until('a is unloaded', () => stateOf(at, 'a') === 'stopped')
  })

  test('is preloaded when its recipe says so', async () => {
    await using at = await openTestFleet({ recipes: [fakeRecipe('a', { preload: true })] })
    await until('a is ready', () => stateOf(at, 'a') === 'ready')
  })

  test('ends with the fleet, and what it started ends with it', async () => {
    const at = await openTestFleet({
      recipes: [fakeRecipe('a', { flags: ['--spawn', '--ignore-sigterm'] })],
      limits: { stopGraceMs: 50 },
    })
    const permit = await permitOf(acquire(at, 'a'))
    const pid = at.fleet.view('a')?.pid
    const mark = processesWithMark('HEARTH_ENGINE').find((process) => process.pid === pid)?.mark
    expect(mark).toBeString()
    const waiting = acquire(at, 'unknown')
    await at[Symbol.asyncDispose]()
    permit.release()
    expect((await waiting).kind).toBe('unusable')
    expect(processesWithMark('HEARTH_ENGINE').filter((process) => process.mark === mark)).toEqual([])
  })
})

describe('what is known of a model', () => {
  test('its log is whole in the file, and told at a bounded rate', async () => {
    await using at = await openTestFleet({ recipes: [fakeRecipe('a', { flags: ['--chatter', '1000'] })] })
    ;(await permitOf(acquire(at, 'a'))).release()
    const path = join(at.home, 'logs', 'a.log')
    expect(
      readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('chatter')).length,
    ).toBe(1000)
    const told = at.events.filter((event) => event.type === 'model.log').length
    expect(told).toBeGreaterThan(50)
    expect(told).toBeLessThan(200)
  })

  test('its memory is measured, shown, and remembered with its load time', async () => {
    const recipe = fakeRecipe('a', { memoryBytes: null, flags: ['--ballast-mib', '64'] })
    await using at = await openTestFleet({ recipes: [recipe], limits: { observeEveryMs: 20 } })
    expect(at.fleet.view('a')?.memoryBytes).toBeNull()
    ;(await permitOf(acquire(at, 'a'))).release()
    await until('it is measured', () => at.fleet.view('a')?.memoryBytes?.from === 'measured')
    expect(at.fleet.view('a')?.memoryBytes?.value ?? 0).toBeGreaterThan(64 * MiB)
    expect(at.fleet.memory().usedBytes).toBeGreaterThan(64 * MiB)
    await until('it is remembered', () => [...at.learned.values()].some((one) => (one.peakBytes ?? 0) > 64 * MiB))
    expect([...at.learned.values()][0]?.loadMs).toBeGreaterThan(0)
  })

  test('an idle model goes for another; nobody goes for a preload', async () => {
    const recipes = [fakeRecipe('a'), fakeRecipe('b', { preload: true }), fakeRecipe('c', { preload: true })]
    await using at = await openTestFleet({ recipes, memoryBytes: 150 * MiB })
    await until('one is preloaded', () => at.fleet.views().some((view) => view.state === 'ready'))
    const shown = at.fleet.views().map((view) => `${view.id} ${view.state} ${view.phase}`)
    expect(shown).toEqual(['a stopped null', 'b ready null', 'c queued queued'])
    ;(await permitOf(acquire(at, 'a'))).release()
    expect(stateOf(at, 'b')).toBe('stopped')
  })
})

describe('those who wait', () => {
  test('are told that the model loads when their time is up, and find it ready later', async () => {
    await using at = await openTestFleet({ recipes: [fakeRecipe('a', { flags: ['--load-ms', '300'] })] })
    const answer = await acquire(at, 'a', { waitMs: 50 })
    expect(answer).toMatchObject({ kind: 'loading', waiting: { position: 0 } })
    await until('a is ready', () => stateOf(at, 'a') === 'ready')
  })

  test('are gone when they hang up, and leave nothing behind', async () => {
    await using at = await openTestFleet({ recipes: [fakeRecipe('a', { flags: ['--load-ms', '200'] })] })
    const hangUp = new AbortController()
    const asked = acquire(at, 'a', { signal: hangUp.signal })
    hangUp.abort()
    expect(await asked).toEqual({ kind: 'gone' })
    // Nothing had been started yet, so nothing is.
    await until('a is left alone', () => stateOf(at, 'a') === 'stopped')
    expect(at.fleet.view('a')).toMatchObject({ inFlight: 0, queued: 0 })
    ;(await permitOf(acquire(at, 'a'))).release()
  })

  test('in a full line are told so at once', async () => {
    await using at = await openTestFleet({ recipes: [fakeRecipe('a', { parallel: 1 })], maxQueuePerModel: 2 })
    const permit = await permitOf(acquire(at, 'a'))
    const waiting = [acquire(at, 'a'), acquire(at, 'a')]
    expect(await acquire(at, 'a')).toMatchObject({
      kind: 'full',
      message: expect.stringContaining('fleet.maxQueuePerModel'),
    })
    permit.release()
    for (const one of waiting) (await permitOf(one)).release()
    expect(at.fleet.view('a')).toMatchObject({ inFlight: 0, queued: 0 })
  })

  test('for an upstream get its places in turn, and all of them when it has no limit', async () => {
    const deployment = 'upstream:u' as never
    await using at = await openTestFleet({ externals: [{ deployment, baseUrl: 'http://u/v1', concurrency: 1 }] })
    const ask = { deployment, key: 'k' as never, waitMs: 1000, signal: new AbortController().signal }
    const first = at.fleet.places.tryAcquire(ask)
    expect(first).toMatchObject({ baseUrl: 'http://u/v1', token: null })
    expect(at.fleet.places.tryAcquire(ask)).toBeNull()
    const second = at.fleet.places.acquire(ask)
    first?.release()
    const permit = await permitOf(second)
    at.externals.replace([{ deployment, baseUrl: 'http://v/v1', concurrency: null }])
    permit.release()
    const many = Array.from({ length: 1000 }, () => at.fleet.places.tryAcquire(ask))
    expect(many.every((one) => one?.baseUrl === 'http://v/v1')).toBe(true)
    at.externals.replace([])
    expect(await at.fleet.places.acquire(ask)).toMatchObject({ kind: 'unusable' })
  })
})

describe('a changed configuration', () => {
  test('takes removed models away and starts changed ones anew when they are idle', async () => {
    await using at = await openTestFleet({ recipes: [fakeRecipe('a'), fakeRecipe('b')] })
    const permit = await permitOf(acquire(at, 'a'))
    ;(await permitOf(acquire(at, 'b'))).release()
    const pid = at.fleet.view('a')?.pid
    at.recipes.replace([fakeRecipe('a', { context: 1024, preload: true })])
    expect(at.fleet.view('b')).toBeNull()
    expect(await chat(permit)).toBe('from a')
    expect(at.fleet.view('a')?.pid).toBe(pid)
    permit.release()
    await until('a runs anew', () => stateOf(at, 'a') === 'ready' && at.fleet.view('a')?.pid !== pid)
    await until('b is gone', () => at.events.some((event) => event.type === 'model.removed' && event.data.id === 'b'))
  })

  test('with another ttl alone restarts nothing', async () => {
    await using at = await openTestFleet({ recipes: [fakeRecipe('a')] })
    ;(await permitOf(acquire(at, 'a'))).release()
    const pid = at.fleet.view('a')?.pid
    at.recipes.replace([fakeRecipe('a', { ttlMs: 60_000 })])
    expect(at.fleet.view('a')).toMatchObject({ pid, ttlMs: 60_000, state: 'ready' })
  })
})
