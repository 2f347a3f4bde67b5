/** What Anthropic's client has beyond a plain question, with a model behind every API. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod'
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod'
import { z } from 'zod'
import { models, startConformanceHouse, type ConformanceHouse, type ModelKind } from '../env/conformance-house.ts'

let all: ConformanceHouse
beforeAll(async () => {
  all = await startConformanceHouse()
}, 60_000)
afterAll(() => all?.[Symbol.asyncDispose](), 60_000)

const kinds = Object.keys(models) as ModelKind[]
const ask = (model: string, content: string): Anthropic.MessageCreateParamsNonStreaming => ({
  model,
  max_tokens: 2000,
  messages: [{ role: 'user', content }],
})

describe.each(kinds)('messages with a model of kind %s', (kind) => {
  const model = models[kind]

  test('have their pieces told by the helper for streams as they come', async () => {
    const stream = all.anthropic.messages.stream(ask(model, 'Count to 5'))
    const pieces: string[] = []
    stream.on('text', (piece) => pieces.push(piece))
    expect(await stream.finalText()).toBe('1 2 3 4 5')
    expect(pieces.length).toBeGreaterThan(3)
  })

  test('tell of a stream in events of the right order', async () => {
    const events = await Array.fromAsync(await all.anthropic.messages.create({ ...ask(model, 'Hello'), stream: true }))
    const types = events.map(({ type }) => type as string).filter((type) => type !== 'ping')
    expect(types.filter((type, index) => type !== types[index - 1])).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
  })

  test.each([false, true])('run tools until there is an answer (streamed: %p)', async (stream) => {
    const asked: unknown[] = []
    const tool = betaZodTool({
      name: 'weather',
      description: 'The weather.',
      inputSchema: z.object({ city: z.string() }),
      run: (input) => {
        asked.push(input)
        return `rain in ${input.city}`
      },
    })
    const body = {
      model,
      max_tokens: 2000,
      tools: [tool],
      messages: [{ role: 'user' as const, content: 'What is the weather in Oslo and Bergen?' }],
    }
    const runner = stream
      ? all.anthropic.beta.messages.toolRunner({ ...body, stream: true })
      : all.anthropic.beta.messages.toolRunner(body)
    const last = await runner.runUntilDone()
    expect(last.content).toMatchObject([{ type: 'text', text: 'The result: rain in Oslo and rain in Bergen' }])
    expect(asked).toEqual([{ city: 'Oslo' }, { city: 'Bergen' }])
  })

  test('parse an answer by a schema of zod', async () => {
    const reading = z.object({ place: z.string(), degrees: z.number().int() })
    const message = await all.anthropic.messages.parse({
      ...ask(model, 'A reading'),
      output_config: { format: zodOutputFormat(reading) },
    })
    expect(message.parsed_output).toEqual({ place: 'Hello there', degrees: 7 })
  })

  test('hold pictures and words within results of tools', async () => {
    const content = [
      { type: 'text', text: 'a map' },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
    ] as const
    const asked = all.anthropic.messages.create({
      ...ask(model, ''),
      tools: [{ name: 'map', input_schema: { type: 'object' } }],
      messages: [
        { role: 'user', content: 'Show me' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'map', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: [...content] }] },
      ],
    })
    if (kind === 'vendor') {
      expect(await failure(asked)).toBeInstanceOf(Anthropic.PermissionDeniedError)
      return
    }
    expect((await asked).content).toMatchObject([{ text: expect.stringContaining('a map') as string }])
  })

  test('count their tokens before they are asked', async () => {
    const { max_tokens: _, ...what } = ask(model, 'Hello to all of you')
    expect((await all.anthropic.messages.countTokens(what)).input_tokens).toBeGreaterThan(3)
  })

  test('may be carried on from words of the assistant', async () => {
    const answer = await all.anthropic.messages.create({
      ...ask(model, ''),
      messages: [
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: 'I say:' },
      ],
    })
    expect(answer.content).toMatchObject([{ type: 'text', text: 'Hello there' }])
  })
})

describe('errors are of the classes that the client knows:', () => {
  test('a key that has asked too often', async () => {
    const limits = { requestsPerMinute: 1 }
    const made = await all.house.ask('/api/keys', { method: 'POST', body: JSON.stringify({ name: 'slow', limits }) })
    const { key } = (await made.json()) as { readonly key: string }
    const slow = new Anthropic({ baseURL: all.house.url, apiKey: key, maxRetries: 0 })
    await slow.messages.create(ask(models.engine, 'Hello'))
    const error = await failure(slow.messages.create(ask(models.engine, 'Hello')))
    expect(error).toBeInstanceOf(Anthropic.RateLimitError)
    expect(error).toMatchObject({ type: 'rate_limit_error' })
  })

  test.each(kinds)('an upstream of kind %s that is overloaded, whatever it calls that', async (kind) => {
    const error = await failure(all.anthropic.messages.create(ask(models[kind], 'Please fail with 529')))
    expect(error).toBeInstanceOf(Anthropic.InternalServerError)
    expect(error).toMatchObject({ type: 'overloaded_error' })
  })

  test('a busy upstream is asked again', async () => {
    const patient = new Anthropic({ baseURL: all.house.url, apiKey: all.house.adminKey, maxRetries: 2 })
    const answer = await patient.messages.create(ask(models.budget, 'Please fail once with 529 (patience)'))
    expect(answer.content).toMatchObject([{ text: 'Hello there' }])
  }, 20_000)
})

test('the house answers with the ids that the client shows to people', async () => {
  const { request_id: id } = await all.anthropic.messages.create(ask(models.engine, 'Hello')).withResponse()
  expect(id).toBeString()
})

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    (got) => `it went well: ${JSON.stringify(got)}`,
    (error: unknown) => error,
  )
}
