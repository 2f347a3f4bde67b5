import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { createNeedles, mostHits } from './needles.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

function formsSeen(value: string, text: string | Uint8Array): readonly string[] {
  const needles = createNeedles()
  expect(needles.add(value, 'PERSON')).toBe(true)
  return needles.scan(typeof text === 'string' ? bytes(text) : text).hits.map((hit) => hit.form)
}

/** How somebody else's program writes a value. */
const encodings: Readonly<Record<string, (value: string) => string | Uint8Array>> = {
  'as it is': (value) => value,
  'in capitals': (value) => value.toUpperCase(),
  'in small letters': (value) => value.toLowerCase(),
  'taken apart': (value) => value.normalize('NFD'),
  'in base64': (value) => Buffer.from(value).toString('base64'),
  'in base64 behind one byte': (value) => Buffer.from(`x${value}y`).toString('base64'),
  'in base64 behind two bytes': (value) => Buffer.from(`xx${value}yz`).toString('base64'),
  'in base64 for URLs': (value) => Buffer.from(`~?${value}>>`).toString('base64url'),
  'in hex': (value) => Buffer.from(value).toString('hex'),
  'in capital hex': (value) => Buffer.from(value).toString('hex').toUpperCase(),
  'in hex with blanks': (value) =>
    Buffer.from(value)
      .toString('hex')
      .replaceAll(/..(?!$)/g, '$& '),
  'in UTF-16': (value) => Buffer.from(value, 'utf16le'),
  'in base64 of UTF-16': (value) => Buffer.from(`Get ${value}`, 'utf16le').toString('base64'),
  reversed: (value) => [...value].toReversed().join(''),
}

const values = fc
  .array(fc.constantFrom(...'abcdefghkmnrstuvzABCDEFG0123456789äöüßéñłŁжЖ中日'.split('')), {
    minLength: 6,
    maxLength: 20,
  })
  .map((letters) => letters.join('').normalize('NFC'))

describe('needles', () => {
  test.each(Object.keys(encodings))('a value planted %s is found, and where it begins', (name) => {
    const encode = encodings[name] ?? String
    fc.assert(
      fc.property(values, fc.nat(40), (value, before) => {
        const needles = createNeedles()
        needles.add(value, 'EMAIL')
        const planted = Buffer.from(encode(value))
        const text = Buffer.concat([bytes('. '.repeat(before)), planted, bytes(' .')])
        const { hits, isWhole } = needles.scan(text)
        expect(isWhole).toBe(true)
        expect(hits.some((hit) => hit.start >= before * 2 && hit.end <= before * 2 + planted.length)).toBe(true)
      }),
    )
  })

  test('nothing is found in text that does not hold it', () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 30 }), fc.string({ maxLength: 400 }), (known, text) => {
        const needles = createNeedles()
        for (const value of known) needles.add(`Q${value}X`, 'TERM')
        expect(needles.scan(bytes(text)).hits).toEqual([])
      }),
    )
  })

  test('each of many values is found in one text that holds them all', () => {
    const needles = createNeedles()
    const all = Array.from({ length: 3000 }, (_, index) => `person${index * 7919}@example.org`)
    for (const value of all) expect(needles.add(value, 'EMAIL')).toBe(true)
    expect(needles.size).toBe(3000)
    for (let from = 0; from < all.length; from += 500) {
      const { hits } = needles.scan(bytes(all.slice(from, from + 500).join('; ')))
      expect(new Set(hits.map((hit) => hit.start)).size).toBe(500)
    }
  })

  test.each([
    ['Annual report', 0],
    ['the annA', 1],
    ['Ann Lee', 0],
    ['mAnna', 0],
    ['Annas', 0],
    ['anna_brenner', 0],
    ['anna2', 0],
    ['“Anna”', 1],
    ['Anna’s', 1],
    ['hosanna', 0],
    ['HANNAH', 0],
    ['AnnaBrenner', 0],
    ['见到Anna了', 1],
  ])('of %p the word Anna is found %p times', (text, times) => {
    expect(formsSeen('Anna', text).filter((form) => form === 'raw')).toHaveLength(times)
  })

  test('what must never leave is found in identifiers too', () => {
    const needles = createNeedles()
    needles.add('nightjar', 'TERM')
    for (const text of ['nightjar_plan', 'myNightjar', 'nightjar2'])
      expect(needles.scan(bytes(text)).hits).toHaveLength(1)
  })

  test('a number within a longer number is none', () => {
    expect(formsSeen('4930123456', 'id 994930123456')).toEqual([])
    expect(formsSeen('4930123456', 'id 4930123456')).toEqual(['raw'])
    expect(formsSeen('+49 30 / 123-456', 'id 4930123456, +4930123456')).toEqual(['bare', 'bare'])
  })

  test.each(['', 'Ann', ' Bo ', '12', 'äöü'])('%p is too short to be looked for', (value) => {
    const needles = createNeedles()
    expect(needles.add(value, 'PERSON')).toBe(false)
    expect(needles.size).toBe(0)
  })

  test('a value is added once for each type', () => {
    const needles = createNeedles()
    for (const type of ['PERSON', 'PERSON', 'TERM'] as const) expect(needles.add('Brenner', type)).toBe(true)
    expect(needles.size).toBe(2)
    expect(needles.scan(bytes('Brenner')).hits.map((hit) => hit.type)).toEqual(
      expect.arrayContaining(['PERSON', 'TERM']),
    )
  })

  test('a key block of many lines is found by its beginning', () => {
    const block = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADANBgkq\n'.repeat(200)}-----END PRIVATE KEY-----`
    expect(formsSeen(block, `key:\n${block}\n`)).toContain('raw')
    expect(formsSeen(block, Buffer.from(block).toString('base64'))).toContain('base64')
  })

  test('a flood of hits ends, and is no clean answer', () => {
    const needles = createNeedles()
    needles.add('Brenner', 'PERSON')
    const { hits, isWhole } = needles.scan(bytes('Brenner '.repeat(mostHits * 2)))
    expect(hits).toHaveLength(mostHits)
    expect(isWhole).toBe(false)
  })

  test('a text that makes every comparison long is given up instead of being called clean', () => {
    const needles = createNeedles()
    for (let length = 30; length < 256; length++) needles.add('ab'.repeat(length / 2).padEnd(length, 'c'), 'TERM')
    expect(needles.scan(bytes('ab'.repeat(500_000))).isWhole).toBe(false)
  })
})
