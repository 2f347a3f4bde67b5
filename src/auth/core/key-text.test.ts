import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { keyId } from '#kernel/ids.ts'
import { formatKeyText, parseKeyText, splitKeyText } from './key-text.ts'

const letters = (alphabet: string, length: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: length, maxLength: length })
const keys = fc.record({
  id: letters('abcdefghijklmnopqrstuvwxyz0123456789', 12).map(keyId),
  secret: letters('0123456789abcdef', 48),
})

describe('the text of a key', () => {
  test('is read as what it was written from', () => {
    fc.assert(
      fc.property(keys, (key) => {
        expect(parseKeyText(formatKeyText(key))).toEqual(key)
        expect(splitKeyText(formatKeyText(key))).toEqual(key)
      }),
    )
  })

  test('with one character more, less or changed to a foreign one is none', () => {
    fc.assert(
      fc.property(keys, fc.nat(63), fc.constantFrom('', 'Z', '_', ' ', 'ü', '💡', 'aa'), (key, at, other) => {
        const text = formatKeyText(key)
        const broken = text.slice(0, at) + other + text.slice(at + 1)
        // `aa` in the place of a letter of the prefix or of a dash keeps nothing whole either: the length is another
        // one.
        expect(parseKeyText(broken)).toBeNull()
      }),
    )
  })

  test('that somebody sends can be anything and is never an exception', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        const split = splitKeyText(text)
        if (split !== null) expect(formatKeyText(split)).toBe(text)
        if (parseKeyText(text) !== null) expect(split).not.toBeNull()
      }),
    )
  })
})
