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

test('line ends may be mixed', () => {
  const eol = fc.constantFrom('\n', '\r\n', '\r')
  const part = fc.record({ text: fc.constantFrom('a', 'b', ''), eol, blank: eol })
  fc.assert(
    fc.property(fc.array(part), fc.array(fc.nat(9)), (parts, cuts) => {
      const wire = bytes(`${parts.map(({ text, eol, blank }) => `data: ${text}${eol}${blank}`).join('')}: end\n\n`)
      const chunks: Uint8Array[] = []
      let at = 0
      for (const cut of [...cuts, wire.length]) {
        chunks.push(wire.subarray(at, at + cut))
        at += cut
      }
      expect(run(chunks)).toEqual(run([wire]))
    }),
  )
})

test('a large event in small pieces is looked at once, not again with every piece', () => {
  const splitter = createEventSplitter(8_000_000)
  const started = performance.now()
  const piece = bytes('x'.repeat(100))
  splitter.push(bytes('data: '))
  for (let n = 0; n < 40_000; n++) splitter.push(piece)
  const split = splitter.push(bytes('\n\n'))
  expect(split.kind === 'events' && split.bytes.length).toBe(4_000_008)
  expect(performance.now() - started).toBeLessThan(2_000)
})

test('the name of an event is told', () => {
  expect([...eventData(bytes('event: error\ndata: 1\n\ndata: 2\n\n'))].map(({ event }) => event)).toEqual(['error', ''])
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
