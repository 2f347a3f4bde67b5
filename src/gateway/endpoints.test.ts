import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import OpenAI, { toFile } from 'openai'
import { modelName } from '#kernel/ids.ts'
import { openGatewayAlone, type GatewayAlone } from '../../test/env/gateway-alone.ts'
import { openRaw } from '../../test/env/raw-client.ts'
import { until } from '../../test/env/until.ts'
import { sha256, speech, startMediaUpstream, type MediaUpstream } from '../../test/fakes/media-upstream.ts'

let media: MediaUpstream
let alone: GatewayAlone
let client: OpenAI

beforeAll(async () => {
  media = await startMediaUpstream()
  alone = await openGatewayAlone({
    upstreams: [
      {
        name: 'media',
        baseUrl: media.url,
        locality: null,
        headers: { authorization: `Bearer ${media.key}` },
        models: ['whisper', 'tts', 'dall', 'omni', 'ranker'],
        splitThink: false,
      },
      {
        name: 'far',
        baseUrl: media.url,
        locality: 'cloud',
        headers: {},
        models: ['cloud-whisper', 'cloud-tts'],
        splitThink: false,
      },
      { name: 'off', baseUrl: 'http://127.0.0.1:9/v1', locality: null, headers: {}, models: ['x'], splitThink: false },
    ],
    routes: [
      {
        model: 'scribe',
        targets: [
          { upstream: 'off', model: 'x' },
          { upstream: 'media', model: 'whisper' },
        ],
      },
    ],
    limits: { deadlines: { firstByteMs: 5000, idleMs: 60_000, totalMs: 120_000 }, responseBodyBytes: 1_000_000 },
    caller: { mayUse: (model) => model !== modelName('dall') },
  })
  client = new OpenAI({ baseURL: `${alone.url}/v1`, apiKey: 'hk-test', maxRetries: 0 })
})
afterAll(async () => {
  await alone[Symbol.asyncDispose]()
  await media[Symbol.asyncDispose]()
})
beforeEach(() => {
  media.play('normal')
  media.seen.length = 0
  alone.rows.length = 0
})

const post = (path: string, body: unknown) =>
  fetch(alone.url + path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })

const row = () => alone.rows.at(-1)
const recording = (bytes = 3000) =>
  toFile(
    new Uint8Array(bytes).map((_, index) => index % 256),
    'a.wav',
  )
/** A client's promise runs when it is awaited. */
async function refusal(asked: PromiseLike<unknown>): Promise<string> {
  try {
    await asked
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return 'it was answered'
}
/** Nothing of any request is left. */
const settled = () => until('all is given back', () => alone.open === 0 && alone.held === 0 && alone.spooled === 0)

describe('plain endpoints', () => {
  test.each([
    ['/v2/rerank', '/v1/rerank', { model: 'ranker', query: 'q', documents: ['a', 'b'] }, 'results', 9],
    ['/v1/score', '/score', { model: 'ranker', text_1: 'a', text_2: 'b' }, 'data', 6],
    ['/score', '/score', { model: 'media/ranker', text_1: 'a', text_2: 'b' }, 'data', 6],
    ['/v1/tokenize', '/tokenize', { model: 'ranker', prompt: 'hi' }, 'tokens', null],
    ['/tokenize', '/tokenize', { model: 'ranker', prompt: 'hi' }, 'tokens', null],
    ['/detokenize', '/detokenize', { model: 'ranker', tokens: [1] }, 'prompt', null],
    ['/v1/moderations', '/v1/moderations', { model: 'omni', input: 'x' }, 'results', null],
  ])('%s is asked for at %s', async (path, there, body, member, promptTokens) => {
    const response = await post(path, body)
    expect([response.status, Object.keys((await response.json()) as object)]).toEqual([
      200,
      expect.arrayContaining([member]) as unknown as string[],
    ])
    expect(media.seen).toMatchObject([{ path: there, model: body.model.replace('media/', '') }])
    expect(row()).toMatchObject({ status: 200, outcome: 'complete', upstream: 'media', usage: { promptTokens } })
  })

  test('answer as OpenAI’s own client reads them', async () => {
    expect((await client.moderations.create({ model: 'omni', input: 'x' })).results[0]?.flagged).toBe(false)
    const image = await client.images.generate({ model: 'media/dall', prompt: 'a cat' })
    expect(image.data?.[0]?.b64_json).toBe('cGljdHVyZQ==')
    expect(row()).toMatchObject({ endpoint: 'images/generations', usage: { promptTokens: 14, completionTokens: 5 } })
  })

  test.each([
    ['an unknown model', { model: 'nobody', input: 'x' }, 404, 'model_not_found'],
    ['a model that the key may not use', { model: 'dall', input: 'x' }, 403, 'model_not_allowed'],
    ['no model', { input: 'x' }, 400, 'invalid_request'],
    ['no input', { model: 'omni' }, 400, 'invalid_request'],
  ])('refuse %s', async (_, body, status, code) => {
    const response = await post('/v1/moderations', body)
    expect([response.status, ((await response.json()) as { error: { code: string } }).error.code]).toEqual([
      status,
      code,
    ])
    expect(row()?.status).toBe(status)
    expect(media.seen).toEqual([])
  })

  test('tell of an upstream that sends something else', async () => {
    media.play('html')
    const response = await post('/v1/moderations', { model: 'omni', input: 'x' })
    expect([response.status, row()?.reason]).toEqual([502, 'upstream_malformed'])
  })

  test('pass the words of an upstream that refuses the request', async () => {
    const long = client.audio.speech.create({ model: 'tts', voice: 'alloy', input: 'x'.repeat(5000) })
    expect(await refusal(long)).toContain('input is too long')
    expect(row()).toMatchObject({ status: 400, outcome: 'failed' })
  })
})

describe('a recording', () => {
  test.each([
    ['small', 3000],
    ['larger than what is kept in memory', 300_000],
  ])('that is %s reaches the upstream byte for byte', async (_, bytes) => {
    const file = await recording(bytes)
    const answer = await client.audio.transcriptions.create({ model: 'scribe', file })
    expect(answer.text).toBe('hello there')
    const [seen] = media.seen
    expect([seen?.model, seen?.files['file']]).toEqual(['whisper', sha256(new Uint8Array(await file.arrayBuffer()))])
    expect(Number(seen?.headers['content-length'])).toBe(seen?.body.length ?? -1)
    expect(row()).toMatchObject({
      endpoint: 'audio/transcriptions',
      model: 'scribe',
      upstreamModel: 'whisper',
      usage: { promptTokens: 14, completionTokens: 5 },
    })
    expect(row()?.trace?.attempts.map(({ upstream }) => String(upstream))).toEqual(['off', 'media'])
    await settled()
  })

  test.each(['text', 'srt', 'vtt', 'verbose_json'] as const)('is answered as %s', async (format) => {
    // The client's overloads take one format each.
    const answer = await client.audio.transcriptions.create({
      model: 'whisper',
      file: await recording(),
      response_format: format as 'json',
    })
    expect(JSON.stringify(answer)).toContain('hello there')
    expect(media.seen[0]?.body.length).toBeGreaterThan(3000)
    expect(row()?.outcome).toBe('complete')
  })

  test('is answered as a stream', async () => {
    const stream = await client.audio.transcriptions.create({ model: 'whisper', file: await recording(), stream: true })
    const types: string[] = []
    for await (const event of stream) types.push(event.type)
    expect(types).toEqual(['transcript.text.delta', 'transcript.text.delta', 'transcript.text.done'])
    expect(row()).toMatchObject({ isStream: true, outcome: 'complete', usage: { promptTokens: 14 } })
    await settled()
  })

  test('is translated', async () => {
    const answer = await client.audio.translations.create({ model: 'whisper', file: await recording() })
    expect([answer.text, media.seen[0]?.path]).toEqual(['hello there', '/v1/audio/translations'])
  })

  test.each(['fin', 'reset'] as const)('whose stream breaks off (%s) ends in an error', async (mode) => {
    media.play(mode)
    const stream = await client.audio.transcriptions.create({ model: 'whisper', file: await recording(), stream: true })
    const reading = (async () => {
      for await (const _ of stream);
    })()
    expect(await refusal(reading)).toContain('may be incomplete')
    expect(row()).toMatchObject({ outcome: 'incomplete' })
    await settled()
  })

  test('whose stream tells of an error ends with it', async () => {
    media.play('error_event')
    const stream = await client.audio.transcriptions.create({ model: 'whisper', file: await recording(), stream: true })
    const reading = (async () => {
      for await (const _ of stream);
    })()
    expect(await refusal(reading)).toContain('EngineDeadError')
    expect(row()).toMatchObject({ outcome: 'incomplete', reason: 'upstream_error' })
  })

  test('goes to no cloud by itself: what is for one has to be sealed', async () => {
    const asked = client.audio.transcriptions.create({ model: 'cloud-whisper', file: await recording() })
    expect(await refusal(asked)).toContain('privacy has not looked at')
    expect(media.seen).toEqual([])
    await settled()
  })

  test('for a model that the key may not use is not waited for', async () => {
    const raw = await openRaw(alone.url)
    raw.send(
      'POST /v1/audio/transcriptions HTTP/1.1\r\nhost: x\r\ncontent-length: 10000000\r\n' +
        'content-type: multipart/form-data; boundary=b\r\n\r\n' +
        '--b\r\nContent-Disposition: form-data; name="model"\r\n\r\ndall\r\n--b\r\n',
    )
    expect(await raw.until((text) => text.includes('\r\n\r\n'))).toStartWith('HTTP/1.1 403')
    raw.hangUp()
    await settled()
  })

  const form = (parts: string, type = 'multipart/form-data; boundary=b') =>
    fetch(`${alone.url}/v1/audio/transcriptions`, { method: 'POST', body: parts, headers: { 'content-type': type } })
  const part = (name: string, value: string) => `--b\r\nContent-Disposition: form-data; ${name}\r\n\r\n${value}\r\n`
  test.each([
    ['without a model', `${part('name="file"; filename="a"', 'x')}--b--`, 400],
    ['without a file', `${part('name="model"', 'whisper')}--b--`, 400],
    ['whose model is a file', `${part('name="model"; filename="m"', 'whisper')}${part('name="file"', 'x')}--b--`, 400],
    ['that is cut', part('name="model"', 'whisper'), 400],
    ['that is larger than uploads may be', `${part('name="file"; filename="a"', 'x'.repeat(33 * 2 ** 20))}--b--`, 413],
  ])('in a form %s is refused', async (_, parts, status) => {
    const response = await form(parts)
    expect([response.status, media.seen]).toEqual([status, []])
    await settled()
  })

  test('in something that is no form is refused', async () => {
    expect((await form('{}', 'application/json')).status).toBe(400)
  })

  test('whose client hangs up while it is sent leaves nothing behind', async () => {
    const raw = await openRaw(alone.url)
    raw.send(
      'POST /v1/audio/transcriptions HTTP/1.1\r\nhost: x\r\ncontent-length: 10000000\r\n' +
        'content-type: multipart/form-data; boundary=b\r\n\r\n' +
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n',
    )
    raw.send(new Uint8Array(100_000))
    await until('a part of it waits', () => alone.spooled > 0)
    raw.hangUp()
    await settled()
    expect(row()).toMatchObject({ status: 499, outcome: 'aborted' })
  })
})

describe('speech', () => {
  const speak = (more: object = {}) =>
    client.audio.speech.create({ model: 'tts', voice: 'alloy', input: 'hello', ...more })

  test('comes as the upstream sends it', async () => {
    const response = await speak()
    expect(response.headers.get('content-type')).toBe('audio/mpeg')
    expect(sha256(new Uint8Array(await response.arrayBuffer()))).toBe(sha256(speech))
    expect(row()).toMatchObject({ endpoint: 'audio/speech', outcome: 'complete', isStream: true, status: 200 })
    await settled()
  })

  test('comes as events', async () => {
    const text = await (await speak({ stream_format: 'sse' })).text()
    expect(text.match(/speech\.audio\.\w+/g)).toEqual(['speech.audio.delta', 'speech.audio.delta', 'speech.audio.done'])
    expect(row()).toMatchObject({ outcome: 'complete', usage: { promptTokens: 14 } })
  })

  test.each(['fin', 'reset'] as const)(
    'that breaks off (%s) is a broken connection, not a short file',
    async (mode) => {
      media.play(mode)
      const raw = await openRaw(alone.url)
      const body = JSON.stringify({ model: 'tts', voice: 'alloy', input: 'hello' })
      raw.send(`POST /v1/audio/speech HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
      const received = await raw.toEnd()
      expect(received).toStartWith('HTTP/1.1 200')
      expect(received).not.toContain('\r\n0\r\n\r\n')
      expect(row()).toMatchObject({ outcome: 'incomplete', reason: 'stream_incomplete' })
      await settled()
    },
  )

  test('that nobody waits for any more ends at the upstream', async () => {
    media.play('stall')
    const before = media.aborts
    const leave = new AbortController()
    const response = await client.audio.speech.create(
      { model: 'tts', voice: 'alloy', input: 'hello' },
      { signal: leave.signal },
    )
    const reader = response.body?.getReader()
    await reader?.read()
    leave.abort()
    await until('the upstream is left', () => media.aborts === before + 1)
    await settled()
    expect(row()).toMatchObject({ status: 499, outcome: 'aborted' })
  })

  test('that a client does not take is left after a while', async () => {
    media.play('endless')
    await using hasty = await openGatewayAlone({
      upstreams: [
        {
          name: 'media',
          baseUrl: media.url,
          locality: null,
          headers: { authorization: `Bearer ${media.key}` },
          models: ['tts'],
          splitThink: false,
        },
      ],
      limits: { stalledReaderMs: 100 },
    })
    const before = media.aborts
    const body = '{"model":"tts","input":"x"}'
    const { hostname, port } = new URL(hasty.url)
    const socket = connect({ host: hostname, port: Number(port) })
    socket.pause()
    socket.on('error', () => {})
    socket.write(`POST /v1/audio/speech HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
    await until('it is left', () => hasty.rows.length === 1 && media.aborts === before + 1 && hasty.held === 0)
    expect(hasty.rows[0]).toMatchObject({ outcome: 'aborted', reason: 'reader_stalled' })
    socket.destroy()
  })

  test('of text does not go to a cloud by itself either', async () => {
    expect(await refusal(speak({ model: 'cloud-tts' }))).toContain('privacy has not looked at')
  })

  test('that is a page is none', async () => {
    media.play('html')
    expect(await refusal(speak())).toContain('text/html')
    await settled()
  })

  test('is told to wait by an upstream that is busy', async () => {
    media.play('busy')
    const response = await post('/v1/audio/speech', { model: 'tts', input: 'x' })
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2'])
  })
})

describe('pictures', () => {
  test('are made as a stream', async () => {
    const stream = await client.images.generate({ model: 'media/dall', prompt: 'a cat', stream: true })
    const types: string[] = []
    for await (const event of stream) types.push(event.type)
    expect(types).toEqual(['image_generation.partial_image', 'image_generation.completed'])
    expect(row()).toMatchObject({ outcome: 'complete', usage: { completionTokens: 5 } })
  })

  test('are changed, one or several, and varied', async () => {
    const image = await recording()
    await client.images.edit({ model: 'media/dall', prompt: 'blue', image: [image, await recording(10)] })
    await client.images.createVariation({ model: 'media/dall', image })
    expect(media.seen.map(({ path, model }) => [path, model])).toEqual([
      ['/v1/images/edits', 'dall'],
      ['/v1/images/variations', 'dall'],
    ])
    await settled()
  })
})

test('the log of bodies gets what is text, and neither recordings nor sound', async () => {
  const kept: { request: string; response: string; isFailed: boolean }[] = []
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
  await using logging = await openGatewayAlone({
    upstreams: [
      {
        name: 'media',
        baseUrl: media.url,
        locality: null,
        headers: { authorization: `Bearer ${media.key}` },
        models: ['omni', 'tts', 'whisper'],
        splitThink: false,
      },
    ],
    bodies: {
      wants: () => true,
      maxBytes: 10_000,
      keep: (_, { request, response, isFailed }) =>
        void kept.push({ request: text(request), response: text(response), isFailed }),
    },
  })
  const asking = new OpenAI({ baseURL: `${logging.url}/v1`, apiKey: 'hk-test', maxRetries: 0 })
  await asking.moderations.create({ model: 'omni', input: 'judge me' })
  await (await asking.audio.speech.create({ model: 'tts', voice: 'alloy', input: 'speak' })).arrayBuffer()
  await asking.audio.transcriptions.create({ model: 'whisper', file: await recording() })
  await refusal(asking.audio.speech.create({ model: 'tts', voice: 'alloy', input: 'x'.repeat(5000) }))
  await until('all were kept', () => kept.length === 3)
  expect(kept.map(({ isFailed }) => isFailed)).toEqual([false, false, true])
  expect(kept[0]?.request).toContain('judge me')
  expect(kept[0]?.response).toContain('flagged')
  expect(kept[1]).toMatchObject({ response: '' })
  expect(kept[2]?.response).toContain('input is too long')
})
