import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import OpenAI from 'openai'
import { OpenAIRealtimeWebSocket } from 'openai/realtime/websocket'
import { openGatewayAlone, type AloneOptions, type GatewayAlone } from '../../test/env/gateway-alone.ts'
import { until } from '../../test/env/until.ts'
import { floodBytes, startRealtimeUpstream, type RealtimeUpstream } from '../../test/fakes/realtime-upstream.ts'

let upstream: RealtimeUpstream
let alone: GatewayAlone
const keys: string[] = []

const openAlone = (more: Partial<AloneOptions> = {}) =>
  openGatewayAlone({
    upstreams: [
      {
        name: 'voice',
        baseUrl: upstream.url,
        locality: null,
        headers: { authorization: `Bearer ${upstream.key}` },
        models: ['gpt-realtime', 'lost'],
        splitThink: false,
      },
      { name: 'far', baseUrl: upstream.url, locality: 'cloud', headers: {}, models: ['away'], splitThink: false },
      { name: 'off', baseUrl: 'http://127.0.0.1:9/v1', locality: null, headers: {}, models: ['x'], splitThink: false },
    ],
    routes: [
      { model: 'secret', targets: [{ upstream: 'voice', model: 'gpt-realtime' }] },
      {
        model: 'talk',
        targets: [
          { upstream: 'off', model: 'x' },
          { upstream: 'voice', model: 'gpt-realtime' },
        ],
      },
    ],
    caller: { mayUse: (model) => model !== 'voice/forbidden' && model !== 'secret' },
    admit: (request) => void keys.push(`${request.method} ${request.headers.get('authorization') ?? ''}`),
    ...more,
  })

beforeAll(async () => {
  upstream = await startRealtimeUpstream()
})
beforeEach(async () => {
  upstream.play('normal')
  upstream.seen.length = 0
  upstream.events.length = 0
  upstream.closed.length = 0
  keys.length = 0
  alone = await openAlone()
})
afterEach(async () => {
  await alone[Symbol.asyncDispose]()
  await until('the upstream is left', () => upstream.open === 0)
})
afterAll(() => upstream[Symbol.asyncDispose]())

const row = () => alone.rows.at(-1)
const settled = () => until('all is given back', () => alone.open === 0 && alone.held === 0 && upstream.open === 0)

/** A client that writes down what it hears. */
async function talk(query = 'model=talk', options: object = { headers: { authorization: 'Bearer hk-test' } }) {
  const socket = new WebSocket(`${alone.url.replace('http', 'ws')}/v1/realtime?${query}`, options)
  const heard: string[] = []
  const messages: string[] = []
  let bytes = 0
  socket.binaryType = 'nodebuffer'
  socket.addEventListener('message', ({ data }) => {
    const text = data as string | Uint8Array
    bytes += text.length
    if (typeof text !== 'string') return
    messages.push(text)
    heard.push((JSON.parse(text) as { type: string }).type)
  })
  const end = Promise.withResolvers<string>()
  socket.addEventListener('close', ({ code, reason }) => end.resolve(`${code} ${reason}`))
  socket.addEventListener('error', (event) => end.resolve((event as { message?: string }).message ?? 'error'))
  const opened = new Promise<void>((resolve) => socket.addEventListener('open', () => resolve()))
  await Promise.race([opened, end.promise])
  return {
    socket,
    heard,
    messages,
    bytes: () => bytes,
    ended: end.promise,
    say: (event: object) => socket.send(JSON.stringify(event)),
    hears: (type: string, count = 1) =>
      until(`it hears ${type}`, () => heard.filter((each) => each === type).length >= count),
  }
}

const refusedWith = (text: string) => Number(/(\d{3})$/.exec(text)?.[1])

describe('a realtime session', () => {
  test('passes what both sides say, asks for the upstream’s model, and leaves one row', async () => {
    const { say, hears, socket, heard, ended } = await talk()
    say({ type: 'session.update', session: { type: 'realtime', model: 'talk', instructions: 'be brief' } })
    say({ type: 'input_audio_buffer.append', audio: 'AAAA' })
    say({ type: 'response.create' })
    await hears('response.done')
    say({ type: 'response.create' })
    await hears('response.done', 2)
    socket.close(1000, 'bye')
    expect(await ended).toStartWith('1000')
    await settled()
    expect(heard.slice(0, 2)).toEqual(['session.created', 'session.updated'])
    expect(upstream.events[0]).toMatchObject({ session: { model: 'gpt-realtime', instructions: 'be brief' } })
    expect(upstream.seen[0]?.query).toEqual({ model: 'gpt-realtime' })
    expect(upstream.closed).toEqual([1000])
    expect(alone.rows).toMatchObject([
      {
        endpoint: 'realtime',
        model: 'talk',
        upstream: 'voice',
        upstreamModel: 'gpt-realtime',
        status: 101,
        outcome: 'complete',
        isStream: true,
        usage: { promptTokens: 40, completionTokens: 20, cachedTokens: 8 },
      },
    ])
    expect(row()?.trace?.attempts.map((attempt) => [attempt.upstream, attempt.failure])).toEqual([
      ['off', 'refused'],
      ['voice', null],
    ])
    expect(row()?.ttftMs).toBeGreaterThan(0)
  })

  test('is one for OpenAI’s own client, with its key in a subprotocol that goes no further', async () => {
    const client = new OpenAI({ apiKey: 'hk-browser', baseURL: `${alone.url}/v1` })
    const plain = (url: URL) => void (url.protocol = 'ws:')
    const session = new OpenAIRealtimeWebSocket({ model: 'talk', dangerouslyAllowBrowser: true, onURL: plain }, client)
    const done = Promise.withResolvers<unknown>()
    session.on('session.created', () => session.send({ type: 'response.create' }))
    session.on('response.done', (event) => done.resolve(event.response.usage?.total_tokens))
    session.on('error', (error) => done.reject(error))
    expect(await done.promise).toBe(30)
    expect(session.socket.protocol).toBe('realtime')
    session.close()
    await settled()
    // As what changes the world: a cookie then counts only for Hearth's own page, and any page may open a WebSocket.
    expect(keys).toEqual(['POST Bearer hk-browser'])
    expect(upstream.seen[0]?.headers.get('openai-beta')).toBeNull()
    expect(upstream.seen[0]?.headers.get('authorization')).toBe(`Bearer ${upstream.key}`)
  })

  test.each([
    [undefined, ''],
    [['realtime'], 'realtime'],
    [['openai-insecure-api-key.hk-x', 'other', 'realtime'], 'realtime'],
    [['openai-insecure-api-key.hk-x', 'other'], 'other'],
  ])('offered %j takes the subprotocol %j', async (protocols, taken) => {
    const { socket, hears } = await talk('model=talk', protocols === undefined ? {} : { protocols })
    await hears('session.created')
    expect(socket.protocol).toBe(taken)
    expect(upstream.seen[0]?.headers.has('sec-websocket-protocol')).toBe(false)
    socket.close()
  })

  test('that is offered a key as its only subprotocol is refused: it would be sent back', async () => {
    const { ended } = await talk('model=talk', { protocols: ['openai-insecure-api-key.hk-x'] })
    expect(refusedWith(await ended)).toBe(400)
  })

  test.each([
    ['no model', '', 400],
    ['two models', 'model=talk&model=other', 400],
    ['a call of a telephone', 'model=talk&call_id=x', 400],
    ['an unknown model', 'model=nobody', 404],
    ['a model that the key may not use', 'model=secret', 403],
    ['a cloud', 'model=away', 403],
    ['a model that its upstream does not have', 'model=lost', 502],
    ['nobody there', 'model=off/x', 502],
  ])('with %s is refused before it opens', async (_, query, status) => {
    const { ended } = await talk(query)
    expect(refusedWith(await ended)).toBe(status)
    await settled()
    expect(row()).toMatchObject({ status, outcome: 'failed' })
  })

  test.each([
    ['refuse', 502],
    ['busy', 503],
  ] as const)('that the upstream answers with %s is refused with %d', async (mode, status) => {
    upstream.play(mode)
    expect(refusedWith(await (await talk()).ended)).toBe(status)
    await settled()
  })

  test('that is asked for without a WebSocket is told so', async () => {
    const response = await fetch(`${alone.url}/v1/realtime?model=talk`)
    expect([response.status, await response.json()]).toMatchObject([400, { error: { code: 'websocket_required' } }])
  })

  test('may name other models of the upstream that the key may use, and no others', async () => {
    const { say, hears, messages, socket } = await talk()
    const transcription = (model: string) => ({
      type: 'session.update',
      session: { audio: { input: { transcription: { model } } } },
    })
    say(transcription('forbidden'))
    await hears('error')
    say(transcription('whisper'))
    await hears('session.updated')
    socket.send(Buffer.from(JSON.stringify(transcription('forbidden'))))
    await hears('error', 2)
    socket.send('{"type":"session.update","session":{"model":"voice","model":"forbidden"}}')
    await hears('error', 3)
    expect(messages.find((text) => text.includes('"error"'))).toContain('model_not_allowed')
    expect(upstream.events.map((event) => JSON.stringify(event)).join()).not.toContain('forbidden')
    socket.close()
  })

  test('whose upstream breaks off ends with an error and 1011', async () => {
    upstream.play('cut')
    const { say, heard, ended } = await talk()
    say({ type: 'response.create' })
    expect(await ended).toBe('1011 upstream_reset')
    expect(heard.at(-1)).toBe('error')
    await settled()
    expect(row()).toMatchObject({ outcome: 'incomplete', reason: 'upstream_reset' })
  })

  test('ends with the upstream’s code', async () => {
    upstream.play('close')
    const { say, ended } = await talk()
    say({ type: 'response.create' })
    expect(await ended).toBe('4321 go away')
    await settled()
    expect(row()).toMatchObject({ outcome: 'incomplete', reason: 'upstream_closed' })
  })

  test('that the upstream ends as soon as it has begun ends so', async () => {
    upstream.play('hello_goodbye')
    expect(await (await talk()).ended).toBe('4400 not today')
    await settled()
    expect(row()).toMatchObject({ outcome: 'incomplete' })
  })

  test('whose client breaks off ends at the upstream', async () => {
    const { socket, hears } = await talk()
    await hears('session.created')
    socket.terminate()
    await settled()
    expect(row()).toMatchObject({ outcome: 'aborted', reason: 'client_gone' })
  })

  test('ends with its key', async () => {
    const { hears, messages, ended } = await talk()
    await hears('session.created')
    alone.revoke()
    expect(await ended).toBe('4001 key_revoked')
    expect(messages.at(-1)).toContain('was revoked while it ran')
    await settled()
    expect(row()).toMatchObject({ outcome: 'aborted', reason: 'key_revoked' })
  })

  test('holds the upstream back while its client does not read', async () => {
    upstream.play('flood')
    const { say, socket, bytes, hears } = await talk('model=talk', { perMessageDeflate: false })
    await hears('session.created')
    socket.pause()
    say({ type: 'response.create' })
    let last = -1
    await until('the upstream waits', () => {
      const isStill = upstream.flooded === last && last > 0
      last = upstream.flooded
      return isStill
    })
    expect(last).toBeLessThan(floodBytes)
    socket.resume()
    await until('all has come', () => bytes() >= floodBytes)
    socket.close()
  })

  test('takes messages up to its limit', async () => {
    const { socket, ended } = await talk()
    socket.send('x'.repeat(17 * 2 ** 20))
    expect(await ended).toMatch(/^(1006|1009)/)
    await settled()
    expect(row()?.outcome).not.toBe('failed')
  })
})

test('a session on which nobody says anything is closed', async () => {
  await using quiet = await openAlone({ passLimits: { socketIdleMs: 10 } })
  const own = alone
  alone = quiet
  const { ended, messages } = await talk()
  expect(await ended).toBe('4008 session_idle')
  expect(messages.at(-1)).toContain('Nobody said anything')
  await settled()
  alone = own
})
