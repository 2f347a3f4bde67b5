/** What callers see while a model loads, with any program as the engine. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { chatBody } from '../env/gateway-house.ts'
import { repositoryRoot, startHouse } from '../env/house.ts'
import type { House } from '../env/house.ts'
import { until } from '../env/until.ts'

const engine = join(repositoryRoot, 'test/fakes/engine.ts')
const slowEngine = join(repositoryRoot, 'test/fakes/slow-engine.ts')
const command = (...flags: readonly string[]) =>
  JSON.stringify([process.execPath, engine, '--host', '${HOST}', '--port', '${PORT}', '--no-token-asked', ...flags])
const config = `
server: { loadWait: 1s }
models:
  - id: slow
    cmd: ${JSON.stringify([process.execPath, slowEngine, '--host', '${HOST}', '--port', '${PORT}', '--load-ms', '6000'])}
  - id: doomed
    cmd: ${command('--alias', 'doomed', '--load-ms', '4000', '--crash-at-load')}
  - id: fragile
    cmd: ${command('--alias', 'fragile', '--crash-on', 'boom')}
  - id: stubborn
    cmd: ${command('--alias', 'stubborn', '--ignore-sigterm', '--spawn')}
`
let house: House
beforeAll(async () => {
  house = await startHouse({ config })
}, 60_000)
afterAll(() => house[Symbol.asyncDispose](), 60_000)

const chat = (model: string, more: Readonly<Record<string, unknown>> = {}) =>
  house.ask('/v1/chat/completions', { method: 'POST', body: chatBody({ model, ...more }) })
const stateOf = async (id: string) => (await house.get<{ state: string }>(`/api/models/${id}`)).state

interface LoadingBody {
  readonly error: { readonly code: string; readonly message: string }
  readonly loading: {
    readonly state: string
    readonly phase: string
    readonly etaSeconds: number | null
    readonly position: number
  }
}

describe('while a model loads', () => {
  test('a call is held for loadWait, then told 503 with what it waits for; a stream gets comments and then its answer', async () => {
    const stream = await chat('slow', { stream: true })
    const whole = await chat('slow')
    expect(whole.status).toBe(503)
    expect(Number(whole.headers.get('retry-after'))).toBeGreaterThan(0)
    const body = (await whole.json()) as LoadingBody
    expect(body.error.code).toBe('model_loading')
    expect(body.loading).toMatchObject({
      state: expect.any(String),
      phase: expect.any(String),
      position: expect.any(Number),
    })

    expect(stream.status).toBe(200)
    const text = await stream.text()
    expect(text).toMatch(/^:/m)
    expect(text).toContain('at last')
    expect(text).toEndWith('data: [DONE]\n\n')
    expect((await chat('slow')).status).toBe(200)
  }, 60_000)

  test('a stream for a model that cannot start gets an error and no [DONE]', async () => {
    const stream = await chat('doomed', { stream: true })
    const text = await stream.text()
    expect(text).toContain('"error"')
    expect(text).not.toContain('[DONE]')
    expect(await stateOf('doomed')).toBe('failed')
  }, 60_000)
})

test('an engine that crashes under a request ends that request with an error and runs again', async () => {
  expect((await chat('fragile')).status).toBe(200)
  const crashed = await chat('fragile', { messages: [{ role: 'user', content: 'boom' }] })
  expect(crashed.status).toBeOneOf([502, 503])
  await until('it answers again', async () => (await chat('fragile')).status === 200, 20_000)
}, 60_000)

test('an engine that ignores SIGTERM is gone after an unload, its children too', async () => {
  expect((await chat('stubborn')).status).toBe(200)
  const { pid } = await house.get<{ pid: number }>('/api/models/stubborn')
  const members = processesOfGroup(pid)
  expect(members.length).toBeGreaterThan(1)
  await house.ask('/api/models/stubborn/unload', { method: 'POST' })
  await until('the whole group is gone', () => members.every((each) => !isRunning(each)), 30_000)
}, 60_000)

function processesOfGroup(group: number): readonly number[] {
  const listed = Bun.spawnSync(['ps', '-eo', 'pid=,pgid='], {
    env: { PATH: process.env['PATH'] ?? '' },
  }).stdout.toString()
  return listed.split('\n').flatMap((line) => {
    const [pid, pgid] = line.trim().split(/\s+/).map(Number)
    return pgid === group && pid !== undefined ? [pid] : []
  })
}

/** A zombie that nobody has reaped yet runs no more. */
function isRunning(pid: number): boolean {
  const state = Bun.spawnSync(['ps', '-o', 'stat=', '-p', String(pid)], {
    env: { PATH: process.env['PATH'] ?? '' },
  }).stdout.toString()
  return state.trim() !== '' && !state.startsWith('Z')
}
