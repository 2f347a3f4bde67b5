/** Local models through the real engine: on demand, swapped, unloaded, told live. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { chatBody } from '../env/gateway-house.ts'
import type { ErrorBody } from '../env/gateway-house.ts'
import { startHouse } from '../env/house.ts'
import type { House } from '../env/house.ts'
import { until } from '../env/until.ts'

/** Each fits alone; both together do not. */
const config = `
fleet: { memory: 300MiB }
models:
  - { id: tiny-a, engine: llama, file: smoke, context: 512, memory: 200MiB }
  - { id: tiny-b, engine: llama, file: smoke, context: 512, memory: 200MiB }
  - { id: giant, engine: llama, file: smoke, memory: 500MiB }
  - { id: brief, engine: llama, file: smoke, context: 512, memory: 50MiB, ttl: 1s }
routes:
  - model: alias
    targets: [{ model: tiny-a }]
`
let house: House
beforeAll(async () => {
  house = await startHouse({ config })
}, 60_000)
afterAll(() => house[Symbol.asyncDispose](), 60_000)

interface ModelView {
  readonly id: string
  readonly state: string
  readonly pid: number | null
}

const chat = (model: string, more: Readonly<Record<string, unknown>> = {}) =>
  house.ask('/v1/chat/completions', { method: 'POST', body: chatBody({ model, max_tokens: 4, ...more }) })
const view = (id: string) => house.get<ModelView>(`/api/models/${id}`)
const stateOf = async (id: string) => (await view(id)).state
const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('a local model', () => {
  test('runs when it is asked, under its own id and under an alias', async () => {
    expect(await stateOf('tiny-a')).toBe('stopped')
    const answer = await chat('tiny-a')
    expect(answer.status).toBe(200)
    expect(((await answer.json()) as { model: string }).model).toBe('tiny-a')
    expect(await stateOf('tiny-a')).toBe('ready')
    expect((await chat('alias')).status).toBe(200)
  }, 60_000)

  test('makes room for another that is asked, each answered by the right one', async () => {
    expect((await chat('tiny-a')).status).toBe(200)
    const { pid } = await view('tiny-a')
    const answer = await chat('tiny-b')
    expect(((await answer.json()) as { model: string }).model).toBe('tiny-b')
    expect(await stateOf('tiny-a')).toBe('stopped')
    await until('the first engine is gone', () => !isAlive(pid ?? 0))
    const audit = await (await house.ask('/api/audit?limit=50')).text()
    expect(audit).toContain('tiny-a')
  }, 60_000)

  test('is answered by the right engine while two are asked in turns', async () => {
    const names = Array.from({ length: 6 }, (_, index) => (index % 2 === 0 ? 'tiny-a' : 'tiny-b'))
    const answers = await Promise.all(
      names.map(async (name) => (await chat(name)).json() as Promise<{ model: string }>),
    )
    expect(answers.map((answer) => answer.model)).toEqual(names)
  }, 120_000)

  test('larger than the machine’s budget is refused with both numbers', async () => {
    const response = await chat('giant')
    expect(response.status).toBe(503)
    const { error } = (await response.json()) as ErrorBody
    expect(error.message).toContain('500 MiB')
    expect(error.message).toContain('300 MiB')
  }, 60_000)

  test('is unloaded after its ttl', async () => {
    expect((await chat('brief')).status).toBe(200)
    await until('it is unloaded', async () => (await stateOf('brief')) === 'stopped', 15_000)
  }, 60_000)

  test('is loaded and unloaded by hand, and a dry run only tells', async () => {
    const post = async (verb: string) =>
      (await house.ask(`/api/models/tiny-a/${verb}`, { method: 'POST' })).json() as Promise<{ applied: boolean }>
    await post('unload')
    await until('it is stopped', async () => (await stateOf('tiny-a')) === 'stopped')
    expect((await post('load?dryRun=1')).applied).toBeFalse()
    expect(await stateOf('tiny-a')).toBe('stopped')
    expect((await post('load')).applied).toBeTrue()
    await until('it is ready', async () => (await stateOf('tiny-a')) === 'ready', 30_000)
  }, 60_000)

  test('whose engine is killed runs again for the next request', async () => {
    expect((await chat('tiny-a')).status).toBe(200)
    const { pid } = await view('tiny-a')
    process.kill(pid ?? 0, 'SIGKILL')
    await until('the crash is seen', async () => (await view('tiny-a')).pid !== pid)
    expect((await chat('tiny-a')).status).toBe(200)
  }, 60_000)

  test('gives the place of a caller who hung up to the next', async () => {
    for (let round = 0; round < 8; round++) {
      const controller = new AbortController()
      const init = {
        method: 'POST',
        body: chatBody({ model: 'tiny-a', stream: true, max_tokens: 400 }),
        signal: controller.signal,
      }
      const response = await house.ask('/v1/chat/completions', init)
      await response.body!.getReader().read()
      controller.abort()
    }
    await until(
      'no request is in flight',
      async () => (await house.get<{ inFlight: number }>('/api/models/tiny-a')).inFlight === 0,
    )
    expect((await chat('tiny-a')).status).toBe(200)
  }, 60_000)
})

test('a house has no engine left after SIGTERM', async () => {
  expect((await chat('tiny-a')).status).toBe(200)
  const { pid } = await view('tiny-a')
  expect(await house.stop()).toBe(0)
  await until('the engine is gone', () => !isAlive(pid ?? 0))
  await house.restart()
}, 60_000)
