import { afterAll, beforeAll, expect, test, setDefaultTimeout } from 'bun:test'
import { eventually, type RunningEngine, startEngine } from '../../test/env/llama-engine.ts'

// Real processes on a machine that may be busy with other tests.
setDefaultTimeout(60_000)

let engine: RunningEngine
beforeAll(async () => {
  engine = await startEngine({ args: ['--context', '1024', '--parallel', '4', '--threads', '1'] })
})
afterAll(() => engine[Symbol.asyncDispose]())

const ask = (seed: number, more: object = {}) => ({
  messages: [{ role: 'user', content: `Tell me of room ${seed}.` }],
  seed,
  ignore_eos: true,
  max_tokens: 100,
  ...more,
})

async function decodesOf(work: () => Promise<unknown>): Promise<number> {
  const before = await engine.metric('n_decode_total')
  await work()
  return (await engine.metric('n_decode_total')) - before
}

const streamed = async (seed: number): Promise<void> => {
  const text = await (await engine.post('/v1/chat/completions', ask(seed, { stream: true }))).text()
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
}

test('four streams together take fewer than twice the decode calls of one', async () => {
  await streamed(0)
  const one = await decodesOf(() => streamed(1))
  const four = await decodesOf(() => Promise.all([2, 3, 4, 5].map(streamed)))
  expect(one).toBeGreaterThanOrEqual(100)
  expect(four).toBeLessThan(2 * one)
  expect(await engine.metric('n_busy_slots_per_decode')).toBeGreaterThan(1.5)
})

test('what runs beside it does not change an answer at temperature 0', async () => {
  const say = async (seed: number): Promise<string> => {
    const response = await engine.post('/v1/chat/completions', ask(seed, { temperature: 0, max_tokens: 30 }))
    return (await response.json()).choices[0].message.content
  }
  const alone = [await say(1), await say(2), await say(3), await say(4)]
  expect(await Promise.all([1, 2, 3, 4].map(say))).toEqual(alone)
})

test('more requests than slots wait their turn', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, seed) => engine.post('/v1/chat/completions', ask(seed, { max_tokens: 20 }))),
  )
  expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 20 }, () => 200))
  expect(await engine.metric('requests_deferred')).toBe(0)
})

test('two hundred hang-ups at any moment leave nothing running, and the engine answers', async () => {
  let state = 20_261_121
  const chance = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
  const long = 'the house by the river '.repeat(120)
  const hangUp = async (): Promise<void> => {
    const abort = new AbortController()
    const isChat = chance() < 0.5
    const body = isChat
      ? {
          messages: [{ role: 'user', content: chance() < 0.3 ? long : 'hi' }],
          stream: chance() < 0.7,
          ignore_eos: true,
        }
      : { prompt: chance() < 0.3 ? long : 'The house', stream: chance() < 0.7, ignore_eos: true, max_tokens: 900 }
    const timer = setTimeout(() => abort.abort(), chance() * 40)
    const path = isChat ? '/v1/chat/completions' : '/v1/completions'
    await engine
      .post(path, body, { signal: abort.signal })
      .then((response) => response.text())
      .catch(() => null)
    clearTimeout(timer)
  }
  for (let round = 0; round < 20; round++) await Promise.all(Array.from({ length: 10 }, hangUp))
  await eventually(async () => (await engine.metric('requests_processing')) === 0, 'all slots are free')
  expect(await engine.metric('requests_deferred')).toBe(0)
  const before = await engine.metric('n_decode_total')
  expect(await engine.metric('n_decode_total')).toBe(before)
  await Promise.all([6, 7, 8, 9].map(streamed))
})

test('a hang-up during a long prompt ends its evaluation', async () => {
  const before = await engine.metric('n_decode_total')
  const abort = new AbortController()
  const prompt = Array.from({ length: 60 }, (_, at) => `the house of room ${at} is old`).join(' ')
  const gone = engine.post('/v1/completions', { prompt, max_tokens: 500, ignore_eos: true }, { signal: abort.signal })
  await eventually(async () => (await engine.metric('requests_processing')) > 0, 'the request runs')
  abort.abort()
  await gone.catch(() => null)
  await eventually(async () => (await engine.metric('requests_processing')) === 0, 'the slot is free')
  expect((await engine.metric('n_decode_total')) - before).toBeLessThan(500)
})
