import { describe, expect, test } from 'bun:test'
import { AppError, type ErrorKind } from '../../kernel/errors.ts'
import { noCounts, type Finish, type Json, type OutputPart, type Reply } from '../conversation/conversation.ts'
import type { AnswerFacts } from '../conversation/dialect.ts'
import { decodeBase64Text, encodeBase64 } from './base64.ts'
import { messagesCaller } from './caller.ts'
import { messagesUpstream } from './upstream.ts'

const facts: AnswerFacts = {
  conversation: messagesCaller.readRequest({ model: 'asked', messages: [] }),
  newId: (prefix) => `${prefix}new`,
  createdAt: 1,
  elapsedMs: () => 1,
  wantsUsage: true,
}
const usage = { ...noCounts, promptTokens: 30, cachedTokens: 10, cacheWriteTokens: 5, completionTokens: 7 }
const reply = (parts: readonly OutputPart[], finish: Finish | null): Reply => ({
  id: 'chatcmpl-1',
  model: 'm',
  parts,
  finish,
  usage,
})

test('an answer is written with what the dialect has for each part', () => {
  const parts: readonly OutputPart[] = [
    { kind: 'reasoning', text: 'hm', signature: null, sealed: null },
    { kind: 'text', text: 'Hi' },
    { kind: 'tool_call', id: '', name: 'a', arguments: '{"x":1}' },
    { kind: 'tool_call', id: 'c2', name: 'b', arguments: '' },
  ]
  expect(messagesCaller.writeAnswer(reply(parts, { reason: 'stop', sequence: null }), facts) as unknown).toEqual({
    id: 'msg_new',
    type: 'message',
    role: 'assistant',
    model: 'asked',
    content: [
      { type: 'thinking', thinking: 'hm', signature: '' },
      { type: 'text', text: 'Hi' },
      { type: 'tool_use', id: 'toolu_new', name: 'a', input: { x: 1 } },
      { type: 'tool_use', id: 'c2', name: 'b', input: {} },
    ],
    stop_reason: 'tool_use',
    stop_sequence: null,
    usage: { input_tokens: 15, cache_creation_input_tokens: 5, cache_read_input_tokens: 10, output_tokens: 7 },
  })
})

test("the vendor's answer is read, and written it is the same", () => {
  const body: Json = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'asked',
    content: [
      { type: 'thinking', thinking: 'hm', signature: 'sig' },
      { type: 'text', text: 'Hi' },
      { type: 'tool_use', id: 't', name: 'a', input: { x: [1] } },
    ],
    stop_reason: 'tool_use',
    stop_sequence: null,
    usage: {
      input_tokens: 15,
      cache_creation_input_tokens: 5,
      cache_read_input_tokens: 10,
      output_tokens: 7,
      output_tokens_details: { thinking_tokens: 3 },
    },
  }
  const read = messagesUpstream.readAnswer(body)
  expect(read?.usage).toEqual({ ...usage, reasoningTokens: 3 })
  expect(messagesCaller.writeAnswer(read ?? reply([], null), facts) as unknown).toEqual(body)
})

test.each([{}, { type: 'message' }, { type: 'error', error: {} }, { type: 'message', content: [{ type: 'text' }] }])(
  '%j is no answer',
  (body) => {
    expect(messagesUpstream.readAnswer(body)).toBeNull()
  },
)

const ends: readonly (readonly [string | null, Finish | null, string])[] = [
  ['end_turn', { reason: 'stop', sequence: null }, 'end_turn'],
  ['max_tokens', { reason: 'length', sequence: null }, 'max_tokens'],
  ['model_context_window_exceeded', { reason: 'length', sequence: null }, 'max_tokens'],
  ['stop_sequence', { reason: 'stop_sequence', sequence: null }, 'end_turn'],
  ['pause_turn', { reason: 'pause', sequence: null }, 'pause_turn'],
  ['refusal', { reason: 'refusal', sequence: null }, 'refusal'],
  ['tool_use', { reason: 'tool_calls', sequence: null }, 'end_turn'],
  ['a_new_reason', { reason: 'stop', sequence: null }, 'end_turn'],
  [null, null, 'end_turn'],
]
test.each(ends)('stop_reason %s of the vendor', (said, finish, written) => {
  const read = messagesUpstream.readAnswer({ type: 'message', content: [], stop_reason: said })
  expect(read?.finish).toEqual(finish)
  expect(messagesCaller.writeAnswer(reply([], finish), facts).stop_reason).toBe(written)
})

describe('errors carry the types of the vendor:', () => {
  const kinds: readonly (readonly [ErrorKind, string])[] = [
    ['invalid', 'invalid_request_error'],
    ['unauthenticated', 'authentication_error'],
    ['forbidden', 'permission_error'],
    ['not_found', 'not_found_error'],
    ['too_large', 'request_too_large'],
    ['limited', 'rate_limit_error'],
    ['busy', 'overloaded_error'],
    ['unavailable', 'overloaded_error'],
    ['upstream', 'api_error'],
    ['timeout', 'timeout_error'],
    ['internal', 'api_error'],
  ]
  test.each(kinds)('%s is %s', (kind, type) => {
    const error = new AppError(kind, 'It is so.', { reason: 'why', details: { loading: 1 } })
    expect(messagesCaller.writeError(error, { status: 400, requestId: 'req_1' })).toEqual({
      type: 'error',
      error: { type, message: 'It is so.', code: 'why' },
      request_id: 'req_1',
      loading: 1,
    })
  })
})

test.each(['', 'a', 'ab', 'abc', 'grüße 🌍'])('base64 of "%s" is what others make of it', (text) => {
  const encoded = encodeBase64(new TextEncoder().encode(text))
  expect(encoded).toBe(Buffer.from(text).toString('base64'))
  expect(decodeBase64Text(encoded)).toBe(text)
})

test.each(['!', '/w=='])('"%s" is no text in base64', (base64) => {
  expect(decodeBase64Text(base64)).toBeNull()
})
