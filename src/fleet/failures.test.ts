import { describe, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { processesWithMark } from '#platform/process/procfs.ts'
import { until } from '../../test/env/until.ts'
import { acquire, chat, fakeRecipe, MiB, openTestFleet, permitOf, type TestFleet } from '../../test/fakes/fleet.ts'
import { smokeModel } from './core/gguf/smoke.ts'

const stateOf = (at: TestFleet, id: string) => at.fleet.view(id)?.state

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
