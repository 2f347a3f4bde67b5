import { expect, test } from 'bun:test'
import { parseHistory } from './chat-history.ts'

const call = (id: string, name: string, args: string) => ({ id, type: 'function', function: { name, arguments: args } })

test('an assistant message with its calls and their results is one turn, which goes on', () => {
  const history = parseHistory({
    messages: [
      { role: 'developer', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      {
        role: 'assistant',
        content: null,
        reasoning_content: 'hm',
        tool_calls: [call('1', 'f', '{"x":1}'), call('2', 'g', '')],
      },
      { role: 'tool', tool_call_id: '2', content: 'two' },
      { role: 'tool', tool_call_id: '1', content: '{"one": 1}' },
    ],
  })
  expect(history).toEqual([
    { type: 'system', text: 'Be brief.' },
    { type: 'user', text: 'ab' },
    {
      type: 'model',
      response: [
        { type: 'segment', segmentType: 'thought', text: 'hm', ended: true },
        { type: 'functionCall', name: 'f', params: { x: 1 }, result: { one: 1 }, startsNewChunk: true },
        { type: 'functionCall', name: 'g', params: {}, result: 'two', startsNewChunk: false },
      ],
    },
  ])
})

test('a last assistant message is history: the answer is a new turn', () => {
  const history = parseHistory({
    messages: [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
    ],
  })
  expect(history.slice(1)).toEqual([
    { type: 'model', response: ['b'] },
    { type: 'model', response: [] },
  ])
})

for (const [name, messages, message] of [
  ['no message', [], /"messages" must be a list with at least one message/],
  ['a message that is none', ['x'], /messages\[0\] must be an object, not "x"/],
  [
    'content of a wrong type',
    [{ role: 'user', content: 3 }],
    /messages\[0\].content must be a text or a list of parts, not 3/,
  ],
  [
    'audio',
    [{ role: 'user', content: [{ type: 'input_audio' }] }],
    /is of type "input_audio"; this engine reads text only/,
  ],
  [
    'a call without a name',
    [{ role: 'assistant', tool_calls: [{ id: '1' }] }],
    /must have an id and a function with a name/,
  ],
  [
    'arguments that are no JSON',
    [{ role: 'assistant', tool_calls: [call('1', 'f', '{')] }],
    /arguments is not valid JSON, not "\{"/,
  ],
  [
    'a call nobody answered',
    [
      { role: 'assistant', tool_calls: [call('1', 'f', '{}')] },
      { role: 'user', content: '' },
    ],
    /The tool call "1" has no answer before messages\[1\]/,
  ],
  [
    'an answer to an unknown call',
    [
      { role: 'assistant', content: 'x' },
      { role: 'tool', tool_call_id: '9', content: '' },
    ],
    /names no open tool call, not "9"/,
  ],
] as const) {
  test(`${name} is refused in a sentence`, () => expect(() => parseHistory({ messages })).toThrow(message))
}
