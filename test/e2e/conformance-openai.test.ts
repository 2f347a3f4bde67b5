/** What OpenAI's client has beyond a plain question, with a model behind every API. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import OpenAI from 'openai'
import { zodFunction, zodResponseFormat, zodResponsesFunction, zodTextFormat } from 'openai/helpers/zod'
import { z } from 'zod'
import { citySchema } from '../env/conformance-clients.ts'
import { models, startConformanceHouse, upstreamOf, type ModelKind } from '../env/conformance-house.ts'
import type { ConformanceHouse } from '../env/conformance-house.ts'
import { until } from '../env/until.ts'

let all: ConformanceHouse
beforeAll(async () => {
  all = await startConformanceHouse()
}, 60_000)
afterAll(() => all?.[Symbol.asyncDispose](), 60_000)

const reading = z.object({ place: z.string(), degrees: z.number().int(), wind: z.enum(['weak', 'strong']) })
const read = { place: 'Hello there', degrees: 7, wind: 'weak' } as const
const weather = { type: 'function', function: { name: 'weather', parameters: citySchema } } as const
const user = (content: string): OpenAI.ChatCompletionMessageParam[] => [{ role: 'user', content }]
const kinds = Object.keys(models) as ModelKind[]

describe.each(kinds)('chat completions with a model of kind %s', (kind) => {
  const model = models[kind]

  test('have their pieces told by the helper for streams as they come', async () => {
    const stream = all.openai.chat.completions.stream({ model, messages: user('Count to 5') })
    const pieces: string[] = []
    stream.on('content', (piece) => pieces.push(piece))
    expect(await stream.finalContent()).toBe('1 2 3 4 5')
    expect(pieces.length).toBeGreaterThan(3)
    expect(pieces.join('')).toBe('1 2 3 4 5')
    expect(await stream.totalUsage()).toMatchObject({ completion_tokens: 0 })
  })

  test('tell the usage of a stream to who asks, and to nobody else', async () => {
    const ask = { model, messages: user('Hello'), stream: true } as const
    const usages = async (more: object) => {
      const chunks = await Array.fromAsync(await all.openai.chat.completions.create({ ...ask, ...more }))
      return chunks.filter(({ usage }) => usage !== null && usage !== undefined)
    }
    expect(await usages({})).toEqual([])
    const [told, ...more] = await usages({ stream_options: { include_usage: true } })
    expect(told).toMatchObject({
      choices: [],
      usage: { completion_tokens: 2, prompt_tokens_details: { cached_tokens: 4 } },
    })
    expect(more).toEqual([])
  })

  test.each([false, true])('run tools until there is an answer (streamed: %p)', async (stream) => {
    const asked: unknown[] = []
    const runs = {
      type: 'function' as const,
      function: {
        name: 'weather',
        description: 'The weather.',
        parameters: citySchema,
        parse: JSON.parse as (input: string) => { city: string },
        function: (input: { city: string }) => {
          asked.push(input)
          return `rain in ${input.city}`
        },
      },
    }
    const messages = user('What is the weather in Oslo and Bergen?')
    const runner = stream
      ? all.openai.chat.completions.runTools({ model, messages, tools: [runs], stream: true })
      : all.openai.chat.completions.runTools({ model, messages, tools: [runs] })
    expect(await runner.finalContent()).toBe('The result: rain in Oslo and rain in Bergen')
    expect(asked).toEqual([{ city: 'Oslo' }, { city: 'Bergen' }])
  })

  test('parse an answer by a schema of zod, and the arguments of a tool', async () => {
    const { choices } = await all.openai.chat.completions.parse({
      model,
      messages: user('A reading'),
      response_format: zodResponseFormat(reading, 'reading'),
    })
    expect(choices[0]?.message.parsed).toEqual(read)
    const called = await all.openai.chat.completions.parse({
      model,
      messages: user('What is the weather in Bergen?'),
      tools: [zodFunction({ name: 'weather', parameters: z.object({ city: z.string() }) })],
    })
    const [call] = called.choices[0]?.message.tool_calls ?? []
    expect(call).toMatchObject({ function: { parsed_arguments: { city: 'Bergen' } } })
  })

  test('hold several answers only where they are the upstream’s own', async () => {
    const asked = all.openai.chat.completions.create({ model, messages: user('Hello'), n: 2 })
    const isSame = kind === 'engine' || kind === 'vendor'
    if (isSame) expect((await asked).object).toBe('chat.completion')
    else expect(await failure(asked)).toMatchObject({ status: 400, param: 'n' })
  })

  test('send sound to who can hear it', async () => {
    const input_audio = { data: Buffer.from('RIFF').toString('base64'), format: 'wav' as const }
    const content = [
      { type: 'text' as const, text: 'What is it?' },
      { type: 'input_audio' as const, input_audio },
    ]
    const asked = all.openai.chat.completions.create({ model, messages: [{ role: 'user', content }] })
    if (kind === 'engine') {
      expect((await asked).choices[0]?.message.content).toBe('A sound of audio/wav, 4 bytes.')
      return
    }
    expect(await failure(asked)).toMatchObject({ status: kind === 'vendor' ? 403 : 400 })
  })

  test('give a tool of free text its text', async () => {
    const tool = { type: 'custom' as const, custom: { name: 'note', description: 'Writes it down.' } }
    const tool_choice = { type: 'custom' as const, custom: { name: 'note' } }
    const messages = user('Write it down')
    const { choices } = await all.openai.chat.completions.create({ model, messages, tools: [tool], tool_choice })
    const input = kind === 'budget' || kind === 'adaptive' ? 'Hello there' : 'city: Oslo'
    expect(choices[0]?.message.tool_calls).toMatchObject([{ type: 'custom', custom: { name: 'note', input } }])
  })
})

describe.each(kinds)('responses with a model of kind %s', (kind) => {
  const model = models[kind]

  test('are kept: asked on, read, listed and deleted', async () => {
    const { responses } = all.openai
    const first = await responses.create({ model, input: 'I am Ada' })
    expect(first).toMatchObject({ status: 'completed', output_text: 'Hello there', store: true })
    const second = await responses.create({ model, input: 'What came first?', previous_response_id: first.id })
    expect(second).toMatchObject({ output_text: 'First you said: I am Ada', previous_response_id: first.id })
    expect(await responses.retrieve(second.id)).toMatchObject({ id: second.id, output: second.output })
    const items = await Array.fromAsync(responses.inputItems.list(second.id, { order: 'asc' }))
    expect(items.map((item) => ('role' in item ? item.role : item.type))).toEqual(['user', 'assistant', 'user'])
    await responses.delete(second.id)
    expect(await failure(responses.retrieve(second.id))).toBeInstanceOf(OpenAI.NotFoundError)
    expect(await failure(responses.create({ model, input: 'x', previous_response_id: second.id }))).toMatchObject({
      status: 404,
    })
  })

  test('are kept when they were streamed', async () => {
    const { responses } = all.openai
    const stream = responses.stream({ model, input: 'What is the weather in Oslo?', tools: [{ ...flat }] })
    const first = await stream.finalResponse()
    const [call] = first.output.filter((item) => item.type === 'function_call')
    expect(call).toMatchObject({ name: 'weather', arguments: '{"city":"Oslo"}' })
    const output = [{ type: 'function_call_output' as const, call_id: call?.call_id ?? '', output: 'rain' }]
    const more = { model, tools: [{ ...flat }], previous_response_id: first.id }
    const second = await responses.stream({ ...more, input: output }).finalResponse()
    expect(second.output_text).toBe('The result: rain')
  })

  test('tell of a stream in events of the right order', async () => {
    const stream = await all.openai.responses.create({ model, input: 'Hello', stream: true, store: false })
    const events = await Array.fromAsync(stream)
    expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, index) => index))
    expect(events.map(({ type }) => type).filter((type) => !type.endsWith('text.delta'))).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ])
  })

  test('parse an answer by a schema of zod, and the arguments of a tool', async () => {
    const parsed = await all.openai.responses.parse({
      model,
      input: 'A reading',
      text: { format: zodTextFormat(reading, 'reading') },
    })
    expect(parsed.output_parsed).toEqual(read)
    const tool = zodResponsesFunction({ name: 'weather', parameters: z.object({ city: z.string() }) })
    const called = await all.openai.responses.parse({ model, input: 'What is the weather in Oslo?', tools: [tool] })
    expect(called.output).toMatchObject([{ type: 'function_call', parsed_arguments: { city: 'Oslo' } }])
  })

  test('give a tool of free text its text', async () => {
    const tool = { type: 'custom' as const, name: 'note', description: 'Writes it down.' }
    const tool_choice = { type: 'custom' as const, name: 'note' }
    const { output } = await all.openai.responses.create({ model, input: 'Write it down', tools: [tool], tool_choice })
    const input = kind === 'responses' ? 'city: Oslo' : 'Hello there'
    expect(output).toMatchObject([{ type: 'custom_tool_call', name: 'note', input }])
  })

  test('run in the background, and can be cancelled', async () => {
    const { responses } = all.openai
    const begun = await responses.create({ model, input: 'Count to 3', background: true })
    expect(begun.status).toBe('queued')
    await until('it is done', async () => (await responses.retrieve(begun.id)).status === 'completed')
    expect((await responses.retrieve(begun.id)).output_text).toBe('1 2 3')
    const upstream = all.upstreams[upstreamOf[kind]]
    const endless = await responses.create({ model, input: 'Count for ever', background: true })
    await until('the upstream works on it', () => upstream.inFlight > 0)
    expect(await responses.cancel(endless.id)).toMatchObject({ status: 'cancelled' })
    await until('the upstream is left alone', () => upstream.inFlight === 0)
  })
})

const flat = { type: 'function', name: 'weather', parameters: citySchema, strict: true } as const

describe('errors are of the classes that the client knows:', () => {
  const ask = (client: OpenAI, model: string) => client.chat.completions.create({ model, messages: user('Hello') })

  test('an unknown model', async () => {
    for (const asked of [ask(all.openai, 'nobody'), all.openai.responses.create({ model: 'nobody', input: 'x' })]) {
      const error = await failure(asked)
      expect(error).toBeInstanceOf(OpenAI.NotFoundError)
      expect(error).toMatchObject({ code: 'model_not_found', param: 'model' })
    }
  })

  test('a wrong key', async () => {
    const stranger = new OpenAI({ baseURL: `${all.house.url}/v1`, apiKey: 'hk-no', maxRetries: 0 })
    expect(await failure(ask(stranger, models.engine))).toBeInstanceOf(OpenAI.AuthenticationError)
    expect(await failure(stranger.models.list())).toBeInstanceOf(OpenAI.AuthenticationError)
  })

  test('a request that makes no sense', async () => {
    const messages = [{ role: 'narrator', content: 'x' }] as unknown as OpenAI.ChatCompletionMessageParam[]
    for (const model of Object.values(models)) {
      const error = await failure(all.openai.chat.completions.create({ model, messages }))
      expect(error).toBeInstanceOf(OpenAI.BadRequestError)
      expect(error).toMatchObject({ param: 'messages[0].role' })
    }
  })

  test('a key that has asked too often, which the client waits for', async () => {
    const limits = { requestsPerMinute: 1 }
    const made = await all.house.ask('/api/keys', { method: 'POST', body: JSON.stringify({ name: 'slow', limits }) })
    const { key } = (await made.json()) as { readonly key: string }
    const slow = new OpenAI({ baseURL: `${all.house.url}/v1`, apiKey: key, maxRetries: 0 })
    await ask(slow, models.engine)
    const error = await failure(ask(slow, models.engine))
    expect(error).toBeInstanceOf(OpenAI.RateLimitError)
    expect(Number((error as InstanceType<typeof OpenAI.APIError>).headers?.get('retry-after'))).toBeGreaterThan(0)
  })

  test('a busy upstream is asked again: by the house, then by the client', async () => {
    const patient = new OpenAI({ baseURL: `${all.house.url}/v1`, apiKey: all.house.adminKey, maxRetries: 2 })
    const before = all.upstreams.chat.requests.length
    const messages = user('Please fail once with 529 (patience)')
    const answer = await patient.chat.completions.create({ model: models.engine, messages })
    expect(answer.choices[0]?.message.content).toBe('Hello there')
    expect(all.upstreams.chat.requests.length - before).toBe(2)
  }, 20_000)
})

test('models are listed and told, whatever API they are behind', async () => {
  const listed = (await Array.fromAsync(all.openai.models.list())).map(({ id }) => id)
  expect(listed).toEqual(expect.arrayContaining(Object.values(models)))
  expect(await all.openai.models.retrieve(models.budget)).toMatchObject({ id: models.budget, object: 'model' })
})

test('a tool that the caller declares nested means the same in every dialect', async () => {
  const { choices } = await all.openai.chat.completions.create({
    model: models.adaptive,
    messages: user('What is the weather in Oslo?'),
    tools: [weather],
  })
  expect(choices[0]?.finish_reason).toBe('tool_calls')
  expect(all.upstreams.messages.requests.at(-1)?.body['tools']).toMatchObject([{ input_schema: citySchema }])
})

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    (got) => `it went well: ${JSON.stringify(got)}`,
    (error: unknown) => error,
  )
}
