import Anthropic from '@anthropic-ai/sdk'
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { AppError } from '../../kernel/errors.ts'
import { asGolden, expectGolden } from '../../../test/env/golden.ts'
import { noCounts, type Conversation, type Delta, type Json, type TokenCounts } from '../conversation/conversation.ts'
import type { AnswerFacts } from '../conversation/dialect.ts'
import { messagesCaller } from './caller.ts'
import { messagesUpstream } from './upstream.ts'

const golden = (name: string): string => `${import.meta.dir}/golden/${name}`

const conversation: Conversation = messagesCaller.readRequest({ model: 'asked', messages: [], max_tokens: 10 })

function facts(): AnswerFacts {
  let made = 0
  return {
    conversation,
    newId: (prefix) => `${prefix}${++made}`,
    createdAt: 1,
    elapsedMs: () => 1,
    wantsUsage: true,
  }
}

function written(deltas: readonly Delta[]): string {
  const writer = messagesCaller.createWriter(facts())
  return deltas.map((delta) => writer.write(delta)).join('') + writer.end()
}

const counts = (members: Partial<TokenCounts>): TokenCounts => ({ ...noCounts, ...members })
const finish = (reason: NonNullable<Delta & { kind: 'finish' }>['finish']['reason'], sequence: string | null = null) =>
  ({ kind: 'finish', finish: { reason, sequence } }) as const
const started: Delta = { kind: 'start', id: 'chatcmpl-1', model: 'm' }

/** What an engine of the chat dialect tells, and what the vendor's own client makes of our events. */
const streams: readonly (readonly [string, readonly Delta[], Json])[] = [
  [
    'words',
    [
      started,
      { kind: 'text', text: 'Hel' },
      { kind: 'text', text: 'lo' },
      finish('stop'),
      { kind: 'usage', usage: counts({ promptTokens: 20, cachedTokens: 12, completionTokens: 2 }) },
    ],
    {
      content: [{ type: 'text', text: 'Hello' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: {
        input_tokens: 8,
        cache_read_input_tokens: 12,
        cache_creation_input_tokens: 0,
        output_tokens: 2,
      },
    },
  ],
  [
    'thoughts-and-calls',
    [
      started,
      { kind: 'reasoning', text: 'I should ' },
      { kind: 'reasoning', text: 'look.' },
      { kind: 'text', text: 'Looking.' },
      { kind: 'tool_call', index: 0, id: 'call_a', name: 'Read' },
      { kind: 'arguments', index: 0, text: '{"path":' },
      { kind: 'arguments', index: 0, text: '"a.txt"}' },
      { kind: 'tool_call', index: 1, id: '', name: 'Now' },
      finish('tool_calls'),
      { kind: 'usage', usage: counts({ promptTokens: 9, completionTokens: 30, reasoningTokens: 11 }) },
    ],
    {
      content: [
        { type: 'thinking', thinking: 'I should look.', signature: '' },
        { type: 'text', text: 'Looking.' },
        { type: 'tool_use', id: 'call_a', name: 'Read', input: { path: 'a.txt' } },
        { type: 'tool_use', id: 'toolu_2', name: 'Now', input: {} },
      ],
      stop_reason: 'tool_use',
      usage: { input_tokens: 9, output_tokens: 30, output_tokens_details: { thinking_tokens: 11 } },
    },
  ],
  [
    'interleaved-calls',
    [
      started,
      { kind: 'tool_call', index: 0, id: 'a', name: 'A' },
      { kind: 'arguments', index: 0, text: '{"x"' },
      { kind: 'tool_call', index: 1, id: 'b', name: 'B' },
      { kind: 'arguments', index: 1, text: '{"y":2}' },
      { kind: 'arguments', index: 0, text: ':1}' },
      finish('stop'),
    ],
    {
      content: [
        { type: 'tool_use', id: 'a', name: 'A', input: { x: 1 } },
        { type: 'tool_use', id: 'b', name: 'B', input: { y: 2 } },
      ],
      stop_reason: 'tool_use',
    },
  ],
  [
    'signed-thoughts',
    [
      started,
      { kind: 'reasoning', text: 'hm' },
      { kind: 'reasoning_end', signature: 'sig', sealed: null },
      { kind: 'reasoning_end', signature: null, sealed: 'hearth-redacted:xyz' },
      { kind: 'reasoning_end', signature: 'only', sealed: null },
      { kind: 'text', text: 'ok' },
      finish('stop_sequence', 'END'),
    ],
    {
      content: [
        { type: 'thinking', thinking: 'hm', signature: 'sig' },
        { type: 'redacted_thinking', data: 'xyz' },
        { type: 'thinking', thinking: '', signature: 'only' },
        { type: 'text', text: 'ok' },
      ],
      stop_reason: 'stop_sequence',
      stop_sequence: 'END',
    },
  ],
  ['nothing', [started, finish('stop')], { content: [], stop_reason: 'end_turn' }],
  [
    'a-refusal',
    [started, { kind: 'refusal', text: 'I will not.' }, finish('stop')],
    { content: [{ type: 'text', text: 'I will not.' }], stop_reason: 'refusal' },
  ],
  ['a-cut', [{ kind: 'text', text: 'a' }, finish('length')], { stop_reason: 'max_tokens' }],
]

describe("a stream of ours, read by the vendor's own client:", () => {
  test.each(streams)('%s', async (name, deltas, wanted) => {
    const text = written(deltas)
    await expectGolden(golden(`${name}.sse`), text)
    const client = new Anthropic({ apiKey: 'x', baseURL: 'http://127.0.0.1:1', maxRetries: 0, fetch: answering(text) })
    const stream = client.messages.stream({
      model: 'asked',
      max_tokens: 10,
      messages: [{ role: 'user', content: 'a' }],
    })
    const message = (await stream.finalMessage()) as unknown
    expect(message).toMatchObject({ type: 'message', role: 'assistant', model: 'asked', ...wanted })
  })

  test('pings and an error are events that it knows', async () => {
    const writer = messagesCaller.createWriter(facts())
    const ping = 'event: ping\ndata: {"type":"ping"}\n\n'
    const text =
      ping +
      writer.write(started) +
      writer.write({ kind: 'text', text: 'a' }) +
      ping +
      writer.error(new AppError('upstream', 'It broke off.', { reason: 'stream_incomplete' }))
    await expectGolden(golden('an-error.sse'), text)
    const client = new Anthropic({ apiKey: 'x', baseURL: 'http://127.0.0.1:1', maxRetries: 0, fetch: answering(text) })
    const stream = client.messages.stream({
      model: 'asked',
      max_tokens: 10,
      messages: [{ role: 'user', content: 'a' }],
    })
    const error: unknown = await stream.finalMessage().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Anthropic.APIError)
    expect(String(error)).toContain('It broke off.')
  })
})

function answering(text: string): typeof fetch {
  const answer = () => Promise.resolve(new Response(text, { headers: { 'content-type': 'text/event-stream' } }))
  return answer as unknown as typeof fetch
}

function read(text: string): readonly (Delta | null)[] {
  const reader = messagesUpstream.createReader()
  return text
    .split('\n\n')
    .filter((block) => block !== '')
    .flatMap((block): readonly (Delta | null)[] => {
      const [event = '', data = ''] = block.split('\n').map((line) => line.replace(/^\w+: /, ''))
      return reader.read({ event, data }) ?? [null]
    })
}

/** As the vendor documents its stream, with what its newer models send. */
const vendorStream = [
  {
    type: 'message_start',
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-opus-4-8',
      content: [],
      stop_reason: null,
      usage: { input_tokens: 5, cache_creation_input_tokens: 100, cache_read_input_tokens: 2000, output_tokens: 1 },
    },
  },
  { type: 'ping' },
  { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'Let me', estimated_tokens: 2 } },
  { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'EqQB' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'content_block_start', index: 1, content_block: { type: 'redacted_thinking', data: 'Em4K' } },
  { type: 'content_block_stop', index: 1 },
  { type: 'content_block_start', index: 2, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 2, delta: { type: 'text_delta', text: 'Hi' } },
  { type: 'content_block_delta', index: 2, delta: { type: 'citations_delta', citation: {} } },
  { type: 'content_block_stop', index: 2 },
  { type: 'content_block_start', index: 3, content_block: { type: 'tool_use', id: 'toolu_1', name: 'a', input: {} } },
  { type: 'content_block_delta', index: 3, delta: { type: 'input_json_delta', partial_json: '' } },
  { type: 'content_block_delta', index: 3, delta: { type: 'input_json_delta', partial_json: '{"q":1}' } },
  { type: 'content_block_stop', index: 3 },
  { type: 'content_block_start', index: 4, content_block: { type: 'tool_use', id: 'toolu_2', name: 'b', input: {} } },
  { type: 'content_block_stop', index: 4 },
  {
    type: 'content_block_start',
    index: 5,
    content_block: { type: 'tool_use', id: 'toolu_3', name: 'c', input: { z: 1 } },
  },
  { type: 'content_block_stop', index: 5 },
  { type: 'a_later_event' },
  { type: 'message_delta', delta: { stop_reason: 'tool_use', stop_sequence: null }, usage: { output_tokens: 40 } },
  { type: 'message_stop' },
]

const events = (list: readonly Json[]): string =>
  list.map((event) => `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`).join('')

describe('a stream of the vendor', () => {
  test('means what the golden file says', async () => {
    await expectGolden(golden('vendor-stream.deltas.json'), asGolden(read(events(vendorStream))))
  })

  test("comes out of our writer as the vendor's own client reads it", async () => {
    const direct = await finalMessage(events(vendorStream.filter(({ type }) => type !== 'a_later_event')))
    const ours = await finalMessage(written(read(events(vendorStream)).filter((delta) => delta !== null)))
    // Where a text is from is told in this dialect only.
    const plain = (message: Anthropic.Message): unknown =>
      message.content.map((block) => (block.type === 'text' ? block.text : { ...block, __json_buf: '' }))
    expect(plain(ours)).toEqual(plain(direct))
    expect(ours.stop_reason).toBe(direct.stop_reason)
    expect(ours.usage).toMatchObject({ ...direct.usage })
  })

  test('tells its own errors', () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
    expect(read(events([error]))).toEqual([{ kind: 'error', message: 'Overloaded', code: 'overloaded_error' }])
  })

  test.each(['no JSON', '[]', '{"no":"type"}'])('%s is no event', (data) => {
    expect(messagesUpstream.createReader().read({ event: 'x', data })).toBeNull()
  })
})

async function finalMessage(text: string): Promise<Anthropic.Message> {
  const client = new Anthropic({ apiKey: 'x', baseURL: 'http://127.0.0.1:1', maxRetries: 0, fetch: answering(text) })
  return client.messages
    .stream({ model: 'asked', max_tokens: 10, messages: [{ role: 'user', content: 'a' }] })
    .finalMessage()
}

interface Said {
  readonly text: string
  readonly calls: readonly { readonly name: string; readonly input: string }[]
}

function gathered(deltas: readonly (Delta | null)[]): Said {
  let text = ''
  const calls: { name: string; input: string }[] = []
  for (const delta of deltas) {
    if (delta?.kind === 'text') text += delta.text
    if (delta?.kind === 'tool_call') calls[delta.index] = { name: delta.name, input: '' }
    const call = delta?.kind === 'arguments' ? calls[delta.index] : undefined
    if (delta?.kind === 'arguments' && call) call.input += delta.text
  }
  return { text, calls }
}

test('whatever the cuts, words and arguments come back as they went out', () => {
  const pieces = fc.array(fc.string({ minLength: 1, unit: 'binary' }), { maxLength: 4 })
  const calls = fc.array(fc.record({ name: fc.string({ minLength: 1 }), value: fc.jsonValue() }), { maxLength: 3 })
  fc.assert(
    fc.property(pieces, calls, fc.array(fc.nat(7), { minLength: 1, maxLength: 9 }), (texts, wanted, cuts) => {
      const words: readonly Delta[] = texts.map((text) => ({ kind: 'text', text }))
      const inputs = wanted.map(({ value }) => JSON.stringify({ value }))
      const told = wanted.flatMap(({ name }, index): readonly Delta[] => [
        { kind: 'tool_call', index, id: `c${index}`, name },
        ...cut(inputs[index] ?? '', cuts).map((text): Delta => ({ kind: 'arguments', index, text })),
      ])
      const said = gathered(read(written([started, ...words, ...told, finish('stop')])))
      expect(said).toEqual({
        text: texts.join(''),
        calls: wanted.map(({ name }, index) => ({ name, input: inputs[index] ?? '' })),
      })
    }),
  )
})

function cut(text: string, sizes: readonly number[]): readonly string[] {
  const parts: string[] = []
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const size = 1 + (sizes[turn % sizes.length] ?? 0)
    parts.push(text.slice(at, at + size))
    at += size
  }
  return parts
}
