import { describe, expect, test } from 'bun:test'
import { createSseParser, maxEventCharacters } from './sse.ts'
import type { SseItem } from './sse.ts'

const event = (data: string, facts: { id?: string; event?: string } = {}): SseItem => ({
  kind: 'event',
  event: { id: facts.id ?? null, event: facts.event ?? 'message', data },
})

const cases: readonly { readonly name: string; readonly text: string; readonly items: readonly SseItem[] }[] = [
  { name: 'a plain event', text: 'data: a\n\n', items: [event('a')] },
  { name: 'id and type', text: 'id: 7\nevent: x\ndata: a\n\n', items: [event('a', { id: '7', event: 'x' })] },
  {
    name: 'an id that stays',
    text: 'id: 7\ndata: a\n\ndata: b\n\n',
    items: [event('a', { id: '7' }), event('b', { id: '7' })],
  },
  { name: 'several data lines', text: 'data: a\ndata: b\n\n', items: [event('a\nb')] },
  { name: 'no space after the colon', text: 'data:a\n\n', items: [event('a')] },
  { name: 'only one space is taken', text: 'data:  a\n\n', items: [event(' a')] },
  { name: 'carriage returns', text: 'data: a\r\n\r\ndata: b\r\n\r\n', items: [event('a'), event('b')] },
  { name: 'comments', text: ': loading\n\n', items: [{ kind: 'comment', text: 'loading' }] },
  { name: 'an event without data is none', text: 'event: x\n\n', items: [] },
  { name: 'an unfinished event is none', text: 'data: a\n', items: [] },
]

describe('an event stream is read', () => {
  test.each(cases)('whole: $name', ({ text, items }) => {
    expect(createSseParser().push(text)).toEqual([...items])
  })

  test.each(cases)('in pieces of one character: $name', ({ text, items }) => {
    const parser = createSseParser()
    expect([...text].flatMap((character) => parser.push(character))).toEqual([...items])
  })

  test('a line without an end is refused when it is too long', () => {
    const parser = createSseParser()
    expect(() => parser.push(`data: ${'x'.repeat(maxEventCharacters)}`)).toThrow('longer than')
  })
})
