import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { asGolden, expectGolden } from '../../../../test/env/golden.ts'
import { AppError } from '../../../kernel/errors.ts'
import type { Conversation, Json, Turn } from '../../conversation/conversation.ts'
import { chatCaller } from './caller.ts'
import { chatUpstream, vendorChatUpstream } from './upstream.ts'

const golden = (name: string): string => join(import.meta.dir, 'golden', name)

const hi = { role: 'user', content: 'Hi' }

const read = (more: Json): Conversation => chatCaller.readRequest({ model: 'm', messages: [hi], ...more })

const everything: Json = {
  model: 'gpt-x',
  messages: [
    { role: 'developer', content: 'Be brief.' },
    { role: 'system', content: [{ type: 'text', text: 'Speak French.', cache_control: { type: 'ephemeral' } }] },
    {
      role: 'user',
      name: 'ada',
      content: [
        { type: 'text', text: 'What is this?' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO', detail: 'low' } },
        { type: 'image_url', image_url: 'https://example.org/a.png' },
        { type: 'input_audio', input_audio: { data: 'UklG', format: 'wav' } },
        { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBE' } },
        { type: 'file', file: { file_id: 'file-1' } },
      ],
    },
    {
      role: 'assistant',
      content: 'Let me look.',
      reasoning_content: 'A picture.',
      tool_calls: [
        { id: 'call_a', type: 'function', function: { name: 'look', arguments: '{"at":1}' } },
        { type: 'function', function: { name: 'look', arguments: { at: 2 } } },
        { id: 'call_c', type: 'custom', custom: { name: 'patch', input: '*** Begin' } },
      ],
    },
    { role: 'tool', tool_call_id: 'call_a', content: 'a cat' },
    { role: 'tool', tool_call_id: 'call_c', content: [{ type: 'text', text: 'done' }] },
    { role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] },
    { role: 'user', content: 'Go on' },
  ],
  tools: [
    {
      type: 'function',
      function: { name: 'look', description: 'Looks.', parameters: { type: 'object' }, strict: true },
    },
    { type: 'custom', custom: { name: 'patch', description: 'Edits.', format: { type: 'text' } } },
    { type: 'web_search' },
  ],
  tool_choice: { type: 'function', function: { name: 'look' } },
  parallel_tool_calls: false,
  stream: true,
  stream_options: { include_usage: true },
  max_completion_tokens: 100,
  temperature: 0.5,
  top_p: 0.9,
  top_k: 40,
  stop: 'END',
  seed: 7,
  presence_penalty: 0.1,
  frequency_penalty: 0.2,
  reasoning_effort: 'high',
  response_format: { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object' }, strict: true } },
  user: 'someone',
  min_p: 0.05,
}

describe('a chat request', () => {
  test('with everything reads as it is written down', () =>
    expectGolden(golden('request-read.json'), asGolden(chatCaller.readRequest(everything))))

  test('is written for an engine with all that it takes', () =>
    expectGolden(
      golden('request-engine.json'),
      asGolden(chatUpstream.writeRequest(chatCaller.readRequest(everything), 'qwen3-30b')),
    ))

  test('is written for a vendor without what vendors refuse', () =>
    expectGolden(
      golden('request-vendor.json'),
      asGolden(vendorChatUpstream.writeRequest(chatCaller.readRequest(everything), 'gpt-5-mini')),
    ))

  test('of the time before tools is read as one with tools, and its results find their calls', () => {
    const conversation = read({
      messages: [
        hi,
        { role: 'assistant', content: null, function_call: { name: 'look', arguments: '{}' } },
        { role: 'function', name: 'look', content: 'a cat' },
      ],
      functions: [{ name: 'look', parameters: { type: 'object' } }],
      function_call: { name: 'look' },
    })
    const [, called, result] = conversation.turns
    expect(called).toMatchObject({ parts: [{ kind: 'tool_call', id: 'call_function_1', name: 'look' }] })
    expect(result).toMatchObject({ role: 'tool', callId: 'call_function_1' })
    expect(conversation).toMatchObject({ tools: [{ kind: 'function' }], toolChoice: { kind: 'tool', name: 'look' } })
    expect(chatUpstream.writeRequest(conversation, 'm')).not.toHaveProperty('functions')
  })

  const wishes: readonly (readonly [Json, object | null])[] = [
    [{}, null],
    [{ reasoning_effort: 'low' }, { isOn: true, effort: 'low' }],
    [{ reasoning_effort: 'none' }, { isOn: false, effort: null }],
    [{ reasoning: { effort: 'high', summary: 'auto' } }, { isOn: true, effort: 'high', summary: 'auto' }],
    [{ reasoning: { max_tokens: 2000 } }, { isOn: true, budgetTokens: 2000 }],
    [{ reasoning: { enabled: false } }, { isOn: false }],
    [{ thinking: { type: 'enabled', budget_tokens: 99 } }, { isOn: true, budgetTokens: 99 }],
    [{ thinking: { type: 'disabled' } }, { isOn: false }],
    [{ enable_thinking: false }, { isOn: false }],
    [{ chat_template_kwargs: { enable_thinking: true } }, { isOn: true }],
  ]
  test.each(wishes)('says with %j how much to think', (more, wanted) => {
    const { reasoning } = read(more)
    if (wanted === null) expect(reasoning).toBeNull()
    else expect(reasoning).toMatchObject(wanted)
  })

  const wrongs: readonly (readonly [Json, string])[] = [
    [{ messages: [] }, 'messages'],
    [{ messages: ['Hi'] }, 'messages[0]'],
    [{ messages: [{ role: 'narrator', content: 'Hi' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user', content: 5 }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', content: [{ type: 'video_url' }] }] }, 'messages[0].content[0].type'],
    [{ messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].tool_call_id'],
    [{ messages: [{ role: 'assistant', tool_calls: [{ id: 'a' }] }] }, 'messages[0].tool_calls[0].function.name'],
    [
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: 'data:x' }] }] },
      'messages[0].content[0].image_url',
    ],
    [{ n: 2 }, 'n'],
    [{ logprobs: true }, 'logprobs'],
    [{ modalities: ['text', 'audio'] }, 'modalities'],
    [{ temperature: 'hot' }, 'temperature'],
    [{ stop: [1] }, 'stop'],
    [{ stream: 'yes' }, 'stream'],
    [{ tools: [{}] }, 'tools[0].type'],
    [{ tool_choice: 'sometimes' }, 'tool_choice'],
    [{ response_format: { type: 'json_schema' } }, 'response_format'],
  ]
  test.each(wrongs)('with %j is refused, and the member is named', (more, param) => {
    const thrown = caught(() => read(more))
    expect([thrown.kind, thrown.param]).toEqual(['invalid', param])
  })
})

describe('messages for templates of local models', () => {
  const base = read({})
  const written = (turns: readonly Turn[], more: Partial<Conversation> = {}, upstream = chatUpstream): unknown =>
    upstream.writeRequest({ ...base, turns, ...more }, 'm')['messages']
  const text = (words: string) => ({ kind: 'text', text: words }) as const
  const system = (...words: readonly string[]): Turn => ({ role: 'system', parts: words.map(text) })
  const user = (words: string): Turn => ({ role: 'user', parts: [text(words)] })
  const thought = (words: string, signature: string | null = null) =>
    ({ kind: 'reasoning', text: words, signature, sealed: null }) as const
  const call = (id: string, written: string, name = 'f') =>
    ({ kind: 'tool_call', id, name, arguments: written }) as const
  const image = { kind: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AA' }, detail: null } as const

  test('have one system message, without the line that changes from turn to turn', () => {
    const turns = [system('x-anthropic-billing-header: cc_version=1;', 'You are.'), system('Be.'), user('Hi')]
    expect(written(turns)).toEqual([{ role: 'system', content: 'You are.\n\nBe.' }, hi])
  })

  test('have a late system turn as a reminder of the user, beside what the user says', () => {
    expect(written([user('Hi'), system('Agents: none.')])).toEqual([
      { role: 'user', content: 'Hi\n\n<system-reminder>\nAgents: none.\n</system-reminder>' },
    ])
  })

  test('have the pictures of results behind the last result', () => {
    const turns: readonly Turn[] = [
      { role: 'assistant', parts: [call('a', '{}'), call('b', '{}')] },
      { role: 'tool', callId: 'a', parts: [image], isError: false },
      { role: 'tool', callId: 'b', parts: [text('no such file')], isError: true },
      user('Well?'),
    ]
    expect(written(turns)).toMatchObject([
      { role: 'assistant', content: null },
      { role: 'tool', tool_call_id: 'a', content: 'The result follows in the next message.' },
      { role: 'tool', tool_call_id: 'b', content: 'Error: no such file' },
      { role: 'user', content: [{ type: 'image_url' }, { type: 'text', text: 'Well?' }] },
    ])
  })

  test('have thoughts beside the calls that they led to, unsigned ones only', () => {
    const turns: readonly Turn[] = [
      { role: 'assistant', parts: [thought('old'), text('Yes.')] },
      { role: 'assistant', parts: [thought('need f'), thought('theirs', 'sig'), call('a', '{}')] },
    ]
    expect(written(turns)).toMatchObject([
      { role: 'assistant', content: 'Yes.' },
      { role: 'assistant', reasoning_content: 'need f', reasoning: 'need f' },
    ])
    expect(JSON.stringify(written(turns))).not.toContain('old')
    expect(JSON.stringify(written(turns, {}, vendorChatUpstream))).not.toContain('"reasoning"')
  })

  test.each([
    ['', '{}'],
    ['{"a":1}', '{"a":1}'],
    ['{"a":', '{"malformed":"{\\"a\\":"}'],
    ['[1]', '{"malformed":"[1]"}'],
  ])('have %j as arguments that templates can read', (before, after) => {
    expect(written([{ role: 'assistant', parts: [call('a', before)] }])).toMatchObject([
      { tool_calls: [{ function: { arguments: after } }] },
    ])
  })

  test('have calls of free-text tools as calls of the function that stands for them', () => {
    const tools = [{ kind: 'custom', name: 'patch', description: null, format: { definition: 'start: x' } }] as const
    const turns: readonly Turn[] = [{ role: 'assistant', parts: [call('a', 'raw "text"', 'patch')] }]
    expect(written(turns, { tools })).toMatchObject([
      { tool_calls: [{ function: { arguments: '{"input":"raw \\"text\\""}' } }] },
    ])
    const [tool] = chatUpstream.writeRequest({ ...base, tools }, 'm')['tools'] as readonly Json[]
    expect(tool).toMatchObject({ type: 'function', function: { parameters: { required: ['input'] } } })
    expect(JSON.stringify(tool)).toContain('start: x')
  })

  test('cannot have a file by its address', () => {
    const part = { kind: 'file', name: null, source: { kind: 'url', url: 'https://x/' } } as const
    expect(caught(() => written([{ role: 'user', parts: [part] }])).kind).toBe('invalid')
  })
})

describe('what is asked of an upstream', () => {
  const base = read({})
  const wish = { isOn: true, effort: null, budgetTokens: null, summary: null }
  const members: readonly (readonly [string, Partial<Conversation>, Json, Json])[] = [
    ['thinking off', { reasoning: { ...wish, isOn: false } }, template(false), {}],
    ['thinking on', { reasoning: wish }, template(true), {}],
    [
      'as it likes',
      { reasoning: { ...wish, isOn: null, effort: 'max' } },
      { reasoning_effort: 'high' },
      { reasoning_effort: 'high' },
    ],
    [
      'a small budget',
      { reasoning: { ...wish, isOn: null, budgetTokens: 1024 } },
      { reasoning_effort: 'low' },
      { reasoning_effort: 'low' },
    ],
    ['a long name of a user', { user: 'x'.repeat(65) }, {}, {}],
    ['a bound', { maxTokens: 5 }, { max_tokens: 5 }, { max_completion_tokens: 5 }],
    [
      'only hosted tools',
      { tools: [{ kind: 'hosted', type: 'x', raw: {} }], toolChoice: { kind: 'required' } },
      {},
      {},
    ],
  ]
  test.each(members)('%s is said in its words', (_, more, engine, vendor) => {
    const plain = { model: 'gpt-5', messages: [hi], stream: false }
    expect(chatUpstream.writeRequest({ ...base, ...more }, 'gpt-5')).toEqual({ ...plain, ...engine })
    expect(vendorChatUpstream.writeRequest({ ...base, ...more }, 'gpt-5')).toEqual({ ...plain, ...vendor })
  })

  test('a stream is asked for with its usage', () => {
    expect(chatUpstream.writeRequest({ ...base, isStream: true }, 'm')).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
    })
  })
})

function template(isOn: boolean): Json {
  return { chat_template_kwargs: { enable_thinking: isOn, thinking: isOn } }
}

function caught(work: () => unknown): AppError {
  try {
    work()
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown
    throw thrown
  }
  throw new Error('nothing was thrown')
}
