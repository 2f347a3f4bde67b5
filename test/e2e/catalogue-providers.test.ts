import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { ownCertificate } from '../fakes/own-certificate.ts'
import { startProviderHosts, type ProviderHost, type ProviderHosts } from '../fakes/provider-hosts.ts'
import { repositoryRoot, startHouse, type House } from '../env/house.ts'

/**
 * Where vendors are reached, what they speak and which of their models is asked: written down from their documentation,
 * not from the catalogue that is tested.
 */
const documented: readonly (readonly [provider: string, host: string, prefix: string, model: string])[] = [
  ['openai', 'api.openai.com', '/v1', 'gpt-5-mini'],
  ['google', 'generativelanguage.googleapis.com', '/v1beta/openai', 'gemini-2.5-flash'],
  ['mistral', 'api.mistral.ai', '/v1', 'mistral-large-latest'],
  ['cohere', 'api.cohere.ai', '/compatibility/v1', 'command-a-03-2025'],
  ['xai', 'api.x.ai', '/v1', 'grok-4.3'],
  ['groq', 'api.groq.com', '/openai/v1', 'llama-3.3-70b-versatile'],
  ['perplexity', 'api.perplexity.ai', '', 'sonar-pro'],
  ['deepseek', 'api.deepseek.com', '', 'deepseek-chat'],
  ['togetherai', 'api.together.xyz', '/v1', 'openai/gpt-oss-120b'],
  ['fireworks-ai', 'api.fireworks.ai', '/inference/v1', 'accounts/fireworks/models/gpt-oss-120b'],
  ['cerebras', 'api.cerebras.ai', '/v1', 'gpt-oss-120b'],
  ['openrouter', 'openrouter.ai', '/api/v1', 'openai/gpt-oss-120b'],
  ['nvidia', 'integrate.api.nvidia.com', '/v1', 'openai/gpt-oss-120b'],
  ['huggingface', 'router.huggingface.co', '/v1', 'openai/gpt-oss-120b'],
  ['github-models', 'models.github.ai', '/inference', 'openai/gpt-4.1'],
  ['moonshotai', 'api.moonshot.ai', '/v1', 'kimi-k2-thinking'],
  ['zai', 'api.z.ai', '/api/paas/v4', 'glm-4.6'],
  ['alibaba', 'dashscope-intl.aliyuncs.com', '/compatible-mode/v1', 'qwen-max'],
  ['vercel', 'ai-gateway.vercel.sh', '/v1', 'openai/gpt-oss-120b'],
  ['deepinfra', 'api.deepinfra.com', '/v1/openai', 'openai/gpt-oss-120b'],
  ['nebius', 'api.tokenfactory.nebius.com', '/v1', 'openai/gpt-oss-120b'],
  ['scaleway', 'api.scaleway.ai', '/v1', 'gpt-oss-120b'],
  ['anthropic', 'api.anthropic.com', '/v1', 'claude-haiku-4-5'],
  ['minimax', 'api.minimax.io', '/anthropic/v1', 'MiniMax-M2'],
]
const speaksMessages = new Set(['anthropic', 'minimax'])
const withoutList = new Set(['cohere', 'perplexity', 'github-models', 'zai', 'minimax'])
const withoutStreamOptions = new Set(['mistral', 'cohere'])

const hosts = documented.map(([provider, host, prefix, model]): ProviderHost => ({
  host,
  prefix,
  model,
  api: speaksMessages.has(provider) ? 'messages' : 'chat',
  key: keyOf(provider),
  hasList: !withoutList.has(provider),
  refusesStreamOptions: withoutStreamOptions.has(provider),
}))

const responsesOfOpenai: ProviderHost = {
  host: 'api.openai.com',
  prefix: '/v1',
  model: 'gpt-5-mini',
  api: 'responses',
  key: keyOf('openai'),
  hasList: false,
  refusesStreamOptions: false,
}

/** Each vendor has a key of its own: none may reach another. */
function keyOf(provider: string): string {
  return `key-of-${provider}`
}

const upstreams = documented.map(([provider]) => `  - { provider: ${provider}, apiKey: ${keyOf(provider)} }`)
const config = ['server: { port: 0 }', 'upstreams:', ...upstreams, ''].join('\n')

let vendors: ProviderHosts
let house: House
let home: string
let openai: OpenAI

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'hearth-test-catalogue-'))
  const certificate = ownCertificate([...new Set(hosts.map(({ host }) => host))])
  await writeFile(join(home, 'authority.pem'), certificate.cert)
  vendors = startProviderHosts([...hosts, responsesOfOpenai], certificate)
  await writeFile(join(home, 'catalogue.json'), await elsewhere(vendors.port))
  house = await startHouse({
    home,
    config,
    program: [process.execPath, '--no-env-file', '--no-install', 'test/fakes/house-elsewhere.ts'],
    env: { NODE_EXTRA_CA_CERTS: join(home, 'authority.pem') },
  })
  openai = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: house.adminKey, maxRetries: 0 })
})
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  await vendors[Symbol.asyncDispose]()
  await rm(home, { recursive: true, force: true })
})

/** The catalogue that comes with Hearth, with the port of the test's own server in every address. */
async function elsewhere(port: number): Promise<string> {
  const bundled = await Bun.file(join(repositoryRoot, 'src/catalogue/bundled.json')).text()
  const moved = bundled.replaceAll(/"url":"https:\/\/([^/"]+)/g, `"url":"https://$1:${port}`)
  return `{"from":"a test","at":"2026-11-21T00:00:00.000Z","by":"nobody","catalogue":${moved}}`
}

const messages = [{ role: 'user', content: 'hello' }] as const

describe.each(documented)('%s at %s%s', (provider, host, prefix, model) => {
  const name = `${provider}/${model}`
  const path = `${prefix}${speaksMessages.has(provider) ? '/messages' : '/chat/completions'}`

  test('answers whole, asked where it is documented and with its own key', async () => {
    const before = vendors.seen.length
    const answer = await openai.chat.completions.create({
      model: name,
      messages: [...messages],
      max_completion_tokens: 64,
    })
    expect(answer.choices[0]?.message.content).toBe('Hello there')
    expect(vendors.seen.slice(before)).toMatchObject([{ host, path, body: { model } }])
  })

  test('answers as a stream, with its usage', async () => {
    const stream = openai.chat.completions.stream({
      model: name,
      messages: [...messages],
      stream_options: { include_usage: true },
    })
    const done = await stream.finalChatCompletion()
    expect(done.choices[0]?.message.content).toBe('Hello there')
    expect(vendors.seen.at(-1)).toMatchObject({ host, path, body: { stream: true } })
  })
})

test('a caller of another dialect is translated to the one that a vendor likes best', async () => {
  const answer = await house.ask('/v1/messages', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({ model: 'openai/gpt-5-mini', max_tokens: 64, messages }),
  })
  expect(await answer.json()).toMatchObject({ type: 'message', content: [{ type: 'text', text: 'Hello there' }] })
  expect(vendors.seen.at(-1)).toMatchObject({ host: 'api.openai.com', path: '/v1/responses' })
})

test('nothing was asked that a vendor would have refused', () => {
  // Whether it has a list is asked of everybody, once in a while.
  expect(vendors.refusals.filter((why) => !why.endsWith('/models'))).toEqual([])
})

test('what was asked has a price, which is the catalogue’s', async () => {
  const { data } = await house.get<{ readonly data: readonly { upstream: string; costMicros: number | null }[] }>(
    '/api/requests?limit=1000&upstream=groq',
  )
  expect(data.length).toBeGreaterThan(0)
  for (const { costMicros } of data) expect(costMicros).toBeGreaterThan(0)
})

describe('the catalogue', () => {
  interface Page {
    readonly data: readonly { id: string; usable: boolean; why: string; as: string | null }[]
    readonly total: number
    readonly next: string | null
  }

  test('tells what can be used, and why not', async () => {
    const usable = await house.get<Page>('/api/catalogue?usable=true&limit=1000')
    expect(usable.data.map(({ as }) => as)).toContain('groq/llama-3.3-70b-versatile')
    const venice = await house.get<Page>('/api/catalogue?provider=venice&limit=1')
    expect(venice.data[0]).toMatchObject({ usable: false, as: null })
    expect(venice.data[0]?.why).toContain('{ provider: venice, apiKey: ${VENICE_API_KEY} }')
  })

  test('is read page by page, each model once', async () => {
    const ids: string[] = []
    let after: string | null = ''
    for (let page = 0; after !== null; page++) {
      const query: string = after === '' ? '' : `&after=${encodeURIComponent(after)}`
      const read: Page = await house.get(`/api/catalogue?limit=1000${query}`)
      ids.push(...read.data.map(({ id }) => id))
      after = read.next
      expect(read.total).toBe(4408)
      expect(page).toBeLessThan(6)
    }
    expect(new Set(ids).size).toBe(4408)
  })

  test('is what /v1/models tells more of', async () => {
    const { data } = await openai.models.list()
    const sonar = data.find(({ id }) => id === 'perplexity/sonar-pro')
    expect(sonar).toMatchObject({
      context_length: 200_000,
      max_output_tokens: 8192,
      architecture: { output_modalities: ['text'] },
      pricing: { prompt: '0.000003', completion: '0.000015' },
    })
  })

  test('shows a key only what it may use', async () => {
    const made = await house.ask('/api/keys', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'narrow', scopes: ['inference'], models: ['groq/llama-3.3-70b-versatile'] }),
    })
    const { key } = (await made.json()) as { readonly key: string }
    const headers = { authorization: `Bearer ${key}` }
    const page = (await (await house.ask('/api/catalogue?provider=groq&limit=1000', { headers })).json()) as Page
    expect(page.data.filter(({ usable }) => usable).map(({ id }) => id)).toEqual(['groq/llama-3.3-70b-versatile'])
    const listed = (await (await house.ask('/v1/models', { headers })).json()) as { data: { id: string }[] }
    expect(listed.data.map(({ id }) => id)).toEqual(['groq/llama-3.3-70b-versatile'])
    expect((await house.ask('/api/catalogue/plan', { method: 'POST', headers, body: '{}' })).status).toBe(403)
  })
})
