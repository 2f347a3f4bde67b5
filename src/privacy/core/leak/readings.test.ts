import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { readingsOf } from './readings.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (read: Uint8Array): string => new TextDecoder().decode(read)

describe('readings', () => {
  test.each([
    ['plain', ['plain']],
    ['100% = a & b \\ c', ['100% = a & b \\ c']],
    ['a\\u00e4\\n\\"b\\/', ['a\\u00e4\\n\\"b\\/', 'aä\n"b/']],
    ['\\ud83d\\ude00', ['\\ud83d\\ude00', '😀']],
    ['%41nn%C3%A4', ['%41nn%C3%A4', 'Annä']],
    ['&#65;&#x6E;n&auml;&amp;', ['&#65;&#x6E;n&auml;&amp;', 'Annä&']],
    ['A=6En=\r\na', ['A=6En=\r\na', 'Anna']],
    ['\\x41\\u{6e}', ['\\x41\\u{6e}', 'An']],
    ['%2541', ['%2541', '%41', 'A']],
    ['\\\\u0041\\u0042', ['\\\\u0041\\u0042', '\\u0041B', 'AB']],
    ['Zm9vYmFyYmF6Zm9vYmFy\r\n  Zm9v', ['Zm9vYmFyYmF6Zm9vYmFy\r\n  Zm9v', 'Zm9vYmFyYmF6Zm9vYmFyZm9v']],
  ])('%p is read as %p', (sent, expected) => {
    expect(readingsOf(bytes(sent)).map((reading) => text(reading.bytes))).toEqual([...expected])
  })

  test('whatever JSON writes is read as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (value) => {
        const sent = JSON.stringify(value).slice(1, -1)
        const [asSent, json] = readingsOf(bytes(sent))
        const read = json?.kind === 'json' ? json : asSent
        expect(text(read!.bytes)).toBe(value.toWellFormed())
      }),
    )
  })

  test('a place of a reading leads back to where it was sent', () => {
    const readings = readingsOf(bytes('xx%2541 \\n Anna'))
    for (const reading of readings) {
      const place = text(reading.bytes).indexOf('Anna')
      expect(reading.sentAt(place)).toBe(11)
    }
    expect(readings).toHaveLength(4)
  })
})
