/** Ollama's client, unmodified, with a model behind every API; ollama.test.ts is about its listener and its models. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Ollama, type ChatRequest, type ChatResponse, type Message, type Tool } from 'ollama'
import { findFreePort } from '#platform/process/free-port.ts'
import { citySchema } from '../env/conformance-clients.ts'
import {
  models,
  startConformanceHouse,
  upstreamOf,
  type ConformanceHouse,
  type ModelKind,
} from '../env/conformance-house.ts'
import { until } from '../env/until.ts'

const loopback = '127.0.0.1'
let all: ConformanceHouse
let client: Ollama
let host: string
beforeAll(async () => {
  const port = findFreePort(loopback)
  host = `http://${loopback}:${port}`
  all = await startConformanceHouse(`compat: { ollama: ${port}, trust: [${loopback}] }\n`)
  client = new Ollama({ host })
}, 60_000)
afterAll(() => all?.[Symbol.asyncDispose](), 60_000)

const user = (content: string, images?: string[]): Message => ({
  role: 'user',
  content,
  ...(images === undefined ? {} : { images }),
})
const weather: Tool = {
  type: 'function',
  function: { name: 'weather', description: 'The weather.', parameters: citySchema },
}
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

const cases = (Object.keys(models) as ModelKind[]).flatMap((kind) =>
  [false, true].map((isStream) => [kind, isStream ? 'streamed' : 'whole'] as const),
)

describe.each(cases)('with a model of kind %s, %s, the client', (kind, manner) => {
  const model = models[kind]
  const upstream = () => all.upstreams[upstreamOf[kind]]
  const ask = async (more: Partial<ChatRequest>): Promise<ChatResponse> => {
    if (manner === 'whole') return client.chat({ ...more, model, stream: false })
    const pieces: ChatResponse[] = []
    for await (const piece of await client.chat({ ...more, model, stream: true })) pieces.push(piece)
    const last = pieces.at(-1)
    if (last?.done !== true) throw new Error(`a stream without its end: ${JSON.stringify(last)}`)
    const joined = (member: 'content' | 'thinking') => pieces.map(({ message }) => message[member] ?? '').join('')
    const tool_calls = pieces.flatMap(({ message }) => message.tool_calls ?? [])
    return {
      ...last,
      message: { role: 'assistant', content: joined('content'), thinking: joined('thinking'), tool_calls },
    }
  }

  test('is answered, as the system wants it, and told what it took', async () => {
    const answer = await ask({ messages: [{ role: 'system', content: 'Answer in capitals.' }, user('Hello')] })
    expect(answer).toMatchObject({ model, done: true, done_reason: 'stop', eval_count: 2 })
    expect(answer.message).toMatchObject({ role: 'assistant', content: 'HELLO THERE' })
    expect(answer.prompt_eval_count).toBeGreaterThan(10)
    expect(upstream().refusals).toEqual([])
  })

  test('has two tools called at once and gives their results back', async () => {
    const asked = user('What is the weather in Oslo and Bergen?')
    const { message } = await ask({ messages: [asked], tools: [weather] })
    const calls = message.tool_calls ?? []
    expect(calls.map(({ function: called }) => called)).toMatchObject([
      { name: 'weather', arguments: { city: 'Oslo' } },
      { name: 'weather', arguments: { city: 'Bergen' } },
    ])
    const results = ['rain', 'sun'].map((content): Message => ({ role: 'tool', content, tool_name: 'weather' }))
    const second = await ask({ messages: [asked, message, ...results], tools: [weather] })
    expect(second.message.content).toBe('The result: rain and sun')
    expect(upstream().refusals).toEqual([])
  })

  test('has two called at once whose pieces come mixed', async () => {
    const asked = user('What is the weather in Oslo and Bergen, mixed?')
    const { message } = await ask({ messages: [asked], tools: [weather] })
    const cities = (message.tool_calls ?? []).map(({ function: called }) => called.arguments['city'] as unknown)
    expect(cities).toEqual(['Oslo', 'Bergen'])
  })

  test('gets JSON, of a schema and without one', async () => {
    const properties = { place: { type: 'string' }, degrees: { type: 'integer', minimum: 1 } }
    const schema = { type: 'object', properties, required: ['place'] }
    const fit = await ask({ messages: [user('A reading')], format: schema })
    expect(JSON.parse(fit.message.content)).toEqual({ place: 'Hello there', degrees: 7 })
    const free = await ask({ messages: [user('Hello, as JSON')], format: 'json' })
    expect(JSON.parse(free.message.content)).toEqual({ answer: 'Hello there' })
    expect(upstream().refusals).toEqual([])
  })

  test('has it think', async () => {
    const { message, done_reason: reason } = await ask({ messages: [user('Hello')], think: 'low' })
    expect(message.content).toBe('Hello there')
    // OpenAI shows no thoughts to who cannot ask for a summary.
    expect(message.thinking ?? '').toBe(kind === 'vendor' || kind === 'responses' ? '' : 'I think about it.')
    expect(reason).toBe('stop')
    expect(upstream().refusals).toEqual([])
  })

  test('bounds the answer, and ends it where it wants', async () => {
    const cut = await ask({ messages: [user('Count to 40')], options: { num_predict: 20, temperature: 0.5 } })
    expect(cut).toMatchObject({ done_reason: 'length', eval_count: 20 })
    const ended = ask({ messages: [user('Count to 40')], options: { stop: [' 5'] } })
    if (kind === 'responses') expect(await failure(ended)).toContain('no stop sequences')
    else expect((await ended).message.content).toBe('1 2 3 4')
    expect(upstream().refusals).toEqual([])
  })

  test('sends pictures, which never leave the house', async () => {
    const asked = ask({ messages: [user('What is it?', [png])] })
    if (kind === 'vendor') expect(await failure(asked)).toContain('image')
    else expect((await asked).message.content).toBe('An image of image/png, 70 bytes.')
  })

  test('generates', async () => {
    const request = { model, prompt: 'Hello', system: 'Answer in capitals.' }
    if (manner === 'whole') {
      const { response, done_reason: reason } = await client.generate({ ...request, stream: false })
      expect({ response, reason }).toEqual({ response: 'HELLO THERE', reason: 'stop' })
      return
    }
    const pieces = []
    for await (const piece of await client.generate({ ...request, stream: true })) pieces.push(piece)
    expect(pieces.map(({ response }) => response).join('')).toBe('HELLO THERE')
    expect(pieces.at(-1)).toMatchObject({ done: true, done_reason: 'stop', eval_count: 2 })
  })

  test('is told of failures', async () => {
    expect(await failure(ask({ messages: [user('This is too long')] }))).toContain('maximum context length')
    expect(await failure(ask({ messages: [user('Please fail with 429')] }))).toContain('takes no more requests')
    expect(await failure(ask({ messages: [user('Please fail with 500')] }))).toContain('It failed with 500')
    if (manner === 'streamed')
      expect(await failure(ask({ messages: [user('Count to 9 and break off')] }))).toContain('incomplete')
  }, 20_000)

  if (manner === 'streamed')
    test('hangs up, and who was asked sees it', async () => {
      const before = upstream().hangUps
      const impatient = new Ollama({ host })
      const work = (async () => {
        const stream = await impatient.chat({ model, messages: [user('Count for ever')], stream: true })
        for await (const _ of stream) impatient.abort()
      })()
      expect(await failure(work)).toContain('abort')
      await until('the upstream sees the hang-up', () => upstream().hangUps > before)
      expect(upstream().inFlight).toBe(0)
    })
})

test('lists and shows models of every API', async () => {
  const listed = (await client.list()).models.map(({ name }) => name)
  expect(listed).toEqual(expect.arrayContaining(Object.values(models)))
  for (const model of Object.values(models)) expect((await client.show({ model })).capabilities).toContain('completion')
})

async function failure(work: Promise<unknown>): Promise<string> {
  return work.then(
    (got) => `it went well: ${JSON.stringify(got)}`,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
}
