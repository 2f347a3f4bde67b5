import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import fc from 'fast-check'
import { asGolden, expectGolden } from '../../../test/env/golden.ts'
import { AppError } from '../../kernel/errors.ts'
import { noCounts, type Conversation, type Delta, type Json, type Reply } from '../conversation/conversation.ts'
import type { AnswerFacts, CallerDialect } from '../conversation/dialect.ts'
import { chatUpstream } from '../openai/chat/upstream.ts'
import type { ModelCard } from '../openai/models.ts'
import { ollamaChat, ollamaGenerate } from './caller.ts'
import { ollamaEmbed, ollamaEmbeddings } from './embed.ts'
import { isRunning, runningOf, showOf, tagOf } from './models.ts'

const golden = (name: string): string => join(import.meta.dir, 'golden', name)

const png = 'iVBORw0KGgoAAAANSUhEUg'

const fullChat: Json = {
  model: 'qwen3:8b',
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'What is this?', images: [png, `data:image/jpeg;base64,/9j/4AAQ`] },
    {
      role: 'assistant',
      content: '',
      thinking: 'I must look.',
      tool_calls: [
        { function: { name: 'look', arguments: { at: 1 } } },
        { id: 'given', function: { index: 1, name: 'listen', arguments: { at: 2 } } },
        { function: { name: 'look', arguments: { at: 3 } } },
      ],
    },
    { role: 'tool', tool_name: 'listen', content: 'silence' },
    { role: 'tool', tool_name: 'look', content: 'a cat' },
    { role: 'tool', content: 'a dog' },
    { role: 'user', content: 'Go on' },
  ],
  tools: [{ type: 'function', function: { name: 'look', description: 'Looks.', parameters: { type: 'object' } } }],
  think: 'high',
  format: { type: 'object', properties: {} },
  keep_alive: '5m',
  options: {
    num_predict: 100,
    num_ctx: 4096,
    num_gpu: 1,
    temperature: 0.5,
    top_k: 40,
    top_p: 0.9,
    min_p: 0.05,
    stop: ['END'],
    seed: 7,
    repeat_penalty: 1.1,
    presence_penalty: 0.1,
    frequency_penalty: 0.2,
  },
}

const chat = (more: Json): Conversation =>
  ollamaChat.readRequest({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], ...more })
const generate = (more: Json): Conversation => ollamaGenerate.readRequest({ model: 'm', prompt: 'Hi', ...more })

describe('a request of Ollama', () => {
  test('with everything reads as it is written down', () =>
    expectGolden(golden('chat-read.json'), asGolden(ollamaChat.readRequest(fullChat))))

  test('is asked of an engine in its words', () =>
    expectGolden(
      golden('chat-engine.json'),
      asGolden(chatUpstream.writeRequest(ollamaChat.readRequest(fullChat), 'qwen3')),
    ))

  test('streams unless it says no', () => {
    expect([chat({}).isStream, chat({ stream: true }).isStream, chat({ stream: false }).isStream]).toEqual([
      true,
      true,
      false,
    ])
    expect(generate({}).isStream).toBe(true)
  })

  test('to generate is one question', () => {
    expect(generate({ system: 'Be.', images: [png], options: { num_predict: -1, seed: -1 } })).toMatchObject({
      turns: [
        { role: 'system', parts: [{ text: 'Be.' }] },
        { role: 'user', parts: [{ text: 'Hi' }, { kind: 'image', source: { mediaType: 'image/png', data: png } }] },
      ],
      maxTokens: null,
      sampling: { seed: null },
    })
  })

  const formats: readonly (readonly [unknown, object | null])[] = [
    [undefined, null],
    ['', null],
    ['json', { kind: 'json' }],
    [{ type: 'object' }, { kind: 'schema', schema: { type: 'object' } }],
  ]
  test.each(formats)('with the format %j is for that', (format, wanted) => {
    const read = chat(format === undefined ? {} : { format }).format
    if (wanted === null) expect(read).toBeNull()
    else expect(read).toMatchObject(wanted)
  })

  const thoughts: readonly (readonly [unknown, object])[] = [
    [true, { isOn: true, effort: null }],
    [false, { isOn: false, effort: null }],
    ['low', { isOn: true, effort: 'low' }],
  ]
  test.each(thoughts)('with think: %j is thought about so', (think, wanted) => {
    expect(chat({ think }).reasoning).toMatchObject(wanted)
  })

  const wrongs: readonly (readonly [string, Json, string])[] = [
    ['chat', { messages: 'Hi' }, 'messages'],
    ['chat', { messages: [{ role: 'owner', content: 'x' }] }, 'messages[0].role'],
    ['chat', { messages: [{ role: 'user', content: [] }] }, 'messages[0].content'],
    ['chat', { messages: [{ role: 'user', content: '', images: [1] }] }, 'messages[0].images[0]'],
    ['chat', { options: { temperature: 'hot' } }, 'options.temperature'],
    ['chat', { format: 'xml' }, 'format'],
    ['chat', { think: 'hard' }, 'think'],
    ['chat', { messages: [], keep_alive: 0 }, 'keep_alive'],
    ['generate', { prompt: '', keep_alive: '0s' }, 'keep_alive'],
    ['generate', { suffix: 'x' }, 'suffix'],
    ['generate', { raw: true }, 'raw'],
    ['generate', { template: '{{ .Prompt }}' }, 'template'],
    ['generate', { context: [1, 2] }, 'context'],
    ['generate', { model: '' }, 'model'],
  ]
  test.each(wrongs)('to %s with %j is refused, and the member is named', (path, more, param) => {
    const dialect = path === 'chat' ? ollamaChat : ollamaGenerate
    const body = { model: 'm', prompt: 'Hi', messages: [{ role: 'user', content: 'Hi' }], ...more }
    expect(caught(() => dialect.readRequest(body)).param).toBe(param)
  })
})

function factsOf(conversation: Conversation): AnswerFacts {
  let elapsed = 0
  return {
    conversation,
    newId: (prefix) => `${prefix}made`,
    createdAt: 1_700_000_000,
    elapsedMs: () => (elapsed += 250),
    wantsUsage: true,
  }
}

const deltas: readonly Delta[] = [
  { kind: 'start', id: 'c', model: 'served' },
  { kind: 'reasoning', text: 'Hm' },
  { kind: 'reasoning_end', signature: null, sealed: null },
  { kind: 'text', text: 'Look' },
  { kind: 'text', text: ':' },
  { kind: 'tool_call', index: 0, id: 'a', name: 'look' },
  { kind: 'arguments', index: 0, text: '{"x"' },
  { kind: 'arguments', index: 0, text: ':1}' },
  { kind: 'tool_call', index: 1, id: 'b', name: 'look' },
  { kind: 'arguments', index: 1, text: '{"x' },
  { kind: 'finish', finish: { reason: 'length', sequence: null } },
  { kind: 'usage', usage: { ...noCounts, promptTokens: 9, completionTokens: 5 } },
]

function streamed(dialect: CallerDialect, conversation: Conversation, told: readonly Delta[] = deltas): string {
  const writer = dialect.createWriter(factsOf(conversation))
  return [...told.map((delta) => writer.write(delta)), writer.end()].join('')
}

const reply: Reply = {
  id: 'c',
  model: 'served',
  parts: [
    { kind: 'reasoning', text: 'Hm', signature: null, sealed: null },
    { kind: 'text', text: 'Look:' },
    { kind: 'tool_call', id: 'a', name: 'look', arguments: '{"x":1}' },
  ],
  finish: { reason: 'tool_calls', sequence: null },
  usage: { ...noCounts, promptTokens: 9, completionTokens: 5 },
}

describe('an answer to Ollama', () => {
  test('streams as lines', () => expectGolden(golden('chat-stream.txt'), streamed(ollamaChat, chat({}))))
  test('to generate streams flat', () =>
    expectGolden(golden('generate-stream.txt'), streamed(ollamaGenerate, generate({}), deltas.slice(0, 5))))
  test('comes whole', () =>
    expectGolden(golden('chat-answer.json'), asGolden(ollamaChat.writeAnswer(reply, factsOf(chat({}))))))
  test('to generate comes whole', () =>
    expectGolden(golden('generate-answer.json'), asGolden(ollamaGenerate.writeAnswer(reply, factsOf(generate({}))))))

  test('that breaks off ends with an error line', () => {
    const writer = ollamaChat.createWriter(factsOf(chat({})))
    expect(writer.error(new AppError('upstream', 'It broke.'))).toBe('{"error":"It broke."}\n')
  })

  test('that is refused is told in one member', () => {
    const error = new AppError('not_found', 'No such model.')
    expect(ollamaChat.writeError(error, { status: 404, requestId: 'r' })).toEqual({ error: 'No such model.' })
  })

  const loads: readonly (readonly [string, CallerDialect, Conversation])[] = [
    ['chat', ollamaChat, ollamaChat.readRequest({ model: 'm' })],
    ['generate', ollamaGenerate, ollamaGenerate.readRequest({ model: 'm', prompt: '', stream: true })],
  ]
  test.each(loads)('of %s that asked for nothing tells that the model is loaded', (_, dialect, conversation) => {
    expect(chatUpstream.writeRequest(conversation, 'm')).toMatchObject({
      messages: [{ role: 'user', content: '' }],
      max_tokens: 1,
    })
    const lines = streamed(dialect, conversation).trim().split('\n')
    expect(lines.map((text) => JSON.parse(text) as Json)).toMatchObject([{ done: true, done_reason: 'load' }])
    expect(dialect.writeAnswer(reply, factsOf(conversation))).toMatchObject({ done_reason: 'load' })
    expect(JSON.stringify(dialect.writeAnswer(reply, factsOf(conversation)))).not.toContain('Look')
  })

  test('keeps the arguments of calls whose pieces come mixed', () => {
    const told: readonly Delta[] = [
      { kind: 'tool_call', index: 0, id: 'a', name: 'f' },
      { kind: 'tool_call', index: 1, id: 'b', name: 'f' },
      { kind: 'arguments', index: 0, text: '{"x":' },
      { kind: 'arguments', index: 1, text: '{"y":2}' },
      { kind: 'arguments', index: 0, text: '1}' },
    ]
    const lines = streamed(ollamaChat, chat({}), told).trim().split('\n')
    const calls = lines.flatMap((text) => (JSON.parse(text) as Told).message.tool_calls ?? [])
    expect(calls.map((call) => call.function.arguments)).toEqual([{ x: 1 }, { y: 2 }])
  })

  test('keeps words and arguments, however they were cut', () => {
    const pieces = fc.array(fc.string({ unit: 'binary', maxLength: 5 }), { maxLength: 6 })
    const values = fc.array(fc.tuple(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat({ max: 20 })), { maxLength: 3 })
    fc.assert(
      fc.property(pieces, values, (words, calls) => {
        const texts = calls.map(([value]) => JSON.stringify(value))
        const told: readonly Delta[] = [
          ...words.map((text) => ({ kind: 'text', text }) as const),
          ...calls.flatMap(([, cut], index): readonly Delta[] => [
            { kind: 'tool_call', index, id: `id${index}`, name: 'f' },
            { kind: 'arguments', index, text: texts[index]?.slice(0, cut) ?? '' },
            { kind: 'arguments', index, text: texts[index]?.slice(cut) ?? '' },
          ]),
        ]
        const lines = streamed(ollamaChat, chat({}), told)
          .trim()
          .split('\n')
          .map((text) => JSON.parse(text) as Told)
        expect(lines.map(({ message }) => message.content).join('')).toBe(words.join(''))
        const read = lines.flatMap(({ message }) => message.tool_calls ?? []).map((call) => call.function.arguments)
        expect(read.map((value) => JSON.stringify(value))).toEqual(
          texts.map((text) => JSON.stringify(JSON.parse(text))),
        )
      }),
    )
  })
})

interface Told {
  readonly message: {
    readonly content: string
    readonly tool_calls?: readonly { readonly function: { readonly arguments: unknown } }[]
  }
}

describe('embeddings', () => {
  const times = { elapsedMs: () => 2 }
  const body = {
    data: [
      { index: 1, embedding: [3, 4] },
      { index: 0, embedding: [1, 2] },
    ],
    usage: { prompt_tokens: 4, total_tokens: 4 },
  }
  test('of many texts come in the order of the texts', () => {
    const asked = ollamaEmbed.request({ model: 'e', input: ['a', 'b'], dimensions: 2, truncate: true })
    expect(asked).toEqual({ model: 'e', input: ['a', 'b'], encoding_format: 'float', dimensions: 2 })
    expect(ollamaEmbed.answer(body, asked, times)).toEqual({
      model: 'e',
      embeddings: [
        [1, 2],
        [3, 4],
      ],
      total_duration: 2_000_000,
      prompt_eval_count: 4,
    })
  })
  test('of one text come alone', () => {
    const asked = ollamaEmbeddings.request({ model: 'e', prompt: 'a' })
    expect(asked).toEqual({ model: 'e', input: 'a', encoding_format: 'float' })
    expect(ollamaEmbeddings.answer(body, asked, times)).toEqual({ embedding: [1, 2] })
  })
  test('of something else than texts are refused', () => {
    expect(caught(() => ollamaEmbed.request({ model: 'e', input: [1] })).param).toBe('input')
    expect(caught(() => ollamaEmbed.request({ model: 'e' })).param).toBe('input')
  })
  test('that are no lists of numbers are the upstream’s fault', () => {
    expect(caught(() => ollamaEmbed.answer({ data: [{ embedding: 'AAAA' }] }, {}, times)).kind).toBe('upstream')
  })
})

describe('models', () => {
  const card = (hearth: Partial<ModelCard['hearth']>): ModelCard => ({
    id: 'tiny-a',
    object: 'model',
    created: 1_700_000_000,
    owned_by: 'hearth',
    hearth: { state: 'ready', label: null, capabilities: ['chat', 'completion', 'tools'], context: 2048, ...hearth },
  })
  test('are told as they are written down', () => {
    const listed = { card: card({}), digest: 'd'.repeat(64) }
    return expectGolden(
      golden('models.json'),
      asGolden({ tag: tagOf(listed), running: runningOf(listed), show: showOf(card({ label: 'for drafts' })) }),
    )
  })
  test('of upstreams claim nothing that is not known', () => {
    expect(showOf(card({ state: 'external', capabilities: null, context: null }))).toMatchObject({
      capabilities: ['completion'],
    })
  })
  test.each([
    ['ready', true],
    ['stopped', false],
    ['external', false],
  ])('that are %s run: %p', (state, isOne) => {
    expect(isRunning(card({ state }))).toBe(isOne)
  })
})

function caught(work: () => unknown): AppError {
  try {
    work()
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown
    throw thrown
  }
  throw new Error('nothing was thrown')
}
