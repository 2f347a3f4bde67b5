import { describe, expect, test } from 'bun:test'
import { keyId } from '#kernel/ids.ts'
import type { Scope } from '#kernel/words.ts'
import { AppError } from '#kernel/errors.ts'
import { createRouter } from '#platform/http/router.ts'
import { createLogger } from '#platform/log/logger.ts'
import { modelList, modelView, operationAnswer } from '#protocol/admin/fleet.ts'
import { acquire, fakeRecipe, MiB, openTestFleet, permitOf, type TestFleet } from '../../../test/fakes/fleet.ts'
import { until } from '../../../test/env/until.ts'

/** The fleet's routes behind the real router, asked by somebody with these scopes. */
function ask(at: TestFleet, scopes: readonly Scope[] = ['admin']) {
  const may = (scope: Scope | 'known') => scope === 'known' || scopes.includes(scope) || scopes.includes('admin')
  const handler = createRouter({
    routes: at.fleet.routes,
    gate: {
      admit(_request, _at, scope) {
        if (!may(scope)) throw new AppError('forbidden', `This key may not: it needs the scope ${scope}.`)
        const limits = { requestsPerMinute: null, tokensPerMinute: null, concurrency: null }
        return {
          key: keyId('k1'),
          name: 'k',
          limits,
          may,
          mayUse: () => true,
          onRevoke: () => ({ [Symbol.dispose]() {} }),
        }
      },
    },
    log: createLogger({ level: 'silent', format: 'lines', write: () => {}, now: () => 0 }),
    controlBodyBytes: 1 << 20,
    fallback: () => null,
  })
  const connection = { from: 'test', isLocalSocket: false, setIdleTimeout() {} }
  return async (method: string, path: string, body?: object) => {
    const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
    return handler(new Request(`http://h${path}`, init), connection)
  }
}

const recipes = [fakeRecipe('org/a'), fakeRecipe('b', { label: 'a label', context: 4096, embeddings: true })]

describe('/api/models', () => {
  test('lists what the document says, with ids that hold slashes', async () => {
    await using at = await openTestFleet({ recipes })
    const list = modelList.parse(await (await ask(at)('GET', '/api/models')).json())
    expect(list.data.map((model) => [model.id, model.state, model.label])).toEqual([
      ['org/a', 'stopped', null],
      ['b', 'stopped', 'a label'],
    ])
    for (const path of ['/api/models/org/a', '/api/models/org%2Fa']) {
      const one = modelView.parse(await (await ask(at)('GET', path)).json())
      expect(one).toMatchObject({ id: 'org/a', readySince: null, memoryBytes: { value: 100 * MiB, from: 'estimated' } })
    }
  })

  test('names what comes near when the id is unknown', async () => {
    await using at = await openTestFleet({ recipes })
    const response = await ask(at)('GET', '/api/models/orga')
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({
      error: { code: 'model_not_found', message: expect.stringContaining('"org/a"') },
    })
  })

  test('loads and unloads by a plan, which a dry run only shows', async () => {
    await using at = await openTestFleet({ recipes })
    const request = ask(at)
    const dry = operationAnswer.parse(await (await request('POST', '/api/models/org/a/load?dryRun=1')).json())
    expect(dry).toMatchObject({ applied: false, model: { state: 'stopped' }, plan: { obstacles: [] } })
    const done = operationAnswer.parse(
      await (await request('POST', `/api/models/org/a/load?hash=${dry.plan.hash}`)).json(),
    )
    expect(done).toMatchObject({ applied: true, plan: dry.plan })
    await until('it is ready', () => at.fleet.view('org/a')?.state === 'ready')
    const view = modelView.parse(await (await request('GET', '/api/models/org/a')).json())
    expect(view.readySince).toMatch(/^\d{4}-.*Z$/)
    expect((await request('POST', `/api/models/org/a/load?hash=${dry.plan.hash}`)).status).toBe(409)
    expect(await (await request('GET', '/api/models/org/a/log?tail=5')).text()).toContain('listening on')
    const ended = operationAnswer.parse(await (await request('POST', '/api/models/org/a/unload')).json())
    expect(ended.applied).toBe(true)
    await until('it has stopped', () => at.fleet.view('org/a')?.state === 'stopped')
    expect(at.audit.map((entry) => [entry.who, entry.action, entry.target])).toEqual([
      ['k1', 'model.load', 'org/a'],
      ['k1', 'model.unload', 'org/a'],
    ])
  })

  test('says what stands in the way instead of doing half', async () => {
    await using at = await openTestFleet({ recipes: [fakeRecipe('a', { memoryBytes: 2000 * MiB })] })
    const response = await ask(at)('POST', '/api/models/a/load')
    expect(response.status).toBe(409)
    expect(await response.json()).toMatchObject({
      error: { code: 'plan_blocked', message: expect.stringContaining('Raise fleet.memory') },
    })
  })

  test('is looked at with one scope and acted on with another', async () => {
    await using at = await openTestFleet({ recipes })
    const request = ask(at, ['monitor'])
    expect((await request('GET', '/api/models')).status).toBe(200)
    expect((await request('POST', '/api/models/b/load')).status).toBe(403)
    expect((await request('POST', '/api/models', { id: 'x' })).status).toBe(403)
  })
})

describe('a load by a person', () => {
  test('swaps without waiting for the other model’s turn, and is written down as theirs', async () => {
    const both = [fakeRecipe('a'), fakeRecipe('b')]
    const limits = { minTurnMs: 60_000, maxTurnMs: 60_000, lingerMs: 60_000 }
    await using at = await openTestFleet({ recipes: both, memoryBytes: 150 * MiB, limits })
    ;(await permitOf(acquire(at, 'a'))).release()
    const asked = acquire(at, 'b')
    await until('b waits for the turn of a', () => at.fleet.view('b')?.phase === 'unloading_others')
    await ask(at)('POST', '/api/models/b/load')
    ;(await permitOf(asked)).release()
    expect(at.fleet.view('a')?.state).toBe('stopped')
    expect(at.audit.map((entry) => [entry.who, entry.action])).toEqual([
      ['k1', 'model.load'],
      ['person', 'model.swap'],
    ])
  })
})

describe('an unload by a person', () => {
  test('cancels a load, and tells those who waited', async () => {
    await using at = await openTestFleet({ recipes: [fakeRecipe('a', { flags: ['--never-ready'] })] })
    const waiting = acquire(at, 'a')
    await until('a loads', () => at.fleet.view('a')?.state === 'loading')
    await ask(at)('POST', '/api/models/a/unload')
    expect(await waiting).toMatchObject({ kind: 'unusable', reason: 'model_unloaded' })
    await until('a has stopped', () => at.fleet.view('a')?.state === 'stopped')
  })

  test('waits for running answers, then cuts them', async () => {
    await using at = await openTestFleet({ recipes: [fakeRecipe('a')], drainMs: 50 })
    const permit = await permitOf(acquire(at, 'a'))
    await ask(at)('POST', '/api/models/a/unload')
    expect(at.fleet.view('a')?.state).toBe('draining')
    await until('a has stopped', () => at.fleet.view('a')?.state === 'stopped')
    permit.release()
    expect(at.fleet.view('a')?.inFlight).toBe(0)
  })
})

describe('a model whose engine or weights are not here', () => {
  test('installs the engine once for all who ask, and shows the phase', async () => {
    let isInstalled = false
    let installs = 0
    const gate = Promise.withResolvers<void>()
    const installer = {
      list: () => Promise.resolve([{ name: 'llama', isInstalled, version: '1', variant: 'cpu' }]),
      isInstalled: () => Promise.resolve(isInstalled),
      async install(_name: string, onProgress: (step: { phase: string; progress: number | null }) => void) {
        installs++
        onProgress({ phase: 'download', progress: 0.5 })
        await gate.promise
        isInstalled = true
      },
    }
    const source = { kind: 'file', path: '/no/such.gguf' } as const
    await using at = await openTestFleet({ recipes: [fakeRecipe('a', { engine: 'llama', source })], installer })
    const waiting = acquire(at, 'a')
    await until('the engine is being installed', () => at.fleet.view('a')?.phase === 'installing')
    const asked = ask(at)('POST', '/api/engines/llama/install')
    expect((await ask(at)('POST', '/api/engines/nope/install')).status).toBe(404)
    gate.resolve()
    expect(await (await asked).json()).toMatchObject({ name: 'llama', isInstalled: true })
    expect((await waiting).kind).toBe('unusable')
    expect(installs).toBe(1)
    expect(at.events).toContainEqual({
      type: 'engine.install',
      data: { engine: 'llama', phase: 'download', progress: 0.5 },
    })
  })

  test('shows how far the download is, and stops it when a person unloads the model', async () => {
    const stopped = Promise.withResolvers<void>()
    const pulls = {
      ensure: (
        _ref: object,
        onProgress: (progress: { doneBytes: number; totalBytes: number; bytesPerSecond: number }) => void,
        signal: AbortSignal,
      ) => {
        onProgress({ doneBytes: 50, totalBytes: 100, bytesPerSecond: 10 })
        return new Promise<string>((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            stopped.resolve()
            reject(new Error('stopped'))
          })
        })
      },
    }
    const source = { kind: 'hf', repo: 'o/r', file: 'f.gguf', revision: 'main' } as const
    await using at = await openTestFleet({ recipes: [fakeRecipe('a', { engine: 'llama', source })], pulls })
    const waiting = acquire(at, 'a')
    await until('the weights are fetched', () => at.fleet.view('a')?.phase === 'downloading')
    expect(at.fleet.view('a')).toMatchObject({ state: 'starting', etaSeconds: 5, progress: { doneBytes: 50 } })
    await ask(at)('POST', '/api/models/a/unload')
    await stopped.promise
    expect(await waiting).toMatchObject({ kind: 'unusable', reason: 'model_unloaded' })
    expect(at.fleet.view('a')?.state).toBe('stopped')
  })
})
