import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { forEachDatabase } from '../../../test/env/databases.ts'
import { fakeRecipe } from '../../../test/fakes/fleet.ts'
import { smokeModel } from '../core/gguf/smoke.ts'
import type { Recipe } from '../core/recipe.ts'
import { fleetMigrations } from '../migrations/index.ts'
import { engineArgv, engineEnvironment } from './engine-command.ts'
import { createGgufWeights } from './gguf-weights.ts'
import { createLearnedStore } from './kysely-learned-store.ts'
import { createMachineMemory } from './machine-memory.ts'

const folder = mkdtempSync(join(tmpdir(), 'hearth-fleet-adapters-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const llama = (facts: Partial<Recipe>): Recipe =>
  fakeRecipe('org/tiny', { engine: 'llama', source: { kind: 'file', path: '/m.gguf' }, ...facts })
const embedded = { execPath: '/bun', mainScript: '/engines/llama/main.ts' }
const start = (recipe: Recipe) => ({ recipe, modelPath: '/m.gguf', host: '127.0.0.1', port: 4567, token: 'secret' })

describe('the command of an engine', () => {
  test('of the embedded one has every wish of the recipe as an argument', () => {
    const recipe = llama({
      context: 2048,
      parallel: 3,
      gpuLayers: 12,
      mmproj: '/p.gguf',
      lora: [{ path: '/l.gguf', scale: 0.5 }],
      embeddings: true,
    })
    expect(engineArgv(start(recipe), embedded).join(' ')).toBe(
      '/bun --no-orphans --no-env-file --no-install /engines/llama/main.ts --model /m.gguf --host 127.0.0.1 --port 4567 ' +
        '--alias org/tiny --context 2048 --parallel 3 --gpu-layers 12 --mmproj /p.gguf --lora /l.gguf=0.5 --embeddings',
    )
  })

  test('of another program is filled in argument by argument: nothing in it is read by a shell', () => {
    const argv = ['srv', '--at=${HOST}:${PORT}', '--key', '${TOKEN}', '$(rm -rf /) ${ID}']
    const recipe = fakeRecipe('a b', { source: { kind: 'command', argv, env: {}, modelName: null } })
    expect(engineArgv(start(recipe), embedded)).toEqual([
      'srv',
      '--at=127.0.0.1:4567',
      '--key',
      'secret',
      '$(rm -rf /) a b',
    ])
  })

  test('gets only what an engine needs of the environment', () => {
    const hostEnvironment = {
      PATH: '/bin',
      HOME: '/root',
      CUDA_VISIBLE_DEVICES: '1',
      HEARTH_ADMIN_KEY: 'x',
      AWS_SECRET_ACCESS_KEY: 'x',
      HTTP_PROXY: 'x',
      LANG: undefined,
    }
    const more = { hostEnvironment, enginesDir: '/engines', mark: 'mark' }
    expect(engineEnvironment(start(llama({})), more)).toEqual({
      PATH: '/bin',
      HOME: '/root',
      CUDA_VISIBLE_DEVICES: '1',
      DO_NOT_TRACK: '1',
      HEARTH_ENGINE_RUNTIME: '/engines/llama',
      HEARTH_ENGINE_TOKEN: 'secret',
      HEARTH_ENGINE: 'mark',
    })
    const source = {
      kind: 'command',
      argv: ['x'],
      env: { LLAMA_API_KEY: '${TOKEN}', HEARTH_ENGINE: 'forged' },
      modelName: null,
    } as const
    expect(engineEnvironment(start(fakeRecipe('a', { source })), more)).toMatchObject({
      LLAMA_API_KEY: 'secret',
      HEARTH_ENGINE: 'mark',
    })
  })
})

describe('weights', () => {
  const weights = createGgufWeights()
  test('tell their need from their head, more for more context', async () => {
    const path = join(folder, 'smoke.gguf')
    writeFileSync(path, smokeModel('chat'))
    const small = await weights.look(path, llama({ context: 128, parallel: 1 }))
    const large = await weights.look(path, llama({ context: 100_000, parallel: 4 }))
    expect(small?.defect).toBeNull()
    expect(large?.memoryBytes ?? 0).toBeGreaterThan(small?.memoryBytes ?? Infinity)
  })

  test('that are no model say what is wrong, and those that are not there are null', async () => {
    const path = join(folder, 'broken.gguf')
    writeFileSync(path, smokeModel('chat').subarray(0, 2000))
    expect(await weights.look(path, llama({}))).toMatchObject({ memoryBytes: null, defect: expect.any(String) })
    expect(await weights.look(join(folder, 'none.gguf'), llama({}))).toBeNull()
  })
})

test('the machine has memory, and no more is free than there is', () => {
  const { totalBytes, availableBytes } = createMachineMemory().read()
  expect(totalBytes).toBeGreaterThan(2 ** 28)
  expect(availableBytes ?? 0).toBeLessThanOrEqual(totalBytes ?? 0)
})

forEachDatabase('what was learned', (engine) => {
  test('is there after a restart', async () => {
    const scratch = await engine.scratch()
    const before = await scratch.open()
    await before.migrate('fleet', fleetMigrations)
    const store = createLearnedStore(before)
    await store.save({ key: 'a', peakBytes: 5_000_000_000, loadMs: null })
    await store.save({ key: 'a', peakBytes: 6_000_000_000, loadMs: 1200 })
    await before.close()
    const after = await scratch.open()
    await after.migrate('fleet', fleetMigrations)
    expect(await createLearnedStore(after).all()).toEqual([{ key: 'a', peakBytes: 6_000_000_000, loadMs: 1200 }])
  })
})
