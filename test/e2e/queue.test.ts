import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { startOpenaiUpstream, type OpenaiUpstream } from '../fakes/openai-upstream.ts'
import { startHouse, type House } from '../env/house.ts'
import { until } from '../env/until.ts'

interface Pool {
  readonly name: string
  readonly limit: number | null
  readonly perKey: number | null
  readonly inFlight: number
  readonly waiting: { readonly interactive: number; readonly batch: number }
  readonly oldestWaitMs: number | null
}

let upstream: OpenaiUpstream
let house: House
beforeAll(async () => {
  upstream = await startOpenaiUpstream()
  const entry = (name: string, more: string) =>
    `  - { name: ${name}, baseUrl: "${upstream.url}", apiKey: "\${FAKE_KEY}", models: [echo], ${more} }\n`
  house = await startHouse({
    config:
      'pools: [{ name: gpu-0, concurrency: 3, perKey: 2 }]\n' +
      'fleet: { maxQueuePerModel: 120, maxQueuePerKey: 100 }\n' +
      `upstreams:\n${entry('one', 'concurrency: 1')}${entry('left', 'pool: gpu-0')}${entry('right', 'pool: gpu-0')}`,
    env: { FAKE_KEY: upstream.key },
  })
}, 60_000)
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  await upstream[Symbol.asyncDispose]()
}, 60_000)

async function makeKey(limits: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const response = await house.ask('/api/keys', { method: 'POST', body: JSON.stringify({ name: 'test', limits }) })
  expect(response.status).toBe(201)
  return ((await response.json()) as { readonly key: string }).key
}

/** One call whose words tell the upstream's record who it was. */
function chat(key: string, label: string, more: Readonly<Record<string, string>> = {}): Promise<Response> {
  const messages = [{ role: 'user', content: label }]
  const body = JSON.stringify({ model: 'one/echo', messages })
  const headers = { authorization: `Bearer ${key}`, ...more }
  return house.ask('/v1/chat/completions', { method: 'POST', body, headers })
}

const order = (): readonly string[] =>
  upstream.requests.map(({ body }) => (body['messages'] as { content: string }[])[0]?.content ?? '')
const poolOf = async (name: string): Promise<Pool> => {
  const { data } = await house.get<{ readonly data: readonly Pool[] }>('/api/pools')
  const found = data.find((pool) => pool.name === name)
  if (!found) throw new Error(`no pool ${name} in ${JSON.stringify(data)}`)
  return found
}
const waitingAt = async (name: string) => {
  const { waiting } = await poolOf(name)
  return waiting.interactive + waiting.batch
}

describe('an upstream that takes one request at a time', () => {
  test('is not one key’s alone: behind 100 calls of another, a single call is the second next', async () => {
    const [flood, single] = [await makeKey(), await makeKey()]
    upstream.forget()
    upstream.play({ firstByteMs: 150 })
    const flooding = Array.from({ length: 100 }, (_, n) => chat(flood, `flood ${n}`))
    await until('the flood waits', async () => (await waitingAt('upstream:one')) > 50)
    const servedBefore = upstream.requests.length
    expect((await chat(single, 'single')).status).toBe(200)
    // The one in service when it came, one more, and then it; and who is served while it is on the wire.
    const at = order().indexOf('single')
    expect(at).toBeGreaterThanOrEqual(servedBefore)
    expect(at - servedBefore).toBeLessThanOrEqual(3)
    expect(upstream.requests.length).toBeLessThan(101)
    upstream.play({})
    const statuses = (await Promise.all(flooding)).map((response) => response.status)
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(order().length).toBe(101)
    expect(await poolOf('upstream:one')).toMatchObject({ limit: 1, inFlight: 0, oldestWaitMs: null })
  }, 60_000)

  test('answers what people wait for before what says that nobody does', async () => {
    const [patient, hurried, weighty] = [
      await makeKey({ priority: 'batch' }),
      await makeKey(),
      await makeKey({ weight: 4 }),
    ]
    upstream.forget()
    upstream.play({ firstByteMs: 2000 })
    const calls = [chat(hurried, 'in service')]
    await until('it is asked', () => upstream.requests.length === 1)
    const line = async (label: string, call: () => Promise<Response>, waiting: number) => {
      calls.push(call())
      await until(`${label} waits`, async () => (await waitingAt('upstream:one')) === waiting)
    }
    upstream.play({ firstByteMs: 100 })
    await line('batch of its key', () => chat(patient, 'batch by key'), 1)
    await line('batch by its own wish', () => chat(hurried, 'batch by header', { 'x-hearth-priority': 'batch' }), 2)
    await line('interactive', () => chat(weighty, 'interactive'), 3)
    for (const response of await Promise.all(calls)) expect(response.status).toBe(200)
    expect(order().slice(0, 2)).toEqual(['in service', 'interactive'])
    expect(new Set(order().slice(2))).toEqual(new Set(['batch by key', 'batch by header']))
  }, 60_000)

  test('tells how the line is, and refuses with the time when to come again what does not fit in', async () => {
    const [flood, single] = [await makeKey(), await makeKey()]
    upstream.play({ firstByteMs: 300 })
    const flooding = Array.from({ length: 101 }, (_, n) => chat(flood, `flood ${n}`))
    await until('the key has filled its part', async () => (await waitingAt('upstream:one')) === 100)
    expect(await poolOf('upstream:one')).toMatchObject({
      inFlight: 1,
      waiting: { interactive: 100, batch: 0 },
      oldestWaitMs: expect.any(Number),
    })
    const refused = await chat(flood, 'one too many')
    expect(refused.status).toBe(503)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(Number(refused.headers.get('x-hearth-queue-position'))).toBeGreaterThanOrEqual(100)
    const { error } = (await refused.json()) as { readonly error: { readonly code: string; readonly message: string } }
    expect(error).toMatchObject({ code: 'queue_full', message: expect.stringContaining('fleet.maxQueuePerKey') })
    // Another key finds room, and is served long before the flood is over.
    expect((await chat(single, 'single')).status).toBe(200)
    expect(await waitingAt('upstream:one')).toBeGreaterThan(80)
    upstream.play({})
    for (const response of await Promise.all(flooding)) expect(response.status).toBe(200)
  }, 60_000)
})

test('a pool of three places gives no key more than two of them, whichever upstream it asks', async () => {
  const [flood, single] = [await makeKey(), await makeKey()]
  upstream.forget()
  upstream.play({ mode: 'silent' })
  const leave = new AbortController()
  const ask = (key: string, label: string, name: string) =>
    house
      .ask('/v1/chat/completions', {
        method: 'POST',
        body: JSON.stringify({ model: `${name}/echo`, messages: [{ role: 'user', content: label }] }),
        headers: { authorization: `Bearer ${key}` },
        signal: leave.signal,
      })
      .catch(() => null)
  const flooding = Array.from({ length: 10 }, (_, n) => ask(flood, `flood ${n}`, n % 2 ? 'left' : 'right'))
  await until('two of them run', async () => (await waitingAt('gpu-0')) === 8)
  expect(await poolOf('gpu-0')).toMatchObject({ limit: 3, perKey: 2, inFlight: 2 })
  const other = ask(single, 'single', 'left')
  await upstream.until(({ requests }) => requests.length === 3)
  expect(order()[2]).toBe('single')
  expect(await poolOf('gpu-0')).toMatchObject({ inFlight: 3, waiting: { interactive: 8 } })
  leave.abort()
  await Promise.all([...flooding, other])
  await until('all is given back', async () => {
    const { inFlight, waiting } = await poolOf('gpu-0')
    return inFlight + waiting.interactive === 0
  })
  upstream.play({})
}, 60_000)
