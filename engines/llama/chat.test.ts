import { afterAll, beforeAll, describe, expect, test, setDefaultTimeout } from 'bun:test'
import OpenAI from 'openai'
import { smokeModel } from '#fleet/core/gguf/smoke.ts'
import { type RunningEngine, startEngine } from '../../test/env/llama-engine.ts'

// Real processes on a machine that may be busy with other tests.
setDefaultTimeout(60_000)

let engine: RunningEngine
let client: OpenAI
beforeAll(async () => {
  engine = await startEngine({ token: 'secret', args: ['--context', '1024', '--parallel', '2', '--threads', '1'] })
  client = new OpenAI({ apiKey: 'secret', baseURL: `${engine.url}/v1`, maxRetries: 0 })
})
afterAll(() => engine[Symbol.asyncDispose]())

const hello = [{ role: 'user' as const, content: 'Tell me of the house.' }]
const weather = {
  type: 'function' as const,
  function: {
    name: 'get_weather',
    description: 'The weather of a city',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, unit: { enum: ['c', 'f'] } },
      required: ['city', 'unit'],
    },
  },
}

describe("OpenAI's own client", () => {
  test('gets an answer with honest usage, the same for the same seed', async () => {
    const ask = { model: 'smoke', messages: hello, max_tokens: 20, seed: 7, temperature: 0.9 }
    const [first, second, other] = [
      await client.chat.completions.create(ask),
      await client.chat.completions.create(ask),
      await client.chat.completions.create({ ...ask, seed: 8 }),
    ]
    expect(first.choices[0]?.message.content).toMatch(/^[A-Z][a-z]+( |,|\.)/)
    expect(second.choices[0]?.message.content).toBe(first.choices[0]?.message.content ?? '')
    expect(other.choices[0]?.message.content).not.toBe(first.choices[0]?.message.content ?? '')
    expect(first.model).toBe('smoke')
    const { usage } = second
    expect(usage?.completion_tokens).toBeLessThanOrEqual(20)
    expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0))
    expect(usage?.prompt_tokens_details?.cached_tokens).toBe((usage?.prompt_tokens ?? 0) - 1)
  })

  test('streams a role first, then content, the reason it ended, and usage last', async () => {
    const stream = await client.chat.completions.create({
      model: 'smoke',
      messages: hello,
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 12,
      temperature: 0,
    })
    const chunks = await Array.fromAsync(stream)
    expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant')
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('length')
    expect(chunks.at(-1)?.choices).toEqual([])
    expect(chunks.at(-1)?.usage?.completion_tokens).toBe(12)
    const whole = await client.chat.completions.create({
      model: 'smoke',
      messages: hello,
      max_tokens: 12,
      temperature: 0,
    })
    expect(whole.choices[0]?.message.content).toBe(text)
  })

  test('lists the model', async () => {
    const models = await client.models.list()
    expect(models.data.map((model) => model.id)).toEqual(['smoke'])
  })

  test('gets JSON that fits its schema', async () => {
    const answer = await client.chat.completions.create({
      model: 'smoke',
      messages: hello,
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'room',
          strict: true,
          schema: {
            type: 'object',
            properties: {
              colour: { anyOf: [{ const: 'red' }, { const: 'blue' }] },
              doors: { type: 'integer' },
              isWarm: { type: 'boolean' },
              owner: { $ref: '#/$defs/person' },
            },
            $defs: { person: { type: 'object', properties: { name: { type: 'string' } } } },
          },
        },
      },
    })
    const room = JSON.parse(answer.choices[0]?.message.content ?? '')
    expect(Object.keys(room)).toEqual(['colour', 'doors', 'isWarm', 'owner'])
    expect(['red', 'blue']).toContain(room.colour)
    expect(Number.isInteger(room.doors)).toBe(true)
    expect(typeof room.owner.name).toBe('string')
    expect(answer.choices[0]?.finish_reason).toBe('stop')
    const any = await client.chat.completions.create({
      model: 'smoke',
      messages: hello,
      response_format: { type: 'json_object' },
    })
    expect(JSON.parse(any.choices[0]?.message.content ?? '')).toBeObject()
  })

  test('is given a tool call, whole and streamed, and can answer it', async () => {
    const ask = { model: 'smoke', messages: hello, tools: [weather], tool_choice: 'required' as const, seed: 1 }
    const answer = await client.chat.completions.create(ask)
    const call = answer.choices[0]?.message.tool_calls?.[0]
    if (call?.type !== 'function') throw new Error(`unexpected ${JSON.stringify(answer)}`)
    expect(answer.choices[0]?.finish_reason).toBe('tool_calls')
    expect(call.function.name).toBe('get_weather')
    expect(Object.keys(JSON.parse(call.function.arguments))).toEqual(['city', 'unit'])
    const chunks = await Array.fromAsync(await client.chat.completions.create({ ...ask, stream: true }))
    const streamed = chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? [])
    expect(streamed[0]?.function).toEqual(call.function)
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls')
    const after = await client.chat.completions.create({
      model: 'smoke',
      messages: [
        ...hello,
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: call.id, content: '{"degrees": 21}' },
      ],
      tools: [weather],
      max_tokens: 8,
    })
    expect(after.choices[0]?.message.content).not.toBe('')
    const unwanted = await client.chat.completions.create({
      model: 'smoke',
      messages: hello,
      tools: [weather],
      tool_choice: 'none',
      max_tokens: 8,
    })
    expect(unwanted.choices[0]?.message.tool_calls).toBeUndefined()
  })

  test('is told the probabilities of tokens', async () => {
    const answer = await client.chat.completions.create({
      model: 'smoke',
      messages: hello,
      max_tokens: 5,
      logprobs: true,
      top_logprobs: 3,
      temperature: 0,
    })
    const tokens = answer.choices[0]?.logprobs?.content ?? []
    expect(tokens.map((token) => token.token).join('')).toBe(answer.choices[0]?.message.content ?? '')
    expect(tokens).toHaveLength(5)
    for (const token of tokens) {
      expect(token.top_logprobs).toHaveLength(3)
      expect(token.top_logprobs[0]?.token).toBe(token.token)
      expect(token.logprob).toBeLessThanOrEqual(0)
    }
  })
})

test('a stop text ends the answer and is not shown, in a stream too', async () => {
  const ask = { messages: hello, temperature: 0, max_tokens: 60, ignore_eos: true }
  const full = await (await engine.post('/v1/chat/completions', ask)).json()
  const text: string = full.choices[0].message.content
  const stop = text.slice(10, 14)
  const cut = await (await engine.post('/v1/chat/completions', { ...ask, stop: [stop] })).json()
  expect(cut.choices[0].message.content).toBe(text.slice(0, text.indexOf(stop)))
  expect(cut.choices[0].finish_reason).toBe('stop')
  const stream = await (await engine.post('/v1/chat/completions', { ...ask, stop, stream: true })).text()
  const shown = [...stream.matchAll(/"content":"([^"]*)"/g)].map((match) => match[1]).join('')
  expect(shown).toBe(text.slice(0, text.indexOf(stop)))
  expect(stream.endsWith('data: [DONE]\n\n')).toBe(true)
})

test('an answer ends where the context does', async () => {
  const answer = await (await engine.post('/v1/chat/completions', { messages: hello, ignore_eos: true })).json()
  expect(answer.choices[0].finish_reason).toBe('length')
  expect(answer.usage.total_tokens).toBe(1022)
})

test('what a reasoning model thinks is kept apart from what it says', async () => {
  // The same model with a template that knows thoughts: the library looks for their marks there.
  const model = Buffer.from(smokeModel('chat'))
  model.write('<think>a</think> xyz', model.indexOf('one or more of these'))
  await using thinker = await startEngine({ model, args: ['--context', '512', '--parallel', '1', '--threads', '1'] })
  const ask = { messages: hello, grammar: 'root ::= "<think>red moon</think>" "blue star"', max_tokens: 80 }
  const whole = await (await thinker.post('/v1/chat/completions', ask)).json()
  expect(whole.choices[0].message as unknown).toMatchObject({ reasoning_content: 'red moon', content: 'blue star' })
  const stream = await (await thinker.post('/v1/chat/completions', { ...ask, stream: true })).text()
  const joined = (name: string) =>
    [...stream.matchAll(new RegExp(`"${name}":"([^"]*)"`, 'g'))].map((match) => match[1]).join('')
  expect(joined('reasoning_content')).toBe('red moon')
  expect(joined('content')).toBe('blue star')
})

describe('a bad request gets a sentence', () => {
  const cases: readonly (readonly [name: string, body: unknown, status: number, code: string, message: RegExp])[] = [
    ['without messages', {}, 400, 'invalid_request', /"messages" must be a list with at least one message/],
    [
      'with a wrong role',
      { messages: [{ role: 'king', content: 'x' }] },
      400,
      'invalid_request',
      /messages\[0\].role must be .* not "king"/,
    ],
    [
      'with a wrong type',
      { messages: hello, temperature: 'hot' },
      400,
      'invalid_request',
      /"temperature" must be a number from 0 to 100, not "hot"/,
    ],
    [
      'with several answers',
      { messages: hello, n: 3 },
      400,
      'invalid_request',
      /"n" is 3; this engine gives one answer/,
    ],
    [
      'with an image',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:' } }] }] },
      400,
      'unsupported_content',
      /reads text only/,
    ],
    [
      'with a schema that no grammar can say',
      { messages: hello, response_format: { type: 'json_schema', json_schema: { schema: { allOf: [{}, {}] } } } },
      400,
      'invalid_json_schema',
      /"allOf" with several parts/,
    ],
    [
      'with a tool answer to nothing',
      { messages: [...hello, { role: 'tool', tool_call_id: 'x', content: '' }] },
      400,
      'invalid_request',
      /without an assistant message/,
    ],
    [
      'with an unknown tool choice',
      { messages: hello, tools: [weather], tool_choice: { type: 'function', function: { name: 'fly' } } },
      400,
      'invalid_request',
      /"tool_choice" must be/,
    ],
    [
      'longer than the context',
      { messages: [{ role: 'user', content: 'the house '.repeat(2000) }] },
      400,
      'context_length_exceeded',
      /maximum context length is 1024 tokens. However, your prompt has \d+ tokens/,
    ],
  ]
  for (const [name, body, status, code, message] of cases) {
    test(name, async () => {
      const response = await engine.post('/v1/chat/completions', body)
      const { error } = await response.json()
      expect(response.status).toBe(status)
      expect(error).toMatchObject({ code, type: 'invalid_request_error' })
      expect(error.message).toMatch(message)
    })
  }

  test('without JSON', async () => {
    const response = await engine.post('/v1/chat/completions', null, { body: '{"messages": [' })
    expect(response.status).toBe(400)
    expect((await response.json()).error.code).toBe('invalid_json')
  })

  test('and an unknown member is no fault', async () => {
    const response = await engine.post('/v1/chat/completions', {
      messages: hello,
      max_tokens: 1,
      store: true,
      user: 'me',
      x: {},
    })
    expect(response.status).toBe(200)
  })
})

test('without the token only /health answers', async () => {
  expect((await fetch(`${engine.url}/health`)).status).toBe(200)
  for (const path of ['/v1/models', '/metrics']) expect((await fetch(engine.url + path)).status).toBe(401)
  const wrong = await fetch(`${engine.url}/v1/models`, { headers: { authorization: 'Bearer secrex' } })
  expect(await wrong.json()).toMatchObject({ error: { code: 'invalid_api_key' } })
})
