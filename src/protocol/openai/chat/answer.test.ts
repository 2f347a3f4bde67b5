import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import fc from 'fast-check'
import { asGolden, expectGolden } from '../../../../test/env/golden.ts'
import { AppError } from '../../../kernel/errors.ts'
import { noCounts, type Delta, type Json, type Reply } from '../../conversation/conversation.ts'
import type { AnswerFacts } from '../../conversation/dialect.ts'
import { chatCaller } from './caller.ts'
import { chatUpstream } from './upstream.ts'

const golden = (name: string): string => join(import.meta.dir, 'golden', name)

function facts(more: Json = {}): AnswerFacts {
  const messages = [{ role: 'user', content: 'Hi' }]
  return {
    conversation: chatCaller.readRequest({ model: 'asked', messages, ...more }),
    newId: (prefix) => `${prefix}made`,
    createdAt: 1_700_000_000,
    elapsedMs: () => 12,
    wantsUsage: true,
  }
}

/** What the reader makes of chunks; a text is an event's data as it stands. */
function deltasOf(events: readonly (Json | string)[], name = ''): readonly (Delta | null)[] {
  const reader = chatUpstream.createReader()
  return events.flatMap((event): readonly (Delta | null)[] => {
    const data = typeof event === 'string' ? event : JSON.stringify(event)
    return reader.read({ event: name, data }) ?? [null]
  })
}

const chunk = (delta: Json | null, more: Json = {}): Json => ({
  id: 'c-1',
  model: 'm',
  choices: [{ index: 0, delta, ...more }],
})
const start = { kind: 'start', id: 'c-1', model: 'm' } as const
const finish = (reason: string, sequence: string | null = null) => ({ kind: 'finish', finish: { reason, sequence } })
const begin = (index: number, id: string, name = 'f') => ({ kind: 'tool_call', index, id, name })
const args = (index: number, text: string) => ({ kind: 'arguments', index, text })
const fragment = (call: Json): Json => chunk({ tool_calls: [call] })

describe('a stream of chunks', () => {
  const streams: readonly (readonly [string, readonly (Json | string)[], readonly object[]])[] = [
    [
      'role only and empty words',
      [chunk({ role: 'assistant', content: '' }), chunk(null), chunk({ content: null })],
      [],
    ],
    [
      'words',
      [chunk({ content: 'Hel' }), chunk({ content: 'lo' })],
      [
        { kind: 'text', text: 'Hel' },
        { kind: 'text', text: 'lo' },
      ],
    ],
    [
      'an empty finish_reason until the end, and usage in the last chunk of content',
      [
        chunk({ content: 'a' }, { finish_reason: '' }),
        { ...chunk({ content: 'b' }, { finish_reason: 'stop' }), usage: { prompt_tokens: 3, completion_tokens: 2 } },
      ],
      [
        { kind: 'text', text: 'a' },
        { kind: 'text', text: 'b' },
        finish('stop'),
        { kind: 'usage', usage: { ...noCounts, promptTokens: 3, completionTokens: 2 } },
      ],
    ],
    [
      'no choices but counts with details',
      [
        chunk({}),
        {
          choices: [],
          usage: {
            prompt_tokens: 9,
            completion_tokens: 5,
            prompt_tokens_details: { cached_tokens: 4 },
            completion_tokens_details: { reasoning_tokens: 2 },
          },
        },
      ],
      [
        {
          kind: 'usage',
          usage: { promptTokens: 9, completionTokens: 5, cachedTokens: 4, cacheWriteTokens: null, reasoningTokens: 2 },
        },
      ],
    ],
    [
      'thoughts under two names at once, then words',
      [chunk({ reasoning: 'Hm', reasoning_content: 'Hm' }), chunk({ content: 'Yes' })],
      [
        { kind: 'reasoning', text: 'Hm' },
        { kind: 'reasoning_end', signature: null, sealed: null },
        { kind: 'text', text: 'Yes' },
      ],
    ],
    [
      'thoughts as parts of the content',
      [
        chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] }] }),
        chunk({ content: [{ type: 'text', text: 'Yes' }] }),
      ],
      [
        { kind: 'reasoning', text: 'Hm' },
        { kind: 'reasoning_end', signature: null, sealed: null },
        { kind: 'text', text: 'Yes' },
      ],
    ],
    [
      'thoughts that only end',
      [chunk({ reasoning_details: [{ type: 'reasoning.text', text: 'Hm' }] }), chunk({}, { finish_reason: 'length' })],
      [{ kind: 'reasoning', text: 'Hm' }, { kind: 'reasoning_end', signature: null, sealed: null }, finish('length')],
    ],
    [
      'two calls in fragments',
      [
        fragment({ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }),
        fragment({ index: 0, function: { arguments: '{"x"' } }),
        fragment({ index: 0, function: { name: 'f', arguments: ':1}' } }),
        fragment({ index: 1, id: 'b', function: { name: 'f', arguments: '{}' } }),
        chunk({}, { finish_reason: 'tool_calls' }),
      ],
      [begin(0, 'a'), args(0, '{"x"'), args(0, ':1}'), begin(1, 'b'), args(1, '{}'), finish('tool_calls')],
    ],
    [
      'calls that all have the number 0',
      [
        fragment({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }),
        fragment({ index: 0, id: 'b', function: { name: 'g', arguments: '{}' } }),
      ],
      [begin(0, 'a'), args(0, '{}'), begin(1, 'b', 'g'), args(1, '{}')],
    ],
    [
      'calls without number and id, with objects as arguments, and a finish that says stop',
      [
        fragment({ function: { name: 'f', arguments: { x: 1 } } }),
        fragment({ function: { name: 'f', arguments: { x: 2 } } }),
        chunk({}, { finish_reason: 'stop' }),
      ],
      [begin(0, 'call_c-1_0'), args(0, '{"x":1}'), begin(1, 'call_c-1_1'), args(1, '{"x":2}'), finish('tool_calls')],
    ],
    [
      'fragments without a number, and null where there is nothing',
      [
        fragment({ id: 'a', function: { name: 'f', arguments: null } }),
        fragment({ id: null, function: { name: null, arguments: '{}' } }),
      ],
      [begin(0, 'a'), args(0, '{}')],
    ],
    [
      'the call of the time before tools',
      [
        chunk({ function_call: { name: 'f', arguments: '{' } }),
        chunk({ function_call: { arguments: '}' } }, { finish_reason: 'function_call' }),
      ],
      [begin(0, 'call_c-1_0'), args(0, '{'), args(0, '}'), finish('tool_calls')],
    ],
    [
      'a refusal',
      [chunk({ refusal: 'No.' }), chunk({}, { finish_reason: 'stop' })],
      [{ kind: 'refusal', text: 'No.' }, finish('refusal')],
    ],
    [
      'a stop sequence that is told',
      [chunk({}, { finish_reason: 'stop', stop_reason: 'END' })],
      [finish('stop_sequence', 'END')],
    ],
    ['a token that stopped it', [chunk({}, { finish_reason: 'stop', stop_reason: 128_009 })], [finish('stop')]],
    [
      'a message in one piece',
      [{ id: 'c-1', model: 'm', choices: [{ message: { content: 'Hello' }, finish_reason: 'stop' }] }],
      [{ kind: 'text', text: 'Hello' }, finish('stop')],
    ],
    [
      'a last event that says all again',
      [chunk({ content: 'Hello' }), { choices: [{ message: { content: 'Hello' }, finish_reason: 'stop' }] }],
      [{ kind: 'text', text: 'Hello' }, finish('stop')],
    ],
    ['other choices', [{ ...chunk({}), choices: [{ index: 1, delta: { content: 'x' } }] }], []],
    ['the end', [chunk({}), '[DONE]'], [{ kind: 'end' }]],
    [
      'an engine that gives up',
      [chunk({}, { finish_reason: 'abort' })],
      [{ kind: 'error', message: 'The answer broke off with finish_reason "abort".', code: 'abort' }],
    ],
  ]
  test.each(streams)('with %s is understood', (_, events, wanted) => {
    expect(deltasOf(events)).toEqual([start, ...wanted] as Delta[])
  })

  const errors: readonly (readonly [string, Json | string, string, string, string | null])[] = [
    ['an object', { error: { message: 'boom', type: 'server_error', code: 500 } }, '', 'boom', '500'],
    ['a text', { error: 'boom' }, '', 'boom', null],
    ['bare, as vLLM sends it', { object: 'error', message: 'boom', code: null, type: 'Bad' }, '', 'boom', 'Bad'],
    ['an event of that name', { detail: 'boom' }, 'error', 'boom', null],
    ['an event of that name with plain words', 'boom', 'error', 'boom', null],
  ]
  test.each(errors)('with an error as %s tells it', (_, data, name, message, code) => {
    expect(deltasOf([data], name)).toEqual([{ kind: 'error', message, code }])
  })

  test.each(['{"a":', '5', 'null', 'hello'])('with %j is broken', (data) => {
    expect(deltasOf([data])).toEqual([null])
  })
})

const reply: Reply = {
  id: 'msg_1',
  model: 'served',
  parts: [
    { kind: 'reasoning', text: 'Hm', signature: 's', sealed: null },
    { kind: 'text', text: 'Look:' },
    { kind: 'tool_call', id: 'a', name: 'look', arguments: '{"x":1}' },
    { kind: 'tool_call', id: 'b', name: 'patch', arguments: '{"input":"*** Begin"}' },
  ],
  finish: { reason: 'tool_calls', sequence: null },
  usage: { promptTokens: 9, completionTokens: 5, cachedTokens: 4, cacheWriteTokens: null, reasoningTokens: 2 },
}

const tools = [
  { type: 'function', function: { name: 'look' } },
  { type: 'custom', custom: { name: 'patch' } },
]

const deltas: readonly Delta[] = [
  { kind: 'start', id: 'msg_1', model: 'served' },
  { kind: 'usage', usage: { ...noCounts, promptTokens: 9 } },
  { kind: 'reasoning', text: 'Hm' },
  { kind: 'reasoning_end', signature: 's', sealed: null },
  { kind: 'text', text: 'Look:' },
  { kind: 'tool_call', index: 0, id: 'a', name: 'look' },
  { kind: 'arguments', index: 0, text: '{"x"' },
  { kind: 'arguments', index: 0, text: ':1}' },
  { kind: 'tool_call', index: 1, id: 'b', name: 'patch' },
  { kind: 'arguments', index: 1, text: '{"input":"*** ' },
  { kind: 'arguments', index: 1, text: 'Begin"}' },
  { kind: 'finish', finish: { reason: 'tool_calls', sequence: null } },
  { kind: 'usage', usage: { ...noCounts, completionTokens: 5 } },
]

function streamed(events: readonly Delta[], told: AnswerFacts): string {
  const writer = chatCaller.createWriter(told)
  return [...events.map((delta) => writer.write(delta)), writer.end()].join('')
}

describe('an answer', () => {
  test('is written in the shape of OpenAI', () =>
    expectGolden(golden('answer.json'), asGolden(chatCaller.writeAnswer(reply, facts({ tools })))))

  test('is streamed in the order of OpenAI', () =>
    expectGolden(golden('stream.txt'), streamed(deltas, facts({ tools }))))

  test('that was asked for with functions is told with function_call', () => {
    const legacy = facts({ functions: [{ name: 'look' }] })
    expect(chatCaller.writeAnswer(reply, legacy)).toMatchObject({
      choices: [{ message: { function_call: { name: 'look', arguments: '{"x":1}' } }, finish_reason: 'function_call' }],
    })
    expect(streamed(deltas, legacy)).toContain('"delta":{"function_call":{"name":"look","arguments":""}}')
    expect(streamed(deltas, legacy)).toContain('"finish_reason":"function_call"')
  })

  test('whose counts are not known tells none', () => {
    const unknown: Reply = { ...reply, usage: noCounts }
    expect(chatCaller.writeAnswer(unknown, facts())).not.toHaveProperty('usage')
    expect(streamed([{ kind: 'text', text: 'x' }], facts())).not.toContain('prompt_tokens')
  })

  test('tells its usage only to those who want it', () => {
    expect(streamed(deltas, { ...facts(), wantsUsage: false })).not.toContain('usage')
  })

  test('that breaks off ends with an error that clients find', () => {
    const writer = chatCaller.createWriter(facts())
    const error = new AppError('upstream', 'It broke.', { reason: 'stream_incomplete' })
    expect(writer.error(error)).toBe(
      'data: {"error":{"message":"It broke.","type":"upstream_error","code":"stream_incomplete","param":null}}\n\n',
    )
  })

  test('read whole is what it was', () => {
    const body = chatCaller.writeAnswer(reply, facts({ tools }))
    expect(chatUpstream.readAnswer(body)).toEqual({
      ...reply,
      id: 'chatcmpl-made',
      parts: reply.parts.map((part) => {
        if (part.kind === 'reasoning') return { ...part, signature: null }
        return part.kind === 'tool_call' && part.name === 'patch' ? { ...part, arguments: '*** Begin' } : part
      }),
    })
  })

  test.each([[{}], [{ choices: [] }], [{ choices: [{ text: 'completion' }] }], [{ error: { message: 'x' } }]])(
    '%j is none',
    (body: Json) => {
      expect(chatUpstream.readAnswer(body)).toBeNull()
    },
  )

  test('in whole calls that all have the number 0 keeps both', () => {
    const calls = ['a', 'b'].map((x) => ({ index: 0, function: { name: 'f', arguments: { x } } }))
    const read = chatUpstream.readAnswer({ id: 'q', choices: [{ message: { content: null, tool_calls: calls } }] })
    expect(read?.parts).toEqual([
      { kind: 'tool_call', id: 'call_q_0', name: 'f', arguments: '{"x":"a"}' },
      { kind: 'tool_call', id: 'call_q_1', name: 'f', arguments: '{"x":"b"}' },
    ])
    expect(read?.finish).toBeNull()
  })
})

/** Texts cut anywhere. */
const pieces = fc.array(fc.string({ unit: 'binary', maxLength: 5 }), { maxLength: 6 })

test('what is written and read again keeps its words and arguments, however they were cut', () => {
  fc.assert(
    fc.property(pieces, pieces, fc.array(pieces, { maxLength: 3 }), (thoughts, words, calls) => {
      const before: readonly Delta[] = [
        ...thoughts.map((text) => ({ kind: 'reasoning', text }) as const),
        ...words.map((text) => ({ kind: 'text', text }) as const),
        ...calls.flatMap((fragments, index): readonly Delta[] => [
          { kind: 'tool_call', index, id: `id${index}`, name: 'f' },
          ...fragments.map((text) => ({ kind: 'arguments', index, text }) as const),
        ]),
      ]
      const events = streamed(before, facts()).split('\n\n').filter(Boolean)
      const after = deltasOf(events.map((event) => event.slice('data: '.length)))
      expect(contentOf(after)).toEqual(contentOf(before))
      expect(after.at(-1)).toEqual({ kind: 'end' })
    }),
  )
})

function contentOf(told: readonly (Delta | null)[]) {
  const joined = (kind: 'text' | 'reasoning'): string =>
    told.map((delta) => (delta?.kind === kind ? delta.text : '')).join('')
  const calls: string[] = []
  for (const delta of told) {
    if (delta?.kind === 'tool_call') calls[delta.index] = ''
    if (delta?.kind === 'arguments') calls[delta.index] += delta.text
  }
  return { text: joined('text'), reasoning: joined('reasoning'), calls }
}
