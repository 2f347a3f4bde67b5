import { describe, expect, test } from 'bun:test'
import { addUsage, judgeClientEvent, offeredProtocols, readRealtimeUsage, type ModelRule } from './realtime.ts'
import { unknownUsage } from './usage.ts'

const key = 'openai-insecure-api-key.hk-abc'

test.each([
  [null, { protocol: null, isBeta: false, key: null }],
  ['realtime', { protocol: 'realtime', isBeta: false, key: null }],
  [`realtime, ${key}, openai-beta.realtime-v1`, { protocol: 'realtime', isBeta: true, key: 'hk-abc' }],
  [`${key},other`, { protocol: 'other', isBeta: false, key: 'hk-abc' }],
  [key, { protocol: null, isBeta: false, key: 'hk-abc' }],
  ['bad protocol, {}', { protocol: null, isBeta: false, key: null }],
])('the subprotocols %p are read', (header, offered) => {
  expect(offeredProtocols(header)).toEqual(offered)
})

describe('an event of a client', () => {
  const rule: ModelRule = { asked: 'talk', model: 'gpt-realtime', mayUse: (model) => model === 'whisper' }
  const judge = (event: unknown) => judgeClientEvent(typeof event === 'string' ? event : JSON.stringify(event), rule)

  test.each([
    [{ type: 'response.create' }],
    [{ type: 'input_audio_buffer.append', audio: 'AAAA' }],
    [{ type: 'session.update', session: { tools: [{ parameters: { properties: { model: { type: 'string' } } } }] } }],
    [{ type: 'conversation.item.create', item: { content: [{ text: 'model', model: 'x' }] } }],
    ['no JSON about a model'],
    ['["model"]'],
  ])('%j passes as it is', (event) => {
    expect(judge(event)).toEqual({ kind: 'pass' })
  })

  test.each([
    [{ type: 'session.update', session: { model: 'talk', n: 1 } }, { session: { model: 'gpt-realtime', n: 1 } }],
    [{ type: 'session.update', model: 'talk' }, { model: 'gpt-realtime' }],
    [{ type: 'session.update', session: { model: 'gpt-realtime' } }, { session: { model: 'gpt-realtime' } }],
    [{ type: 'x', session: { audio: [{ model: 'whisper' }] } }, { session: { audio: [{ model: 'whisper' }] } }],
    ['{"type":"x","mod\\u0065l":"talk"}', { model: 'gpt-realtime' }],
    ['{"type":"x","model":"other","model":"talk"}', { model: 'gpt-realtime' }],
  ])('%j names the upstream’s model', (event, changed) => {
    const judged = judge(event)
    expect(judged.kind === 'changed' ? JSON.parse(judged.text) : judged).toMatchObject(changed)
  })

  test.each([
    [{ type: 'session.update', session: { model: 'other' } }],
    [{ type: 'session.update', session: { input_audio_transcription: { model: 'other' } } }],
    [{ type: 'response.create', response: { model: 'other' } }],
    ['{"type":"x","\\u006dodel":"other"}'],
  ])('%j is refused', (event) => {
    expect(judge(event)).toEqual({ kind: 'refused', model: 'other' })
  })
})

describe('what was used', () => {
  const usage = { input_tokens: 20, output_tokens: 10, input_token_details: { cached_tokens: 4 } }
  test.each([
    [
      { type: 'response.done', response: { usage } },
      { promptTokens: 20, completionTokens: 10, cachedTokens: 4 },
    ],
    [
      { type: 'conversation.item.input_audio_transcription.completed', usage: { input_tokens: 3, output_tokens: 1 } },
      { promptTokens: 3, completionTokens: 1, cachedTokens: null },
    ],
    [{ type: 'response.done', response: { usage: null } }, null],
    [{ type: 'response.output_audio.delta', delta: 'response.done' }, null],
  ])('is told by %j', (event, told) => {
    expect(readRealtimeUsage(JSON.stringify(event))).toEqual(told)
  })

  test('is added up, and what nobody said stays unknown', () => {
    const one = { promptTokens: 2, completionTokens: null, cachedTokens: null }
    expect(addUsage(addUsage(unknownUsage, one), one)).toEqual({ ...one, promptTokens: 4 })
  })
})
