/** Whatever is asked at whatever address: without somebody who seals it, not a byte of it reaches a cloud. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { plainEndpoints } from '#protocol/openai/plain-endpoints.ts'
import { openGatewayAlone, type GatewayAlone } from '../../test/env/gateway-alone.ts'

let alone: GatewayAlone
let cloud: Bun.TCPSocketListener<undefined>
let bytes = 0
beforeAll(async () => {
  cloud = Bun.listen<undefined>({
    hostname: '127.0.0.1',
    port: 0,
    socket: { open: () => void (bytes += 1), data: (_, data) => void (bytes += data.length) },
  })
  const baseUrl = `http://127.0.0.1:${cloud.port}/v1`
  const far = { name: 'far', baseUrl, locality: 'cloud', headers: {}, models: ['*'], splitThink: false } as const
  alone = await openGatewayAlone({
    upstreams: (['chat', 'responses', 'messages'] as const).map((api) => ({ ...far, name: `far-${api}`, apis: [api] })),
  })
})
afterAll(async () => {
  await alone?.[Symbol.asyncDispose]()
  cloud?.stop(true)
})

const messages = [{ role: 'user', content: 'Hello' }]
const image = { url: `data:image/png;base64,${'iVBO'.repeat(20)}` }
const form = (name: string, type: string): FormData => {
  const made = new FormData()
  made.set(name, new File(['x'], 'x', { type }))
  return made
}

/** Every address of the gateway that asks a model for something, with what is usual there. */
const bodies: Readonly<Record<string, Record<string, unknown> | FormData>> = {
  '/v1/chat/completions': { messages },
  '/v1/completions': { prompt: 'Hello' },
  '/v1/embeddings': { input: 'Hello' },
  '/v1/rerank': { query: 'Hello', documents: ['Hello'] },
  '/v1/responses': { input: 'Hello' },
  '/v1/messages': { messages, max_tokens: 5 },
  '/v1/messages/count_tokens': { messages },
  '/v2/rerank': { query: 'Hello', documents: ['Hello'] },
  '/v1/moderations': { input: 'Hello' },
  '/v1/score': { text_1: 'Hello', text_2: 'Hello' },
  '/tokenize': { prompt: 'Hello' },
  '/detokenize': { tokens: [1, 2] },
  '/v1/audio/speech': { input: 'Hello', voice: 'x' },
  '/v1/images/generations': { prompt: 'Hello' },
  '/v1/images/edits': form('image', 'image/png'),
  '/v1/images/variations': form('image', 'image/png'),
  '/v1/audio/transcriptions': form('file', 'audio/wav'),
  '/v1/audio/translations': form('file', 'audio/wav'),
}
const upstreams = ['far-chat', 'far-responses', 'far-messages']
const ways = Object.entries(bodies).flatMap(([path, body]) => upstreams.map((name) => [path, name, body] as const))

function posted(path: string, body: unknown): Promise<Response> {
  if (body instanceof FormData) return fetch(alone.url + path, { method: 'POST', body })
  const headers = { 'content-type': 'application/json' }
  return fetch(alone.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
}

test('every endpoint that passes as it is is among them', () => {
  const missing = plainEndpoints.filter(({ paths }) => !paths.some((path) => path in bodies))
  expect(missing.map(({ name }) => name)).toEqual([])
})

test.each(ways)('%s to %s gets nowhere', async (path, name, body) => {
  const model = `${name}/m`
  if (body instanceof FormData) body.set('model', model)
  const asked =
    body instanceof FormData
      ? [body]
      : [
          { ...body, model },
          { ...body, model, stream: true },
        ]
  for (const each of asked) {
    const response = await posted(path, each)
    expect(await response.text()).not.toBe('')
    // Tokens are counted by Hearth itself where nobody else may.
    expect(response.status === 200).toBe(path.endsWith('count_tokens'))
    expect(response.status).not.toBe(404)
  }
  expect(bytes).toBe(0)
})

test.each(upstreams)('what Hearth has no address for gets nowhere at %s', async (name) => {
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])
    for (const path of ['files', 'files?name=x', 'a/b/c']) {
      const body = method === 'GET' || method === 'DELETE' ? null : JSON.stringify({ image })
      const response = await fetch(`${alone.url}/upstreams/${name}/${path}`, { method, body })
      await response.text()
      expect(response.status).toBeGreaterThanOrEqual(400)
    }
  expect(bytes).toBe(0)
})

test('a WebSocket gets nowhere', async () => {
  const socket = new WebSocket(`${alone.url.replace('http', 'ws')}/v1/realtime?model=far-chat/m`)
  await new Promise<void>((resolve) => socket.addEventListener('close', () => resolve()))
  expect(bytes).toBe(0)
})
