import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { createEventSplitter, eventData } from './sse-split.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const datas = (whole: Uint8Array) => [...eventData(whole)].map((event) => event.data)

function run(chunks: readonly Uint8Array[]): string[] {
  const splitter = createEventSplitter(1_000_000)
  return chunks.flatMap((chunk) => {
    const split = splitter.push(chunk)
    return split.kind === 'events' ? datas(split.bytes) : ['too long']
  })
}

test('events come out the same wherever the chunks are cut and however lines end', () => {
  const event = fc.array(
    fc.string({ unit: 'grapheme' }).filter((text) => !/[\r\n]/.test(text)),
    { minLength: 1, maxLength: 3 },
  )
  fc.assert(
    fc.property(fc.array(event), fc.constantFrom('\n', '\r\n', '\r'), fc.array(fc.nat(40)), (events, eol, cuts) => {
      const wire = bytes(
        events.map((lines) => lines.map((line) => `data: ${line}${eol}`).join('') + eol).join('') + ': end' + eol + eol,
      )
      const chunks: Uint8Array[] = []
      let at = 0
      for (const cut of cuts) {
        chunks.push(wire.subarray(at, at + cut))
        at += cut
      }
      chunks.push(wire.subarray(at))
      const seen = run(chunks)
      // A stream that ends in a lone CR keeps its last comment back: there is no data in it.
      expect(seen).toEqual(events.map((lines) => lines.join('\n')))
    }),
  )
})

test('comments and events without data are no events', () => {
  expect(datas(bytes(': hello\n\nevent: x\n\ndata: 1\n\n'))).toEqual(['1'])
})

test('an event beyond the limit is refused instead of held for ever', () => {
  const splitter = createEventSplitter(10)
  expect(splitter.push(bytes('data: 0123456789')).kind).toBe('too_long')
})

test('half an event is kept back', () => {
  const splitter = createEventSplitter(100)
  const split = splitter.push(bytes('data: 1\n\ndata: 2'))
  expect(split).toEqual({ kind: 'events', bytes: bytes('data: 1\n\n') })
  expect(splitter.rest).toEqual(bytes('data: 2'))
})
