import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { asGolden, expectGolden } from '../../../test/env/golden.ts'
import type { Conversation, InputPart, Json, OutputPart, Tool, Turn } from '../conversation/conversation.ts'
import { messagesCaller } from './caller.ts'
import { lacksItsThought, mendedHistory } from './mended-history.ts'
import { traitsOf } from './model-traits.ts'
import { messagesUpstream } from './upstream.ts'

const golden = (name: string): string => `${import.meta.dir}/golden/${name}`
const words = (text: string) => ({ kind: 'text', text }) as const
const user = (...parts: readonly (string | InputPart)[]): Turn => ({
  role: 'user',
  parts: parts.map((part) => (typeof part === 'string' ? words(part) : part)),
})
const system = (text: string): Turn => ({ role: 'system', parts: [words(text)] })
const assistant = (...parts: readonly OutputPart[]): Turn => ({ role: 'assistant', parts })
const call = (id: string, args = '{}', name = 'read'): OutputPart => ({ kind: 'tool_call', id, name, arguments: args })
const result = (callId: string, text: string): Turn => ({ role: 'tool', callId, parts: [words(text)], isError: false })

function conversation(members: Partial<Conversation>): Conversation {
  return {
    model: 'asked',
    turns: [user('Hi')],
    tools: [],
    toolChoice: null,
    isParallel: null,
    isStream: false,
    maxTokens: null,
    sampling: {
      temperature: null,
      topP: null,
      topK: null,
      stop: [],
      seed: null,
      presencePenalty: null,
      frequencyPenalty: null,
    },
    reasoning: null,
    format: null,
    user: null,
    extras: {},
    ...members,
  }
}

const write = (members: Partial<Conversation>, model = 'claude-opus-4-8') =>
  messagesUpstream.writeRequest(conversation(members), model)
const messagesOf = (...turns: readonly Turn[]): unknown => write({ turns }).messages

const read: Tool = {
  kind: 'function',
  name: 'read',
  description: 'Reads.',
  parameters: { type: 'object', properties: { path: { type: 'string' } } },
  isStrict: true,
}
const patch: Tool = {
  kind: 'custom',
  name: 'apply_patch',
  description: 'Patches.',
  format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
}
const hosted: Tool = { kind: 'hosted', type: 'web_search', raw: { type: 'web_search' } }

test('a whole conversation of another dialect is written as the golden file says', async () => {
  const request = write({
    turns: [
      system('Be brief.'),
      system('Answer in English.'),
      user('Read it.', {
        kind: 'image',
        source: { kind: 'data', mediaType: 'image/png', data: 'AA==' },
        detail: 'low',
      }),
      assistant(
        { kind: 'reasoning', text: 'unsigned', signature: null, sealed: null },
        words('I read.'),
        call('functions.read:0', '{"path":"a"}'),
        call('c2', '*** Begin', 'apply_patch'),
      ),
      system('Hurry.'),
      result('functions.read:0', 'A'),
      result('c2', 'B'),
      user('So?'),
    ],
    tools: [read, patch, hosted],
    toolChoice: { kind: 'auto' },
    isParallel: false,
    isStream: true,
    sampling: {
      temperature: 0.2,
      topP: 0.9,
      topK: null,
      stop: ['END', ' '],
      seed: 7,
      presencePenalty: 1,
      frequencyPenalty: 1,
    },
    reasoning: { isOn: true, effort: 'minimal', budgetTokens: null, summary: null },
    format: { kind: 'schema', name: 'n', description: null, schema: { type: 'object' }, isStrict: true },
    user: 'u1',
  })
  await expectGolden(golden('written.request.json'), asGolden(request))
})

describe('turns keep the rules of the dialect:', () => {
  const block = (text: string) => ({ type: 'text', text })
  const rules: readonly (readonly [string, readonly Turn[], unknown])[] = [
    ['the same side twice is one turn', [user('a'), user('b')], [{ role: 'user', content: [block('a'), block('b')] }]],
    [
      'texts without a word are left out',
      [user('a', ' '), assistant(words('')), user('b')],
      [{ role: 'user', content: [block('a'), block('b')] }],
    ],
    [
      'the user begins',
      [assistant(words('a')), user('b')],
      [
        { role: 'user', content: [block('(The conversation begins here.)')] },
        { role: 'assistant', content: [block('a')] },
        { role: 'user', content: [block('b')] },
      ],
    ],
    [
      'an answer to be carried on ends without white space',
      [user('a'), assistant(words('{ \n'))],
      [
        { role: 'user', content: [block('a')] },
        { role: 'assistant', content: [block('{')] },
      ],
    ],
    ['a lone system text is what is asked', [system('s')], [{ role: 'user', content: [block('s')] }]],
    [
      'a late system text is marked',
      [user('a'), system('s')],
      [{ role: 'user', content: [block('a'), block('<system-reminder>\ns\n</system-reminder>')] }],
    ],
    [
      'results come first in their turn',
      [user('a'), assistant(call('x'), call('y')), result('x', '1'), user('b'), result('y', '2')],
      [
        { role: 'user', content: [block('a')] },
        {
          role: 'assistant',
          content: [
            { type: 'tool_use', id: 'x', name: 'read', input: {} },
            { type: 'tool_use', id: 'y', name: 'read', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'x', content: [block('1')] },
            { type: 'tool_result', tool_use_id: 'y', content: [block('2')] },
            block('b'),
          ],
        },
      ],
    ],
    ['a result of no call is what the user says', [result('lost', 'r')], [{ role: 'user', content: [block('r')] }]],
    [
      'arguments that are broken are kept under a name that says so',
      [user('a'), assistant(call('x', '{"p":'))],
      [
        { role: 'user', content: [block('a')] },
        {
          role: 'assistant',
          content: [{ type: 'tool_use', id: 'x', name: 'read', input: { malformed_arguments: '{"p":' } }],
        },
      ],
    ],
    [
      'signed and sealed thoughts go back as they were',
      [
        user('a'),
        assistant(
          { kind: 'reasoning', text: 'hm', signature: 's', sealed: null },
          { kind: 'reasoning', text: '', signature: null, sealed: 'hearth-redacted:x' },
          words('b'),
        ),
        user('c'),
      ],
      [
        { role: 'user', content: [block('a')] },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'hm', signature: 's' },
            { type: 'redacted_thinking', data: 'x' },
            block('b'),
          ],
        },
        { role: 'user', content: [block('c')] },
      ],
    ],
  ]
  test.each(rules)('%s', (_, turns, wanted) => {
    expect(messagesOf(...turns)).toEqual(wanted)
  })

  test('whatever comes, sides take turns, the user begins, no text is empty and every result has its call', () => {
    const part = fc.constantFrom('', ' ', 'a', 'b\n').map(words)
    const id = fc.constantFrom('x', 'y:1', '')
    const turn: fc.Arbitrary<Turn> = fc.oneof(
      part.map((each): Turn => ({ role: 'system', parts: [each] })),
      fc.array(part, { maxLength: 2 }).map((parts): Turn => ({ role: 'user', parts })),
      fc
        .tuple(part, fc.array(id, { maxLength: 2 }))
        .map(([text, ids]) => assistant(text, ...ids.map((each) => call(each)))),
      id.map((each) => result(each, 'r')),
    )
    fc.assert(
      fc.property(fc.array(turn, { minLength: 1, maxLength: 8 }), (turns) => {
        const messages = messagesOf(...turns) as readonly { readonly role: string; readonly content: readonly Json[] }[]
        const ids = new Set<unknown>()
        for (const [index, { role, content }] of messages.entries()) {
          expect(role).toBe(index % 2 === 0 ? 'user' : 'assistant')
          expect(content.length).toBeGreaterThan(0)
          for (const block of content) {
            if (block.type === 'text') expect(String(block.text).trim()).not.toBe('')
            if (block.type === 'tool_use') ids.add(block.id)
            if (block.type === 'tool_result') expect(ids.has(block.tool_use_id)).toBe(true)
          }
        }
      }),
    )
  })
})

describe('what the models want:', () => {
  const thinking = { isOn: null, effort: 'high', budgetTokens: null, summary: null }
  const hot = { ...conversation({}).sampling, temperature: 1.5, topP: 0.5 }
  const forced = { tools: [read], toolChoice: { kind: 'required' } } as const
  const wants: readonly (readonly [string, string, Partial<Conversation>, Json])[] = [
    [
      'a budget for older ones',
      'claude-haiku-4-5',
      { reasoning: thinking },
      {
        max_tokens: 32_000,
        thinking: { type: 'enabled', budget_tokens: 16_000 },
      },
    ],
    [
      'an effort for newer ones',
      'claude-opus-4-8',
      { reasoning: thinking },
      {
        thinking: { type: 'adaptive', display: 'summarized' },
        output_config: { effort: 'high' },
      },
    ],
    [
      'a budget below the most tokens',
      'glm-5',
      { reasoning: { ...thinking, budgetTokens: 9000 }, maxTokens: 2000 },
      {
        max_tokens: 2000,
        thinking: { type: 'enabled', budget_tokens: 1999 },
      },
    ],
    ['no thought that has no room', 'glm-5', { reasoning: thinking, maxTokens: 500 }, { thinking: undefined }],
    [
      'no thought beside a forced tool',
      'claude-opus-4-8',
      { reasoning: thinking, ...forced },
      {
        thinking: undefined,
        tool_choice: { type: 'any' },
      },
    ],
    [
      'unwanted thought said so',
      'claude-opus-4-8',
      { reasoning: { ...thinking, isOn: false } },
      {
        thinking: { type: 'disabled' },
        output_config: undefined,
      },
    ],
    [
      'a temperature up to 1',
      'claude-3-5-haiku-latest',
      { sampling: hot },
      { max_tokens: 8192, temperature: 1, top_p: 0.5 },
    ],
    ['one of two samplers', 'claude-sonnet-4-5', { sampling: hot }, { temperature: 1, top_p: undefined }],
    ['no sampler for the newest', 'claude-opus-4-8', { sampling: hot }, { temperature: undefined, top_p: undefined }],
    ['no sampler beside a thought', 'glm-5', { sampling: hot, reasoning: thinking }, { temperature: undefined }],
    [
      'JSON in words',
      'glm-5',
      { format: { kind: 'json' } },
      {
        system: [
          { type: 'text', text: 'Answer with one JSON object and nothing else: no other words, no code fence.' },
        ],
      },
    ],
    [
      'no choice of a tool that is not there',
      'glm-5',
      { tools: [read], toolChoice: { kind: 'tool', name: 'web_search' } },
      {
        tool_choice: undefined,
      },
    ],
  ]
  test.each(wants)('%s', (_, model, members, wanted) => {
    const request = write(members, model)
    expect(Object.fromEntries(Object.keys(wanted).map((name) => [name, request[name]]))).toEqual(wanted)
  })

  test('a budget is left out where the last call came without a signed thought', () => {
    const turns = [user('a'), assistant(call('x')), result('x', '1')]
    expect(write({ turns, reasoning: thinking }, 'claude-haiku-4-5').thinking).toBeUndefined()
  })

  const names: readonly (readonly [string, string])[] = [
    ['claude-opus-4-20250514', 'budget true true 32000'],
    ['claude-opus-4-1-20250805', 'budget true false 32000'],
    ['anthropic/claude-sonnet-4.5', 'budget true false 32000'],
    ['claude-sonnet-4-6', 'adaptive true false 32000'],
    ['claude-opus-4-7', 'adaptive false false 32000'],
    ['claude-haiku-5', 'adaptive false false 32000'],
    ['claude-fable-5', 'adaptive false false 32000'],
    ['claude-3-opus-20240229', 'budget true true 4096'],
    ['claude-3-7-sonnet-latest', 'budget true true 8192'],
    ['deepseek-chat', 'budget true true 8192'],
  ]
  test.each(names)('%s: %s', (model, wanted) => {
    const { thinking: kind, takesSampling, takesBothSamplers, defaultMaxTokens } = traitsOf(model)
    expect(`${kind} ${takesSampling} ${takesBothSamplers} ${defaultMaxTokens}`).toBe(wanted)
  })
})

describe('a file', () => {
  const file = (mediaType: string, data: string): Turn =>
    user({ kind: 'file', name: 'n', source: { kind: 'data', mediaType, data } })

  test('of text is told as text, a PDF as it is', () => {
    const text = Buffer.from('grüße').toString('base64')
    expect(messagesOf(file('text/markdown', text), file('application/pdf', 'AA=='))).toEqual([
      {
        role: 'user',
        content: [
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'grüße' }, title: 'n' },
          { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'AA==' }, title: 'n' },
        ],
      },
    ])
  })

  test.each([file('application/zip', 'AA=='), user({ kind: 'audio', format: 'wav', data: 'AA==' })])(
    'that the models cannot read is refused by its place',
    (turn) => {
      expect(() => messagesOf(user('a'), turn)).toThrow(/^messages\.1 holds/)
    },
  )
})

describe('what a model in the house left in a conversation', () => {
  const messages = [
    { role: 'user', content: 'a' },
    { role: 'assistant', content: [{ type: 'thinking', thinking: 'hm', signature: '' }] },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'hm', signature: '' },
        { type: 'tool_use', id: 'functions.read:0', name: 'read', input: {} },
      ],
    },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'functions.read:0', content: 'r' }] },
  ]

  test('is mended for a model of the vendor', () => {
    expect(mendedHistory(messages, 'claude-opus-5')).toEqual([
      { role: 'user', content: 'a' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'functions_read_0', name: 'read', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'functions_read_0', content: 'r' }] },
    ])
  })

  test('may be a thought that OpenAI sealed, which goes back to OpenAI alone', () => {
    const text = { type: 'text', text: 'b' }
    const asked = { role: 'user', content: [{ type: 'text', text: 'a' }] }
    const data = 'hearth-encrypted:openais'
    const sealed = { role: 'assistant', content: [{ type: 'redacted_thinking', data }, text] }
    const turnsOf = (...said: readonly Json[]) => messagesCaller.readRequest({ model: 'm', messages: said }).turns
    expect(mendedHistory([sealed], 'claude-opus-5')).toEqual([{ role: 'assistant', content: [text] }])
    expect(turnsOf(sealed)).toMatchObject([{ parts: [{ sealed: 'openais' }, { kind: 'text' }] }])
    const own = { role: 'assistant', content: [{ type: 'redacted_thinking', data: 'own' }, text] }
    expect(mendedHistory([own], 'claude-opus-5')).toBeNull()
    expect(messagesOf(...turnsOf(asked, own))).toEqual([asked, own])
    expect(messagesOf(...turnsOf(asked, sealed))).toEqual([asked, { role: 'assistant', content: [text] }])
  })

  test('may lack the thought that a model with a budget wants back: then it does not think', () => {
    const thinking = { type: 'enabled', budget_tokens: 2000 }
    expect(lacksItsThought({ thinking }, messages, 'claude-sonnet-4-5')).toBe(false)
    const mended = mendedHistory(messages, 'claude-sonnet-4-5')
    expect(lacksItsThought({ thinking }, mended, 'claude-sonnet-4-5')).toBe(true)
    expect(lacksItsThought({ thinking }, mended, 'claude-opus-5')).toBe(false)
    expect(lacksItsThought({ thinking }, mended, 'glm-5')).toBe(false)
    expect(lacksItsThought({}, mended, 'claude-sonnet-4-5')).toBe(false)
    expect(lacksItsThought({ thinking }, mended?.slice(0, -1), 'claude-sonnet-4-5')).toBe(false)
  })

  test('stays for others, and so does what the vendor wrote itself', () => {
    const signed = [{ role: 'assistant', content: [{ type: 'thinking', thinking: 'hm', signature: 's' }] }]
    expect(mendedHistory(messages, 'glm-5')).toBeNull()
    expect(mendedHistory(signed, 'claude-opus-5')).toBeNull()
    expect(mendedHistory(undefined, 'claude-opus-5')).toBeNull()
  })
})
