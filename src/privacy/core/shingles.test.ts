import { describe, expect, test } from 'bun:test'
import { shinglesOf, shingleWords } from './shingles.ts'

const seed = { start: 0x12345678, factor: 0x01000193 }
const hashes = (text: string): readonly number[] => [...shinglesOf(text, seed).hashes]
const texts = (text: string): readonly string[] => {
  const shingles = shinglesOf(text, seed)
  return Array.from(shingles.hashes, (_, index) => shingles.text(index))
}
const words = (count: number, from = 0): string =>
  Array.from({ length: count }, (_, index) => `w${from + index}`).join(' ')

describe('the passages of a text', () => {
  test.each([
    ['', []],
    ['one two', []],
    ['One, two — THREE!', ['one two three']],
    ['a b c d e f g', ['a b c d e f g']],
    ['a b c d e f g h', ['a b c d e f g h']],
    ['a b c d e f g h i', ['a b c d e f g h', 'b c d e f g h i']],
    ['Ünïcode ist (sehr) schön; 42%', ['ünïcode ist sehr schön 42']],
    ['Ｆull   width\n text', ['full width text']],
    ['你好世界今天', ['你 好 世 界 今 天']],
    ['hello 你好 you', ['hello 你 好 you']],
    ['𝔘 𠮷野家 x', ['u 𠮷 野 家 x']],
    ['👍 thumbs 👍 up now', ['thumbs up now']],
  ])('of %p are %p', (text, expected) => {
    expect(texts(text)).toEqual([...expected])
  })

  test('have the same digest wherever they stand and whatever is between their words', () => {
    const alone = hashes(words(8, 100))[0] ?? 0
    const inside = hashes(`${words(50)} … ${words(8, 100).toUpperCase().replaceAll(' ', ',\n')} ${words(50, 200)}`)
    expect(inside.filter((hash) => hash === alone).length).toBe(1)
    expect(inside[50]).toBe(alone)
  })

  test('have other digests where a word is another, where words change places, and with another seed', () => {
    const base = hashes(words(8))[0]
    for (let index = 0; index < shingleWords; index++)
      expect(hashes(words(8).replace(`w${index}`, 'other'))[0]).not.toBe(base)
    expect(hashes('w1 w0 w2 w3 w4 w5 w6 w7')[0]).not.toBe(base)
    expect(shinglesOf(words(8), { ...seed, start: 1 }).hashes[0]).not.toBe(base)
    expect(shinglesOf(words(8), { ...seed, factor: 3 }).hashes[0]).not.toBe(base)
  })

  test('of ten thousand words are all told apart', () => {
    const all = hashes(words(10_000))
    expect(all.length).toBe(10_000 - shingleWords + 1)
    expect(new Set(all).size).toBeGreaterThan(all.length - 3)
  })

  test('short texts are not the end of longer ones', () => {
    expect(hashes('b c d')[0]).not.toBe(hashes('a b c d')[0])
    expect(hashes('d d d')[0]).not.toBe(hashes('d d d d')[0])
  })
})
