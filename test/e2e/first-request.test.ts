/** What a newcomer does first: unmodified clients against the model that Hearth runs itself. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import OpenAI from 'openai'
import { startHouse, repositoryRoot } from '../env/house.ts'
import type { House } from '../env/house.ts'

const config = `
models:
  - id: vectors
    engine: llama
    file: smoke
    embeddings: true
`
let house: House
let client: OpenAI
beforeAll(async () => {
  house = await startHouse({ config })
  client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: house.adminKey, maxRetries: 0 })
}, 60_000)
afterAll(() => house[Symbol.asyncDispose](), 60_000)

const messages = [{ role: 'user', content: 'hello' }] as const
/** The first call starts the engine. */
const loadMs = 60_000

describe('the OpenAI client for TypeScript, unmodified,', () => {
  test(
    'gets a chat answer from a model that was not running',
    async () => {
      const answer = await client.chat.completions.create({
        model: 'hearth/smoke',
        messages: [...messages],
        max_tokens: 8,
      })
      expect(answer.choices[0]?.message.role).toBe('assistant')
      expect(answer.choices[0]?.finish_reason).toBeOneOf(['length', 'stop'])
      expect(answer.usage?.prompt_tokens).toBeGreaterThan(0)
      expect(answer.usage?.completion_tokens).toBeWithin(1, 9)
    },
    loadMs,
  )

  test(
    'streams, with usage because it asked for it',
    async () => {
      const stream = await client.chat.completions.create({
        model: 'hearth/smoke',
        messages: [...messages],
        max_tokens: 8,
        stream: true,
        stream_options: { include_usage: true },
      })
      const chunks: OpenAI.ChatCompletionChunk[] = []
      for await (const chunk of stream) chunks.push(chunk)
      expect(chunks.length).toBeGreaterThan(2)
      expect(chunks.map((chunk) => chunk.choices[0]?.finish_reason).find(Boolean)).toBeOneOf(['length', 'stop'])
      expect(chunks.at(-1)?.usage?.completion_tokens).toBeWithin(1, 9)
    },
    loadMs,
  )

  test(
    'streams without usage when it did not ask',
    async () => {
      const stream = await client.chat.completions.create({
        model: 'hearth/smoke',
        messages: [...messages],
        max_tokens: 4,
        stream: true,
      })
      for await (const chunk of stream) expect(chunk.usage ?? null).toBeNull()
    },
    loadMs,
  )

  test(
    'completes a prompt',
    async () => {
      const answer = await client.completions.create({ model: 'hearth/smoke', prompt: 'once', max_tokens: 4 })
      expect(answer.usage?.completion_tokens).toBeWithin(1, 5)
    },
    loadMs,
  )

  test(
    'gets the same embedding as floats and as base64',
    async () => {
      const ask = (encoding_format: 'float' | 'base64') =>
        client.embeddings.create({ model: 'vectors', input: ['one', 'two'], encoding_format })
      const floats = await ask('float')
      expect(floats.data.map((each) => each.index)).toEqual([0, 1])
      expect(floats.data[0]!.embedding.length).toBeGreaterThan(0)
      expect(floats.data[0]!.embedding.every(Number.isFinite)).toBeTrue()
      const response = await house.ask('/v1/embeddings', {
        method: 'POST',
        body: JSON.stringify({ model: 'vectors', input: ['one', 'two'], encoding_format: 'base64' }),
      })
      const body = (await response.json()) as { data: { embedding: string }[] }
      const bytes = Uint8Array.from(Buffer.from(body.data[0]!.embedding, 'base64'))
      expect([...new Float32Array(bytes.buffer)]).toEqual(floats.data[0]!.embedding.map(Math.fround))
    },
    loadMs,
  )

  test('lists the models that it may use, and says what the smoke model is', async () => {
    const models = (await client.models.list()).data
    expect(models.map((model) => model.id)).toEqual(
      expect.arrayContaining(['hearth/smoke', 'hearth/smoke-rank', 'vectors']),
    )
    const smoke = (await client.models.retrieve('hearth/smoke')) as OpenAI.Model & { hearth: { label: string } }
    expect(smoke.hearth.label).toContain('nonsense')
  })

  test('gets its typed errors', async () => {
    const failure = (asking: Promise<unknown>) =>
      asking.then(
        () => null,
        (error: unknown) => error,
      )
    const mistyped = { model: 'hearth/smok', messages: [...messages] }
    const notFound = await failure(client.chat.completions.create(mistyped))
    expect(notFound).toBeInstanceOf(OpenAI.NotFoundError)
    expect((notFound as Error).message).toContain('hearth/smoke')
    const stranger = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: 'hk-none', maxRetries: 0 })
    expect(await failure(stranger.models.list())).toBeInstanceOf(OpenAI.AuthenticationError)
  })
})

test(
  'the rank model ranks every document',
  async () => {
    const response = await house.ask('/v1/rerank', {
      method: 'POST',
      body: JSON.stringify({ model: 'hearth/smoke-rank', query: 'stove', documents: ['fire', 'ice', 'wood'] }),
    })
    expect(response.status).toBe(200)
    const { results } = (await response.json()) as { results: { index: number; relevance_score: number }[] }
    expect(results.map((each) => each.index).toSorted((a, b) => a - b)).toEqual([0, 1, 2])
    expect(results.every((each) => Number.isFinite(each.relevance_score))).toBeTrue()
  },
  loadMs,
)

test(
  'curl streams',
  async () => {
    const body = JSON.stringify({ model: 'hearth/smoke', messages, stream: true, max_tokens: 4 })
    const headers = ['-H', `Authorization: Bearer ${house.adminKey}`, '-H', 'Content-Type: application/json']
    const child = Bun.spawn(['curl', '-sS', '-N', `${house.url}/v1/chat/completions`, ...headers, '-d', body], {
      env: { PATH: process.env['PATH'] ?? '' },
      stdout: 'pipe',
    })
    const text = await child.stdout.text()
    expect(await child.exited).toBe(0)
    expect(text).toStartWith('data: {')
    expect(text.trimEnd()).toEndWith('data: [DONE]')
  },
  loadMs,
)

const python = process.env['HEARTH_TEST_PYTHON']
const script = `
import os, openai
client = openai.OpenAI(base_url=os.environ["BASE_URL"], api_key=os.environ["KEY"], max_retries=0)
messages = [{"role": "user", "content": "hello"}]
answer = client.chat.completions.create(model="hearth/smoke", messages=messages, max_tokens=4)
assert answer.usage.completion_tokens > 0
chunks = list(client.chat.completions.create(model="hearth/smoke", messages=messages, max_tokens=4, stream=True))
assert any(chunk.choices and chunk.choices[0].finish_reason for chunk in chunks)
assert len(client.embeddings.create(model="vectors", input="one").data[0].embedding) > 0
assert "hearth/smoke" in [model.id for model in client.models.list()]
print("all is well")
`

test.skipIf(!python)(
  'the OpenAI client for Python, unmodified, does the same (needs HEARTH_TEST_SYSTEM=1)',
  async () => {
    const folder = join(repositoryRoot, 'node_modules/.cache/hearth-python')
    await mkdir(folder, { recursive: true })
    const interpreter = join(folder, 'bin/python')
    if (!(await Bun.file(join(folder, 'installed')).exists())) {
      await run([python ?? '', '-m', 'venv', folder])
      await run([interpreter, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'openai==1.109.1'])
      await writeFile(join(folder, 'installed'), '')
    }
    const env = { BASE_URL: `${house.url}/v1`, KEY: house.adminKey }
    expect(await run([interpreter, '-c', script], env)).toBe('all is well\n')
  },
  180_000,
)

async function run(command: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<string> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...more }
  const child = Bun.spawn([...command], { env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  if (code !== 0) throw new Error(`${command.join(' ')} failed: ${err.slice(-2_000)}`)
  return out
}
