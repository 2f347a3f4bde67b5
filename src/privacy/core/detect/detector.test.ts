import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { Budget } from '../text/budget.ts'
import type { EntityType, Found, Place, Recogniser, Span, Term } from '../words.ts'
import { createAllowList } from './allow.ts'
import { createDetector, type DetectOptions } from './detector.ts'
import { createDictionary } from './dictionary.ts'
import { compilePatterns } from './patterns.ts'

/** Asks around a place with a pattern: enough of a recogniser for a test. */
function recogniserOf(
  rest: Pick<Recogniser, 'id' | 'type' | 'trigger'>,
  pattern: RegExp,
  { isValidated = false, score = 0.8 } = {},
): Recogniser {
  return {
    ...rest,
    match({ view, start, end }: Place): Found | null {
      const from = Math.max(0, start - 64)
      for (const match of view.text.slice(from, end + 64).matchAll(pattern)) {
        const [begin, close] = [from + match.index, from + match.index + match[0].length]
        if (begin <= start && close >= end)
          return { start: begin, end: close, score, isValidated, canonical: match[0].toLowerCase().replace(/ /g, '') }
      }
      return null
    },
  }
}

const email = recogniserOf(
  { id: 'email', type: 'EMAIL', trigger: { kind: 'literal', literals: ['@'] } },
  /(?<![\w.@])[\w.]{1,40}@[a-z]{1,40}\.(?:com|org)(?!\w)/gi,
)
const card = recogniserOf(
  { id: 'card', type: 'CARD', trigger: { kind: 'digits', min: 16, max: 16 } },
  /(?:\d{4} ?){3}\d{4}/g,
  { isValidated: true },
)
const key = recogniserOf(
  { id: 'secret.key', type: 'SECRET', trigger: { kind: 'literal', literals: ['sk-'] } },
  /\bsk-[A-Za-z0-9]{12,40}/g,
  { score: 0.95 },
)
const detector = createDetector([email, card, key])

const term = (value: string, type: EntityType, source: Term['source']): Term => ({
  value,
  type,
  canonical: value.toLowerCase(),
  source,
})

function detect(text: string, options: Partial<DetectOptions> = {}): readonly Span[] {
  const detection = detector.detect(text, {
    dictionaries: [],
    budget: new Budget({ decodedBytes: 300_000 }),
    ...options,
  })
  if (detection.kind === 'exceeded') throw new Error(detection.what)
  return detection.spans
}

const shown = (text: string, options: Partial<DetectOptions> = {}) =>
  detect(text, options).map(({ type, start, end }) => `${type} ${text.slice(start, end)}`)

const bytes = (text: string) => [...Buffer.from(text)]
const pad = (byte: number) => byte.toString(16).padStart(2, '0')

/** Ways of writing a value so that it is not there for whoever only searches. */
const mutations: readonly (readonly [string, (value: string) => string])[] = [
  ['as it is', (value) => value],
  ['in capitals', (value) => value.toUpperCase()],
  ['with zero-width characters', (value) => [...value].join('\u200b')],
  ['with soft hyphens', (value) => [...value].join('\u00ad')],
  ['with bidirectional controls', (value) => `\u202e${value.slice(0, 3)}\u202c${value.slice(3)}`],
  ['with variation selectors', (value) => [...value].join('\ufe0f')],
  ['in full width', (value) => value.replace(/[!-~]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0))],
  ['with look-alikes', (value) => value.replace(/a/g, 'а').replace(/e/g, 'е').replace(/o/g, 'ο')],
  [
    'in mathematical letters',
    (value) => value.replace(/[a-z]/g, (sign) => String.fromCodePoint(0x1d41a + sign.charCodeAt(0) - 97)),
  ],
  ['in Arabic digits', (value) => value.replace(/\d/g, (sign) => String.fromCharCode(0x660 + Number(sign)))],
  ['with blanks that break no line', (value) => value.replace(/ /g, '\u00a0')],
  [
    'percent-encoded',
    (value) =>
      bytes(value)
        .map((byte) => `%${pad(byte)}`)
        .join(''),
  ],
  ['percent-encoded where it must be', (value) => encodeURIComponent(value)],
  ['in decimal entities', (value) => [...value].map((sign) => `&#${sign.codePointAt(0)};`).join('')],
  ['in hexadecimal entities', (value) => [...value].map((sign) => `&#x${sign.codePointAt(0)!.toString(16)};`).join('')],
  ['in escapes of JSON', (value) => [...value].map((sign) => `\\u00${pad(sign.charCodeAt(0))}`).join('')],
  [
    'in escapes of bytes',
    (value) =>
      bytes(value)
        .map((byte) => `\\x${pad(byte)}`)
        .join(''),
  ],
  [
    'in quoted-printable',
    (value) =>
      bytes(value)
        .map((byte) => `=${pad(byte).toUpperCase()}`)
        .join(''),
  ],
  ['in base64', (value) => btoa(value)],
  ['in base64 with words around', (value) => btoa(`this is ${value}, isn't it`)],
  ['in base64url', (value) => Buffer.from(`?>~${value}`).toString('base64url')],
  ['in hexadecimal digits', (value) => bytes(value).map(pad).join('')],
  ['in base64 of percent escapes', (value) => btoa(encodeURIComponent(`to ${value}`))],
  ['on two lines', (value) => `${value.slice(0, 12)}\n${value.slice(12)}`],
  ['in a quotation on two lines', (value) => `${value.slice(0, 12)}\n> ${value.slice(12)}`],
]

describe.each([
  ['EMAIL', 'alice.brenner@example.com'],
  ['CARD', '4111 1111 1111 1111'],
] as const)('%s is found', (type, value) => {
  test.each(mutations)('%s', (_, mutate) => {
    const written = mutate(value)
    const text = `It is "${written}" and nothing else.`
    const [span, ...more] = detect(text)
    expect(more).toEqual([])
    expect(span).toMatchObject({ type, canonical: value.replaceAll(' ', '') })
    const covered = text.slice(span!.start, span!.end)
    // Wrapped in more than itself only where a run is encoded as a whole; of what stays nothing is left over.
    expect(written.replace(/=+$/, '')).toContain(covered.replace(/=+$/, ''))
    expect(text.replace(covered, '').replace(/[^\w]/g, '').length).toBeLessThan(30)
  })
})

describe('known values', () => {
  const names = createDictionary([term('Alice Brenner', 'PERSON', 'directory')])
  const dictionaries = [names]

  test.each([
    ['plain', 'met Alice Brenner.', 'PERSON Alice Brenner'],
    ['folded', 'met Аlice Brеnner.', 'PERSON Аlice Brеnner'],
    ['percent', 'q=Alice%20Brenner&x', 'PERSON Alice%20Brenner'],
    ['hyphenated', 'met Alice Bren-\nner.', 'PERSON Alice Bren-\nner'],
    ['escaped', 'a\\nAlice Brenner\\n', 'PERSON Alice Brenner'],
    ['escaped, an address', 'a\\nbob@example.com', 'EMAIL bob@example.com'],
    ['inside of an address', 'to alice.brenner@example.com.', 'EMAIL alice.brenner@example.com'],
  ])('%s', (_, text, result) => {
    expect(shown(text, { dictionaries })).toEqual([result])
  })

  test('are as sure as can be, and tell which list knows them', () => {
    expect(detect('met Alice Brenner.', { dictionaries, minScore: 1 })).toMatchObject([
      { recogniser: 'directory', score: 1, isValidated: true, canonical: 'alice brenner', view: 'raw' },
    ])
  })
})

describe('lines', () => {
  test.each([
    ['a word on the line before is none of an address', 'file\nbob@example.com', ['EMAIL bob@example.com']],
    [
      'addresses on lines of their own are two',
      'bob@example.com\neve@example.org',
      ['EMAIL bob@example.com', 'EMAIL eve@example.org'],
    ],
    ['the next variable is none of a key', 'A=sk-aaaaaaaaaaaa1\nB_2=1', ['SECRET sk-aaaaaaaaaaaa1']],
    ['a key goes on', 'A="sk-aaaaaaaaaaaa1\nbbbb22bbbb"', ['SECRET sk-aaaaaaaaaaaa1\nbbbb22bbbb']],
    ['a part of an address goes on', 'to alice.bren\nner@example.com', ['EMAIL alice.bren\nner@example.com']],
  ])('%s', (_, text, result) => {
    expect(shown(text)).toEqual(result)
  })
})

describe('what was typed as a placeholder', () => {
  test.each([
    ['[PERSON_7KQ2]', ['LITERAL [PERSON_7KQ2]']],
    ['PERSON_7KQ2 is', ['LITERAL PERSON_7KQ2']],
    ['[PERSON_7KQ2_L]', ['LITERAL [PERSON_7KQ2_L]']],
    ['person_7kq2', ['LITERAL person_7kq2']],
    ['\\u005bPERSON_7KQ2]', ['LITERAL \\u005bPERSON_7KQ2]']],
    ['[PЕRSОN_7KQ2]', ['LITERAL [PЕRSОN_7KQ2]']],
    ['address_2024, host_name, XPERSON_7KQ2, PERSON_7KQ2Z', []],
  ])('%s', (text, result) => {
    expect(shown(text, { pass: ['LITERAL'], minScore: 1 })).toEqual(result)
  })
})

describe('settings', () => {
  const text = 'to bob@example.com: sk-aaaaaaaaaaaa1'
  const deny = createDictionary([term('bob@example.com', 'TERM', 'deny')])

  test('types that pass are left, but not what is denied', () => {
    expect(shown(text, { pass: ['EMAIL'] })).toEqual(['SECRET sk-aaaaaaaaaaaa1'])
    expect(shown(text, { pass: ['EMAIL', 'TERM', 'SECRET'], dictionaries: [deny] })).toEqual(['TERM bob@example.com'])
  })

  test('what is not sure enough is left', () => {
    expect(shown(text, { minScore: 0.9 })).toEqual(['SECRET sk-aaaaaaaaaaaa1'])
  })

  test('what is allowed is left however it is written, with what is inside of it, but not what is denied', () => {
    const allow = createAllowList(['Bob@Example.com'])
    const names = createDictionary([term('Bob', 'PERSON', 'directory')])
    expect(shown('to bob@example.com, Bob', { allow, dictionaries: [names] })).toEqual(['PERSON Bob'])
    expect(shown('to bob%40example.com', { allow })).toEqual([])
    expect(shown('to xbob@example.com', { allow })).toEqual(['EMAIL xbob@example.com'])
    expect(shown('to bob@example.com', { allow, dictionaries: [deny] })).toEqual(['TERM bob@example.com'])
  })

  test('a secret that proves itself is never allowed', () => {
    const proven = createDetector([{ ...card, type: 'SECRET' }])
    const options = { dictionaries: [], budget: new Budget({ decodedBytes: 1 }) }
    const allow = createAllowList(['4111 1111 1111 1111', 'sk-aaaaaaaaaaaa1'])
    expect(proven.detect('4111 1111 1111 1111', { ...options, allow })).toMatchObject({ spans: [{ type: 'SECRET' }] })
    expect(detect('sk-aaaaaaaaaaaa1', { allow })).toEqual([])
  })

  test('denied patterns are found in every reading', () => {
    const made = compilePatterns(['PROJ-\\d+'])
    const patterns = made.kind === 'patterns' ? made.patterns : null
    expect(shown('PROJ-12 PRO%4A-13', { patterns })).toEqual(['TERM PROJ-12', 'TERM PRO%4A-13'])
  })

  test('names that a recogniser of names found are spans like others', () => {
    const extra: Span[] = [
      {
        start: 4,
        end: 7,
        type: 'PERSON',
        recogniser: 'ner',
        score: 0.7,
        isValidated: false,
        canonical: 'eve',
        view: 'raw',
      },
    ]
    expect(shown('met Eve, bob@example.com', { extra })).toEqual(['PERSON Eve', 'EMAIL bob@example.com'])
    expect(shown('met Eve', { extra, minScore: 0.8 })).toEqual([])
  })
})

describe('whatever is not looked at as a whole must not leave', () => {
  test('more encoded text than the budget', () => {
    const options = { dictionaries: [], budget: new Budget({ decodedBytes: 10 }) }
    expect(detector.detect(btoa('twenty characters ok'), options)).toEqual({
      kind: 'exceeded',
      what: 'more encoded text than is read in one request',
    })
  })

  test('more matches of a pattern than anybody looks at', () => {
    const made = compilePatterns(['a'])
    const patterns = made.kind === 'patterns' ? made.patterns : null
    const options = { dictionaries: [], budget: new Budget({ decodedBytes: 10 }), patterns }
    expect(detector.detect('ab'.repeat(10_001), options)).toMatchObject({ kind: 'exceeded' })
  })

  test('a recogniser that throws', () => {
    const broken = createDetector([
      {
        ...email,
        match: () => {
          throw new Error('a bug')
        },
      },
    ])
    expect(() => broken.detect('a@b', { dictionaries: [], budget: new Budget({ decodedBytes: 0 }) })).toThrow('a bug')
  })
})

describe('floods', () => {
  test.each([
    ['a'],
    ['1'],
    ['1 '],
    ['%41'],
    ['\\u0041'],
    [btoa('aaaaaaaaaaaa')],
    ['@'],
    ['[PERSON_'],
    ['(('],
    ['\u200b'],
    ['aаαa'],
    ['a\u0301\u0316'],
    ['&#65;'],
    ['a1\n'],
  ])('of %j cost a recogniser no more than their length', (part) => {
    const size = 100_000
    const text = part.repeat(Math.ceil(size / part.length))
    let asked = 0
    const counting = [email, card, key].map((each): Recogniser => ({
      ...each,
      match: (place) => (asked++, each.match(place)),
    }))
    const options = {
      dictionaries: [createDictionary([term('Aaa Aaa', 'PERSON', 'vault')])],
      budget: new Budget({ decodedBytes: 1e7 }),
    }
    expect(createDetector(counting).detect(text, options).kind).toBe('spans')
    expect(asked).toBeLessThan(20)
  })
})

test('what is found does not depend on what stands far away', () => {
  const parts = fc.constantFrom(
    'alice@example.com',
    '4111 1111 1111 1111',
    'word',
    '%41',
    '\n',
    ' ',
    'ü',
    '😀',
    '“',
    btoa('bob@example.com now'),
  )
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 12 }), (words) => {
      const text = words.join(' ')
      const far = 'Plain words stand here. '.repeat(40)
      const moved = detect(far + text).map((span) => ({
        ...span,
        start: span.start - far.length,
        end: span.end - far.length,
      }))
      expect(moved).toEqual([...detect(text)])
    }),
  )
})

test('a text that is cut off anywhere is read to its end', () => {
  const text =
    'A “müller” a:\n4111 1111\n1111 1111 %4 &#6 \\u00 =3 [PERSON_7K sk- 😀 ＡＢ 田 alice@example.com Alice Brenner 4'
  const dictionaries = [
    createDictionary([
      term('Alice Brenner', 'PERSON', 'vault'),
      term('4 930 1234567', 'PHONE', 'vault'),
      term('-x@example', 'SECRET', 'vault'),
      term('田中太郎', 'PERSON', 'vault'),
    ]),
  ]
  for (let end = 0; end <= text.length; end++)
    for (const start of [0, 1, 2, 60]) detect(text.slice(start, end), { dictionaries })
  expect(shown(text, { dictionaries })).toEqual([
    'CARD 4111 1111\n1111 1111',
    'EMAIL alice@example.com',
    'PERSON Alice Brenner',
  ])
})

test('nothing that anybody can write breaks it', () => {
  const strange = fc.constantFrom(
    '4',
    'a',
    '@',
    '\\u',
    '%',
    '&#',
    ';',
    '=',
    '\n',
    '\ud83d',
    '\ude00',
    '\u0301',
    '[PERSON_',
    '田',
    'ü',
    '-',
  )
  const dictionaries = [createDictionary([term('4a 4a a4 4', 'PHONE', 'vault'), term('a-ü a', 'PERSON', 'vault')])]
  fc.assert(
    fc.property(
      fc.array(fc.oneof(strange, fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 40 }),
      (parts) => {
        const text = parts.join('')
        for (const { start, end } of detect(text, { dictionaries })) {
          expect(end).toBeGreaterThan(start)
          expect(end).toBeLessThanOrEqual(text.length)
        }
      },
    ),
    { numRuns: 500 },
  )
})
