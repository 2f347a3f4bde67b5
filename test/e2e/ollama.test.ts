/** Unmodified clients of Ollama against a house that listens for them. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Ollama } from 'ollama'
import { findFreePort } from '#platform/process/free-port.ts'
import { startGatewayHouse } from '../env/gateway-house.ts'
import type { GatewayHouse } from '../env/gateway-house.ts'
import { startHouse } from '../env/house.ts'
import { until } from '../env/until.ts'

const loopback = '127.0.0.1'
let both: GatewayHouse
let host: string
let client: Ollama
beforeAll(async () => {
  const port = findFreePort(loopback)
  host = `http://${loopback}:${port}`
  both = await startGatewayHouse({
    config: `compat: { ollama: ${port}, trust: [${loopback}] }\nmodels:\n  - { id: vectors, file: smoke, embeddings: true }\n`,
  })
  client = new Ollama({ host })
}, 60_000)
afterAll(() => both[Symbol.asyncDispose](), 60_000)

const messages = [{ role: 'user', content: 'hello' }]
/** The first call starts the engine. */
const loadMs = 60_000

describe('the client of Ollama, unmodified and without a key where that is trusted,', () => {
  test('lists the models', async () => {
    const { models } = await client.list()
    expect(models.map(({ name }) => name)).toEqual(expect.arrayContaining(['hearth/smoke', 'fake/echo', 'echo']))
    expect(models[0]?.digest).toMatch(/^[0-9a-f]{64}$/)
  })

  test('chats in a stream, in pieces that end with why and how much', async () => {
    const pieces = []
    for await (const piece of await client.chat({ model: 'fake/echo', messages, stream: true })) pieces.push(piece)
    const last = pieces.at(-1)
    expect(
      pieces
        .slice(0, -1)
        .map(({ message }) => message.content)
        .join(''),
    ).not.toBe('')
    expect(last).toMatchObject({ model: 'fake/echo', done: true, done_reason: 'stop' })
    expect(last?.eval_count).toBeGreaterThan(0)
    expect(last?.total_duration).toBeGreaterThan(0)
  })

  test('chats whole', async () => {
    const answer = await client.chat({ model: 'fake/echo', messages, options: { num_predict: 7, temperature: 0 } })
    expect(answer.message.content).not.toBe('')
    expect(answer.done_reason).toBe('stop')
    expect(both.upstream.requests.at(-1)?.body).toMatchObject({ max_tokens: 7, temperature: 0, stream: false })
  })

  test('generates', async () => {
    const answer = await client.generate({ model: 'fake/echo', prompt: 'hello', system: 'Be brief.' })
    expect(answer.response).not.toBe('')
    expect(both.upstream.requests.at(-1)?.body['messages']).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'hello' },
    ])
  })

  test(
    'loads a model of the house by asking it nothing, and sees it run',
    async () => {
      const loaded = await client.generate({ model: 'hearth/smoke', prompt: '' })
      expect(loaded).toMatchObject({ response: '', done: true, done_reason: 'load' })
      const { models } = await client.ps()
      expect(models.map(({ name }) => name)).toContain('hearth/smoke')
    },
    loadMs,
  )

  test(
    'embeds',
    async () => {
      const { embeddings } = await client.embed({ model: 'vectors', input: ['one', 'two'] })
      expect(embeddings).toHaveLength(2)
      expect(embeddings[0]?.length).toBeGreaterThan(4)
      const { embedding } = await client.embeddings({ model: 'vectors', prompt: 'one' })
      expect(embedding).toHaveLength(embeddings[0]?.length ?? 0)
    },
    loadMs,
  )

  test('is shown a model', async () => {
    expect(await client.show({ model: 'hearth/smoke' })).toMatchObject({
      capabilities: expect.arrayContaining(['completion']) as unknown,
      details: { family: 'hearth' },
    })
  })

  test('is told in its own words what is not possible', async () => {
    expect(await failure(client.chat({ model: 'nobody', messages }))).toContain('"nobody" does not exist')
    expect(await failure(client.pull({ model: 'llama3' }))).toContain('does not change its models')
    expect(await failure(client.generate({ model: 'echo', prompt: 'x', raw: true }))).toContain('raw')
  })

  test('stands in the ledger under a name of its own', async () => {
    const path = '/api/requests?limit=50'
    await until('a row of the trusted network is there', async () =>
      (await both.house.ask(path)).text().then(isOfTrusted),
    )
  })
})

const isOfTrusted = (text: string): boolean => text.includes('"trusted"') && text.includes('ollama/chat')

describe('the listener', () => {
  test('gives signs of life and a version', async () => {
    expect(await (await fetch(`${host}/`)).text()).toBe('Ollama is running')
    expect((await fetch(`${host}/`, { method: 'HEAD' })).status).toBe(200)
    expect(await (await fetch(`${host}/api/version`)).json()).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/) as unknown,
    })
  })

  test('has the routes of OpenAI that Ollama has, with a placeholder for a key', async () => {
    const headers = { authorization: 'Bearer ollama' }
    const body = JSON.stringify({ model: 'fake/echo', messages })
    const answer = await fetch(`${host}/v1/chat/completions`, { method: 'POST', headers, body })
    expect(answer.status).toBe(200)
    const list = (await (await fetch(`${host}/v1/models`, { headers })).json()) as { readonly data: readonly object[] }
    expect(list.data.length).toBeGreaterThan(1)
  })

  test.each(['/api/keys', '/v1/rerank', '/openapi.json', '/api/requests'])('has no %s', async (path) => {
    expect((await fetch(`${host}${path}`)).status).toBe(404)
  })

  test('takes nothing from pages, and no key that is not good', async () => {
    const post = (headers: Readonly<Record<string, string>>) =>
      fetch(`${host}/api/chat`, { method: 'POST', headers, body: JSON.stringify({ model: 'fake/echo', messages }) })
    expect((await post({ origin: 'https://evil.example' })).status).toBe(401)
    expect((await post({ host: 'rebound.example' })).status).toBe(401)
    for (const last of ['0', 'x', ''])
      expect((await post({ authorization: `Bearer ${both.house.adminKey.replace(/.$/, last)}` })).status).toBe(401)
  })

  test('trusts nobody on the main port', async () => {
    expect((await fetch(`${both.house.url}/v1/models`)).status).toBe(401)
  })
})

test('without trust a key is needed, and told so in Ollama’s words', async () => {
  const port = findFreePort(loopback)
  await using house = await startHouse({ config: `compat: { ollama: ${port} }\n` })
  const address = `http://${loopback}:${port}`
  expect(await failure(new Ollama({ host: address }).list())).toContain('A key is needed')
  expect(await (await fetch(`${address}/api/tags`)).json()).toEqual({ error: expect.any(String) as unknown })
  const withKey = new Ollama({ host: address, headers: { authorization: `Bearer ${house.adminKey}` } })
  expect((await withKey.list()).models.length).toBeGreaterThan(0)
}, 60_000)

test('a port that is taken is a warning, and the house opens', async () => {
  using taken = Bun.listen({ hostname: loopback, port: 0, socket: { data() {} } })
  await using house = await startHouse({ config: `compat: { ollama: ${taken.port} }\n` })
  expect((await house.ask('/v1/models')).status).toBe(200)
  expect(house.logs()).toContain('clients of Ollama are not answered')
}, 60_000)

async function failure(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'it went well',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
}
