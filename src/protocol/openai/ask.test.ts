import { describe, expect, test } from 'bun:test'
import { AppError } from '../../kernel/errors.ts'
import { readAsk, type Endpoint } from './ask.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const read = (body: unknown, endpoint: Endpoint = 'chat/completions') => readAsk(endpoint, bytes(JSON.stringify(body)))
const chat = (more: object = {}) => ({ model: 'm', messages: [{ role: 'user', content: 'x' }], ...more })

function refusal(text: string): AppError {
  try {
    readAsk('chat/completions', bytes(text))
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown
    throw thrown
  }
  throw new Error(`"${text.slice(0, 50)}" was taken`)
}

test.each([
  [{ max_tokens: 7 }, 7],
  [{ max_tokens: 7, max_completion_tokens: 5 }, 5],
  [{ max_tokens: 0 }, null],
  [{ max_tokens: -1 }, null],
  [{ max_tokens: null }, null],
])('of %j the bound is %p, and what it means is for the engine to say', (more, bound) => {
  expect(read(chat(more)).maxTokens).toBe(bound)
})

test('a model that stands twice is seen, also when it is written with escapes', () => {
  const twice = (first: string) =>
    readAsk('chat/completions', bytes(`{${first}"model":"b","messages":[{"role":"user"}]}`)).isModelRepeated
  expect([twice(''), twice('"x":"model",'), twice('"model":"a",'), twice('"\\u006dodel":"a",')]).toEqual([
    false,
    false,
    true,
    true,
  ])
})

describe('a refusal', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  const user = '"messages":[{"role":"user"}]'
  const cases: readonly (readonly [string, string, string])[] = [
    ['a model nested too deep to print', 'model', `{"model":${deep},"messages":[]}`],
    ['a message nested too deep to print', 'messages', `{"model":"m","messages":[${deep}]}`],
    ['options nested too deep to print', 'stream_options', `{"model":"m",${user},"stream_options":${deep}}`],
    ['a model with an endless name', 'model', `{"model":"${'m'.repeat(100_000)}",${user}}`],
    ['a text as messages', 'messages', `{"model":"m","messages":"${'x'.repeat(100_000)}"}`],
    ['endless choices', 'n', `{"model":"m",${user},"n":1e400}`],
    ['a text as a bound', 'max_tokens', `{"model":"m",${user},"max_tokens":"7"}`],
    ['a model by way of the prototype', 'model', `{"__proto__":{"model":"m"},${user}}`],
  ]
  test.each(cases)('of %s names %s in a short sentence', (_case, param, text) => {
    const { kind, param: named, message } = refusal(text)
    expect([kind, named]).toEqual(['invalid', param])
    expect(message.length).toBeLessThan(300)
  })
})

const said = { model: 'm', messages: [{ role: 'user', content: 'x' }] }

test.each([
  ['chat/completions', chat(), ['text']],
  [
    'chat/completions',
    { model: 'm', messages: [{ role: 'user', content: [{ type: 'video_url' }] }] },
    ['text', 'file'],
  ],
  ['chat/completions', { model: 'm', messages: [{ role: 'user', content: { type: 'image_url' } }] }, ['text', 'image']],
  ['chat/completions', { model: 'm', messages: [{ role: 'user', content: 'x', images: ['aGk='] }] }, ['text', 'image']],
  ['chat/completions', { ...said, prediction: { content: [{ type: 'text', text: 'y' }] } }, ['text']],
  ['chat/completions', { ...said, prediction: { content: [{ type: 'image_url' }] } }, ['text', 'image']],
  ['chat/completions', { model: 'm', messages: [{ role: 'assistant', audio: { id: 'audio_1' } }] }, ['text']],
  ['chat/completions', { model: 'm', messages: [{ role: 'assistant', audio: { data: 'aGk=' } }] }, ['text', 'audio']],
  ['completions', { model: 'm', prompt: [[1, 2], [3]] }, ['text']],
  ['completions', { model: 'm', prompt: [{ image: 'aGk=' }] }, ['text', 'file']],
  ['embeddings', { model: 'm', input: 'x' }, ['text']],
  ['embeddings', { model: 'm', input: ['x', 'y'] }, ['text']],
  ['embeddings', { model: 'm', input: [1, 2] }, ['text']],
  ['embeddings', { model: 'm', input: [[1, 2], [3]] }, ['text']],
  ['embeddings', { model: 'm', input: [{ text: 'x' }] }, ['text']],
  ['embeddings', { model: 'm', input: [{ image: 'https://x/y.png' }] }, ['text', 'file']],
  ['embeddings', { model: 'm', input: 'x', messages: [{ content: [{ type: 'image_url' }] }] }, ['text', 'file']],
  ['rerank', { model: 'm', query: 'q', documents: ['x', { text: 'y', title: 'z' }] }, ['text']],
  ['rerank', { model: 'm', query: 'q', documents: [{ image: 'aGk=' }] }, ['text', 'file']],
] as const)('of %s with %j the data are %j', (endpoint, body, data) => {
  expect(read(body, endpoint).data).toEqual([...data])
})
