import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { entityTypes, type EntityType, type Span } from '../words.ts'
import { resolveSpans } from './resolve.ts'

interface Short {
  readonly by?: string
  readonly score?: number
  readonly sure?: boolean
}

type Told = readonly [type: EntityType, part: string, how?: Short]

/** The first place where the part stands. */
function spanOf(text: string, [type, part, { by = 'test', score = 0.9, sure = false } = {}]: Told): Span {
  const start = text.indexOf(part)
  if (start < 0) throw new Error(`${part} is not in ${text}`)
  const canonical = part.toLowerCase()
  return { start, end: start + part.length, type, recogniser: by, score, isValidated: sure, canonical, view: 'raw' }
}

function shown(text: string, spans: readonly Span[]): readonly string[] {
  return resolveSpans(text, spans).map(({ type, start, end }) => `${type} ${text.slice(start, end)}`)
}

const sure = { sure: true }
const known = { sure: true, by: 'directory' }

describe('of what overlaps', () => {
  test.each<[string, string, readonly Told[], readonly string[]]>([
    [
      'a list is stronger than a check digit',
      'x 4111111111111111 y',
      [
        ['CARD', '4111111111111111', sure],
        ['ACCOUNT', '4111111111111111', { sure: true, by: 'vault' }],
      ],
      ['ACCOUNT 4111111111111111'],
    ],
    [
      'the deny list is stronger than the vault',
      'x falcon y',
      [
        ['PERSON', 'falcon', { sure: true, by: 'vault' }],
        ['TERM', 'falcon', { sure: true, by: 'deny' }],
      ],
      ['TERM falcon'],
    ],
    [
      'a check digit is stronger than length, and what is left is less than half',
      'x 4111 1111 1111 1111 123 y',
      [
        ['PHONE', '4111 1111 1111 1111 123'],
        ['CARD', '4111 1111 1111 1111', sure],
      ],
      ['CARD 4111 1111 1111 1111'],
    ],
    [
      'what is left of a weaker one is covered where it is half of it',
      'x alpha beta gamma y',
      [
        ['ACCOUNT', 'alpha beta'],
        ['DEVICE', 'beta gamma', sure],
      ],
      ['ACCOUNT alpha', 'DEVICE beta gamma'],
    ],
    [
      'of two that are validated nothing stays in clear',
      'x alpha beta gamma delta y',
      [
        ['ACCOUNT', 'alpha beta', sure],
        ['DEVICE', 'beta gamma delta', sure],
      ],
      ['ACCOUNT alpha', 'DEVICE beta gamma delta'],
    ],
    [
      'a scrap goes with its neighbour',
      'x 12-4111111111111111 y',
      [
        ['ACCOUNT', '12-4111', sure],
        ['CARD', '4111111111111111', sure],
      ],
      ['CARD 12-4111111111111111'],
    ],
    [
      'the longer of two is stronger',
      'x 2026-11-21 08:51 y',
      [
        ['BIRTHDATE', '2026-11-21'],
        ['PHONE', '2026-11-21 08'],
      ],
      ['PHONE 2026-11-21 08'],
    ],
    [
      'the higher score is stronger',
      'x 12345678 y',
      [
        ['ACCOUNT', '12345678', { score: 0.5 }],
        ['PHONE', '12345678', { score: 0.6 }],
      ],
      ['PHONE 12345678'],
    ],
    [
      'a name in an address of mail is a part of it',
      'to alice.brenner@example.com.',
      [
        ['EMAIL', 'alice.brenner@example.com'],
        ['PERSON', 'alice.brenner', known],
      ],
      ['EMAIL alice.brenner@example.com'],
    ],
    [
      'a secret in a link stays a secret, and the link is covered beside it',
      'at https://nas.lan/a?token=ghp_x1y2z3&b=12345 y',
      [
        ['URL', 'https://nas.lan/a?token=ghp_x1y2z3&b=12345', sure],
        ['SECRET', 'ghp_x1y2z3', sure],
      ],
      ['URL https://nas.lan/a?token=', 'SECRET ghp_x1y2z3', 'URL &b=12345'],
    ],
    [
      'what only language tells is no bracket around an address',
      'to Alice <alice@example.com> y',
      [
        ['PERSON', 'Alice <alice@example.com>'],
        ['EMAIL', 'alice@example.com', sure],
      ],
      ['EMAIL alice@example.com'],
    ],
    [
      'a known name whose bracket was too weak is covered all the same',
      'x 12345 12345678 Berg 9 y',
      [
        ['CARD', '12345 12345678', sure],
        ['HOST', '12345678 Berg 9'],
        ['PERSON', 'Berg', known],
      ],
      ['CARD 12345 12345678', 'PERSON Berg'],
    ],
  ])('%s', (_, text, told, result) => {
    const spans = told.map((each) => spanOf(text, each))
    expect(shown(text, spans)).toEqual([...result])
    expect(shown(text, spans.toReversed())).toEqual([...result])
  })
})

describe('names', () => {
  test.each<[string, string, readonly Told[], readonly string[]]>([
    [
      'word by word are one',
      'met Hans Müller today',
      [
        ['PERSON', 'Hans'],
        ['PERSON', 'Müller'],
      ],
      ['PERSON Hans Müller'],
    ],
    [
      'of two known people stay two',
      'met Hans Anna today',
      [
        ['PERSON', 'Hans', known],
        ['PERSON', 'Anna', known],
      ],
      ['PERSON Hans', 'PERSON Anna'],
    ],
    [
      'on two lines stay two',
      'met Hans\nAnna today',
      [
        ['PERSON', 'Hans'],
        ['PERSON', 'Anna'],
      ],
      ['PERSON Hans', 'PERSON Anna'],
    ],
    ['reach to the borders of words', 'met Müllerin today', [['PERSON', 'üller']], ['PERSON Müllerin']],
    ['that a list knows do not', 'getAliceBrennerData', [['PERSON', 'AliceBrenner', known]], ['PERSON AliceBrenner']],
    [
      'reach over scripts without blanks only as far as they were seen',
      '私は田中です',
      [['PERSON', '田中']],
      ['PERSON 田中'],
    ],
  ])('%s', (_, text, told, result) => {
    expect(
      shown(
        text,
        told.map((each) => spanOf(text, each)),
      ),
    ).toEqual([...result])
  })

  test('what is merged is another value, and as sure as its weaker part', () => {
    const text = 'met Hans Müller'
    const told: readonly Told[] = [
      ['PERSON', 'Hans', { score: 0.9 }],
      ['PERSON', 'Müller', { score: 0.6 }],
    ]
    expect(
      resolveSpans(
        text,
        told.map((each) => spanOf(text, each)),
      ),
    ).toMatchObject([{ canonical: 'hans müller', score: 0.6 }])
  })
})

test('characters are never cut', () => {
  const text = 'a😀b e\u0301x'
  const cut = { ...spanOf(text, ['TERM', 'b']), start: 2, end: 4 }
  expect(shown(text, [cut])).toEqual(['TERM 😀b'])
  expect(shown(text, [{ ...cut, start: 1, end: 2 }])).toEqual(['TERM 😀'])
  expect(shown(text, [spanOf(text, ['TERM', 'e'])])).toEqual(['TERM e\u0301'])
})

describe('whatever was found', () => {
  const units = fc.constantFrom('a', 'b', '1', ' ', '@', '-', 'ü', '😀', '\u0301', '田', '\n')
  const texts = fc.array(units, { minLength: 1, maxLength: 40 }).map((parts) => parts.join(''))
  const cases = texts.chain((text) =>
    fc.record({
      text: fc.constant(text),
      spans: fc.array(
        fc
          .record({
            start: fc.nat(text.length - 1),
            length: fc.integer({ min: 1, max: 15 }),
            type: fc.constantFrom(...entityTypes),
            recogniser: fc.constantFrom('deny', 'vault', 'directory', 'email', 'ner'),
            score: fc.constantFrom(0.4, 0.9, 1),
            isSure: fc.boolean(),
          })
          .map(({ start, length, type, recogniser, score, isSure }): Span => {
            const end = Math.min(text.length, start + length)
            const isValidated = isSure || ['deny', 'vault', 'directory'].includes(recogniser)
            return { start, end, type, recogniser, score, isValidated, canonical: text.slice(start, end), view: 'raw' }
          }),
        { maxLength: 10 },
      ),
    }),
  )

  test('spans are disjoint, in order, and in the text', () => {
    fc.assert(
      fc.property(cases, ({ text, spans }) => {
        let last = 0
        for (const { start, end } of resolveSpans(text, spans)) {
          expect(start).toBeGreaterThanOrEqual(last)
          expect(end).toBeGreaterThan(start)
          last = end
        }
        expect(last).toBeLessThanOrEqual(text.length)
      }),
      { numRuns: 1000 },
    )
  })

  test('all that is validated is covered, but for blanks', () => {
    fc.assert(
      fc.property(cases, ({ text, spans }) => {
        const covered = new Set<number>()
        for (const { start, end } of resolveSpans(text, spans)) for (let at = start; at < end; at++) covered.add(at)
        for (const { start, end, isValidated } of spans)
          for (let at = start; at < end; at++)
            if (isValidated && /\S/.test(text.charAt(at))) expect(covered).toContain(at)
      }),
      { numRuns: 1000 },
    )
  })

  test('the order in which it was found changes nothing', () => {
    const shuffled = cases.chain(({ text, spans }) =>
      fc.record({
        text: fc.constant(text),
        spans: fc.constant(spans),
        other: fc.shuffledSubarray([...spans], { minLength: spans.length }),
      }),
    )
    fc.assert(
      fc.property(shuffled, ({ text, spans, other }) => {
        expect(resolveSpans(text, other)).toEqual(resolveSpans(text, spans))
      }),
      { numRuns: 1000 },
    )
  })
})

test('a chain of a hundred thousand is resolved', () => {
  const text = 'abcd '.repeat(40_000)
  const spans = Array.from({ length: 100_000 }, (_, index): Span => {
    const isValidated = index % 3 === 0
    const type = entityTypes[index % entityTypes.length]!
    return {
      start: index,
      end: index + 7 + (index % 50),
      type,
      recogniser: 't',
      score: 1,
      isValidated,
      canonical: '',
      view: 'raw',
    }
  })
  const resolved = resolveSpans(text, spans)
  expect(resolved.length).toBeGreaterThan(1000)
  expect(resolved.every((span, index) => index === 0 || span.start >= resolved[index - 1]!.end)).toBe(true)
})
