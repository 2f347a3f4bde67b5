import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { asGolden, expectGolden } from '../../../../test/env/golden.ts'
import type { Json } from '../../conversation/conversation.ts'
import { chatUpstream } from '../chat/upstream.ts'
import { responsesCaller } from './caller.ts'
import { codexResults, codexTurn, codexTurnWithTools } from './codex-fixture.ts'
import { responsesUpstream } from './upstream.ts'

const golden = (name: string): string => join(import.meta.dir, 'golden', name)
const read = (body: Json) => responsesCaller.readRequest({ model: 'm', input: 'Hi', ...body })
const plain = (body: Json) => {
  const { asked: _, table: __, ...conversation } = read(body)
  return conversation
}
const refusal = (body: Json): unknown => {
  try {
    read(body)
  } catch (error) {
    return error
  }
  return 'nothing was thrown'
}
const call = (name: string, more: Json = {}): Json => ({
  type: 'function_call',
  call_id: 'c1',
  name,
  arguments: '{}',
  ...more,
})

test('a turn of Codex is a conversation with flat tools', async () => {
  const turn = { ...codexTurn, input: [...(codexTurn.input as readonly Json[]), ...codexResults] }
  await expectGolden(golden('codex-read.json'), asGolden(plain(turn)))
})

test('a turn of Codex with its tools in the input is one, too', async () => {
  await expectGolden(golden('codex-tools-read.json'), asGolden(plain(codexTurnWithTools)))
})

test('a turn of Codex reaches an upstream of the chat dialect whole', async () => {
  const turn = { ...codexTurn, input: [...(codexTurn.input as readonly Json[]), ...codexResults] }
  await expectGolden(golden('codex-chat.json'), asGolden(chatUpstream.writeRequest(read(turn), 'there')))
})

const everything: Json = {
  instructions: 'Be brief.',
  input: [
    { role: 'user', content: 'plain' },
    {
      role: 'user',
      content: [
        { type: 'input_text', text: 'look' },
        { type: 'input_image', image_url: 'https://example.org/a.png', detail: 'low' },
        { type: 'input_image', file_id: 'file-1', detail: 'auto' },
        { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERg==' },
        { type: 'input_file', file_url: 'https://example.org/b.pdf' },
        { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } },
      ],
    },
    { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'sealed' },
    { type: 'reasoning', id: 'rs_2', summary: [], content: [{ type: 'reasoning_text', text: 'in clear' }] },
    {
      type: 'message',
      id: 'msg_1',
      role: 'assistant',
      status: 'completed',
      content: [
        { type: 'output_text', text: 'said', annotations: [] },
        { type: 'refusal', refusal: 'not that' },
      ],
    },
    { type: 'custom_tool_call', call_id: 'c1', name: 'apply_patch', input: '*** Begin Patch' },
    { type: 'custom_tool_call_output', call_id: 'c1', output: 'done' },
    { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'x' } },
    { role: 'developer', content: 'Now be long.' },
  ],
  tools: [
    { type: 'custom', name: 'apply_patch', description: 'Edits.', format: { type: 'text' } },
    { type: 'function', name: 'sum', parameters: null, strict: true },
    { type: 'code_interpreter', container: { type: 'auto' } },
  ],
  tool_choice: { type: 'custom', name: 'apply_patch' },
  parallel_tool_calls: false,
  reasoning: { effort: 'high', summary: 'detailed' },
  text: { format: { type: 'json_schema', name: 'out', schema: { type: 'object' }, strict: true }, verbosity: 'low' },
  max_output_tokens: 100,
  temperature: 0.5,
  top_p: 0.9,
  safety_identifier: 'someone',
  user: 'somebody',
}

test('every member of a request has its place in the conversation', async () => {
  await expectGolden(golden('request-read.json'), asGolden(plain(everything)))
})

test('a conversation becomes a request that keeps nothing at the upstream', async () => {
  await expectGolden(golden('request-upstream.json'), asGolden(responsesUpstream.writeRequest(read(everything), 'up')))
})

test('a text is the words of the user', () => {
  expect(read({}).turns).toEqual([{ role: 'user', parts: [{ kind: 'text', text: 'Hi' }] }])
})

describe('the tools of a request', () => {
  const inner = (...names: readonly string[]): readonly Json[] => names.map((name) => ({ type: 'function', name }))
  const names = (...tools: readonly Json[]) =>
    read({ tools }).tools.map((tool) => (tool.kind === 'hosted' ? tool.type : tool.name))

  test.each([
    ['a namespace is part of the name', [{ type: 'namespace', name: 'a', tools: inner('b') }], ['a__b']],
    ['functions is no namespace', [{ type: 'namespace', name: 'functions', tools: inner('b') }], ['b']],
    [
      'equal names are told apart',
      [...inner('b'), { type: 'namespace', name: 'functions', tools: inner('b') }],
      ['b', 'b_2'],
    ],
    ['other letters become underscores', inner('mcp.read file'), ['mcp_read_file']],
    [
      'a name that is too long loses its beginning',
      [{ type: 'namespace', name: 'n'.repeat(60), tools: inner('spawn') }],
      [`${'n'.repeat(57)}__spawn`],
    ],
    ['a search that must not search is dropped', [{ type: 'web_search', external_web_access: false }], []],
    ['a search that may is kept', [{ type: 'web_search' }], ['web_search']],
  ] as const)('%s', (_, tools, expected) => {
    expect(names(...tools)).toEqual([...expected])
  })

  test('are found by what a model calls them', () => {
    const { table } = read({ tools: [{ type: 'namespace', name: 'a', tools: inner('b', 'c') }, ...inner('c')] })
    expect(table.find('a__b')).toMatchObject({ name: 'b', namespace: 'a' })
    expect(table.find('a.b')).toMatchObject({ name: 'b', namespace: 'a' })
    expect(table.find('b')).toMatchObject({ name: 'b', namespace: 'a' })
    expect(table.find('c')).toMatchObject({ name: 'c', namespace: null })
    expect(table.find('unknown')).toBeNull()
  })

  test('keep the name of a call to one that is not declared any more', () => {
    const { turns } = read({ input: [call('old', { namespace: 'gone' })] })
    expect(turns).toMatchObject([{ parts: [{ kind: 'tool_call', name: 'gone__old' }] }])
  })

  test.each([
    ['auto', { kind: 'auto' }],
    ['required', { kind: 'required' }],
    ['none', { kind: 'none' }],
    [
      { type: 'function', name: 'b', namespace: 'a' },
      { kind: 'tool', name: 'a__b' },
    ],
    [
      { type: 'function', name: 'b' },
      { kind: 'tool', name: 'a__b' },
    ],
    [{ type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'b' }] }, { kind: 'required' }],
    [null, null],
  ] as const)('tool_choice %j is %j', (choice, expected) => {
    const tools = [{ type: 'namespace', name: 'a', tools: inner('b') }, ...inner('d')]
    expect(read({ tools, tool_choice: choice }).toolChoice).toEqual(expected)
  })

  test('are only those that are allowed', () => {
    const choice = { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'd' }] }
    expect(read({ tools: inner('b', 'd'), tool_choice: choice }).tools).toMatchObject([{ name: 'd' }])
  })
})

test.each([
  ['model', { model: '' }],
  ['input', { input: 5 }],
  ['input', { input: [] }],
  ['input[0]', { input: ['x'] }],
  ['input[0].type', { input: [{ type: 'input_image', image_url: 'x' }] }],
  ['input[0].role', { input: [{ role: 'tool', content: 'x' }] }],
  ['input[0].content', { input: [{ role: 'user', content: 5 }] }],
  ['input[0].call_id', { input: [{ type: 'function_call_output', output: 'x' }] }],
  ['input[0].name', { input: [call('x', { name: 1 })] }],
  ['temperature', { temperature: 'hot' }],
  ['stream', { stream: 'yes' }],
  ['max_output_tokens', { max_output_tokens: 0 }],
  ['tool_choice', { tool_choice: 'sometimes' }],
  ['text.format.type', { text: { format: { type: 'xml' } } }],
  ['text.format.schema', { text: { format: { type: 'json_schema', name: 'x' } } }],
  ['conversation', { conversation: 'conv_1' }],
] as const)('%s is refused with its name: %j', (param, body) => {
  expect(refusal(body)).toMatchObject({ kind: 'invalid', param })
})

test.each([
  [
    'input[0].type',
    {
      input: [
        { type: 'computer_call', call_id: 'c' },
        { role: 'user', content: 'x' },
      ],
    },
  ],
  ['input[0]', { input: [{ id: 'msg_1' }, { role: 'user', content: 'x' }] }],
  [
    'input[0].type',
    {
      input: [
        { type: 'compaction', encrypted_content: 'x' },
        { role: 'user', content: 'x' },
      ],
    },
  ],
  ['input[0].content[0].type', { input: [{ role: 'user', content: [{ type: 'input_video' }] }] }],
  ['prompt', { prompt: { id: 'pmpt_1' } }],
  ['top_logprobs', { top_logprobs: 2 }],
  ['tool_choice', { tool_choice: { type: 'file_search' } }],
] as const)('%s is for upstreams of this dialect only: %j', (param, body) => {
  expect(read(body).untranslatable).toMatchObject({ kind: 'invalid', reason: 'not_translatable', param })
})

test('what a plain request says is for every upstream', () => {
  expect('untranslatable' in read(everything)).toBe(false)
})

describe('for an upstream', () => {
  const write = (body: Json) => responsesUpstream.writeRequest(read(body), 'up')

  test('stop sequences are refused', () => {
    expect(() => write({ stop: ['END'] })).toThrow('no stop sequences')
  })

  test('a model that does not think is not asked for sealed thoughts', () => {
    expect(write({})).toEqual({
      model: 'up',
      input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }],
      stream: false,
      store: false,
    })
  })

  test.each([
    [1, 16],
    [16, 16],
    [200, 200],
    [null, undefined],
  ])('a bound of %p tokens is %p: OpenAI takes no smaller one', (maxTokens, told) => {
    expect(responsesUpstream.writeRequest({ ...read({}), maxTokens }, 'up').max_output_tokens).toBe(told as number)
  })

  test('a failed call says so in words', () => {
    const conversation = {
      ...read({}),
      turns: [{ role: 'tool', callId: 'c', isError: true, parts: [{ kind: 'text', text: 'no such file' }] }] as const,
    }
    expect(responsesUpstream.writeRequest(conversation, 'up').input).toEqual([
      { type: 'function_call_output', call_id: 'c', output: 'Error: no such file' },
    ])
  })

  test.each([
    [1024, 'low'],
    [10_000, 'medium'],
    [50_000, 'high'],
  ])('a budget of %p tokens is the effort %s', (budgetTokens, effort) => {
    const reasoning = { isOn: true, effort: null, budgetTokens, summary: null }
    expect(responsesUpstream.writeRequest({ ...read({}), reasoning }, 'up').reasoning).toEqual({ effort })
  })

  test("another vendor's thoughts stay here", () => {
    const thought = { type: 'reasoning', summary: [], encrypted_content: 'hearth-signature:c2ln' }
    const input = [thought, { role: 'assistant', content: 'x' }, { role: 'user', content: 'y' }]
    expect(write({ input }).input).toMatchObject([{ role: 'assistant' }, { role: 'user' }])
  })
})
