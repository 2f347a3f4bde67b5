import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { findLeaks, type Leaving } from './gate.ts'
import { createNeedles, type Needles } from './needles.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

function needlesFor(...values: readonly string[]): Needles {
  const needles = createNeedles()
  for (const value of values) needles.add(value, 'PERSON')
  return needles
}

function verdict(leaving: Partial<Omit<Leaving, 'body'>> & { readonly body?: unknown }, ...values: readonly string[]) {
  const { body, ...rest } = leaving
  const sent = body === undefined ? null : bytes(typeof body === 'string' ? body : JSON.stringify(body))
  return findLeaks({ url: '/v1/chat/completions', headers: {}, body: sent, ...rest }, [needlesFor(...values)])
}

const chat = (content: unknown) => ({ model: 'gpt-5', messages: [{ role: 'user', content }] })

/** Each letter in one of the ways that something behind us reads. */
const mixed: readonly ((letter: string) => string)[] = [
  (letter) => letter,
  (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  (letter) =>
    encodeURIComponent(letter)
      .padEnd(3, '')
      .replace(/^[^%].*$/, (each) => `%${hex(each)}`),
  (letter) => `&#${letter.codePointAt(0)};`,
  (letter) => `&#x${letter.codePointAt(0)?.toString(16)};`,
  (letter) => [...Buffer.from(letter)].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
]

function hex(letter: string): string {
  return letter.charCodeAt(0).toString(16).padStart(2, '0')
}

describe('the leak gate', () => {
  test.each([
    ['in the text', { body: chat('Ask Anna Müller.') }],
    ['beside a line break', { body: chat('Hello\nanna müller\nbye') }],
    ['in the path', { url: '/v1/files/Anna%20M%C3%BCller' }],
    ['in the query', { url: '/v1/files?name=Anna+M%C3%BCller' }],
    ['in a header', { headers: { 'x-title': 'for Anna Müller' } }],
    ['in the name of a member', { body: { 'Anna Müller': 1 } }],
    ['in arguments of a tool', { body: { a: JSON.stringify({ b: JSON.stringify({ c: 'Anna M\u00fcller "x"' }) }) } }],
    ['in broken base64', { body: chat(broken(Buffer.from(`${'.'.repeat(50)}Anna Müller${'.'.repeat(50)}`))) }],
    ['behind escapes in arguments', { body: { a: '{"b":"\\u0041nna M\\u00fcller"}' } }],
    ['in a form', { body: 'file=1&name=Anna+M%c3%bcller' }],
  ] as const)('a known name is seen %s', (_, leaving) => {
    const found = verdict(leaving, 'Anna Müller')
    expect(found).toMatchObject({ kind: 'leaks', counts: { PERSON: expect.any(Number) } })
  })

  test('a value whose letters are escaped in whatever mixture is seen', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...'abcdkxyzABC019äö'.split('')), fc.nat(mixed.length - 1)), {
          minLength: 6,
        }),
        (letters) => {
          const value = letters.map(([letter]) => letter).join('')
          const written = letters.map(([letter, way]) => (mixed[way] ?? String)(letter)).join('')
          expect(verdict({ body: `{"a":". ${written} ."}` }, value).kind).toBe('leaks')
        },
      ),
    )
  })

  test('what was seen says where and what, and never the value', () => {
    const found = verdict({ body: chat('x Anna Müller') }, 'Anna Müller')
    expect(found).toEqual({
      kind: 'leaks',
      leaks: [{ type: 'PERSON', where: 'body', form: 'raw', reading: 'as-sent', offset: 57 }],
      counts: { PERSON: 1 },
    })
    expect(JSON.stringify(found)).not.toContain('Anna')
  })

  test.each([
    ['a text without it', { body: chat('Ask [PERSON_7KQ2] about Annual reports.') }, ['Anna']],
    ['a label of a placeholder', { body: chat('Ask [PERSON_7KQ2] and PERSON_7KQ2_L.') }, ['Person', '7KQ2']],
    ['an allowed value', { body: chat('Hearth by Anna Müller'), allowed: ['hearth by ANNA MÜLLER'] }, ['Anna Müller']],
    ['a word of the protocol', { body: { ...chat('hi'), stop: ['x'] } }, ['Content', 'Messages', 'User', 'Stop']],
    ["the upstream's own key", { headers: { Authorization: 'Bearer sk-brenner' } }, ['sk-brenner']],
  ] as const)('%s is no leak', (_, leaving, values) => {
    expect(verdict(leaving, ...values)).toEqual({ kind: 'clean' })
  })

  test('a word of the protocol is a leak where somebody wrote it', () => {
    expect(verdict({ body: chat('Mrs Content says stop') }, 'Content').kind).toBe('leaks')
  })

  test('an allowed value does not excuse the same name elsewhere', () => {
    const found = verdict({ body: chat('Anna Müller GmbH; Anna Müller'), allowed: ['Anna Müller GmbH'] }, 'Anna Müller')
    expect(found).toMatchObject({ counts: { PERSON: 1 } })
  })

  test('all sets of needles are asked', () => {
    const sets = [needlesFor('Brenner'), needlesFor('Kowalski')]
    const body = bytes(JSON.stringify(chat('Brenner, Kowalski')))
    expect(findLeaks({ url: '/', headers: {}, body }, sets)).toMatchObject({ counts: { PERSON: 2 } })
  })

  test('too much work is no clean answer', () => {
    const needles = createNeedles()
    for (let length = 30; length < 256; length++) needles.add('ab'.repeat(length / 2).padEnd(length, 'c'), 'TERM')
    const body = bytes('ab'.repeat(500_000))
    expect(findLeaks({ url: '/', headers: {}, body }, [needles])).toEqual({ kind: 'exceeded' })
  })

  describe('looks again with recognisers', () => {
    const sixteen = function* (text: string) {
      for (const { index, 0: found } of text.matchAll(/\b\d{16}\b/g))
        yield { type: 'CARD' as const, start: index, end: index + found.length }
    }
    const recheck = (leaving: Partial<Leaving>) =>
      findLeaks({ url: '/', headers: {}, body: null, ...leaving }, [], sixteen)

    test.each([
      ['a string', { body: bytes('{"a":["4111111111111111"]}') }],
      ['an escaped string', { body: bytes('{"a":"\\u00344111111111111111".}'.replace('44', '4')) }],
      ['the name of a member', { body: bytes('{"4111111111111111":1}') }],
      ['a body that is no JSON', { body: bytes('a=4111111111111111') }],
      ['the URL', { url: '/x?c=%34111111111111111' }],
      ['a header', { headers: { 'x-card': '4111111111111111' } }],
    ] as const)('at %s', (_, leaving) => {
      expect(recheck(leaving)).toMatchObject({ kind: 'leaks', counts: { CARD: 1 } })
    })

    test('and not at numbers of JSON, credentials and what is allowed', () => {
      expect(recheck({ body: bytes('{"a":[4111111111111111]}') }).kind).toBe('clean')
      expect(recheck({ headers: { authorization: '4111111111111111' } }).kind).toBe('clean')
      expect(recheck({ body: bytes('"4111111111111111"'), allowed: ['4111111111111111'] }).kind).toBe('clean')
    })
  })
})

function broken(content: Buffer): string {
  return content.toString('base64').replaceAll(/.{76}/g, '$&\r\n')
}
