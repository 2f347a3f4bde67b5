import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import OpenAI from 'openai'
import { OpenAIRealtimeWebSocket } from 'openai/realtime/websocket'
import { startHouse, testAdminKey, type House } from '../env/house.ts'
import { until } from '../env/until.ts'
import { sha256, speech, startMediaUpstream, type MediaUpstream } from '../fakes/media-upstream.ts'
import { startRealtimeUpstream, type RealtimeUpstream } from '../fakes/realtime-upstream.ts'

let media: MediaUpstream
let voice: RealtimeUpstream
let house: House
let client: OpenAI

beforeAll(async () => {
  media = await startMediaUpstream()
  voice = await startRealtimeUpstream()
  house = await startHouse({
    config: `server: { drain: 1s }
limits: { uploadBody: 96MiB, uploadMemory: 256KiB }
upstreams:
  - { name: media, baseUrl: "${media.url}", apiKey: "${media.key}", models: [whisper, tts] }
  - { name: voice, baseUrl: "${voice.url}", apiKey: "${voice.key}", models: [gpt-realtime] }
`,
  })
  client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: testAdminKey, maxRetries: 0 })
}, 60_000)
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  await media[Symbol.asyncDispose]()
  await voice[Symbol.asyncDispose]()
})

interface Row {
  readonly endpoint: string
  readonly outcome: string
  readonly status: number
}

async function rowOf(endpoint: string): Promise<Row | undefined> {
  const { data } = await house.get<{ readonly data: readonly Row[] }>('/api/requests?limit=100')
  return data.find((row) => row.endpoint === endpoint)
}

function session(model: string) {
  const opened = new OpenAIRealtimeWebSocket(
    { model, dangerouslyAllowBrowser: true, onURL: (url) => void (url.protocol = 'ws:') },
    client,
  )
  const ended = Promise.withResolvers<string>()
  opened.socket.addEventListener('close', ({ code, reason }) => ended.resolve(`${code} ${reason}`))
  const created = Promise.withResolvers<void>()
  opened.on('session.created', () => created.resolve())
  opened.on('error', () => {})
  return { opened, ended: ended.promise, created: Promise.race([created.promise, ended.promise]) }
}

describe('a whole Hearth', () => {
  test('takes a recording that does not fit into what it holds in memory', async () => {
    const bytes = new Uint8Array(64 * 2 ** 20).map((_, index) => (index * 7) % 253)
    const answer = await client.audio.transcriptions.create({ model: 'whisper', file: new File([bytes], 'long.wav') })
    expect(answer.text).toBe('hello there')
    expect(media.seen.at(-1)?.files['file']).toBe(sha256(bytes))
    // Its file has no name, so that nothing can be left.
    expect(readdirSync(join(house.home, 'tmp'))).toEqual([])
    await until('its row is there', async () => (await rowOf('audio/transcriptions'))?.outcome === 'complete')
  }, 60_000)

  test('speaks', async () => {
    const spoken = await client.audio.speech.create({ model: 'tts', voice: 'alloy', input: 'hello' })
    expect(sha256(new Uint8Array(await spoken.arrayBuffer()))).toBe(sha256(speech))
  })

  test('talks, and writes a row for the session', async () => {
    const { opened, created, ended } = session('gpt-realtime')
    await created
    opened.close()
    await ended
    await until('its row is there', async () => (await rowOf('realtime'))?.status === 101)
  })

  test('passes what it has no endpoint for', async () => {
    expect(await house.get<object>('/upstreams/media/files')).toMatchObject({ path: '/v1/files' })
  })

  test('ends sessions with a word when it closes', async () => {
    const { created, ended } = session('gpt-realtime')
    await created
    const stopped = house.stop()
    expect(await ended).toBe('1001 shutting_down')
    expect(await stopped).toBe(0)
  }, 60_000)
})
