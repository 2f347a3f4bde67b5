import { describe, expect, test } from 'bun:test'
import { keyId, upstreamDeployment, upstreamName } from '#kernel/ids.ts'
import { until } from '../../../test/env/until.ts'
import { acquire, chat, fakeRecipe, openTestFleet, permitOf, type TestFleet } from '../../../test/fakes/fleet.ts'
import type { Acquired, Permit, Ticket, Waiting } from '../contract.ts'
import type { ExternalDeployment } from '../ports.ts'

type Ask = Partial<Omit<Ticket, 'key'>> & { readonly waitMs?: number; readonly onProgress?: (waiting: Waiting) => void }

const external = (name: string, more: Partial<ExternalDeployment> = {}): ExternalDeployment => ({
  deployment: upstreamDeployment(upstreamName(name)),
  baseUrl: `http://${name}/v1`,
  concurrency: null,
  ...more,
})
const ask = (at: TestFleet, name: string, key: string, more: Ask = {}): Promise<Acquired> =>
  at.fleet.places.acquire({
    deployment: upstreamDeployment(upstreamName(name)),
    key: keyId(key),
    waitMs: 10_000,
    signal: new AbortController().signal,
    ...more,
  })
/** Asks, and tells by name who has got its permit. */
function queueUp(at: TestFleet) {
  const served: string[] = []
  const permits: Permit[] = []
  const line = (label: string, asked: Promise<Acquired>) =>
    void asked.then((answer) => {
      served.push(answer.kind === 'permit' ? label : `${label} ${answer.kind}`)
      if (answer.kind === 'permit') permits.push(answer.permit)
    })
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  return {
    served,
    line: (label: string, name: string, key: string, more: Ask = {}) => line(label, ask(at, name, key, more)),
    settled,
    /** Gives the places back, oldest first, until nobody has one. */
    async drain() {
      await settled()
      for (let next = permits.shift(); next !== undefined; next = permits.shift()) {
        next.release()
        await settled()
      }
    },
  }
}

describe('a pool', () => {
  const pools = [{ name: 'gpu-0', concurrency: 3, perKey: 2 }]

  test('counts the work of all who share it, and keeps a part for other keys', async () => {
    const externals = [external('tts', { pool: 'gpu-0' }), external('stt', { pool: 'gpu-0' }), external('free')]
    await using at = await openTestFleet({ pools, externals })
    const desk = queueUp(at)
    for (let n = 0; n < 4; n++) desk.line(`a${n}`, n % 2 ? 'tts' : 'stt', 'a')
    await desk.settled()
    // Two of one key; the third place is for others, who pass those who wait for their own kind.
    expect(desk.served).toEqual(['a0', 'a1'])
    desk.line('b0', 'tts', 'b')
    desk.line('b1', 'stt', 'b')
    desk.line('other', 'free', 'a')
    await desk.settled()
    expect(desk.served).toEqual(['a0', 'a1', 'b0', 'other'])
    expect(at.fleet.pools().slice(0, 2)).toMatchObject([
      {
        name: 'gpu-0',
        kind: 'shared',
        limit: 3,
        perKey: 2,
        inFlight: 3,
        waiting: { interactive: 3, batch: 0 },
        oldestWaitMs: expect.any(Number),
        members: ['upstream:tts', 'upstream:stt'],
      },
      { name: 'upstream:tts', kind: 'deployment', limit: null, inFlight: 2 },
    ])
    await desk.drain()
    expect(desk.served.slice(4).sort()).toEqual(['a2', 'a3', 'b1'])
    expect(at.fleet.pools()[0]).toMatchObject({ inFlight: 0, oldestWaitMs: null })
  })

  test('is shared by local models and upstreams', async () => {
    await using at = await openTestFleet({
      pools: [{ name: 'gpu-0', concurrency: 1, perKey: null }],
      externals: [external('stt', { pool: 'gpu-0' })],
      recipes: [fakeRecipe('a', { pool: 'gpu-0' })],
    })
    const permit = await permitOf(acquire(at, 'a'))
    const waiting = ask(at, 'stt', 'b')
    expect(await chat(permit)).toBe('from a')
    expect(at.fleet.traffic(upstreamDeployment(upstreamName('stt')))).toEqual({ inFlight: 0, queued: 1 })
    permit.release()
    ;(await permitOf(waiting)).release()
  })

  test('that changes gives its new places at once, and loses none that are out', async () => {
    await using at = await openTestFleet({ pools, externals: [external('tts', { pool: 'gpu-0' })] })
    const desk = queueUp(at)
    for (let n = 0; n < 5; n++) desk.line(`a${n}`, 'tts', 'a')
    await desk.settled()
    expect(desk.served).toEqual(['a0', 'a1'])
    at.settings.replace({ ...at.settings.value, pools: [{ name: 'gpu-0', concurrency: 3, perKey: null }] })
    await desk.settled()
    expect(desk.served).toEqual(['a0', 'a1', 'a2'])
    at.settings.replace({ ...at.settings.value, pools: [] })
    await desk.settled()
    expect(desk.served).toEqual(['a0', 'a1', 'a2', 'a3', 'a4'])
    await desk.drain()
    expect(at.fleet.pools()).toMatchObject([{ name: 'upstream:tts', inFlight: 0, waiting: { interactive: 0 } }])
  })
})

describe('audio', () => {
  test('has three places and two of a key, beside which other work goes on', async () => {
    await using at = await openTestFleet({ externals: [external('omni')] })
    const desk = queueUp(at)
    for (let n = 0; n < 3; n++) desk.line(`a${n}`, 'omni', 'a', { work: 'audio' })
    for (let n = 0; n < 2; n++) desk.line(`b${n}`, 'omni', 'b', { work: 'audio' })
    desk.line('text', 'omni', 'a')
    await desk.settled()
    expect(desk.served).toEqual(['a0', 'a1', 'b0', 'text'])
    expect(at.fleet.pools()[0]).toMatchObject({ name: 'upstream:omni/audio', kind: 'audio', limit: 3, perKey: 2 })
    await desk.drain()
    expect(desk.served.slice(4).sort()).toEqual(['a2', 'b1'])
  })

  test.each<[string, Partial<ExternalDeployment>, number]>([
    ['says so itself', { audio: true }, 2],
    ['says so and has fewer places', { audio: true, concurrency: 1 }, 1],
    ['says nothing', {}, 8],
    ['says nothing and has fewer places', { concurrency: 4 }, 4],
  ])('of an upstream that %s is counted as it says', async (_what, more, places) => {
    await using at = await openTestFleet({ externals: [external('u', more)] })
    const desk = queueUp(at)
    for (let n = 0; n < 8; n++) desk.line(`a${n}`, 'u', 'a')
    await desk.settled()
    expect(desk.served.length).toBe(places)
    await desk.drain()
    expect(desk.served.length).toBe(8)
  })

  test('shares the places of its upstream with other work, in turn', async () => {
    await using at = await openTestFleet({ externals: [external('omni', { concurrency: 1 })] })
    const desk = queueUp(at)
    for (let n = 0; n < 3; n++) desk.line(`text${n}`, 'omni', 'a')
    for (let n = 0; n < 3; n++) desk.line(`audio${n}`, 'omni', 'b', { work: 'audio' })
    await desk.drain()
    expect(desk.served).toEqual(['text0', 'text1', 'audio0', 'text2', 'audio1', 'audio2'])
  })
})

describe('who waits', () => {
  test('is served by weight, batch requests last', async () => {
    await using at = await openTestFleet({ externals: [external('u', { concurrency: 1 })] })
    const desk = queueUp(at)
    desk.line('first', 'u', 'z')
    for (let n = 0; n < 2; n++) desk.line(`batch${n}`, 'u', 'c', { priority: 'batch' })
    for (let n = 0; n < 4; n++) desk.line(`heavy${n}`, 'u', 'a', { weight: 2 })
    for (let n = 0; n < 2; n++) desk.line(`light${n}`, 'u', 'b')
    await desk.drain()
    const order = ['first', 'heavy0', 'light0', 'heavy1', 'heavy2', 'light1', 'heavy3', 'batch0', 'batch1']
    expect(desk.served).toEqual(order)
  })

  test('learns its position and when its turn comes, from what requests took', async () => {
    const externals = [external('u', { concurrency: 1 })]
    await using at = await openTestFleet({ externals, maxQueuePerModel: 2, limits: { observeEveryMs: 20 } })
    const first = await permitOf(ask(at, 'u', 'a'))
    expect(await ask(at, 'u', 'a', { waitMs: 1 })).toMatchObject({
      kind: 'full',
      retryAfterMs: 2000,
      waiting: { position: 0, etaSeconds: null },
    })
    const startedAt = performance.now()
    await until('a moment has passed', () => performance.now() - startedAt > 30)
    first.release()
    const second = await permitOf(ask(at, 'u', 'a'))
    const told: Waiting[] = []
    const [third, fourth] = [ask(at, 'u', 'a'), ask(at, 'u', 'b', { onProgress: (waiting) => void told.push(waiting) })]
    expect(told).toEqual([{ state: 'ready', phase: 'queued', position: 1, etaSeconds: 1 }])
    expect(await ask(at, 'u', 'c')).toEqual({
      kind: 'full',
      retryAfterMs: 1000,
      message: '"u" is busy: 2 requests wait for it already (fleet.maxQueuePerModel).',
      waiting: { state: 'ready', phase: 'queued', position: 2, etaSeconds: 1 },
    })
    second.release()
    await until('it moves up', () => told.at(-1)?.position === 0)
    ;(await permitOf(third)).release()
    ;(await permitOf(fourth)).release()
  })

  test('finds room beside a key that has filled its part of the line', async () => {
    const externals = [external('u', { concurrency: 1 })]
    await using at = await openTestFleet({ externals, maxQueuePerModel: 4, maxQueuePerKey: 2 })
    const desk = queueUp(at)
    for (let n = 0; n < 4; n++) desk.line(`a${n}`, 'u', 'a')
    for (let n = 0; n < 2; n++) desk.line(`b${n}`, 'u', 'b', { priority: 'batch' })
    await desk.settled()
    expect(await ask(at, 'u', 'a')).toMatchObject({ message: expect.stringContaining('fleet.maxQueuePerKey') })
    // A full line: batch requests leave it first.
    desk.line('c0', 'u', 'c')
    await desk.drain()
    expect(desk.served).toEqual(['a0', 'a3 full', 'b1 full', 'a1', 'c0', 'a2', 'b0'])
  })
})
