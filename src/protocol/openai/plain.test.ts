import { describe, expect, test } from 'bun:test'
import { plainEndpoints } from './plain-endpoints.ts'
import { checkForm, isTextual, readPlainAnswer, readPlainAsk, type PlainEndpoint } from './plain.ts'
import { PlainStreamWatch } from './plain-stream.ts'

const encoder = new TextEncoder()
const jsonBytes = (value: unknown) => encoder.encode(JSON.stringify(value))

function endpoint(name: string): PlainEndpoint {
  const found = plainEndpoints.find((each) => each.name === name)
  if (!found) throw new Error(`no endpoint ${name}`)
  return found
}

const ask = (name: string, body: unknown) => readPlainAsk(endpoint(name), jsonBytes(body))

describe('the table of plain endpoints', () => {
  test('has no path twice', () => {
    const paths = plainEndpoints.flatMap(({ paths: all }) => all)
    expect(new Set(paths).size).toBe(paths.length)
    expect(paths.length).toBeGreaterThan(10)
  })
})

describe('a request', () => {
  test.each([
    ['rerank', { model: 'm', query: 'q', documents: ['a', { text: 'b' }] }, ['text']],
    ['rerank', { model: 'm', query: 'q', documents: [{ image: 'x' }] }, ['text', 'file']],
    ['score', { model: 'm', text_1: 'a', text_2: ['b', 'c'] }, ['text']],
    ['score', { model: 'm', queries: { content: [{ type: 'image_url', image_url: { url: 'x' } }] } }, ['text', 'file']],
    ['tokenize', { model: 'm', messages: [{ role: 'user', content: 'hi' }] }, ['text']],
    ['tokenize', { model: 'm', messages: [{ role: 'user', content: [{ type: 'audio' }] }] }, ['text']],
    ['tokenize', { model: 'm', messages: [{ role: 'user', content: [{ audio_url: 'x' }] }] }, ['text', 'file']],
    ['detokenize', { model: 'm', tokens: [1, 2] }, ['text']],
    ['moderations', { model: 'm', input: ['a', 'b'] }, ['text']],
    ['moderations', { model: 'm', input: [{ type: 'image_url', image_url: {} }] }, ['text', 'image']],
    ['images/generations', { model: 'm', prompt: 'a cat', n: 2 }, ['text']],
    ['images/generations', { model: 'm', prompt: 'a cat', image: 'data:image/png;base64,xx' }, ['text', 'file']],
    ['audio/speech', { model: 'm', input: 'hi', voice: { id: 'v' } }, ['text']],
    ['audio/speech', { model: 'm', input: 'hi', voice: 'v', ref_audio: { data: 'x' } }, ['text', 'file']],
  ] as const)('to %s with %j holds %j', (name, body, data) => {
    expect(ask(name, body).data).toEqual([...data])
  })

  test.each([
    ['score', {}, 'model'],
    ['score', { model: '' }, 'model'],
    ['score', { model: 'm'.repeat(501) }, 'model'],
    ['rerank', { model: 'm', documents: [] }, 'query'],
    ['moderations', { model: 'm' }, 'input'],
    ['moderations', { model: 'm', input: 'x', stream: true }, 'stream'],
    ['images/generations', { model: 'm', prompt: 'x', stream: 'yes' }, 'stream'],
  ] as const)('to %s with %j is refused for its %s', (name, body, param) => {
    expect(() => ask(name, body)).toThrow(expect.objectContaining({ kind: 'invalid', param }))
  })

  test.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['a list', '[]'],
    ['no UTF-8', '"\xff"'],
  ])('of %s is refused', (_, text) => {
    expect(() => readPlainAsk(endpoint('score'), new Uint8Array(Buffer.from(text, 'latin1')))).toThrow(
      'The request body',
    )
  })

  test('may be for a stream, and may name its model twice', () => {
    expect(ask('audio/speech', { model: 'm', input: 'x', stream_format: 'sse' }).isStream).toBe(true)
    expect(ask('images/generations', { model: 'm', prompt: 'x', stream: true }).isStream).toBe(true)
    const twice = readPlainAsk(endpoint('score'), encoder.encode('{"model":"a","mod\\u0065l":"b"}'))
    expect(twice).toMatchObject({ model: 'b', isModelRepeated: true })
  })

  test('in a form needs its file, with or without brackets', () => {
    expect(() => checkForm(endpoint('images/edits'), ['model', 'prompt'])).toThrow(
      'image must be given; it is missing.',
    )
    checkForm(endpoint('images/edits'), ['image[]', 'model'])
    checkForm(endpoint('audio/transcriptions'), ['file'])
  })
})

test.each([
  ['a', true],
  [[1, 2, 3], true],
  [[['a'], ['b', 'c']], true],
  [null, true],
  ['data:image/png;base64,AAAA', false],
  [{ text: 'a', title: 'b' }, true],
  [{ image: 'a' }, false],
  [{ text: { bytes: 'a' } }, false],
  [[[[[['deep']]]]], false],
])('whether %j is nothing but text: %p', (value, isText) => {
  expect(isTextual(value)).toBe(isText)
})

describe('an answer', () => {
  const usage = { prompt_tokens: 3, total_tokens: 3 }
  test.each([
    ['rerank', { results: [], usage: { total_tokens: 9 } }, 9],
    ['rerank', { results: [], meta: { tokens: { input_tokens: 4 } } }, 4],
    ['score', { data: [], usage }, 3],
    ['tokenize', { count: 1, tokens: [1] }, null],
    ['detokenize', { prompt: 'a' }, null],
    ['detokenize', { content: 'a' }, null],
    ['moderations', { results: [] }, null],
    ['images/generations', { data: [], usage: { input_tokens: 7, output_tokens: 2 } }, 7],
    ['audio/transcriptions', { text: '', usage: { type: 'tokens', input_tokens: 5, output_tokens: 1 } }, 5],
    ['audio/transcriptions', { text: 'a', usage: { type: 'duration', seconds: 3 } }, null],
  ] as const)('of %s as %j is whole', (name, body, promptTokens) => {
    expect(readPlainAnswer(endpoint(name), jsonBytes(body))).toMatchObject({ kind: 'answer', usage: { promptTokens } })
  })

  test.each([
    ['rerank', {}],
    ['score', { data: {} }],
    ['tokenize', { count: 1 }],
    ['detokenize', {}],
    ['audio/transcriptions', { task: 'x' }],
    ['audio/speech', { data: [] }],
    ['moderations', []],
  ] as const)('of %s as %j is none', (name, body) => {
    expect(readPlainAnswer(endpoint(name), jsonBytes(body)).kind).toBe('malformed')
  })
})

describe('a stream', () => {
  const watched = (text: string, name = 'audio/transcriptions') => {
    const watch = new PlainStreamWatch(endpoint(name).terminal)
    watch.pass(encoder.encode(text))
    return watch
  }
  const event = (value: object, name = '') => `${name && `event: ${name}\n`}data: ${JSON.stringify(value)}\n\n`

  test('has ended with its last event, which tells what was used', () => {
    const watch = watched(
      event({ type: 'transcript.text.delta', delta: 'a' }) +
        event({ type: 'transcript.text.done', text: 'a', usage: { input_tokens: 5, output_tokens: 2 } }),
    )
    expect([watch.isTerminal, watch.error, watch.usage]).toEqual([
      true,
      null,
      { promptTokens: 5, completionTokens: 2, cachedTokens: null },
    ])
  })

  test.each([
    ['without a last event', event({ type: 'transcript.text.delta', delta: 'done' }), false, null],
    ['whose words speak of an end', event({ type: 'x', delta: '"transcript.text.done" and "usage"' }), false, null],
    ['closed as a chat is', 'data: [DONE]\n\n', true, null],
    ['with a named last event', event({ text: 'a' }, 'transcript.text.done'), true, null],
    ['with an error', event({ error: { message: 'out of memory' } }), false, 'out of memory'],
    ['with an event of that name', event({ message: 'broken' }, 'error'), false, 'broken'],
    ['whose error is empty', event({ type: 'x', error: null }), false, null],
  ])('%s is judged so', (_, text, isTerminal, error) => {
    const watch = watched(text)
    expect([watch.isTerminal, watch.error]).toEqual([isTerminal, error])
  })
})
