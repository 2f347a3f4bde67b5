import { describe, expect, test } from 'bun:test'
import { AppError } from '../../../kernel/errors.ts'
import type { Delta, Json } from '../../conversation/conversation.ts'
import { responsesCaller } from './caller.ts'
import { KeptStream } from './kept-stream.ts'
import { responsesUpstream } from './upstream.ts'

function read(events: readonly (Json | string)[]): readonly (Delta | null)[] {
  const reader = responsesUpstream.createReader()
  return events.flatMap((event): readonly (Delta | null)[] => {
    const data = typeof event === 'string' ? event : JSON.stringify(event)
    return reader.read({ event: '', data }) ?? [null]
  })
}

const message = (words: string): Json => ({
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  content: [{ type: 'output_text', text: words, annotations: [] }],
})
const calling = (args: string): Json => ({
  type: 'function_call',
  id: 'fc_1',
  call_id: 'call_1',
  name: 'f',
  arguments: args,
})
const usage = {
  input_tokens: 9,
  input_tokens_details: { cached_tokens: 2 },
  output_tokens: 3,
  output_tokens_details: { reasoning_tokens: 1 },
  total_tokens: 12,
}
const done = (more: Json = {}): Json => ({
  type: 'response.completed',
  response: { id: 'resp_1', model: 'm', status: 'completed', output: [], usage, ...more },
})
const counted = { promptTokens: 9, completionTokens: 3, cachedTokens: 2, cacheWriteTokens: null, reasoningTokens: 1 }
const end = (reason: string) => [
  { kind: 'finish', finish: { reason, sequence: null } },
  { kind: 'usage', usage: counted },
  { kind: 'end' },
]
const begin = { type: 'response.created', response: { id: 'resp_1', model: 'm' } }
const start = { kind: 'start', id: 'resp_1', model: 'm' }
const at = (index: number, item: Json, type: 'added' | 'done') => ({
  type: `response.output_item.${type}`,
  output_index: index,
  item,
})

describe('a stream of an upstream', () => {
  test.each([
    [
      'words as they come',
      [
        begin,
        { type: 'response.in_progress', response: {} },
        at(0, { ...message(''), content: [] }, 'added'),
        { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'He' },
        { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'llo' },
        { type: 'response.output_text.done', output_index: 0, text: 'Hello' },
        at(0, message('Hello'), 'done'),
        done(),
      ],
      [start, { kind: 'text', text: 'He' }, { kind: 'text', text: 'llo' }, ...end('stop')],
    ],
    [
      'words that only come with their item',
      [begin, at(0, message('Hello'), 'done'), done()],
      [start, { kind: 'text', text: 'Hello' }, ...end('stop')],
    ],
    [
      'words that only come with the end',
      [done({ output: [message('Hello')] })],
      [start, { kind: 'text', text: 'Hello' }, ...end('stop')],
    ],
    [
      'a call with its arguments in pieces',
      [
        at(0, calling(''), 'added'),
        { type: 'response.function_call_arguments.delta', output_index: 0, delta: '{"a"' },
        { type: 'response.function_call_arguments.delta', output_index: 0, delta: ':1}' },
        at(0, calling('{"a":1}'), 'done'),
        done(),
      ],
      [
        { kind: 'tool_call', index: 0, id: 'call_1', name: 'f' },
        { kind: 'arguments', index: 0, text: '{"a"' },
        { kind: 'arguments', index: 0, text: ':1}' },
        ...end('tool_calls'),
      ],
    ],
    [
      'a call that only comes whole',
      [at(0, calling('{"a":1}'), 'done'), done()],
      [
        { kind: 'tool_call', index: 0, id: 'call_1', name: 'f' },
        { kind: 'arguments', index: 0, text: '{"a":1}' },
        ...end('tool_calls'),
      ],
    ],
    [
      'a custom call',
      [
        at(0, { type: 'custom_tool_call', id: 'ctc_1', call_id: 'call_1', name: 'p', input: '' }, 'added'),
        { type: 'response.custom_tool_call_input.delta', output_index: 0, delta: '*** Begin' },
        done(),
      ],
      [
        { kind: 'tool_call', index: 0, id: 'call_1', name: 'p' },
        { kind: 'arguments', index: 0, text: '*** Begin' },
        ...end('tool_calls'),
      ],
    ],
    [
      'a thought and not its summary too',
      [
        at(0, { type: 'reasoning', id: 'rs_1', summary: [] }, 'added'),
        { type: 'response.reasoning_text.delta', output_index: 0, delta: 'long' },
        { type: 'response.reasoning_summary_text.delta', output_index: 0, summary_index: 0, delta: 'short' },
        at(0, { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'sealed' }, 'done'),
        done(),
      ],
      [
        { kind: 'reasoning', text: 'long' },
        { kind: 'reasoning_end', signature: null, sealed: 'sealed' },
        ...end('stop'),
      ],
    ],
    [
      'parts of a summary with a line between',
      [
        at(0, { type: 'reasoning', id: 'rs_1', summary: [] }, 'added'),
        { type: 'response.reasoning_summary_part.added', output_index: 0, summary_index: 0 },
        { type: 'response.reasoning_summary_text.delta', output_index: 0, summary_index: 0, delta: 'one' },
        { type: 'response.reasoning_summary_part.added', output_index: 0, summary_index: 1 },
        { type: 'response.reasoning_summary_text.delta', output_index: 0, summary_index: 1, delta: 'two' },
        done(),
      ],
      [
        { kind: 'reasoning', text: 'one' },
        { kind: 'reasoning', text: '\n\n' },
        { kind: 'reasoning', text: 'two' },
        ...end('stop'),
      ],
    ],
    [
      'an end for want of tokens',
      [
        { type: 'response.output_text.delta', output_index: 0, delta: 'He' },
        {
          type: 'response.incomplete',
          response: { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, usage },
        },
      ],
      [{ kind: 'text', text: 'He' }, { kind: 'start', id: null, model: null }, ...end('length')],
    ],
    [
      'a refusal',
      [{ type: 'response.refusal.delta', output_index: 0, delta: 'no' }, done()],
      [{ kind: 'refusal', text: 'no' }, start, ...end('refusal')],
    ],
    [
      'a failure',
      [{ type: 'response.failed', response: { status: 'failed', error: { code: 'server_error', message: 'Broke.' } } }],
      [{ kind: 'error', message: 'Broke.', code: 'server_error' }],
    ],
    [
      'an error event',
      [{ type: 'error', code: 'rate_limit_exceeded', message: 'Slow.', param: null }],
      [{ kind: 'error', message: 'Slow.', code: 'rate_limit_exceeded' }],
    ],
    ['an error without a type', [{ error: { message: 'Gone.' } }], [{ kind: 'error', message: 'Gone.', code: null }]],
    [
      'events of tools of its own and a sentinel as nothing',
      [{ type: 'response.web_search_call.completed' }, '[DONE]'],
      [],
    ],
    ['what is no event as null', ['{"broken', '{"no":"type"}', '[1]'], [null, null, null]],
  ] as const)('tells %s', (_, events, expected) => {
    const isLate = expected.some((delta) => (delta as { kind?: string } | null)?.kind === 'start')
    const deltas = read(events as readonly (Json | string)[]).filter((delta) => isLate || delta?.kind !== 'start')
    expect(deltas as unknown).toEqual(expected)
  })
})

describe('a whole answer of an upstream', () => {
  test('is a reply', () => {
    const body = {
      id: 'resp_1',
      model: 'm',
      status: 'completed',
      output: [
        { type: 'reasoning', summary: [{ type: 'summary_text', text: 'short' }], encrypted_content: 'sealed' },
        { type: 'web_search_call', id: 'ws_1' },
        message('Hello'),
        calling('{}'),
      ],
      usage,
    }
    expect(responsesUpstream.readAnswer(body)).toEqual({
      id: 'resp_1',
      model: 'm',
      parts: [
        { kind: 'reasoning', text: 'short', signature: null, sealed: 'sealed' },
        { kind: 'text', text: 'Hello' },
        { kind: 'tool_call', id: 'call_1', name: 'f', arguments: '{}' },
      ],
      finish: { reason: 'tool_calls', sequence: null },
      usage: counted,
    })
  })

  test.each([
    ['completed', undefined, 'stop'],
    ['incomplete', { reason: 'content_filter' }, 'content_filter'],
    ['incomplete', { reason: 'max_output_tokens' }, 'length'],
    [undefined, undefined, 'stop'],
  ])('with the status %p %j ended so: %s', (status, details, reason) => {
    const body = { output: [message('x')], status, incomplete_details: details }
    expect(responsesUpstream.readAnswer(body)?.finish).toEqual({ reason, sequence: null } as never)
  })

  test('that still runs has no end', () => {
    expect(responsesUpstream.readAnswer({ output: [], status: 'in_progress' })?.finish).toBeNull()
  })

  test('that failed is an error, and something else is none', () => {
    const failed = { output: [], status: 'failed', error: { message: 'Broke.' } }
    expect(() => responsesUpstream.readAnswer(failed)).toThrow('Broke.')
    expect(responsesUpstream.readAnswer({ choices: [] })).toBeNull()
  })
})

describe('a stream that the house keeps', () => {
  const encoder = new TextEncoder()
  const decoder = new TextDecoder()
  const open = (kept: Json[] = []) =>
    new KeptStream({
      keep: (response) => void kept.push(response),
      members: { store: true, previous_response_id: 'resp_0', background: false },
      breakOff: (error) => `broke: ${error.message}`,
    })
  const sse = (...events: readonly Json[]) =>
    encoder.encode(events.map((event) => `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`).join(''))
  const delta = { type: 'response.output_text.delta', output_index: 0, delta: 'Hi', big: 1 }

  test('says that it is kept, and keeps its last event back', () => {
    const kept: Json[] = []
    const stream = open(kept)
    const passed = stream.pass(
      sse({ ...begin, response: { id: 'resp_1', store: false } }, delta, done({ store: false })),
    )
    const text = decoder.decode(passed.bytes)
    expect(passed.isDone).toBe(true)
    expect(text).toContain('"store":true,"previous_response_id":"resp_0"')
    expect(text).toContain(JSON.stringify(delta))
    expect(text).not.toContain('response.completed')
    expect(kept).toEqual([])
    expect(stream.end()).toContain('response.completed')
    expect(kept).toMatchObject([{ id: 'resp_1', store: true, previous_response_id: 'resp_0', usage }])
    expect(stream.usage).toEqual(counted)
  })

  test('passes on the error of its upstream', () => {
    const stream = open()
    const failed = { type: 'response.failed', response: { id: 'r', status: 'failed', error: { message: 'Broke.' } } }
    const { bytes, isDone } = stream.pass(sse(failed))
    expect([isDone, stream.error]).toEqual([false, 'Broke.'])
    expect(decoder.decode(bytes)).toContain('response.failed')
    expect(stream.breakOff(new AppError('upstream', 'x'))).toBe('broke: x')
  })
})

test('what a caller was given reads as what was said', () => {
  const facts = {
    conversation: responsesCaller.readRequest({ model: 'm', input: 'Hi' }),
    newId: (prefix: string) => `${prefix}1`,
    createdAt: 1,
    elapsedMs: () => 0,
    wantsUsage: true,
  }
  const reply = {
    id: 'resp_1',
    model: 'm',
    parts: [
      { kind: 'reasoning', text: 'hm', signature: 's', sealed: null },
      { kind: 'text', text: 'Hello' },
      { kind: 'tool_call', id: 'call_1', name: 'f', arguments: '{}' },
    ],
    finish: { reason: 'tool_calls', sequence: null },
    usage: { ...counted, cacheWriteTokens: 0 },
  } as const
  expect(responsesUpstream.readAnswer(responsesCaller.writeAnswer(reply, facts))).toEqual(reply)
})
