import { describe, expect, test } from 'bun:test'
import { createSseReader, type SseItem } from './sse.ts'

const event = (data: string, more: { event?: string; id?: string } = {}): SseItem => ({
  kind: 'event',
  event: more.event ?? 'message',
  data,
  id: more.id ?? null,
})

function readAll(chunks: readonly string[], limit?: number): SseItem[] {
  const reader = createSseReader(limit)
  return [...chunks.flatMap((chunk) => [...reader.push(chunk)]), ...reader.end()]
}

describe('a reader of server-sent events', () => {
  const cases: readonly [string, readonly string[], readonly SseItem[]][] = [
    [
      'reads an event with name and id',
      ['id: a-1\nevent: model.state\ndata: {}\n\n'],
      [event('{}', { event: 'model.state', id: 'a-1' })],
    ],
    ['joins several data lines', ['data: a\ndata:b\n\n'], [event('a\nb')]],
    [
      'takes CRLF that is cut in the middle as one end',
      ['data: a\r', '\n\r', '\ndata: b\r\n\r\n'],
      [event('a'), event('b')],
    ],
    ['takes lone CR', ['data: a\r\rdata: b\r\r'], [event('a'), event('b')]],
    [
      'keeps comments',
      [': loading phase=loading\n\ndata: x\n\n'],
      [{ kind: 'comment', text: 'loading phase=loading' }, event('x')],
    ],
    ['puts one event together from single characters', Array.from('data: [DONE]\n\n'), [event('[DONE]')]],
    ['drops a byte order mark', ['\uFEFFdata: a\n\n'], [event('a')]],
    ['says nothing for an event without data', ['event: ping\n\n'], []],
    [
      'gives the last event though its blank line never came',
      ['data: a\n\ndata: [DONE]'],
      [event('a'), event('[DONE]')],
    ],
    ['ignores fields it does not know', ['retry: 3000\nfoo: bar\nbaz\ndata: a\n\n'], [event('a')]],
    ['does not take an id with NUL', ['id: a\0b\ndata: a\n\n'], [event('a')]],
  ]
  for (const [name, chunks, wanted] of cases) {
    test(name, () => expect(readAll(chunks)).toEqual([...wanted]))
  }

  test('leaves out an event beyond the limit, says so, and goes on', () => {
    expect(readAll(['data: 1234\ndata: 5678\n\ndata: ok\n\n'], 6)).toEqual([{ kind: 'overflow' }, event('ok')])
    expect(readAll(['data: 0123456789', '0123456789\n\ndata: ok\n\n'], 6)).toEqual([{ kind: 'overflow' }, event('ok')])
  })

  test('reads the same however the text is cut', () => {
    const text = 'id: 1\r\nevent: a\r\ndata: {"x":1}\r\n\r\n: still here\n\ndata: two\ndata: lines\n\n'
    const whole = readAll([text])
    for (let cut = 1; cut < text.length; cut++) expect(readAll([text.slice(0, cut), text.slice(cut)])).toEqual(whole)
  })
})
