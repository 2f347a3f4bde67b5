import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { house, nasty } from '../testing/live.ts'
import {
  bytesOf,
  chatOf,
  datasOf,
  messagesOf,
  responsesOf,
  textOf,
  wireOf,
  type SentEvent,
} from '../testing/streams.ts'
import { createThinkingEcho } from '../thinking-echo.ts'
import { createAnswerRehydrator, type AnswerApi, type AnswerOptions } from './answer.ts'

const alice = 'Alice Brenner'

function run(api: AnswerApi, chunks: readonly Uint8Array[], options: AnswerOptions = {}) {
  const rehydrator = createAnswerRehydrator(api, house, options)
  const out = chunks.map((chunk) => textOf(rehydrator.push(chunk))).concat(textOf(rehydrator.end()))
  return { text: out.join(''), chunks: out, counts: rehydrator.counts }
}

const whole = (api: AnswerApi, wire: string, options: AnswerOptions = {}): string =>
  run(api, [bytesOf(wire)], options).text

const pieces = (text: string, size: number): readonly string[] => text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []

const chunk = (choice: object, more: object = {}): SentEvent => ({
  data: { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [choice], ...more },
})
const said = (index: number, delta: object, finish: string | null = null) =>
  chunk({ index, delta, logprobs: null, finish_reason: finish })

const words = 'Dear [PERSON_8XY3], mail \\[EMAIL\\_4HJ9\\] or person_7kq2.'
const shown = `Dear ${nasty}, mail alice@example.org or ${alice}.`
const args = JSON.stringify({ to: '[PERSON_8XY3]', inner: JSON.stringify({ cc: '[PERSON_8XY3]' }) })

/** Two choices side by side: words and thoughts in one, parallel calls in the other. */
function chatStream(size: number): readonly SentEvent[] {
  const events = [said(0, { role: 'assistant', content: '' }), said(1, { role: 'assistant', content: null })]
  for (const text of pieces(words, size)) {
    events.push(said(0, { reasoning_content: text }))
    events.push(said(1, { refusal: text }))
  }
  for (const text of pieces(words, size)) events.push(said(0, { content: text }))
  for (const index of [0, 1])
    events.push(
      said(1, { tool_calls: [{ index, id: `t${index}`, function: { name: 'to_PERSON_7KQ2', arguments: '' } }] }),
    )
  for (const text of pieces(args, size))
    for (const index of [0, 1]) events.push(said(1, { tool_calls: [{ index, function: { arguments: text } }] }))
  events.push(said(0, {}, 'stop'), said(1, {}, 'tool_calls'))
  return [...events, { data: { id: 'c', choices: [], usage: { total_tokens: 9 } } }, { data: '[DONE]' }]
}

function messagesStream(size: number): readonly SentEvent[] {
  const block = (index: number, content: object, type: string, member: string, text: string): readonly SentEvent[] => [
    { event: 'content_block_start', data: { type: 'content_block_start', index, content_block: content } },
    ...pieces(text, size).map((piece) => ({
      event: 'content_block_delta',
      data: { type: 'content_block_delta', index, delta: { type, [member]: piece } },
    })),
    ...(type === 'thinking_delta' ? [{ event: 'content_block_delta', data: signature(index) }] : []),
    { event: 'content_block_stop', data: { type: 'content_block_stop', index } },
  ]
  return [
    { event: 'message_start', data: { type: 'message_start', message: { id: 'm', content: [] } } },
    { event: 'ping', data: { type: 'ping' } },
    ...block(0, { type: 'thinking', thinking: '', signature: '' }, 'thinking_delta', 'thinking', `${words} [`),
    ...block(1, { type: 'text', text: '' }, 'text_delta', 'text', `${words} PERSON_`),
    ...block(2, { type: 'tool_use', id: 't', name: 'n', input: {} }, 'input_json_delta', 'partial_json', args),
    { event: 'message_delta', data: { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: {} } },
    { event: 'message_stop', data: { type: 'message_stop' } },
  ]
}
const signature = (index: number) => ({
  type: 'content_block_delta',
  index,
  delta: { type: 'signature_delta', signature: 'Sig/PERSON_7KQ2+' },
})

function responsesStream(size: number): readonly SentEvent[] {
  const events: object[] = [{ type: 'response.created', response: { id: 'r', output: [] } }]
  const item = (index: number, kind: string, member: string, text: string, place: object): object => {
    const at = { item_id: `i${index}`, output_index: index, ...place }
    for (const delta of pieces(text, size)) events.push({ type: `response.${kind}.delta`, ...at, delta, logprobs: [] })
    events.push({ type: `response.${kind}.done`, ...at, [member]: text })
    const done = { id: `i${index}`, type: kind, [member]: text }
    events.push({ type: 'response.output_item.done', output_index: index, item: done })
    return done
  }
  const output = [
    item(0, 'reasoning_summary_text', 'text', `${words} [PER`, { summary_index: 0 }),
    item(1, 'output_text', 'text', `${words} %5`, { content_index: 0 }),
    item(2, 'function_call_arguments', 'arguments', args, {}),
    item(3, 'custom_tool_call_input', 'input', words, {}),
  ]
  events.push({ type: 'response.completed', response: { id: 'r', output, usage: { total_tokens: 3 } } })
  return events.map((data, index) => ({
    event: (data as { type: string }).type,
    data: { ...data, sequence_number: index },
  }))
}

describe('a stream of', () => {
  test.each([1, 2, 3, 5, 8, 1000])('chat has its values, all its events and their choices: pieces of %p', (size) => {
    const events = chatStream(size)
    const text = whole('chat', wireOf(events))
    const { '1 arguments 0': first = '', '1 arguments 1': second = '', ...rest } = chatOf(text)
    expect(rest).toEqual({
      '0 content': shown,
      '0 reasoning': shown,
      '1 refusal': shown,
      '1 name 0': `to_${alice}`,
      '1 name 1': `to_${alice}`,
    })
    for (const given of [first, second]) {
      const { to, inner } = JSON.parse(given) as { to: string; inner: string }
      expect([to, JSON.parse(inner)]).toEqual([nasty, { cc: nasty }])
    }
    expect(datasOf(text).length).toBe(datasOf(wireOf(events)).length)
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
  })

  test.each([1, 2, 3, 5, 8, 1000])('Messages has its values: pieces of %p', (size) => {
    const events = messagesStream(size)
    const text = whole('messages', wireOf(events))
    const { '0': thought, '1': answer, '2': given = '', '0 signature': signed } = messagesOf(text)
    expect([thought, answer, signed]).toEqual([`${shown} [`, `${shown} PERSON_`, 'Sig/PERSON_7KQ2+'])
    const { to, inner } = JSON.parse(given) as { to: string; inner: string }
    expect([to, JSON.parse(inner)]).toEqual([nasty, { cc: nasty }])
    // One more where a thought is cut off, and one where the words are.
    expect(datasOf(text).length).toBe(events.length + 2)
  })

  test.each([1, 2, 3, 5, 8, 1000])('Responses says the same in pieces and whole, numbered on: pieces of %p', (size) => {
    const events = responsesStream(size)
    const text = whole('responses', wireOf(events))
    const { said: deltas, whole: told, numbers } = responsesOf(text)
    expect(deltas['0 reasoning_summary_text']).toBe(`${shown} [PER`)
    expect(deltas['1 output_text']).toBe(`${shown} %5`)
    expect(deltas['3 custom_tool_call_input']).toBe(shown)
    const given = deltas['2 function_call_arguments'] ?? ''
    const { to, inner } = JSON.parse(given) as { to: string; inner: string }
    expect([to, JSON.parse(inner)]).toEqual([nasty, { cc: nasty }])
    expect(told.filter((event) => event.includes(JSON.stringify(given).slice(1, -1))).length).toBe(3)
    expect(told.filter((event) => event.includes(JSON.stringify(`${shown} %5`))).length).toBe(3)
    expect(numbers).toEqual([...numbers.keys()])
    expect(numbers.length).toBe(events.length + 2)
  })

  test('text completions has its values', () => {
    const events = pieces(`${words} [`, 2).map((text) => chunk({ index: 0, text, finish_reason: null }))
    const text = whole('completions', wireOf([...events, chunk({ index: 0, text: '', finish_reason: 'length' })]))
    expect(chatOf(text)).toEqual({ '0 text': `${shown} [` })
    expect(datasOf(text).length).toBe(events.length + 1)
  })
})

describe('wherever the bytes are cut', () => {
  const streams = [
    ['chat', wireOf(chatStream(25))],
    ['messages', wireOf(messagesStream(25), '\r\n')],
    ['responses', wireOf(responsesStream(60))],
    ['chat', `: hi\n\n${wireOf(chatStream(20).slice(0, 6), '\r\n')}data: {"choices":\r\ndata: []}\r\n\r\n`],
    ['other', wireOf([{ data: { any: ['🙂 [PERSON_7KQ2]'] } }, { data: 'so [PERSON_7KQ2]' }], '\r')],
  ] as const

  const short = (delta: (text: string) => SentEvent): readonly SentEvent[] => ['🙂 [PER', 'SON_7KQ2] [EM'].map(delta)
  const chat = [...short((content) => said(0, { content })), said(0, {}, 'stop'), { data: '[DONE]' }]
  const block = short((text) => {
    const data = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }
    return { event: 'content_block_delta', data }
  })
  const stop = { event: 'content_block_stop', data: { type: 'content_block_stop', index: 0 } }
  const item = short((delta) => ({ data: { type: 'response.output_text.delta', output_index: 0, delta } }))
  const done = { data: { type: 'response.output_text.done', output_index: 0, text: '🙂 [PERSON_7KQ2] [EM' } }

  test.each([
    ['chat', wireOf(chat)],
    ['messages', wireOf([...block, stop], '\r\n')],
    ['responses', wireOf([...item, done], '\r')],
    ...streams.slice(3),
  ] as const)('the same comes out of %s: in two, at every byte', (api, wire) => {
    const bytes = bytesOf(wire)
    const wanted = whole(api, wire)
    for (let at = 0; at <= bytes.length; at++)
      if (run(api, [bytes.subarray(0, at), bytes.subarray(at)]).text !== wanted) expect(at).toBe(-1)
    expect(wanted).not.toBe(wire)
  })

  test.each(streams)('the same comes out of %s: byte by byte, and in any pieces', (api, wire) => {
    const bytes = bytesOf(wire)
    const wanted = whole(api, wire)
    expect(
      run(
        api,
        [...bytes].map((byte) => Uint8Array.of(byte)),
      ).text,
    ).toBe(wanted)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 30 }), (lengths) => {
        const chunks: Uint8Array[] = []
        for (let at = 0, index = 0; at < bytes.length; at += chunks.at(-1)?.length ?? 1, index++)
          chunks.push(bytes.slice(at, at + (lengths[index % lengths.length] ?? 1)))
        expect(run(api, chunks).text).toBe(wanted)
      }),
      { numRuns: 20 },
    )
  })

  test.each([
    ['text', `${words} 🙂 [PERSON_7KQ`],
    ['lines', `{"a":"${'[PERSON_7KQ2]'}"}\n{"b":"🙂"}\n{"c":"[PERSON_7KQ2_L]"}`],
    ['json', JSON.stringify({ a: words, 'b [PERSON_8XY3]': [args] })],
  ] as const)('the same comes out of %s', (format, text) => {
    const bytes = bytesOf(text)
    const wanted = run('other', [bytes], { format }).text
    expect(wanted).not.toBe(text)
    for (let at = 0; at <= bytes.length; at++)
      expect(run('other', [bytes.subarray(0, at), bytes.subarray(at)], { format }).text).toBe(wanted)
  })
})

describe('what needs no change', () => {
  test('goes out as the very bytes that came', () => {
    for (const [api, events] of [
      ['chat', [said(0, { content: 'Hello' }), said(0, { content: ' there.' }), said(0, {}, 'stop')]],
      ['messages', messagesStream(1000).slice(0, 2)],
    ] as const) {
      const bytes = bytesOf(wireOf(events))
      expect(createAnswerRehydrator(api, house).push(bytes)).toBe(bytes)
    }
  })

  test('leaves at once, and so does every event, with or without its words', () => {
    const rehydrator = createAnswerRehydrator('chat', house)
    const counts = chatStream(3).map((event) => datasOf(textOf(rehydrator.push(bytesOf(wireOf([event]))))).length)
    expect(counts.slice(0, -1).every((count) => count === 1)).toBe(true)
    expect(rehydrator.end().length).toBe(0)
  })

  test('keeps how it was written: unknown members, large numbers, other lines', () => {
    const wire =
      ': note\nid: 7\nevent: x\ndata: {"n":12345678901234567890,"x": 1e400,\ndata: "choices":[{"index":0,"delta":{"content":"[PERSON_7KQ2]."}}]}\nretry: 5\n\n'
    expect(whole('chat', wire)).toBe(wire.replace('[PERSON_7KQ2]', alice))
  })
})

describe('what is held when a text ends', () => {
  test('goes into the event that tells the end', () => {
    const text = whole('chat', wireOf([said(0, { content: 'so [PERSON_7' }), said(0, {}, 'length')]))
    expect(datasOf(text)).toEqual([said(0, { content: 'so ' }).data, said(0, { content: '[PERSON_7' }, 'length').data])
  })

  test('goes out when something else begins', () => {
    const call = { tool_calls: [{ index: 0, function: { name: 'n', arguments: '' } }] }
    const name = { tool_calls: [{ index: 0, function: { name: 'n', arguments: '{' } }] }
    const text = whole(
      'chat',
      wireOf([said(0, { reasoning_content: 'so [' }), said(0, { content: 'a PER' }), said(0, name)]),
    )
    expect(datasOf(text)).toEqual([
      said(0, { reasoning_content: 'so ' }).data,
      said(0, { content: 'a ', reasoning_content: '[' }).data,
      said(0, { ...name, content: 'PER' }).data,
    ])
    expect(datasOf(whole('chat', wireOf([said(0, call)])))).toEqual([said(0, call).data])
  })

  test.each([
    ['[DONE]', 'data: [DONE]\n\n'],
    ['[DONE] without a blank line', 'data: [DONE]'],
    ['nothing', ''],
    ['half an event', 'data: {"choi'],
    ['an error', 'data: {"error":{"message":"no"}}\n\n'],
  ])('goes into one more event before %s', (_, end) => {
    const text = whole('chat', wireOf([said(0, { content: 'so [PER' }), said(1, { content: 'b' })]) + end)
    expect(text).toBe(
      wireOf([
        said(0, { content: 'so ' }),
        said(1, { content: 'b' }),
        chunk({ index: 0, delta: { content: '[PER' }, finish_reason: null }),
      ]) + end,
    )
  })

  test('goes behind the last event, where that has no blank line', () => {
    const wire = wireOf([said(0, { content: 'so [PER' })])
    expect(chatOf(whole('chat', wire.trimEnd()))).toEqual({ '0 content': 'so [PER' })
  })

  test('of arguments goes into their call', () => {
    const begun = { tool_calls: [{ index: 1, function: { arguments: '{"a":"[PERSON_7KQ' } }] }
    const text = whole('chat', wireOf([said(0, begun), said(0, {}, 'length')]))
    expect(chatOf(text)).toEqual({ '0 arguments 1': '{"a":"[PERSON_7KQ' })
    expect(datasOf(text).length).toBe(2)
  })

  test('of Messages and Responses goes before what ends the answer', () => {
    const started = messagesStream(1000).slice(0, 3)
    const delta = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'so [' } }
    const stop = { event: 'message_stop', data: { type: 'message_stop' } }
    const text = whole('messages', wireOf([...started, { event: 'content_block_delta', data: delta }, stop]))
    expect(messagesOf(text)).toEqual({ '0': 'so [' })
    expect(datasOf(text).at(-1)).toEqual(stop.data)
    const at = { type: 'response.output_text.delta', item_id: 'a', content_index: 0 }
    const ends = whole('responses', wireOf([{ data: { ...at, delta: 'so [' } }, { data: { type: 'response.failed' } }]))
    expect(datasOf(ends)).toEqual([{ ...at, delta: 'so ' }, { ...at, delta: '[' }, { type: 'response.failed' }])
  })
})

test('what is told of tokens goes where their text changed', () => {
  const logprobs = { content: [{ token: 'x', logprob: -1, bytes: null, top_logprobs: [] }] }
  const wire = wireOf([
    chunk({ index: 0, delta: { content: 'ok ' }, logprobs, finish_reason: null }),
    chunk({ index: 0, delta: { content: '[PERSON_7KQ2].' }, logprobs, finish_reason: null }),
  ])
  const told = datasOf(whole('chat', wire)) as readonly { choices: readonly { logprobs: unknown }[] }[]
  expect(told.map(({ choices }) => choices[0]?.logprobs)).toEqual([logprobs, null])
})

describe('a thought that its vendor signed', () => {
  test('is kept as it was written', () => {
    const thinkingEcho = createThinkingEcho()
    whole('messages', wireOf(messagesStream(4)), { thinkingEcho })
    expect(thinkingEcho.get('Sig/PERSON_7KQ2+')).toBe(`${words} [`)
  })

  test('is not kept where nothing was put back', () => {
    const thinkingEcho = createThinkingEcho()
    whole('messages', wireOf(messagesStream(4)).replaceAll(/7KQ2|8XY3|4HJ9|7kq2/g, 'xxxx'), { thinkingEcho })
    expect(thinkingEcho.get('Sig/xxxx+')).toBeNull()
  })

  test('is forgotten when there are too many, the oldest first', () => {
    const echo = createThinkingEcho({ thoughts: 2, length: 20 })
    echo.put('a', '1')
    echo.put('b', '2')
    echo.put('a', '3')
    echo.put('c', '4')
    expect(['a', 'b', 'c'].map((name) => echo.get(name))).toEqual(['3', null, '4'])
    echo.put('d', 'x'.repeat(18))
    expect(['a', 'c', 'd'].map((name) => echo.get(name))).toEqual([null, null, 'x'.repeat(18)])
    echo.put('e', 'x'.repeat(30))
    expect(echo.get('e')).toBeNull()
  })
})

test('values and placeholders of nobody are counted once', () => {
  const { counts } = run('responses', [bytesOf(wireOf(responsesStream(5)))])
  // Of three texts three each, and two in the arguments.
  expect(counts).toEqual({ replaced: 11, unknown: 0 })
  const made = wireOf([said(0, { content: 'so [PERSON_3F' }), said(0, { content: '3F].' }), said(0, {}, 'stop')])
  expect(run('chat', [bytesOf(made)]).counts).toEqual({ replaced: 0, unknown: 1 })
})

test('members that are not known are put back whole', () => {
  const wire = wireOf([{ data: { choices: [{ index: 0, delta: { x: ['[PERSON_7KQ2]'] } }], y: 'PERSON_7KQ2' } }])
  expect(datasOf(whole('chat', wire))).toEqual([{ choices: [{ index: 0, delta: { x: [alice] } }], y: alice }])
})
