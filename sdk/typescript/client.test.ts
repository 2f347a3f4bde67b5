import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fakeAdminKey, fakeGuestKey, startFakeHouse } from '../../test/fakes/house.ts'
import type { FakeHouse } from '../../test/fakes/house.ts'
import { Hearth, HearthError } from './index.ts'
import type { HearthEvent } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'hearth-sdk-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

async function failureOf(call: Promise<unknown>): Promise<HearthError> {
  try {
    await call
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(HearthError)
    return thrown as HearthError
  }
  throw new Error('The call succeeded.')
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries > 2000) throw new Error('The condition never came true.')
    await Bun.sleep(1)
  }
}

describe.each(['a socket', 'TCP'] as const)('over %s', (way) => {
  let house: FakeHouse
  let hearth: Hearth
  let socket = ''

  beforeEach(() => {
    socket = join(folder, `h${crypto.randomUUID().slice(0, 8)}.sock`)
    house = startFakeHouse(way === 'TCP' ? { port: 0 } : { socket })
    hearth = new Hearth(way === 'TCP' ? { url: house.url, key: fakeAdminKey } : { socket })
  })
  afterEach(() => house[Symbol.asyncDispose]())

  test('status, lists and single things arrive as they were sent', async () => {
    expect((await hearth.status()).upstreams).toHaveLength(2)
    expect((await hearth.models.list()).data.map((model) => model.id)).toEqual(['hearth/smoke', 'tiny-a', 'broken'])
    expect((await hearth.models.get('hearth/smoke')).state).toBe('ready')
    expect((await hearth.keys.list()).data).toHaveLength(1)
    expect((await hearth.requests({ limit: 5, model: 'hearth/smoke' })).next).toBeNull()
    expect((await hearth.usage('day')).data[0]?.day).toBe('2026-01-02')
    expect((await hearth.config.get()).settings[0]?.line).toBe(2)
    expect((await hearth.engines.list()).data[0]?.isInstalled).toBe(true)
    expect(await hearth.models.log('hearth/smoke', { tail: 2 })).toBe('second\nthird\n')
    await hearth.health()
    await hearth.ready()
  })

  test('a plan changes nothing, an applied one does, a changed one is refused', async () => {
    const shown = await hearth.models.plan('tiny-a', 'load')
    expect(shown).toMatchObject({ applied: false, model: { state: 'stopped' } })
    expect((await hearth.models.load('tiny-a', { hash: shown.plan.hash })).model.state).toBe('ready')
    expect(await failureOf(hearth.models.load('tiny-a', { hash: shown.plan.hash }))).toMatchObject({ status: 409 })
    expect((await hearth.models.unload('tiny-a')).applied).toBe(true)
  })

  test('routes, pools and one request are told, and filters go with the question', async () => {
    const filter = {
      upstream: 'spark-2',
      outcome: 'complete',
      status: '2xx',
      text: 'QWEN',
      since: '2026-01-02',
    } as const
    expect((await hearth.requests(filter)).data.map((row) => row.id)).toEqual(['req_000000000000000000000002'])
    expect(house.seen.at(-1)?.line).toBe(
      'GET /api/requests?upstream=spark-2&outcome=complete&status=2xx&text=QWEN&since=2026-01-02',
    )
    const detail = await hearth.request('req_000000000000000000000002')
    expect(detail.trace?.attempts.map((attempt) => attempt.failure)).toEqual(['refused', null])
    expect(await failureOf(hearth.request('req_0/1'))).toMatchObject({ status: 404 })
    expect((await hearth.routes()).data[0]?.targets[0]?.breaker).toBe('open')
    expect((await hearth.pools()).data[0]?.waiting).toEqual({ interactive: 2, batch: 5 })
    await hearth.usage('day', { since: '2026-01-01', timeoutMs: 5_000 })
    expect(house.seen.at(-1)?.line).toBe('GET /api/usage?by=day&since=2026-01-01')
  })

  test('keys are made, rotated and revoked', async () => {
    const key = await hearth.keys.create({ name: 'phone', limits: { concurrency: 1 } })
    expect(key.key).toStartWith('hk-cccccccccccc-')
    expect((await hearth.keys.rotate(key.id, { graceSeconds: 60 })).key).toStartWith('hk-')
    expect(house.seen.at(-1)).toEqual({ line: 'POST /api/keys/cccccccccccc/rotate', body: { graceSeconds: 60 } })
    expect((await hearth.keys.revoke(key.id)).revokedAt).not.toBeNull()
  })

  test('the overlay is set and unset', async () => {
    await hearth.config.set('models.tiny/a.ttl', '5m')
    expect(house.seen.at(-1)).toEqual({ line: 'PUT /api/config/models.tiny/a.ttl', body: { value: '5m' } })
    await hearth.config.unset('models.tiny/a.ttl')
    expect(await failureOf(hearth.config.unset('x'))).toMatchObject({ status: 404, code: 'not_found' })
  })

  test('an error has the status, the code, the sentence and the wait of the house', async () => {
    expect(await failureOf(hearth.models.get('tiny'))).toMatchObject({
      status: 404,
      code: 'model_not_found',
      message: 'There is no model tiny. Did you mean tiny-a?',
    })
    const ask = { model: 'broken', messages: [{ role: 'user' as const, content: 'hi' }] }
    expect(await failureOf(hearth.chat.create(ask))).toMatchObject({ status: 503, retryAfterMs: 2000 })
  })

  test('a chat is answered whole and as a stream', async () => {
    const messages = [{ role: 'user' as const, content: 'good morning house' }]
    const whole = await hearth.chat.create({ model: 'tiny-a', messages })
    expect(whole.choices[0]?.message.content).toBe('You said: good morning house')
    let text = ''
    for await (const chunk of hearth.chat.stream({ model: 'tiny-a', messages }))
      text += chunk.choices[0]?.delta.content ?? ''
    expect(text).toBe('You said: good morning house')
  })

  test('remarks of the house are told while a model loads', async () => {
    const comments: string[] = []
    const ask = { model: 'tiny-a', messages: [{ role: 'user' as const, content: 'wait' }] }
    for await (const _ of hearth.chat.stream(ask, { onComment: (text) => comments.push(text) }));
    expect(comments).toEqual(['tiny-a is loading, about 3 s'])
  })

  test.each([
    ['break', 'incomplete'],
    ['fail', 'engine_died'],
  ])('a stream that ends with %s throws %s', async (content, code) => {
    const read = async (): Promise<void> => {
      for await (const _ of hearth.chat.stream({ model: 'tiny-a', messages: [{ role: 'user', content }] }));
    }
    expect((await failureOf(read())).code).toBe(code)
  })

  test('leaving a stream, or its signal, ends the work at the house', async () => {
    const ask = { model: 'tiny-a', messages: [{ role: 'user' as const, content: 'slow' }] }
    for await (const _ of hearth.chat.stream(ask)) break
    await until(() => house.hangUps.length === 1)
    const controller = new AbortController()
    const read = async (): Promise<void> => {
      for await (const _ of hearth.chat.stream(ask, { signal: controller.signal })) controller.abort()
    }
    expect((await failureOf(read())).code).toBe('aborted')
    await until(() => house.hangUps.length === 2)
  })

  test('events come in order, and go on after a lost connection without a gap', async () => {
    const controller = new AbortController()
    const events: HearthEvent[] = []
    const lost: number[] = []
    const onLost = ({ retryMs }: { retryMs: number }): void => void lost.push(retryMs)
    const reading = (async () => {
      for await (const event of hearth.events({ signal: controller.signal, onLost })) events.push(event)
    })()
    await until(() => events.length === 1)
    house.feed.emit('model.log', { id: 'tiny-a', line: 'one' })
    await until(() => events.length === 2)
    house.feed.cut()
    house.feed.emit('model.log', { id: 'tiny-a', line: 'two' })
    await until(() => events.length === 4)
    controller.abort()
    await reading
    expect(events.map((event) => event.type)).toEqual(['hello', 'model.log', 'hello', 'model.log'])
    expect(events.at(-1)).toEqual({ id: 'fake-2', type: 'model.log', data: { id: 'tiny-a', line: 'two' } })
    expect(lost).toEqual([250])
    await until(() => house.feed.listeners === 0)
  })

  test('events of unwanted types are left out, and an id that is too old is told by reset', async () => {
    const events = hearth.events({ types: ['model.removed'], lastEventId: 'long-gone', reconnect: false })
    expect((await events.next()).value?.type).toBe('hello')
    expect((await events.next()).value?.type).toBe('reset')
    house.feed.emit('model.log', { id: 'a', line: 'x' })
    house.feed.emit('model.removed', { id: 'a' })
    expect((await events.next()).value?.type).toBe('model.removed')
    await events.return(undefined)
  })
})

describe('refusals', () => {
  test('a missing, a wrong and a weak key are told apart', async () => {
    await using house = startFakeHouse({ port: 0 })
    expect(await failureOf(new Hearth({ url: house.url }).status())).toMatchObject({ status: 401, code: 'missing_key' })
    const guest = new Hearth({ url: `${house.url}/v1/`, key: fakeGuestKey })
    expect(await failureOf(guest.status())).toMatchObject({ status: 403, code: 'missing_scope' })
    expect((await guest.models.callable()).data).toHaveLength(3)
    expect(await failureOf(new Hearth({ url: house.url, key: 'hk-x' }).events().next())).toMatchObject({ status: 401 })
  })

  test('a house that is not there is unreachable, over TCP and over a socket', async () => {
    const house = startFakeHouse({ port: 0 })
    const { url } = house
    await house[Symbol.asyncDispose]()
    expect(await failureOf(new Hearth({ url }).status())).toMatchObject({ status: 0, code: 'unreachable' })
    const socket = join(folder, 'nobody.sock')
    expect(await failureOf(new Hearth({ socket }).status())).toMatchObject({
      code: 'unreachable',
      details: { cause: 'ENOENT' },
    })
    expect(await failureOf(new Hearth({ socket }).events().next())).toMatchObject({ code: 'unreachable' })
  })

  test('an answer that is not Hearth’s is told with its beginning', async () => {
    const server = Bun.serve({ port: 0, fetch: () => new Response('<h1>Bad gateway</h1>', { status: 502 }) })
    try {
      const error = await failureOf(new Hearth({ url: `http://127.0.0.1:${server.port}` }).status())
      expect(error).toMatchObject({ status: 502, code: 'malformed' })
      expect(error.message).toContain('<h1>Bad gateway</h1>')
    } finally {
      await server.stop(true)
    }
  })

  test('a call that is not answered ends at its deadline', async () => {
    const server = Bun.serve({ port: 0, fetch: () => new Promise<Response>(() => undefined) })
    try {
      const hearth = new Hearth({ url: `http://127.0.0.1:${server.port}` })
      expect(await failureOf(hearth.status({ timeoutMs: 20 }))).toMatchObject({ status: 0, code: 'timeout' })
    } finally {
      await server.stop(true)
    }
  })
})
