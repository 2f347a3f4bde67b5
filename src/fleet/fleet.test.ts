import { describe, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { smokeModel } from './core/gguf/smoke.ts'
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

describe('a killed server', () => {
  test('leaves an engine behind, which the next one ends before anything else', async () => {
    const home = mkdtempSync(join(tmpdir(), 'hearth-killed-'))
    const fakes = JSON.stringify(join(import.meta.dir, '../../test/fakes/fleet.ts'))
    const script = `
      const { acquire, fakeRecipe, openTestFleet, permitOf } = await import(${fakes})
      const recipes = [fakeRecipe('a', { flags: ['--spawn'] })]
      const at = await openTestFleet({ home: ${JSON.stringify(home)}, recipes })
      await permitOf(acquire(at, 'a'))
      console.log('pid=' + at.fleet.view('a').pid)`
    const server = Bun.spawn([process.execPath, '-e', script], {
      cwd: join(import.meta.dir, '../..'),
      env: process.env,
      stdout: 'pipe',
    })
    const reader = server.stdout.getReader()
    let said = ''
    while (!said.includes('\n')) said += new TextDecoder().decode((await reader.read()).value)
    const pid = Number(/pid=(\d+)/.exec(said)?.[1])
    const mark = processesWithMark('HEARTH_ENGINE').find((process) => process.pid === pid)?.mark
    const left = () => processesWithMark('HEARTH_ENGINE').filter((process) => process.mark === mark).length
    server.kill('SIGKILL')
    await server.exited
    expect(left()).toBe(2)
    {
      await using at = await openTestFleet({ home, recipes: [fakeRecipe('a')] })
      expect(left()).toBe(0)
      const permit = await permitOf(acquire(at, 'a'))
      expect(await chat(permit)).toBe('from a')
      permit.release()
    }
    expect(readdirSync(join(home, 'engines-running'))).toEqual([])
    rmSync(home, { recursive: true, force: true })
  }, 20_000)
})

describe('a model that fails', () => {
  test.each([
    ['crashes while loading', ['--crash-at-load'], {}, /tensor "blk.0.attn_q.weight" is truncated/],
    ['is never ready', ['--never-ready'], { loadDeadlineMs: 300 }, /not ready after 300ms \(loadDeadline\)/],
    ['answers its first request with an error', ['--mute-proof'], {}, /500: CUDA error: out of memory/],
    ['turns out to be another model', ['--wrong-name'], {}, /lists "somebody-else", not "a"/],
    ['has a file that is no model', ['--model', '/etc/hostname'], {}, /invalid magic characters/],
  ] as const)('because it %s tells those who wait why, at once', async (_what, flags, recipe, reason) => {
    await using at = await openTestFleet({ recipes: [fakeRecipe('a', { flags, ...recipe })] })
    const answers = await Promise.all([acquire(at, 'a'), acquire(at, 'a')])
    for (const answer of answers) {
      expect(answer).toMatchObject({ kind: 'unusable', reason: 'model_failed' })
      expect('message' in answer ? answer.message : '').toMatch(reason)
    }
    expect(at.fleet.view('a')).toMatchObject({ state: 'failed', pid: null, queued: 0 })
    // Who asks a moment later learns the same without a wait.
    expect(await acquire(at, 'a')).toMatchObject({ kind: 'unusable', reason: 'model_failed' })
  })

  test('because its file is missing sends nobody away for it', async () => {
    const missing = fakeRecipe('b', { engine: 'llama', source: { kind: 'file', path: '/no/such.gguf' } })
    await using at = await openTestFleet({ recipes: [fakeRecipe('a'), missing], memoryBytes: 150 * MiB })
    ;(await permitOf(acquire(at, 'a'))).release()
    expect(await acquire(at, 'b')).toMatchObject({
      kind: 'unusable',
      message: expect.stringContaining('/no/such.gguf does not exist'),
    })
    expect(stateOf(at, 'a')).toBe('ready')
  })

  test('because its file is missing works as soon as the file is there', async () => {
    const home = mkdtempSync(join(tmpdir(), 'hearth-late-file-'))
    const path = join(home, 'late.gguf')
    const late = fakeRecipe('a', { engine: 'llama', source: { kind: 'file', path } })
    {
      await using at = await openTestFleet({ home, recipes: [late] })
      expect(await acquire(at, 'a')).toMatchObject({ kind: 'unusable', reason: 'model_failed' })
      await Bun.write(path, smokeModel('chat'))
      const permit = await permitOf(acquire(at, 'a'))
      expect(await chat(permit)).toBe('from a')
      permit.release()
    }
    rmSync(home, { recursive: true, force: true })
  })

  test('because its program is missing names the program', async () => {
    const source = { kind: 'command', argv: ['/no/such/engine'], env: {}, modelName: null } as const
    await using at = await openTestFleet({ recipes: [fakeRecipe('a', { source })] })
    expect(await acquire(at, 'a')).toMatchObject({
      kind: 'unusable',
      message: expect.stringContaining('"/no/such/engine" cannot be started'),
    })
  })

  test('larger than the budget is refused with both numbers', async () => {
    await using at = await openTestFleet({ recipes: [fakeRecipe('a', { memoryBytes: 2048 * MiB })] })
    const answer = await acquire(at, 'a')
    expect(answer).toMatchObject({
      kind: 'unusable',
      reason: 'model_too_large',
      message: expect.stringMatching(/needs 2 GiB.*may use 1 GiB/),
    })
  })

  test('in service is started again after a pause, and those who ask meanwhile wait for it', async () => {
    const backoff = { firstMs: 30, maxMs: 100, maxRestarts: 2, healthyMs: 60_000 }
    await using at = await openTestFleet({
      recipes: [fakeRecipe('a', { flags: ['--crash-on', 'boom'] })],
      limits: { backoff },
    })
    for (const n of [1, 2]) {
      const permit = await permitOf(acquire(at, 'a'))
      const pid = at.fleet.view('a')?.pid
      await chat(permit, 'boom').catch(() => {})
      permit.release()
      await until('the crash was noticed', () => stateOf(at, 'a') === 'failed')
      expect(at.fleet.view('a')).toMatchObject({
        phase: 'backing_off',
        failure: expect.stringContaining('crashed on boom'),
      })
      const next = await permitOf(acquire(at, 'a'))
      expect(await chat(next)).toBe('from a')
      expect(at.fleet.view('a')?.pid, `restart ${n}`).not.toBe(pid)
      next.release()
    }
    // The third crash in a row is one too many: no restart by itself.
    await chat(await permitOf(acquire(at, 'a')), 'boom').catch(() => {})
    await until('the crash was noticed', () => stateOf(at, 'a') === 'failed')
    expect(at.fleet.view('a')?.phase).toBeNull()
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

describe('two models that do not fit together', () => {
  const pair = (options: Parameters<typeof fakeRecipe>[1] = {}) => [fakeRecipe('a', options), fakeRecipe('b', options)]

  test('swap under fifty mixed requests: each answer names the right model, and swaps are few', async () => {
    await using at = await openTestFleet({ recipes: pair({ flags: ['--slow-ms', '5'] }), memoryBytes: 150 * MiB })
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, n) => {
        const id = n % 2 === 0 ? 'a' : 'b'
        const permit = await permitOf(acquire(at, id, { key: `k${n % 5}`, waitMs: 60_000 }))
        const answer = await chat(permit)
        permit.release()
        return answer === `from ${id}`
      }),
    )
    expect(answers.filter(Boolean).length).toBe(50)
    const swaps = at.audit.filter((entry) => entry.action === 'model.swap')
    expect(swaps.length).toBeGreaterThan(0)
    expect(swaps.length).toBeLessThan(10)
    expect(swaps[0]).toMatchObject({
      who: expect.stringContaining('standing consent'),
      detail: expect.stringContaining('make room'),
    })
  }, 60_000)

  test('do not starve each other: one gets its turn though the other is asked without a pause', async () => {
    await using at = await openTestFleet({ recipes: pair(), memoryBytes: 150 * MiB })
    let isOver = false
    const hammer = Array.from({ length: 4 }, async () => {
      let count = 0
      while (!isOver) {
        const permit = await permitOf(acquire(at, 'a', { waitMs: 60_000 }))
        expect(await chat(permit)).toBe('from a')
        permit.release()
        count++
      }
      return count
    })
    await until('a is ready', () => stateOf(at, 'a') === 'ready')
    for (let n = 0; n < 2; n++) {
      const permit = await permitOf(acquire(at, 'b', { waitMs: 20_000 }))
      expect(await chat(permit)).toBe('from b')
      permit.release()
    }
    isOver = true
    expect((await Promise.all(hammer)).every((count) => count > 0)).toBe(true)
  }, 60_000)

  test('let running answers end before a swap', async () => {
    await using at = await openTestFleet({ recipes: pair(), memoryBytes: 150 * MiB })
    const running = await permitOf(acquire(at, 'a'))
    const waiting = acquire(at, 'b')
    await until('a makes room', () => stateOf(at, 'a') === 'draining')
    expect(await chat(running)).toBe('from a')
    running.release()
    ;(await permitOf(waiting)).release()
    expect([stateOf(at, 'a'), stateOf(at, 'b')]).toEqual(['stopped', 'ready'])
  })

  test('stay as they are when those who waited have gone', async () => {
    await using at = await openTestFleet({ recipes: pair(), memoryBytes: 150 * MiB })
    const running = await permitOf(acquire(at, 'a'))
    const hangUp = new AbortController()
    const waiting = acquire(at, 'b', { signal: hangUp.signal })
    await until('a makes room', () => stateOf(at, 'a') === 'draining')
    hangUp.abort()
    expect((await waiting).kind).toBe('gone')
    expect(stateOf(at, 'a')).toBe('ready')
    running.release()
    ;(await permitOf(acquire(at, 'a', { waitMs: 0 }))).release()
  })

  test('do not swap without the consent', async () => {
    await using at = await openTestFleet({ recipes: pair(), memoryBytes: 150 * MiB, swap: 'never' })
    ;(await permitOf(acquire(at, 'a'))).release()
    expect(await acquire(at, 'b')).toMatchObject({
      kind: 'full',
      message: expect.stringContaining('fleet.swap is "never"'),
    })
    expect(stateOf(at, 'a')).toBe('ready')
  })

  test('roll back when the new one fails', async () => {
    const recipes = [fakeRecipe('a'), fakeRecipe('b', { flags: ['--crash-at-load'] })]
    await using at = await openTestFleet({ recipes, memoryBytes: 150 * MiB })
    ;(await permitOf(acquire(at, 'a'))).release()
    expect((await acquire(at, 'b')).kind).toBe('unusable')
    await until('a is back', () => stateOf(at, 'a') === 'ready')
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
