import { afterAll, beforeAll, expect, test, setDefaultTimeout } from 'bun:test'
import { type Answer, type RunningEngine, startEngine } from '../../test/env/llama-engine.ts'

// Real processes on a machine that may be busy with other tests.
setDefaultTimeout(60_000)

let engine: RunningEngine
beforeAll(async () => {
  engine = await startEngine({ args: ['--context', '512', '--parallel', '3', '--threads', '1'] })
})
afterAll(() => engine[Symbol.asyncDispose]())

const complete = async (body: object): Promise<Answer> => (await engine.post('/v1/completions', body)).json()

test('a text goes on, the same whole and streamed', async () => {
  const ask = { prompt: 'The house', max_tokens: 12, temperature: 0 }
  const whole = await complete(ask)
  expect(whole.choices[0]).toMatchObject({ index: 0, finish_reason: 'length', logprobs: null })
  expect(whole.usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 12, total_tokens: 15 })
  const stream = await (
    await engine.post('/v1/completions', { ...ask, stream: true, stream_options: { include_usage: true } })
  ).text()
  const events = stream
    .split('\n\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice(6)))
  expect(events.map((event) => event.choices[0]?.text ?? '').join('')).toBe(whole.choices[0].text)
  expect(events.at(-2).choices[0].finish_reason).toBe('length')
  expect(events.at(-1).usage.completion_tokens).toBe(12)
  expect(stream.endsWith('data: [DONE]\n\n')).toBe(true)
})

test('several prompts, texts or tokens, each get their answer', async () => {
  const { tokens } = await (await engine.post('/tokenize', { content: 'The house', add_special: true })).json()
  const answer = await complete({ prompt: ['The house', 'A river'], max_tokens: 6, temperature: 0 })
  const asTokens = await complete({ prompt: tokens, max_tokens: 6, temperature: 0 })
  expect(answer.choices.map((choice: { index: number }) => choice.index)).toEqual([0, 1])
  expect(asTokens.choices[0].text).toBe(answer.choices[0].text)
})

test('a forbidden token never comes, a wished one does', async () => {
  const { tokens } = await (await engine.post('/tokenize', { content: ' kettle' })).json()
  const ask = { prompt: 'The house', max_tokens: 8, temperature: 0 }
  const wished = await complete({ ...ask, logit_bias: { [tokens[0]]: 100 } })
  expect(wished.choices[0].text).toBe(' kettle'.repeat(8))
  const never = await complete({ ...ask, max_tokens: 100, ignore_eos: true, logit_bias: { [tokens[0]]: -100 } })
  expect(never.choices[0].text).not.toContain('kettle')
  expect(never.usage.completion_tokens).toBe(100)
})

test('penalties change what is said again', async () => {
  const ask = { prompt: 'The house', max_tokens: 60, temperature: 0, ignore_eos: true }
  const words = (text: string) => new Set(text.match(/[a-z]+/g)).size
  const [plain, penalised] = [
    await complete(ask),
    await complete({ ...ask, presence_penalty: 2, frequency_penalty: 2 }),
  ]
  expect(words(penalised.choices[0].text)).toBeGreaterThan(words(plain.choices[0].text))
})

test('a grammar is kept', async () => {
  const answer = await complete({ prompt: 'The answer is', grammar: 'root ::= "yes" | "no"', max_tokens: 8 })
  expect(['yes', 'no']).toContain(answer.choices[0].text)
  const wrong = await engine.post('/v1/completions', { prompt: 'x', grammar: 'root ::= "' })
  expect((await wrong.json()).error.message).toStartWith('"grammar" is not a GBNF grammar')
  expect(wrong.status).toBe(400)
})

test('logprobs come in parallel lists', async () => {
  const { choices } = await complete({ prompt: 'The house', max_tokens: 4, temperature: 0, logprobs: 2 })
  const { tokens, token_logprobs, top_logprobs } = choices[0].logprobs
  expect(tokens.join('')).toBe(choices[0].text)
  expect(token_logprobs).toHaveLength(4)
  expect(Object.keys(top_logprobs[0])).toHaveLength(2)
})

test('a whole conversation is counted as its prompt will be', async () => {
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Tell me of the house.' },
  ]
  const counted = (await (await engine.post('/tokenize', { messages })).json()) as unknown as Record<string, unknown>
  const { usage } = await (await engine.post('/v1/chat/completions', { messages, max_tokens: 1 })).json()
  expect(counted['count']).toBe(usage.total_tokens - usage.completion_tokens)
  expect(counted['tokens']).toHaveLength(usage.total_tokens - usage.completion_tokens)
  expect((await engine.post('/tokenize', { messages: [] })).status).toBe(400)
})

test('text and tokens turn into each other, whatever the text is', async () => {
  for (const content of ['Hello, the house!', 'ünïcödé 🦊 漢字', '{"a": [1, 2]}\n\t', '']) {
    const { tokens } = await (await engine.post('/tokenize', { content })).json()
    const back = await (await engine.post('/detokenize', { tokens })).json()
    expect(back.content).toBe(content)
  }
  const { tokens } = await (await engine.post('/tokenize', { content: ' house', with_pieces: true })).json()
  expect(tokens as unknown).toEqual([{ id: expect.any(Number), piece: ' house' }])
})

test('what cannot be done is refused in a sentence', async () => {
  for (const [body, message] of [
    [{ prompt: 'x', echo: true }, /"echo" is not supported/],
    [{ prompt: 'x', suffix: 'y' }, /"suffix" is not supported/],
    [{ prompt: 'x', best_of: 2 }, /"best_of" is 2/],
    [{ prompt: [] }, /"prompt" must have 1 to 64 prompts/],
    [{ prompt: [999_999] }, /list of token numbers below \d+/],
    [{ prompt: ['a', 'b'], stream: true }, /a stream can have one/],
    [{ prompt: 'house '.repeat(2000) }, /maximum context length is 512 tokens/],
  ] as const) {
    const response = await engine.post('/v1/completions', body)
    expect(response.status).toBe(400)
    expect((await response.json()).error.message).toMatch(message)
  }
})
