/** Anthropic's client, unmodified, with models of every kind; and OpenAI's with a model of Anthropic. */
import Anthropic from '@anthropic-ai/sdk'
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import OpenAI from 'openai'
import { startHouse, type House } from '../env/house.ts'
import { startOpenaiUpstream, type Mode, type OpenaiUpstream } from '../fakes/openai-upstream.ts'
import { startScriptedChat } from '../fakes/scripted-chat.ts'
import { startScriptedMessages } from '../fakes/scripted-messages.ts'
import type { ScriptedUpstream } from '../fakes/scripted-turn.ts'

const script = { command: 'cat note.txt' }
let house: House
let chat: ScriptedUpstream
let vendor: ScriptedUpstream
let counting: ScriptedUpstream
let frail: OpenaiUpstream
let client: Anthropic

beforeAll(async () => {
  chat = startScriptedChat(script)
  vendor = startScriptedMessages(script)
  frail = await startOpenaiUpstream()
  counting = startScriptedChat({ ...script, hasTokenizer: true })
  house = await startHouse({
    config: `
upstreams:
  - { name: office, baseUrl: "${chat.url}", apiKey: "${chat.key}", locality: lan }
  - { name: frail, baseUrl: "${frail.url}", apiKey: "${frail.key}", locality: lan }
  - { name: counting, baseUrl: "${counting.url}", apiKey: "${counting.key}", locality: lan }
  - { name: vendor, kind: anthropic, baseUrl: "${vendor.url}", apiKey: "${vendor.key}", locality: lan }
`,
  })
  client = new Anthropic({ baseURL: house.url, apiKey: house.adminKey, maxRetries: 0 })
}, 60_000)
afterAll(async () => {
  await house?.[Symbol.asyncDispose]()
  await chat?.[Symbol.asyncDispose]()
  await vendor?.[Symbol.asyncDispose]()
  await counting?.[Symbol.asyncDispose]()
  await frail?.[Symbol.asyncDispose]()
}, 60_000)

const bash: Anthropic.Tool = {
  name: 'Bash',
  input_schema: { type: 'object', properties: { command: { type: 'string' } } },
}
const ask = (model: string): Anthropic.MessageCreateParamsNonStreaming => ({
  model,
  max_tokens: 2000,
  messages: [{ role: 'user', content: 'What does the note say?' }],
  tools: [bash],
})

const models = ['office/scripted', 'vendor/claude-scripted'] as const

describe.each(models)("Anthropic's client with %s", (model) => {
  test('is asked for a call, gives its result and gets an answer, whole', async () => {
    const first = await client.messages.create(ask(model))
    expect(first.stop_reason).toBe('tool_use')
    expect(first.usage).toMatchObject({ output_tokens: 40 })
    const call = first.content.find((block) => block.type === 'tool_use')!
    expect(call).toMatchObject({ name: 'Bash', input: { command: 'cat note.txt' } })
    const second = await client.messages.create(answered(model, first.content, call.id))
    expect(second).toMatchObject({ type: 'message', role: 'assistant', stop_reason: 'end_turn' })
    expect(second.content).toMatchObject([{ type: 'text', text: 'It says: forty-two' }])
  })

  test('does the same with streams, thoughts included', async () => {
    const first = await client.messages.stream(ask(model)).finalMessage()
    expect(first.content.map(({ type }) => type)).toEqual(['thinking', 'tool_use'])
    const call = first.content.find((block) => block.type === 'tool_use')!
    expect(call.input).toEqual({ command: 'cat note.txt' })
    const second = client.messages.stream(answered(model, first.content, call.id))
    expect(await second.finalText()).toBe('It says: forty-two')
    const { input_tokens, cache_read_input_tokens, output_tokens } = (await second.finalMessage()).usage
    expect(input_tokens + (cache_read_input_tokens ?? 0)).toBe(1200)
    expect(output_tokens).toBe(40)
  })

  function answered(name: string, said: readonly Anthropic.ContentBlock[], id: string) {
    const asked = ask(name)
    const result: Anthropic.ToolResultBlockParam = { type: 'tool_result', tool_use_id: id, content: 'forty-two' }
    const messages: Anthropic.MessageParam[] = [
      ...asked.messages,
      { role: 'assistant', content: [...said] as Anthropic.ContentBlockParam[] },
      { role: 'user', content: [result] },
    ]
    return { ...asked, messages }
  }
})

test('nothing of it was refused by those who were asked', () => {
  expect([...chat.refusals, ...vendor.refusals]).toEqual([])
  expect(chat.requests.length).toBeGreaterThan(3)
  expect(vendor.requests.length).toBeGreaterThan(3)
})

test('models of Anthropic stand in the list', async () => {
  const { data } = await house.get<{ readonly data: readonly { readonly id: string }[] }>('/v1/models')
  expect(data.map(({ id }) => id)).toContain('vendor/claude-scripted')
})

test("a beta and a version that the caller names reach Anthropic, the house's key with them", async () => {
  const headers = { 'anthropic-beta': 'some-beta-2026', 'anthropic-version': '2099-01-01' }
  await client.messages.create(ask('vendor/claude-scripted'), { headers })
  const sent = vendor.requests.at(-1)!.headers
  expect(sent.get('anthropic-beta')).toBe('some-beta-2026')
  expect(sent.get('anthropic-version')).toBe('2099-01-01')
  expect(sent.get('x-api-key')).toBe(vendor.key)
})

test("OpenAI's client works with a model of Anthropic", async () => {
  const openai = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: house.adminKey, maxRetries: 0 })
  const stream = openai.chat.completions.stream({
    model: 'vendor/claude-scripted',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'What does the note say?' },
    ],
    tools: [{ type: 'function', function: { name: 'Bash', parameters: { type: 'object', properties: {} } } }],
    stream_options: { include_usage: true },
  })
  const answer = await stream.finalChatCompletion()
  expect(answer.choices[0]?.finish_reason).toBe('tool_calls')
  const [call] = answer.choices[0]?.message.tool_calls ?? []
  expect(call).toMatchObject({ type: 'function', function: { name: 'Bash', arguments: '{"command":"cat note.txt"}' } })
  expect(answer.usage).toMatchObject({ prompt_tokens: 1200, completion_tokens: 40 })
  const request = vendor.requests.at(-1)!.body
  expect(request).toMatchObject({ max_tokens: 32_000, system: [{ type: 'text', text: 'Be brief.' }] })
})

test('a conversation that began with a model in the house goes on with one of Anthropic', async () => {
  const first = await client.messages.stream(ask('office/scripted')).finalMessage()
  const call = first.content.find((block) => block.type === 'tool_use')!
  expect(first.content[0]).toMatchObject({ type: 'thinking', signature: '' })
  const result = { type: 'tool_result', tool_use_id: call.id, content: 'forty-two' } as const
  const second = await client.messages.create({
    ...ask('vendor/claude-scripted'),
    messages: [
      { role: 'user', content: 'What does the note say?' },
      { role: 'assistant', content: first.content as Anthropic.ContentBlockParam[] },
      { role: 'user', content: [result] },
    ],
  })
  expect(second.content).toMatchObject([{ type: 'text', text: 'It says: forty-two' }])
})

test("a tool that only Anthropic's servers run is no reason to refuse", async () => {
  const answer = await client.messages.create({
    model: 'office/scripted',
    max_tokens: 100,
    messages: [{ role: 'user', content: 'Perform a web search for the query: bun' }],
    tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 8 }],
    tool_choice: { type: 'tool', name: 'web_search' },
    thinking: { type: 'disabled' },
  })
  expect(answer.content).toMatchObject([{ type: 'text', text: 'There is no shell.' }])
})

describe('a stream that breaks off after its first words ends with an error of the dialect when the upstream', () => {
  test.each(['cut', 'reset_mid_body', 'error_event', 'broken_sse'] as const)('goes on with %s', async (mode: Mode) => {
    frail.play({ mode, tokens: 20 })
    const said: string[] = []
    const stream = client.messages.stream({ ...ask('frail/echo'), tools: [] })
    stream.on('text', (text) => void said.push(text))
    const error = await stream.finalMessage().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Anthropic.APIError)
    expect(error).toMatchObject({ type: 'api_error' })
    expect(said.join('')).toStartWith('w0 w1 ')
  })

  test('says everything but the last event, and then the answer is whole', async () => {
    frail.play({ mode: 'no_done', tokens: 3 })
    const message = await client.messages.stream({ ...ask('frail/echo'), tools: [] }).finalMessage()
    expect(message).toMatchObject({ stop_reason: 'end_turn', content: [{ type: 'text', text: 'w0 w1 w2 ' }] })
  })
})

describe('errors are of the classes that the client knows:', () => {
  test('an unknown model', async () => {
    const error = await client.messages.create(ask('nobody')).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Anthropic.NotFoundError)
    expect(error).toMatchObject({ type: 'not_found_error', status: 404, requestID: expect.stringMatching(/^req_/) })
  })

  test('a wrong key', async () => {
    const stranger = new Anthropic({ baseURL: house.url, apiKey: 'hk-no', maxRetries: 0 })
    const error = await stranger.messages.create(ask('office/scripted')).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Anthropic.AuthenticationError)
  })

  test('a request that makes no sense', async () => {
    const messages = [{ role: 'narrator', content: 'x' }] as unknown as Anthropic.MessageParam[]
    const error = await client.messages
      .create({ ...ask('office/scripted'), messages })
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Anthropic.BadRequestError)
    expect(String(error)).toContain('messages.0.role')
  })
})

describe('tokens are counted', () => {
  const count = async (model: string) => {
    const { max_tokens: _, ...asked } = ask(model)
    const { data, response } = await client.messages.countTokens(asked).withResponse()
    return { tokens: data.input_tokens, source: response.headers.get('x-hearth-token-count') }
  }

  test('by Anthropic for its own', async () => {
    expect(await count('vendor/claude-scripted')).toEqual({ tokens: 4321, source: 'upstream' })
  })

  test('by the tokenizer of an engine in the network', async () => {
    const { tokens, source } = await count('counting/scripted')
    expect(source).toBe('engine')
    expect(tokens).toBeGreaterThan(100)
    expect(counting.refusals).toEqual([])
  })

  test('by an estimate where nobody can', async () => {
    const { tokens, source } = await count('office/scripted')
    expect(source).toBe('estimate')
    expect(tokens).toBeWithin(20, 200)
  })

  test('by the engine of the house once it runs, and not by loading it', async () => {
    expect((await count('hearth/smoke')).source).toBe('estimate')
    const { max_tokens: _, tools: _tools, ...asked } = ask('hearth/smoke')
    const { usage } = await client.messages.create({ ...asked, max_tokens: 4 })
    const { data, response } = await client.messages.countTokens(asked).withResponse()
    expect(response.headers.get('x-hearth-token-count')).toBe('engine')
    expect(data.input_tokens).toBe(usage.input_tokens + (usage.cache_read_input_tokens ?? 0))
  }, 60_000)

  test('only for who has a key', async () => {
    const body = JSON.stringify(ask('office/scripted'))
    const answer = await house.ask('/v1/messages/count_tokens', {
      method: 'POST',
      body,
      headers: { authorization: 'Bearer hk-no' },
    })
    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({ type: 'error', error: { type: 'authentication_error' } })
  })
})
