/**
 * The official clients of three dialects, unmodified, with a deterministic model behind every API: what is asked comes
 * to mean the same, streamed and whole, and what a dialect cannot say is refused or left out as it is written here.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { drivers, type Ask, type AskTurn, type DriverName, type Got } from '../env/conformance-clients.ts'
import {
  models,
  startConformanceHouse,
  upstreamOf,
  type ConformanceHouse,
  type ModelKind,
} from '../env/conformance-house.ts'
import { until } from '../env/until.ts'
import type { ModelUpstream } from '../fakes/model-upstream/start.ts'

let all: ConformanceHouse
beforeAll(async () => {
  all = await startConformanceHouse()
}, 60_000)
afterAll(() => all?.[Symbol.asyncDispose](), 60_000)

const user = (text: string, more: object = {}): AskTurn => ({ kind: 'user', text, ...more })
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const pdf = Buffer.from('%PDF-1.4 nothing much').toString('base64')
const thought = 'I think about it.'

const pairs = (Object.keys(drivers) as DriverName[]).flatMap((caller) =>
  (Object.keys(models) as ModelKind[]).flatMap((kind) =>
    [false, true].map((isStream) => [caller, kind, isStream ? 'streamed' : 'whole'] as const),
  ),
)

describe.each(pairs)('the client of %s with a model of kind %s, %s,', (caller, kind, manner) => {
  const how = { model: models[kind], isStream: manner === 'streamed' }
  const ask = (what: Ask, more: object = {}): Promise<Got> => drivers[caller](all, what, { ...how, ...more })
  const upstream = (): ModelUpstream => all.upstreams[upstreamOf[kind]]
  const isAnthropic = kind === 'budget' || kind === 'adaptive'
  const isSame = { chat: ['chat', 'vendor-chat'], responses: ['responses'], messages: ['messages'] }[caller].includes(
    upstreamOf[kind],
  )
  const refusesNothing = (work: () => Promise<void>) => async () => {
    const before = upstream().refusals.length
    await work()
    expect(upstream().refusals.slice(before)).toEqual([])
  }

  test(
    'is answered, and told what it took',
    refusesNothing(async () => {
      const got = await ask({ turns: [user('Say hello to me')] })
      expect(got).toMatchObject({ text: 'Hello there', end: 'stop', calls: [], thought: '', refusal: '' })
      expect(got.usage).toMatchObject({ input: 12, cached: 4, output: 2 })
      expect(got.usage.reasoning ?? 0).toBe(0)
    }),
  )

  test(
    'speaks to the system, and of what was said before',
    refusesNothing(async () => {
      const first = await ask({ turns: [user('I am Ada')] })
      const turns: readonly AskTurn[] = [user('I am Ada'), { kind: 'answer', got: first }, user('What came first?')]
      const second = await ask({ system: 'Answer in capitals.', turns })
      expect(second.text).toBe('FIRST YOU SAID: I AM ADA')
    }),
  )

  test(
    'has a tool called and gives its result back',
    refusesNothing(async () => {
      const asked = user('What is the weather in Oslo?')
      const first = await ask({ turns: [asked], hasTool: true })
      expect(first).toMatchObject({ end: 'calls', text: '' })
      expect(first.calls).toMatchObject([{ name: 'weather', input: { city: 'Oslo' } }])
      const results = first.calls.map(({ id }) => ({ id, text: 'rain' }))
      const turns = [asked, { kind: 'answer', got: first }, { kind: 'results', results }] as const
      const second = await ask({ turns, hasTool: true })
      expect(second).toMatchObject({ text: 'The result: rain', end: 'stop', calls: [] })
      const third = await ask({ turns: [...turns, { kind: 'answer', got: second }, user('And now?')], hasTool: true })
      expect(third.text).toBe('Hello there')
    }),
  )

  test(
    'has two called at once, and each gets its own result',
    refusesNothing(async () => {
      const asked = user('What is the weather in Oslo and Bergen?')
      const first = await ask({ turns: [asked], hasTool: true })
      expect(first.calls.map(({ input }) => input)).toEqual([{ city: 'Oslo' }, { city: 'Bergen' }])
      expect(new Set(first.calls.map(({ id }) => id)).size).toBe(2)
      const results = first.calls.map(({ id, input }) => ({ id, text: `${(input as { city: string }).city} is wet` }))
      const second = await ask({
        turns: [asked, { kind: 'answer', got: first }, { kind: 'results', results }],
        hasTool: true,
      })
      expect(second.text).toBe('The result: Oslo is wet and Bergen is wet')
    }),
  )

  test('has two called at once whose pieces come mixed', async () => {
    const { calls } = await ask({ turns: [user('What is the weather in Oslo and Bergen, mixed?')], hasTool: true })
    expect(calls.map(({ input }) => input)).toEqual([{ city: 'Oslo' }, { city: 'Bergen' }])
  })

  test(
    'says whether and which tool is called',
    refusesNothing(async () => {
      const weather = [user('What is the weather in Oslo and Bergen?')]
      expect((await ask({ turns: weather, hasTool: true, choice: 'none' })).calls).toEqual([])
      expect((await ask({ turns: weather, hasTool: true, isOneAtATime: true })).calls).toHaveLength(1)
      const plain = [user('Say hello to me')]
      expect((await ask({ turns: plain, hasTool: true })).calls).toEqual([])
      for (const choice of ['required', 'weather'] as const) {
        const { calls } = await ask({ turns: plain, hasTool: true, choice })
        expect(calls).toMatchObject([{ name: 'weather', input: { city: 'Oslo' } }])
      }
    }),
  )

  test(
    'gets JSON of a schema',
    refusesNothing(async () => {
      const schema = {
        type: 'object',
        properties: { place: { type: 'string' }, degrees: { type: 'integer' } },
        required: ['place', 'degrees'],
        additionalProperties: false,
      }
      const got = await ask({ turns: [user('A reading, as JSON')], schema })
      expect(JSON.parse(got.text)).toEqual({ place: 'Hello there', degrees: 7 })
    }),
  )

  // Messages have no JSON without a schema.
  if (caller !== 'messages')
    test(
      'gets JSON without a schema',
      refusesNothing(async () => {
        const got = await ask({ turns: [user('Hello, as JSON')], isJson: true })
        expect(JSON.parse(got.text)).toEqual({ answer: 'Hello there' })
      }),
    )

  test(
    'has it think, in a conversation with tools too',
    refusesNothing(async () => {
      const asked = user('What is the weather in Oslo?')
      const first = await ask({ turns: [asked], hasTool: true, thinks: true })
      expect(first.calls).toMatchObject([{ input: { city: 'Oslo' } }])
      // OpenAI's chat tells no thoughts; its Responses a summary, to those who ask for one.
      const isShown = kind === 'vendor' ? false : kind === 'responses' ? caller === 'responses' : true
      expect(first.thought).toBe(isShown ? thought : '')
      expect(first.usage).toMatchObject({ output: 9, reasoning: 4 })
      const results = first.calls.map(({ id }) => ({ id, text: 'rain' }))
      const turns = [asked, { kind: 'answer', got: first }, { kind: 'results', results }] as const
      const second = await ask({ turns, hasTool: true, thinks: true })
      expect(second.text).toBe('The result: rain')
    }),
  )

  test(
    'is told that the answer was cut',
    refusesNothing(async () => {
      const got = await ask({ turns: [user('Count to 40')], maxTokens: 20 })
      expect(got).toMatchObject({ end: 'length', usage: { output: 20 } })
      expect(got.text).toEndWith('19 20')
    }),
  )

  test('may want as little as one token, where that can be said', async () => {
    const before = upstream().refusals.length
    const asked = ask({ turns: [user('Count to 40')], maxTokens: 1 })
    if (caller === 'responses' && kind === 'responses') {
      // It passes as it is, and so does the answer of who refuses it.
      expect(await failure(asked)).toMatchObject({ status: 400, param: 'max_output_tokens' })
      return
    }
    // OpenAI's Responses take no less than 16.
    expect(await asked).toMatchObject({ end: 'length', usage: { output: kind === 'responses' ? 16 : 1 } })
    expect(upstream().refusals.slice(before)).toEqual([])
  })

  // Responses have no stop sequences.
  if (caller !== 'responses')
    test('ends at a stop sequence', async () => {
      const asked = ask({ turns: [user('Count to 40')], stop: [' 5'] })
      if (kind === 'responses') {
        expect(await failure(asked)).toMatchObject({ status: 400, message: expect.stringContaining('stop sequences') })
        return
      }
      const got = await asked
      expect(got.text).toBe('1 2 3 4')
      // OpenAI does not tell that a sequence was met.
      expect(got.end).toBe(caller === 'messages' && kind !== 'vendor' ? 'stop_sequence' : 'stop')
    })

  test(
    'wants a temperature, and is not refused where a model has none',
    refusesNothing(async () => {
      if (caller === 'messages' && isAnthropic) return
      await ask({ turns: [user('Hello')], temperature: 0.5, topP: 0.9 })
      const said = upstream().requests.at(-1)?.body ?? {}
      const [temperature, topP] = kind === 'adaptive' ? [undefined, undefined] : [0.5, 0.9]
      expect(said['temperature']).toBe(temperature)
      expect(said['top_p']).toBe(isAnthropic ? undefined : topP)
    }),
  )

  test('sends pictures and files, which never leave the house', async () => {
    const picture = ask({ turns: [user('What is it?', { image: png })] })
    const file = ask({ turns: [user('What is it?', { pdf })] })
    if (kind === 'vendor') {
      for (const asked of [picture, file]) expect(await failure(asked)).toMatchObject({ status: 403 })
      return
    }
    expect((await picture).text).toBe('An image of image/png, 70 bytes.')
    expect((await file).text).toBe('A file of application/pdf, 21 bytes.')
  })

  test(
    'is refused, and sees that it is a refusal',
    refusesNothing(async () => {
      const got = await ask({ turns: [user('Please refuse')] })
      // Anthropic's refusals are an end, not words: elsewhere they count as filtered.
      const filtered = caller === 'responses' && isAnthropic ? 'content_filter' : 'refusal'
      expect(got.end).toBe(caller === 'chat' && isSame ? 'stop' : filtered)
      expect(got.refusal || got.text).toBe('I cannot help with that.')
    }),
  )

  test('is told of failures in classes that it knows', async () => {
    const { BadRequestError, InternalServerError } = caller === 'messages' ? Anthropic : OpenAI
    const tooLong = await failure(ask({ turns: [user('This is too long')] }))
    expect(tooLong).toBeInstanceOf(BadRequestError)
    expect(String(tooLong)).toContain('maximum context length')
    // Who speaks the caller's dialect tells its fault itself.
    const statuses = { 429: 503, 500: isSame ? 500 : 502, 503: 503, 529: 503 }
    for (const [status, seen] of Object.entries(statuses)) {
      const error = await failure(ask({ turns: [user(`Please fail with ${status}`)] }))
      expect(error).toBeInstanceOf(InternalServerError)
      expect(error).toMatchObject({ status: seen })
      if (seen === 503) expect(Number((error as { headers?: Headers }).headers?.get('retry-after'))).toBeGreaterThan(0)
    }
  }, 30_000)

  test('hangs up, and who was asked sees it', async () => {
    const before = upstream().hangUps
    const control = new AbortController()
    const asked = ask({ turns: [user('Count for ever')] }, { signal: control.signal, onEvent: () => control.abort() })
    if (!how.isStream) await until('the upstream works on it', () => upstream().inFlight > 0)
    if (!how.isStream) control.abort()
    const error = await failure(asked)
    expect(error).toBeInstanceOf(caller === 'messages' ? Anthropic.APIUserAbortError : OpenAI.APIUserAbortError)
    await until('the upstream sees the hang-up', () => upstream().hangUps > before)
    expect(upstream().inFlight).toBe(0)
  })

  if (how.isStream)
    test('sees an answer that breaks off as one', async () => {
      const error = await failure(ask({ turns: [user('Count to 10 and break off')] }))
      // OpenAI's client throws the error event of Responses as it is.
      if (caller !== 'responses') expect(error).toBeInstanceOf(Error)
      expect(error).toMatchObject({ message: expect.stringMatching(/incomplete/) })
    })
})

const moves = (Object.keys(drivers) as DriverName[]).flatMap((caller) =>
  (Object.keys(models) as ModelKind[]).flatMap((from) =>
    (Object.keys(models) as ModelKind[]).flatMap((to) => (from === to ? [] : [[caller, from, to] as const])),
  ),
)

test.each(moves)('a conversation of the client of %s that began with %s goes on with %s', async (caller, from, to) => {
  const upstream = all.upstreams[upstreamOf[to]]
  const before = upstream.refusals.length
  const asked = user('What is the weather in Oslo?')
  const more = { hasTool: true, thinks: true }
  for (const isStream of [false, true]) {
    const first = await drivers[caller](all, { turns: [asked], ...more }, { model: models[from], isStream })
    const results = first.calls.map(({ id }) => ({ id, text: 'rain' }))
    const turns = [asked, { kind: 'answer', got: first }, { kind: 'results', results }] as const
    const second = await drivers[caller](all, { turns, ...more }, { model: models[to], isStream })
    expect(second.text).toBe('The result: rain')
  }
  expect(upstream.refusals.slice(before)).toEqual([])
})

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    (got) => `it went well: ${JSON.stringify(got)}`,
    (error: unknown) => error,
  )
}
