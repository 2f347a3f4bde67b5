import { afterAll, beforeAll, describe, expect, test, setDefaultTimeout } from 'bun:test'
import OpenAI from 'openai'
import { type RunningEngine, startEngine } from '../../test/env/llama-engine.ts'

// Real processes on a machine that may be busy with other tests.
setDefaultTimeout(60_000)

describe('embeddings', () => {
  let engine: RunningEngine
  let client: OpenAI
  beforeAll(async () => {
    engine = await startEngine({ args: ['--context', '512', '--parallel', '1', '--threads', '1', '--embeddings'] })
    client = new OpenAI({ apiKey: 'none', baseURL: `${engine.url}/v1`, maxRetries: 0 })
  })
  afterAll(() => engine[Symbol.asyncDispose]())

  test("reach OpenAI's client as floats and as base64, of length 1, and tell texts apart", async () => {
    const input = ['the red house', 'a river', 'the red house']
    const floats = await client.embeddings.create({ model: 'smoke', input, encoding_format: 'float' })
    // Without a wish the client asks for base64 and decodes it.
    const decoded = await client.embeddings.create({ model: 'smoke', input })
    const [first, second, third] = floats.data.map((entry) => entry.embedding)
    expect(first).toHaveLength(64)
    expect(Math.hypot(...(first ?? []))).toBeCloseTo(1, 5)
    expect(third).toEqual(first ?? [])
    expect(second).not.toEqual(first ?? [])
    decoded.data[0]?.embedding.forEach((value, at) => expect(value).toBeCloseTo(first?.[at] ?? NaN, 5))
    expect(floats.usage.prompt_tokens).toBeGreaterThan(6)
  })

  test('take tokens, shorten on wish, and refuse what is wrong', async () => {
    const { tokens } = await (await engine.post('/tokenize', { content: 'a river', add_special: true })).json()
    const embed = async (input: unknown) => (await engine.post('/v1/embeddings', { input, dimensions: 16 })).json()
    const [byTokens, byText] = [await embed(tokens), await embed('a river')]
    expect(byTokens.data[0].embedding).toEqual(byText.data[0].embedding)
    expect(byText.data[0].embedding).toHaveLength(16)
    for (const [body, message] of [
      [{}, /"input" must be a text or a list/],
      [{ input: '' }, /"input" must not be empty/],
      [{ input: 'x', encoding_format: 'hex' }, /"encoding_format" must be "float" or "base64"/],
      [{ input: 'x', dimensions: 65 }, /"dimensions" must be a whole number from 1 to 64/],
      [{ input: 'house '.repeat(2000) }, /input\[0\] has \d+ tokens; this model's context has 512/],
    ] as const) {
      const response = await engine.post('/v1/embeddings', body)
      expect(response.status).toBe(400)
      expect((await response.json()).error.message).toMatch(message)
    }
  })

  test('a model without a rank head says that it cannot rerank', async () => {
    const response = await engine.post('/v1/rerank', { query: 'x', documents: ['y'] })
    expect(response.status).toBe(400)
    expect((await response.json()).error).toMatchObject({ code: 'unsupported_operation' })
  })
})

describe('reranking', () => {
  let engine: RunningEngine
  beforeAll(async () => {
    engine = await startEngine({
      kind: 'rank',
      args: ['--context', '512', '--parallel', '1', '--threads', '1', '--rerank'],
    })
  })
  afterAll(() => engine[Symbol.asyncDispose]())

  test('sorts documents by a score between 0 and 1, the same each time', async () => {
    const body = { query: 'which animal', documents: ['the fox', { text: 'the owl' }, 'bread'], return_documents: true }
    const [first, second] = [
      await (await engine.post('/v1/rerank', body)).json(),
      await (await engine.post('/v1/rerank', body)).json(),
    ]
    expect(first.results).toHaveLength(3)
    expect(second.results).toEqual(first.results)
    const scores = first.results.map((result) => result.relevance_score)
    expect(scores.toSorted((a, b) => b - a)).toEqual(scores)
    expect(new Set(scores).size).toBe(3)
    for (const score of scores) expect(score > 0 && score < 1).toBe(true)
    for (const { index, document } of first.results)
      expect(document.text).toBe(['the fox', 'the owl', 'bread'][index] ?? '')
    const top = await (await engine.post('/v1/rerank', { ...body, top_n: 1 })).json()
    expect(top.results).toEqual(first.results.slice(0, 1))
  })

  test('a model that ranks writes no text, and says so', async () => {
    const response = await engine.post('/v1/chat/completions', { messages: [{ role: 'user', content: 'x' }] })
    expect(response.status).toBe(400)
    expect((await response.json()).error).toMatchObject({ code: 'unsupported_operation' })
  })

  test('refuses what is wrong', async () => {
    for (const [body, message] of [
      [{ documents: ['x'] }, /"query" is missing/],
      [{ query: 'x', documents: [] }, /"documents" must be a list of 1 to/],
      [{ query: 'x', documents: [3] }, /documents\[0\] must be a text/],
      [{ query: 'x', documents: ['house '.repeat(2000)] }, /have \d+ tokens; this model's context has 512/],
    ] as const) {
      const response = await engine.post('/v1/rerank', body)
      expect(response.status).toBe(400)
      expect((await response.json()).error.message).toMatch(message)
    }
  })
})
