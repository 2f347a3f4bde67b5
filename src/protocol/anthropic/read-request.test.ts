import { describe, expect, test } from 'bun:test'
import { AppError } from '../../kernel/errors.ts'
import { asGolden, expectGolden } from '../../../test/env/golden.ts'
import type { Json } from '../conversation/conversation.ts'
import { messagesCaller } from './caller.ts'

const golden = (name: string): string => `${import.meta.dir}/golden/${name}`

const read = (members: Json, content: unknown = 'Hi') =>
  messagesCaller.readRequest({ model: 'm', max_tokens: 10, messages: [{ role: 'user', content }], ...members })

/** As Claude Code 2.1.329 sent them to a server on loopback; long texts are cut short. */
const recorded = ['claude-code-first', 'claude-code-result', 'claude-code-tool-search'] as const

test.each(recorded)('the request %s means what its golden file says', async (name) => {
  const request = (await Bun.file(golden(`${name}.request.json`)).json()) as Json
  await expectGolden(golden(`${name}.conversation.json`), asGolden(messagesCaller.readRequest(request)))
})

describe('a block of the user', () => {
  const blocks: readonly (readonly [string, Json, unknown])[] = [
    [
      'text keeps its cache mark',
      { type: 'text', text: 'a', cache_control: { type: 'ephemeral' } },
      [{ kind: 'text', text: 'a', cache: { type: 'ephemeral' } }],
    ],
    ['text without a word is left out', { type: 'text', text: '' }, null],
    [
      'image is read from base64',
      image({ type: 'base64', media_type: 'image/png', data: 'AA==' }),
      [{ kind: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AA==' }, detail: null }],
    ],
    [
      'image is read from an address',
      image({ type: 'url', url: 'https://e.org/a.png' }),
      [{ kind: 'image', source: { kind: 'url', url: 'https://e.org/a.png' }, detail: null }],
    ],
    [
      'image is read from a file of the vendor',
      image({ type: 'file', file_id: 'file_1' }),
      [{ kind: 'image', source: { kind: 'id', id: 'file_1' }, detail: null }],
    ],
    [
      'document of text stays text',
      document({ type: 'text', media_type: 'text/plain', data: 'Body' }, 'A'),
      [
        { kind: 'text', text: 'Document: A' },
        { kind: 'text', text: 'Body' },
      ],
    ],
    [
      'document of blocks is its blocks',
      document({ type: 'content', content: [{ type: 'text', text: 'x' }] }),
      [{ kind: 'text', text: 'x' }],
    ],
    [
      'PDF is a file',
      document({ type: 'base64', media_type: 'application/pdf', data: 'AA==' }, 'A'),
      [{ kind: 'file', name: 'A', source: { kind: 'data', mediaType: 'application/pdf', data: 'AA==' } }],
    ],
    [
      'search result is its words',
      { type: 'search_result', title: 'T', source: 'S', content: [{ type: 'text', text: 'x' }] },
      [{ kind: 'text', text: 'T (S)\nx' }],
    ],
    [
      'tool reference says so',
      { type: 'tool_reference', tool_name: 'WebFetch' },
      [{ kind: 'text', text: 'The tool WebFetch can be used now.' }],
    ],
    [
      'kind that is not known yet is a file',
      { type: 'hologram', data: 'ü' },
      [
        {
          kind: 'file',
          name: 'hologram.json',
          source: {
            kind: 'data',
            mediaType: 'application/json',
            data: Buffer.from('{"type":"hologram","data":"ü"}').toString('base64'),
          },
        },
      ],
    ],
  ]
  test.each(blocks)('%s', (_, block, parts) => {
    expect(read({}, [block]).turns as unknown).toEqual(parts === null ? [] : [{ role: 'user', parts }])
  })

  function image(source: Json): Json {
    return { type: 'image', source }
  }
  function document(source: Json, title?: string): Json {
    return { type: 'document', source, title }
  }
})

describe('turns', () => {
  const turnsOf = (...messages: readonly Json[]): unknown => read({ messages }).turns

  test('results of tools stand before what the user says beside them', () => {
    const content = [
      { type: 'text', text: 'and now?' },
      { type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: 'out' }], is_error: true },
      { type: 'tool_result', tool_use_id: 't2' },
    ]
    expect(turnsOf({ role: 'user', content })).toEqual([
      { role: 'tool', callId: 't1', parts: [{ kind: 'text', text: 'out' }], isError: true },
      { role: 'tool', callId: 't2', parts: [], isError: false },
      { role: 'user', parts: [{ kind: 'text', text: 'and now?' }] },
    ])
  })

  test('an answer keeps the order of its thoughts, words and calls', () => {
    const content = [
      { type: 'thinking', thinking: 'hm', signature: 'sig' },
      { type: 'redacted_thinking', data: 'xyz' },
      { type: 'thinking', thinking: 'mine', signature: '' },
      { type: 'text', text: 'I look.' },
      { type: 'tool_use', id: 't1', name: 'Bash', input: { command: 'ls' } },
    ]
    expect(turnsOf({ role: 'assistant', content })).toEqual([
      {
        role: 'assistant',
        parts: [
          { kind: 'reasoning', text: 'hm', signature: 'sig', sealed: null },
          { kind: 'reasoning', text: '', signature: null, sealed: 'hearth-redacted:xyz' },
          { kind: 'reasoning', text: 'mine', signature: null, sealed: null },
          { kind: 'text', text: 'I look.' },
          { kind: 'tool_call', id: 't1', name: 'Bash', arguments: '{"command":"ls"}' },
        ],
      },
    ])
  })

  test('what a tool of the vendor found is kept in words, its call is not', () => {
    const found = { type: 'web_search_result', title: 'Bun', url: 'https://bun.sh', encrypted_content: 'xx' }
    const content = [
      { type: 'server_tool_use', id: 's1', name: 'web_search', input: { query: 'bun' } },
      { type: 'web_search_tool_result', tool_use_id: 's1', content: [found] },
      { type: 'text', text: 'Bun is fast.' },
    ]
    expect(turnsOf({ role: 'assistant', content })).toEqual([
      {
        role: 'assistant',
        parts: [
          { kind: 'text', text: '[web_search_tool_result]\nBun https://bun.sh' },
          { kind: 'text', text: 'Bun is fast.' },
        ],
      },
    ])
  })

  test('a system message for one turn is gone after the next one of the user', () => {
    const system = { role: 'system', content: 'Now only.', clear_at: 'next_user_message' }
    const user = { role: 'user', content: 'a' }
    const seen = { role: 'user', parts: [{ kind: 'text', text: 'a' }] }
    expect(turnsOf(user, system)).toEqual([seen, { role: 'system', parts: [{ kind: 'text', text: 'Now only.' }] }])
    expect(turnsOf(user, system, user)).toEqual([seen, seen])
  })

  test('the header that Claude Code writes into its system text is left out', () => {
    const system = [
      { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.329; cc_entrypoint=cli;' },
      { type: 'text', text: 'Be kind.' },
    ]
    expect(read({ system }).turns[0] as unknown).toEqual({
      role: 'system',
      parts: [{ kind: 'text', text: 'Be kind.' }],
    })
  })
})

describe('tools', () => {
  const bash = { name: 'Bash', description: 'd', input_schema: { type: 'object' } }
  const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 8 }

  test('those that the vendor runs are hosted, those that the caller runs are functions', () => {
    const tools = [bash, search, { type: 'bash_20250124', name: 'bash' }]
    expect(read({ tools }).tools.map(({ kind }) => kind)).toEqual(['function', 'hosted', 'function'])
  })

  test('system messages between the turns add and take away', () => {
    const added = { name: 'Edit', input_schema: { type: 'object' } }
    const messages = [
      { role: 'user', content: 'a' },
      {
        role: 'system',
        content: [
          { type: 'tool_addition', tool: { type: 'tool_definition', definition: added } },
          { type: 'tool_removal', tool: { type: 'tool_reference', name: 'Bash' } },
        ],
      },
    ]
    const names = read({ tools: [bash, search], messages }).tools.map((tool) =>
      tool.kind === 'hosted' ? '' : tool.name,
    )
    expect(names).toEqual(['', 'Edit'])
  })

  const choices: readonly (readonly [Json, unknown, boolean | null])[] = [
    [{ type: 'auto' }, { kind: 'auto' }, null],
    [{ type: 'any', disable_parallel_tool_use: true }, { kind: 'required' }, false],
    [{ type: 'tool', name: 'Bash', disable_parallel_tool_use: false }, { kind: 'tool', name: 'Bash' }, true],
    [{ type: 'none' }, { kind: 'none' }, null],
    [{ type: 'later' }, null, null],
  ]
  test.each(choices)('tool_choice %j', (choice, toolChoice, isParallel) => {
    const asked = read({ tool_choice: choice })
    expect<unknown>([asked.toolChoice, asked.isParallel]).toEqual([toolChoice, isParallel])
  })
})

describe('thinking', () => {
  const wishes: readonly (readonly [Json, unknown])[] = [
    [{}, null],
    [
      { thinking: { type: 'enabled', budget_tokens: 2048 } },
      { isOn: true, effort: null, budgetTokens: 2048, summary: null },
    ],
    [{ thinking: { type: 'disabled' } }, { isOn: false, effort: null, budgetTokens: null, summary: null }],
    [
      { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'max' } },
      { isOn: null, effort: 'max', budgetTokens: null, summary: 'auto' },
    ],
    [{ output_config: { effort: 'low' } }, { isOn: null, effort: 'low', budgetTokens: null, summary: null }],
  ]
  test.each(wishes)('%j', (members, reasoning) => {
    expect(read(members).reasoning as unknown).toEqual(reasoning)
  })
})

test('a schema for the answer is read under its new and its old name', () => {
  const format = { type: 'json_schema', schema: { type: 'object' } }
  const wanted = { kind: 'schema', name: 'answer', description: null, schema: { type: 'object' }, isStrict: null }
  expect(read({ output_config: { format } }).format).toEqual(wanted as never)
  expect(read({ output_format: format }).format).toEqual(wanted as never)
  expect(read({ output_config: { format: { type: 'poem' } } }).format).toBeNull()
})

test('a thread that the vendor holds is for the vendor: others are not asked, and clients are told so', () => {
  for (const thread of [{ type: 'create' }, { type: 'continue', previous_message_id: 'msg_1' }]) {
    const { untranslatable } = read({ thread })
    expect(untranslatable).toMatchObject({ kind: 'invalid', param: 'thread' })
    expect(messagesCaller.writeError(untranslatable!, { status: 400, requestId: 'req_1' })).toMatchObject({
      error: { type: 'invalid_request_error', details: { error_code: 'thread_unsupported_request' } },
    })
  }
  expect('untranslatable' in read({ thread: null })).toBe(false)
})

test('what no answer depends on is taken without a word', () => {
  const members = {
    service_tier: 'auto',
    context_management: { edits: [] },
    betas: ['x-2030'],
    speed: 'fast',
    novelty: 1,
  }
  expect(read(members).turns).toHaveLength(1)
})

const refused: readonly (readonly [string, Json, string])[] = [
  ['no messages', { messages: undefined }, 'messages'],
  ['a role of another dialect', { messages: [{ role: 'tool', content: 'x' }] }, 'messages.0.role'],
  ['a call without an id', call({ type: 'tool_use', name: 'a', input: {} }), 'messages.0.content.0.id'],
  ['a picture that the model is to have made', call({ type: 'image', source: {} }), 'messages.0.content.0.type'],
  [
    'a number as text',
    { messages: [{ role: 'user', content: [{ type: 'text', text: 1 }] }] },
    'messages.0.content.0.text',
  ],
  ['half a token', { max_tokens: 0.5 }, 'max_tokens'],
  ['a tool without a name', { tools: [{ input_schema: {} }] }, 'tools.0.name'],
]
test.each(refused)('%s is refused by the name of the member', (_, members, param) => {
  const error = thrown(() => read(members))
  expect(error).toBeInstanceOf(AppError)
  expect(error).toMatchObject({ kind: 'invalid', param })
})

function call(block: Json): Json {
  return { messages: [{ role: 'assistant', content: [block] }] }
}

function thrown(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return error
  }
}
