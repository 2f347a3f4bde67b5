import { describe, expect, test } from 'bun:test'
import { createSseReader, type SseItem } from '../../live/sse.ts'
import { type ChatStep, createEndingWatch, readItem, readWaiting, withPieces } from './chat-reader.ts'

const message = (data: unknown, event = 'message'): SseItem => ({
  kind: 'event',
  event,
  data: typeof data === 'string' ? data : JSON.stringify(data),
  id: null,
})
const delta = (given: object, finish: string | null = null) => ({
  choices: [{ index: 0, delta: given, finish_reason: finish }],
})

describe('an item of a chat stream', () => {
  const cases: readonly [string, SseItem, readonly ChatStep[]][] = [
    ['with words is text', message(delta({ content: 'Hi' })), [{ kind: 'text', content: 'Hi', reasoning: '' }]],
    [
      'with thoughts keeps them apart',
      message(delta({ reasoning_content: 'hm' })),
      [{ kind: 'text', content: '', reasoning: 'hm' }],
    ],
    ['with a role only says nothing', message(delta({ role: 'assistant', content: '' })), []],
    ['with null content says nothing', message(delta({ content: null })), []],
    [
      'with the last word and the finish says both',
      message(delta({ content: '.' }, 'length')),
      [
        { kind: 'text', content: '.', reasoning: '' },
        { kind: 'finish', reason: 'length' },
      ],
    ],
    [
      'with usage and no choice is usage',
      message({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 5 } }),
      [{ kind: 'usage', usage: { promptTokens: 3, completionTokens: 5 } }],
    ],
    [
      'with usage that was not counted is unknown, not 0',
      message({ usage: {} }),
      [{ kind: 'usage', usage: { promptTokens: null, completionTokens: null } }],
    ],
    ['with usage null says nothing', message({ ...delta({}), usage: null }), []],
    ['[DONE] is done', message('[DONE]'), [{ kind: 'done' }]],
    [
      'with an error is an error',
      message({ error: { message: 'Gone.', code: 'upstream_reset' } }),
      [{ kind: 'error', message: 'Gone.', code: 'upstream_reset' }],
    ],
    [
      'named error is an error',
      message({ message: 'Gone.' }, 'error'),
      [{ kind: 'error', message: 'Gone.', code: '' }],
    ],
    ['that is not JSON says nothing', message('{'), []],
    ['that is an array says nothing', message([1]), []],
    [
      'that is a comment with progress is waiting',
      { kind: 'comment', text: 'loading state=loading phase=proving position=0 eta_seconds=2' },
      [{ kind: 'waiting', waiting: { state: 'loading', phase: 'proving', etaSeconds: 2, position: 0 } }],
    ],
    ['that is any other comment says nothing', { kind: 'comment', text: 'still here' }, []],
    [
      'that is a comment without a time is waiting for an unknown time',
      { kind: 'comment', text: 'loading state=queued phase=queued position=3' },
      [{ kind: 'waiting', waiting: { state: 'queued', phase: 'queued', etaSeconds: null, position: 3 } }],
    ],
    [
      'that is a comment with nonsense in it does not invent numbers',
      { kind: 'comment', text: 'loading position=soon eta_seconds' },
      [{ kind: 'waiting', waiting: { state: null, phase: null, etaSeconds: null, position: null } }],
    ],
  ]
  for (const [name, item, steps] of cases) {
    test(name, () => expect(readItem(item)).toEqual([...steps]))
  }
})

describe('the ending of a stream', () => {
  const cases: readonly [string, string, string][] = [
    ['is complete after a finish reason', `data: ${JSON.stringify(delta({}, 'stop'))}\n\n`, 'complete'],
    ['is complete after [DONE]', 'data: [DONE]\n\n', 'complete'],
    ['is incomplete when it just stops', `data: ${JSON.stringify(delta({ content: 'a' }))}\n\n`, 'incomplete'],
    ['is incomplete when nothing came', '', 'incomplete'],
    [
      'is failed after an error, also when [DONE] follows',
      'data: {"error":{"message":"x"}}\n\ndata: [DONE]\n\n',
      'failed',
    ],
  ]
  for (const [name, stream, kind] of cases) {
    test(name, () => {
      const reader = createSseReader()
      const watch = createEndingWatch()
      for (const item of [...reader.push(stream), ...reader.end()]) for (const step of readItem(item)) watch.note(step)
      expect<string>(watch.ending().kind).toBe(kind)
    })
  }
})

describe('the loading member', () => {
  test('is read with what it has', () => {
    expect(readWaiting({ phase: 'queued', position: 2 })).toEqual({
      state: null,
      phase: 'queued',
      position: 2,
      etaSeconds: null,
    })
  })
  test('is nothing when it is something else', () => {
    for (const value of [null, undefined, 'loading', 3, [], {}]) expect(readWaiting(value)).toBeNull()
  })
})

describe('calls in pieces', () => {
  const piece = (index: number, given: object, id?: string): SseItem =>
    message(delta({ tool_calls: [{ index, ...(id ? { id } : {}), type: 'function', function: given }] }))
  const gathered = (items: readonly SseItem[]) =>
    items
      .flatMap(readItem)
      .reduce<ReturnType<typeof withPieces>>(
        (calls, step) => (step.kind === 'calls' ? withPieces(calls, step.pieces) : calls),
        [],
      )

  test('become whole, side by side', () => {
    const items = [
      piece(0, { name: 'get_weather', arguments: '' }, 'call_a'),
      piece(0, { arguments: '{"place"' }),
      piece(1, { name: 'now', arguments: '{}' }, 'call_b'),
      piece(0, { arguments: ':"Ulm"}' }),
    ]
    expect(gathered(items)).toEqual([
      { id: 'call_a', name: 'get_weather', arguments: '{"place":"Ulm"}' },
      { id: 'call_b', name: 'now', arguments: '{}' },
    ])
  })

  test('without an id get one of their place', () => {
    expect(gathered([piece(0, { name: 'now' })])).toEqual([{ id: 'call_0', name: 'now', arguments: '' }])
  })

  test('at a place nobody means are left out', () => {
    expect(gathered([piece(1e9, { name: 'now' }), piece(-1, { name: 'now' })])).toEqual([])
  })
})
