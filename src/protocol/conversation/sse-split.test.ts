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

/** The standard's own words, line by line, for a stream that is there whole. */
function reference(wire: Uint8Array): { readonly event: string; readonly data: string }[] {
  const found: { event: string; data: string }[] = []
  let data: string[] = []
  let event = ''
  for (const line of new TextDecoder()
    .decode(wire)
    .split(/\r\n|\r|\n/)
    .slice(0, -1)) {
    if (line === '') {
      if (data.length > 0) found.push({ event, data: data.join('\n') })
      data = []
      event = ''
    } else {
      const colon = line.indexOf(':')
      const field = colon < 0 ? line : line.slice(0, colon)
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
      if (field === 'data') data.push(value)
      if (field === 'event') event = value
    }
  }
  return found
}

const scraps = fc.oneof(
  fc
    .constantFrom(
      'data:',
      'data: ',
      'data',
      'event: x',
      'event:',
      'id: 1',
      ': no',
      'datax: 1',
      'a',
      ' ',
      ':',
      'é',
      '\0',
    )
    .map(bytes),
  fc.constantFrom('\n', '\r', '\r\n', '\n\n', '\r\r', '\r\n\r\n').map(bytes),
  fc.uint8Array({ maxLength: 3 }),
)

function pieces(wire: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] {
  const found: Uint8Array[] = []
  let at = 0
  for (const cut of [...cuts, wire.length]) {
    found.push(wire.subarray(at, at + cut))
    at = Math.min(wire.length, at + cut)
  }
  return found
}

test('any bytes in any pieces are the events that the standard says they are, and no byte is lost', () => {
  fc.assert(
    fc.property(fc.array(scraps, { maxLength: 40 }), fc.array(fc.nat(9)), (parts, cuts) => {
      // The end leaves no line open: half an event belongs to nobody.
      const wire = Buffer.concat([...parts, bytes('\n\n: end\n\n')])
      const splitter = createEventSplitter(1_000_000)
      const whole: Uint8Array[] = []
      for (const piece of pieces(wire, cuts)) {
        const split = splitter.push(piece)
        if (split.kind === 'too_long') throw new Error('too long')
        whole.push(split.bytes)
      }
      const seen = whole.flatMap((events) => [...eventData(events)].map(({ event, data }) => ({ event, data })))
      expect(seen).toEqual(reference(wire).map(({ event, data }) => ({ event: event.trim(), data })))
      expect(Buffer.concat([...whole, splitter.rest]).equals(wire)).toBe(true)
    }),
    { numRuns: 3000 },
  )
})

test('what is held back never grows beyond the limit and one piece', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 60 }), fc.nat(64), (parts, limit) => {
      const splitter = createEventSplitter(limit)
      for (const part of parts) {
        const { kind } = splitter.push(part)
        expect(splitter.rest.length).toBeLessThanOrEqual(limit + (kind === 'too_long' ? 30 : 0))
        if (kind === 'too_long') return
      }
    }),
  )
})
