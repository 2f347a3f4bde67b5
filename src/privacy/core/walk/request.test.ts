import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { hint, withHint } from './hint.ts'
import { conversationHead, flatLeaves, holdsTokens, readPayload, spliceLeaves } from './request.ts'
import type { PayloadApi } from './zones.ts'

const signature = 'EqQBCkYICxgCKkDx9Zq0v7K3nR5tYwQpLm8sHc1bVdXeGfJ2uAo4Ti6kMj0EyWzNrSPv' + 'Bl/+9Qf=='

const seen = (api: PayloadApi, body: unknown): readonly string[] =>
  [...flatLeaves(readPayload(api, JSON.stringify(body)).leaves)].map(
    ({ style, origin, context, value }) => `${style} ${origin} ${context === '' ? '' : `${context}=`}${value}`,
  )

describe('what is looked at in a request', () => {
  test('of Chat Completions is every text, whoever says it and wherever it stands', () => {
    const tool = { type: 'function', function: { name: 'find', arguments: '{"who":{"id":"x y"},"n":1234567}' } }
    expect(
      seen('chat', {
        model: 'm',
        user: 'ann',
        seed: 12345678901,
        metadata: { plan: 'gold' },
        messages: [
          { role: 'system', content: 'be kind' },
          { role: 'user', name: 'Ann', content: [{ type: 'text', text: 'hi' }] },
          { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', ...tool }] },
          { role: 'tool', tool_call_id: 'call_1', content: 'found' },
        ],
        tools: [{ type: 'function', function: { name: 'find', description: 'd', parameters: { enum: ['a b'] } } }],
      }),
    ).toEqual([
      'whole user user=ann',
      'bare user plan',
      'text user plan=gold',
      'text system be kind',
      'whole user name=Ann',
      'text user hi',
      'bare assistant name=find',
      'bare assistant who',
      'bare assistant id',
      'text assistant id=x y',
      'bare assistant n',
      'text assistant n=1234567',
      'text tool found',
      'bare system name=find',
      'text system d',
      'bare system enum',
      'text system enum=a b',
    ])
  })

  test('of Messages are tools’ results and arguments, but not what the vendor has sealed', () => {
    expect(
      seen('messages', {
        model: 'm',
        max_tokens: 5,
        system: [{ type: 'text', text: 's', cache_control: { type: 'ephemeral' } }],
        messages: [
          { role: 'assistant', content: [{ type: 'thinking', thinking: 'hm', signature }] },
          { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'n', input: { type: 'Ann' } }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'r' }] },
        ],
      }),
    ).toEqual([
      'text system s',
      'text assistant hm',
      'bare assistant name=n',
      'bare assistant type',
      'text assistant type=Ann',
      'text tool r',
    ])
  })

  test('are words that are called a signature and can be read', () => {
    const readable = Buffer.from('my name is Ann and I live in a small house').toString('base64')
    expect(seen('messages', { messages: [{ signature: readable }] })).toEqual([`text user signature=${readable}`])
    expect(seen('messages', { messages: [{ signature: 'Ann Lee' }] })).toEqual(['text user signature=Ann Lee'])
  })

  test('are words of the dialect only where they do not look like one', () => {
    expect(seen('chat', { messages: [{ role: 'Ann Lee', content: 'x', id: 'ann@example.org' }] })).toEqual([
      'text user role=Ann Lee',
      'text user x',
      'text user id=ann@example.org',
    ])
  })

  test('is the text that a vendor signed, with its signature', () => {
    const body = { messages: [{ role: 'assistant', content: [{ type: 'thinking', thinking: 'hm', signature }] }] }
    const [leaf] = [...flatLeaves(readPayload('messages', JSON.stringify(body)).leaves)]
    expect(leaf?.signature).toBe(signature)
  })

  test('tells pictures and recordings that stand in a text', () => {
    const picture = `![x](data:image/png;base64,${'iVBO'.repeat(20)})`
    const { embedded } = readPayload('chat', JSON.stringify({ messages: [{ role: 'user', content: picture }] }))
    expect([...embedded]).toEqual(['image'])
  })
})

test('a payload whose leaves are replaced by themselves is the same, byte by byte', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const text = JSON.stringify({ messages: [{ role: 'user', content: JSON.stringify(value) }], value })
      const { leaves } = readPayload('chat', text)
      expect(spliceLeaves(text, leaves, () => null)).toBe(text)
      const again = spliceLeaves(text, leaves, ({ kind, value: same }) => (kind === 'number' ? null : same))
      expect(JSON.parse(again)).toEqual(JSON.parse(text))
    }),
    { numRuns: 300 },
  )
})

test('what is replaced in JSON inside of JSON stays JSON at every depth', () => {
  const inner = { deep: JSON.stringify({ say: 'Ann "A" \\ Lee\n' }) }
  const text = JSON.stringify({ messages: [{ role: 'assistant', content: JSON.stringify(inner) }] })
  const { leaves } = readPayload('chat', text)
  const changed = spliceLeaves(text, leaves, ({ value }) => (value.startsWith('Ann') ? '[PERSON_7KQ2] "x"' : null))
  const content = (JSON.parse(changed) as { messages: [{ content: string }] }).messages[0].content
  const { deep } = JSON.parse(content) as { deep: string }
  expect(JSON.parse(deep)).toEqual({ say: '[PERSON_7KQ2] "x"' })
})

test.each([
  [
    'chat',
    {
      messages: [
        { role: 'system', content: 's' },
        { role: 'user', content: 'first' },
      ],
    },
    'first',
  ],
  ['messages', { messages: [{ role: 'user', content: [{ type: 'text', text: 'first' }] }] }, 'first'],
  ['responses', { input: 'first' }, 'first'],
  ['responses', { input: [{ role: 'user', content: [{ type: 'input_text', text: 'first' }] }] }, 'first'],
  ['embeddings', { input: 'x' }, null],
] as const)('a conversation of %s begins with what its user said first', (api, body, head) => {
  expect(conversationHead(api, body)).toBe(head)
})

test.each([
  [{ input: [1, 2] }, true],
  [{ input: [[1, 2]] }, true],
  [{ input: ['a', [1]] }, true],
  [{ prompt: [1] }, true],
  [{ messages: [], prompt_token_ids: [1, 2] }, true],
  [{ tokens: [1, 2] }, true],
  [{ prompt: ['a'] }, false],
  [{ input: 'a' }, false],
  [{ input: [{ role: 'user', content: 'a' }] }, false],
] as const)('%p holds tokens that nobody can read: %p', (body, holds) => {
  expect(holdsTokens(body)).toBe(holds)
})

describe('what is seen is what leaves:', () => {
  test('of two members with one name the last one goes, and the first one does not', () => {
    const { text, leaves } = readPayload('chat', '{"prompt":[1,2],"prompt":"x","a":{"b":"first","b":"last"}}')
    expect(text).toBe('{"prompt":"x","a":{"b":"last"}}')
    expect([...flatLeaves(leaves)].map(({ value }) => value)).toEqual(['x', 'last'])
  })

  test('a member named like a prototype is one', () => {
    const text = '{"__proto__":{"constructor":"x"},"n":12345678901234567890}'
    expect(readPayload('other', text).text).toBe(text)
  })

  test('what nests deeper than anybody means it is refused, and in a string it is text', () => {
    const deep = `${'["Ann",'.repeat(5000)}1${']'.repeat(5000)}`
    expect(() => readPayload('other', deep)).toThrow('deeper than 200')
    const { leaves } = readPayload('other', JSON.stringify({ content: deep }))
    expect(leaves.map(({ value, inner }) => [value, inner])).toEqual([[deep, null]])
  })
})

describe('a word of the dialect is one only where it looks like one:', () => {
  test.each(['call_1', 'toolu_01AbC', 'chatcmpl-9', 'resp_68a', 'auto', 'json_schema', 'web_search_20250305', ''])(
    '%p is',
    (id) => expect(seen('chat', { messages: [{ tool_call_id: id }] })).toEqual([]),
  )
  test.each([
    '+4915123456789',
    '3c:22:fb:9a:7e:41',
    'aa:22:fb:9a:7e:41',
    '10.23.45.67',
    '/home/ann/x',
    'nas.lan',
    '4711',
  ])('%p is not', (id) => expect(seen('other', { status: id })).toEqual([`text user status=${id}`]))
  test('who the user is stays whole in a batch too', () => {
    const body = { requests: [{ params: { metadata: { user_id: 'ann' } } }] }
    expect(seen('other', body)).toContain('whole user user_id=ann')
  })
})

test.each([
  ['chat', { messages: [{ role: 'user', content: 'x' }] }, ['messages', 0, 'content']],
  ['messages', { messages: [], system: [{ type: 'text', text: 'a' }] }, ['system', 1, 'text']],
  ['messages', { messages: [] }, ['system']],
  ['responses', { input: 'x' }, ['instructions']],
] as const)('a request of %s is told what placeholders are', (api, body, path) => {
  const bytes = withHint(api, new TextEncoder().encode(JSON.stringify(body)))
  const told: unknown = JSON.parse(new TextDecoder().decode(bytes))
  expect(path.reduce<unknown>((value, name) => (value as Record<string | number, unknown>)[name], told)).toBe(hint)
})
