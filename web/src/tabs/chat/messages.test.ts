import { describe, expect, test } from 'bun:test'
import { curlOf, messagesOf, requestBody } from './messages.ts'
import { answer, question, talk } from './planted-talk.ts'
import { plainSampling } from './sampling.ts'
import { exampleTools } from './tool-text.ts'

const call = { id: 'c1', name: 'get_weather', arguments: '{"place":"Ulm"}' }
const result = { role: 'tool', id: 3, side: 'main', call: 'c1', name: 'get_weather', content: 'rain' } as const

describe('what is sent', () => {
  test('has the system prompt and no thoughts', () => {
    expect(messagesOf(talk({ system: ' Be brief. ' }), 'main')).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello.' },
    ])
  })

  test('has no answer without words', () => {
    const turns = [question(1), answer({ content: '' })]
    expect(messagesOf(talk({ turns }), 'main')).toEqual([{ role: 'user', content: 'Hi' }])
  })

  test('has pictures as parts', () => {
    const turns = [{ ...question(1), images: ['data:image/png;base64,AA'] }]
    expect(messagesOf(talk({ turns }), 'main')).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Hi' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } },
        ],
      },
    ])
  })

  test('has a call with its result', () => {
    const turns = [question(1), answer({ content: '', calls: [call] }), result]
    expect(messagesOf(talk({ turns }), 'main').slice(1)).toEqual([
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c1', type: 'function', function: { name: call.name, arguments: call.arguments } }],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'rain' },
    ])
  })

  test('has no call that nobody answered', () => {
    const turns = [question(1), answer({ content: 'Let me look.', calls: [call] }), question(4, 'Never mind')]
    expect(messagesOf(talk({ turns }), 'main').map((message) => Object.keys(message))).toEqual([
      ['role', 'content'],
      ['role', 'content'],
      ['role', 'content'],
    ])
  })

  test('has for the rival its own answers, and those of the first one from before', () => {
    const turns = [
      question(1),
      answer({ content: 'one' }),
      question(3),
      answer({ id: 4, content: 'two' }),
      answer({ id: 5, side: 'rival', content: 'zwei' }),
    ]
    const said = (side: 'main' | 'rival') => messagesOf(talk({ turns }), side).map((message) => message['content'])
    expect(said('main')).toEqual(['Hi', 'one', 'Hi', 'two'])
    expect(said('rival')).toEqual(['Hi', 'one', 'Hi', 'zwei'])
  })

  test('has a summary in the one system message', () => {
    const summary = { role: 'summary', id: 8, model: 'm', content: 'They met.', replaced: [question(1)] } as const
    const [first, ...rest] = messagesOf(talk({ system: 'Be brief.', turns: [summary, question(9)] }), 'main')
    expect(first?.['role']).toBe('system')
    expect(first?.['content']).toStartWith('Be brief.\n\n')
    expect(first?.['content']).toEndWith('They met.')
    expect(rest).toEqual([{ role: 'user', content: 'Hi' }])
  })

  test('names the side’s model and holds only the parameters that were chosen', () => {
    const conversation = talk({ model: 'a', rival: 'b', turns: [question(1)] })
    const messages = [{ role: 'user', content: 'Hi' }]
    const plain = { messages, stream: true, stream_options: { include_usage: true } }
    expect(requestBody(conversation, 'main')).toEqual({ model: 'a', ...plain })
    expect(requestBody(conversation, 'rival')).toEqual({ model: 'b', ...plain })
    const sampling = { ...plainSampling, temperature: 0, maxTokens: 5 }
    expect(requestBody({ ...conversation, sampling, tools: exampleTools }, 'main')).toMatchObject({
      temperature: 0,
      max_tokens: 5,
      tools: [{ type: 'function', function: { name: 'get_weather' } }],
    })
  })

  test('for a terminal holds no key and ends where it should', () => {
    const body = { model: 'm', messages: [{ role: 'user', content: "it's\nHEARTH_BODY\n$(x)" }] }
    const lines = curlOf(body, 'http://127.0.0.1:9999').split('\n')
    expect(lines[1]).toContain('Bearer $HEARTH_API_KEY')
    expect(lines[3]).toEndWith("<<'HEARTH_BODY'")
    expect(lines.filter((line) => line === 'HEARTH_BODY').length).toBe(1)
    expect(lines.at(-1)).toBe('HEARTH_BODY')
    expect(JSON.parse(lines.slice(4, -1).join('\n'))).toEqual(body)
  })
})
