import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { maxPlaceholderLength } from './grammar.ts'
import { house, liveTags, nasty } from './testing/live.ts'
import { createTextRehydrator, hasLiveTag, rehydrateText, type Escape } from './text.ts'

/** A text in pieces, with how much was held at the most. */
function streamed(pieces: readonly string[], escape: Escape = 'none', live = house) {
  const rehydrator = createTextRehydrator(live, { escape })
  let text = ''
  let taken = 0
  let held = 0
  for (const piece of pieces) {
    taken += piece.length
    const before = rehydrator.counts.replaced
    text += rehydrator.push(piece)
    if (before === 0 && rehydrator.counts.replaced === 0) held = Math.max(held, taken - text.length)
  }
  text += rehydrator.end()
  return { text, held, ...rehydrator.counts }
}

/** Every way to cut a text in two or three. */
function* cuts(text: string): Generator<readonly string[]> {
  for (let one = 0; one <= text.length; one++)
    for (let two = one; two <= text.length; two++) yield [text.slice(0, one), text.slice(one, two), text.slice(two)]
}

const alice = 'Alice Brenner'

/** What a model made of `[PERSON_7KQ2]`, and what the caller sees. */
const forms: readonly (readonly [string, string])[] = [
  ['[PERSON_7KQ2]', alice],
  ['[person_7kq2]', alice],
  ['[Person_7kQ2]', alice],
  ['PERSON_7KQ2', alice],
  ['person_7kq2', alice],
  ['Person 7KQ2', alice],
  ['PERSON\\_7KQ2', alice],
  ['\\[PERSON\\_7KQ2\\]', alice],
  ['\\\\[PERSON\\\\_7KQ2\\\\]', alice],
  ['[PERSON\\_7KQ2]', alice],
  ['&#91;PERSON_7KQ2&#93;', alice],
  ['&#x5B;PERSON_7KQ2&#x5D;', alice],
  ['&lsqb;PERSON_7KQ2&rsqb;', alice],
  ['&lbrack;PERSON_7KQ2&rbrack;', alice],
  ['&lt;PERSON_7KQ2&gt;', alice],
  ['%5BPERSON_7KQ2%5D', alice],
  ['%5bPERSON_7KQ2%5d', alice],
  ['\\u005bPERSON_7KQ2\\u005D', alice],
  ['[PERSON 7KQ2]', alice],
  ['[PERSON-7KQ2]', alice],
  ['PERSON-7KQ2', alice],
  ['<PERSON_7KQ2>', alice],
  ['<<PERSON_7KQ2>>', alice],
  ['【PERSON_7KQ2】', alice],
  ['【人物_7KQ2】', alice],
  ['**[PERSON_7KQ2]**', `**${alice}**`],
  ['[**PERSON_7KQ2**]', `**${alice}**`],
  ['`[PERSON_7KQ2]`', `\`${alice}\``],
  ['[PERSONNE_7KQ2]', alice],
  ['[Persona_7KQ2]', alice],
  ['[Persönlichkeit 7KQ2]', alice],
  ['ПЕРСОНА_7KQ2', alice],
  ['PERSONNE_7KQ2', alice],
  ["[PERSON_7KQ2]'s", `${alice}'s`],
  ['[PERSON_7KQ2]s', `${alice}s`],
  ['PERSON_7KQ2s', `${alice}s`],
  ['[PERSON_7KQ2s]', `${alice}s`],
  ["PERSON_7KQ2's", `${alice}'s`],
  ['[PERSON_7KQ2_L]', 'Brenner'],
  ['[person_7kq2_l]', 'Brenner'],
  ['[PERSON_7KQ2_2]', 'ALICE BRENNER'],
  ['[PERSON\\_7KQ2\\_L]', 'Brenner'],
  ['PERSON_7KQ2_L', 'Brenner'],
  ['[PERSON_7KQ2_F]', alice],
  ['[PERSON_7KQ2_9]', alice],
  ['[NATIONAL_ID_2C5D]', '65 929 970 489'],
  ['[national-id-2c5d]', '65 929 970 489'],
  ['NATIONAL\\_ID\\_2C5D', '65 929 970 489'],
  ['National ID 2C5D', '65 929 970 489'],
  ['[NUMERO_FISCAL_2C5D]', '65 929 970 489'],
  ['[Organisation_7KQ2]', alice],
]

/** What is around a placeholder, or only looks like one. */
const surroundings: readonly (readonly [string, string])[] = [
  ['[PERSON_7KQ2](https://x.example)', `[${alice}](https://x.example)`],
  ['[[PERSON_7KQ2]]', `[${alice}]`],
  ['[PERSON_7KQ2](she)', `${alice}(she)`],
  ['[PERSON_7KQ2](here', `${alice}(here`],
  ['[PERSON_7KQ2](#top)', `[${alice}](#top)`],
  ['\\[[PERSON_7KQ2]\\]', `\\[${alice}\\]`],
  ['{"a":[[PERSON_7KQ2]]}', `{"a":[${alice}]}`],
  ['[[PERSON_7KQ2]](https://x.example)', `[${alice}](https://x.example)`],
  ['[write to [EMAIL_4HJ9]](mailto:[EMAIL_4HJ9])', '[write to alice@example.org](mailto:alice@example.org)'],
  ['[mail](mailto:EMAIL_4HJ9)', '[mail](mailto:alice@example.org)'],
  ['["[PERSON_7KQ2]", "[EMAIL_4HJ9]"]', `["${alice}", "alice@example.org"]`],
  ['[[PERSON_7KQ2], [EMAIL_4HJ9]]', `[${alice}, alice@example.org]`],
  ['[PERSON_7KQ2][EMAIL_4HJ9]', `${alice}alice@example.org`],
  ['[see PERSON_7KQ2]', `[see ${alice}]`],
  ['[PERSON_7KQ2 and others]', `[${alice} and others]`],
  ['(PERSON_7KQ2)', `(${alice})`],
  [`${alice} <[EMAIL_4HJ9]>`, `${alice} <alice@example.org>`],
  ['get_PERSON_7KQ2_mail', `get_${alice}_mail`],
  ['C:\\Users\\[PERSON_7KQ2]\\x', `C:\\Users\\${alice}\\x`],
  ['<b>[PERSON_7KQ2]</b>', `<b>${alice}</b>`],
  ['PERSON_7KQ2_2.pdf', 'ALICE BRENNER.pdf'],
  ['PERSON_7KQ2_of_x', `${alice}_of_x`],
  ['[PERSON_8XY3]', nasty],
  ['xPERSON_7KQ2', 'xPERSON_7KQ2'],
  ['[PERSON_7KQ2X]', '[PERSON_7KQ2X]'],
  ['[7KQ2] 7KQ2 x_7KQ2', '[7KQ2] 7KQ2 x_7KQ2'],
  ['the person 7KQ3 and MODEL 7KQ2', 'the person 7KQ3 and MODEL 7KQ2'],
  ['my car is a 7KQ2', 'my car is a 7KQ2'],
  ['[SECRET_9ZZ1]', '[SECRET_9ZZ1]'],
  ['[PERSON_3F3F] PHONE_8888', '[PERSON_3F3F] PHONE_8888'],
]

describe('a placeholder is known again', () => {
  test.each([...forms, ...surroundings])('%s becomes %s', (written, wanted) => {
    expect(rehydrateText(written, house).text).toBe(wanted)
    expect(rehydrateText(`a, ${written}: b`, house).text).toBe(`a, ${wanted}: b`)
  })

  test.each([...forms, ...surroundings])('%s is the same wherever it is cut in two or three', (written, wanted) => {
    for (const [before, after] of [
      ['', ''],
      ['ok ', ' ok'],
      ['[', ']('],
    ] as const) {
      const text = before + written + after
      const whole = streamed([text])
      if (before !== '[') expect(whole.text).toBe(before + wanted + after)
      for (const pieces of cuts(text)) {
        const got = streamed(pieces)
        if (got.text !== whole.text || got.unknown !== whole.unknown)
          expect({ pieces, ...got }).toEqual({ pieces, ...whole })
      }
    }
  })

  test('what is put in is not looked at again', () => {
    expect(rehydrateText('[PERSON_8XY3]', house)).toEqual({ text: nasty, replaced: 1, unresolved: [] })
  })

  test('a label that is not in use is no reason to change prose', () => {
    const live = liveTags({ PERSON_7KQ2: 'x' })
    for (const text of ['the model 7KQ2', 'my-car-7KQ2', 'see note_7kq2', 'Haus 7KQ2', 'Seat-7KQ2'])
      expect(rehydrateText(text, live).text).toBe(text)
  })
})

test('a placeholder that the end cuts off stays as it is', () => {
  const written = '[PERSON_7KQ2_L]'
  for (let length = 0; length < written.length; length++) {
    const text = `so ${written.slice(0, length)}`
    expect(rehydrateText(text, house).text).toBe(text)
    expect(streamed([...text]).text).toBe(text)
  }
  expect(rehydrateText('so [[PERSON_7KQ2]', house).text).toBe(`so [${alice}`)
})

test('placeholders of nobody are told, and those that must not be put back too', () => {
  const text = '[PERSON_3F3F] and PERSON_3F3F, EMAIL_9XX9; [SECRET_9ZZ1], not ERROR_7KQ3 or PERSON_7777'
  expect(rehydrateText(text, house)).toEqual({
    text,
    replaced: 0,
    unresolved: ['[PERSON_3F3F]', '[EMAIL_9XX9]', '[SECRET_9ZZ1]'],
  })
  for (const pieces of [text.split(''), [text]]) expect(streamed(pieces).unknown).toBe(3)
})

test('the placeholders of another scope are text', () => {
  const other = liveTags({ PERSON_7KQ3: 'Carol', EMAIL_4HJ8: 'carol@example.org' })
  for (const [written] of forms) expect(rehydrateText(written, other).text).toBe(written)
})

describe('nothing waits', () => {
  test.each([
    'Dear',
    'ordinary words',
    'over 12 ',
    'Hello, ',
    'a [link',
    ' (see',
    'x > 3',
    'It is 7KQ3',
    'the end.',
    'Häuser',
    'HTTP ',
    'API, ',
    '[x] ',
    '[12',
    '& ',
    '50% ',
    'C:\\Users',
  ])('after %p but what may be the beginning of a placeholder', (text) => {
    const wanted = text === 'a [link' ? 'a ' : text
    expect(createTextRehydrator(house, { escape: 'none' }).push(text)).toBe(wanted)
  })

  test.each(['[', '[PER', 'PERSON_', 'PERSON_7K', '%5', '&#9', '\\', '<<', '[**', 'NATIONAL_', 'person', 'API', '<'])(
    'longer than %p needs',
    (begin) => {
      const rehydrator = createTextRehydrator(house, { escape: 'none' })
      expect(rehydrator.push(`so ${begin}`)).toBe('so ')
      expect(rehydrator.push('. Then')).toBe(`${begin}. Then`)
    },
  )
})

const piece = fc.oneof(
  fc.constantFrom(...forms.map(([written]) => written), ...surroundings.map(([written]) => written)),
  fc.constantFrom(
    '[',
    ']',
    '(',
    '\\',
    '_',
    'PERSON',
    'PERSON_',
    '7KQ2',
    ' ',
    '**',
    '&#',
    '%5',
    '<',
    '"',
    '{',
    '[PER',
    'L',
  ),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
)

const cutAt = (text: string, lengths: readonly number[]): readonly string[] => {
  const pieces: string[] = []
  let at = 0
  for (let index = 0; at < text.length; index++) {
    const length = 1 + (lengths[index % lengths.length] ?? 0)
    pieces.push(text.slice(at, at + length))
    at += length
  }
  return pieces
}

test.each(['none', 'auto', 'json'] as const)(
  'wherever a text is cut, with %s escapes, the same comes out',
  (escape) => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 20 }),
        fc.array(fc.nat(9), { minLength: 1, maxLength: 40 }),
        fc.constantFrom('', '{"a":"', '{"a":"{\\"b\\":\\"'),
        (parts, lengths, begin) => {
          const text = begin + parts.join('')
          const { held: _held, ...whole } = streamed([text], escape)
          const { held, ...cut } = streamed(cutAt(text, lengths), escape)
          expect(cut).toEqual(whole)
          expect(held).toBeLessThanOrEqual(maxPlaceholderLength + 1)
        },
      ),
      { numRuns: 3000 },
    )
  },
)

test('what is held never grows, whatever comes', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (parts) => {
      const nobody = liveTags({ PERSON_0B0B: null })
      expect(streamed([...parts.join('')], 'none', nobody).held).toBeLessThanOrEqual(maxPlaceholderLength + 1)
    }),
    { numRuns: 1000 },
  )
})

describe('arguments of a tool stay JSON', () => {
  const values: Readonly<Record<string, string>> = {
    PERSON_7KQ2: nasty,
    EMAIL_4HJ9: '"',
    HOST_3C3D: 'C:\\new\\table',
    TERM_5D5F: '\u0000\u001f\ud800',
    ADDRESS_6F6G: '{"x":["y"]}',
    PHONE_7G7H: 'Ω 🙂\r\n\t',
  }
  const live = liveTags(values)
  const back = (name: string): string => values[name] ?? ''
  const names = Object.keys(values)

  /** JSON in a string of JSON, as deep as said. */
  const nested = (depth: number, text: string): unknown =>
    depth === 0
      ? { say: text, list: [text, 1, null, true] }
      : { inner: JSON.stringify(nested(depth - 1, text)), say: text }

  test.each([0, 1, 2, 3])('with the value as it was, %p deep, wherever they are cut', (depth) => {
    for (const name of names) {
      const written = JSON.stringify(nested(depth, `so: [${name}], ${name}.`))
      const wanted = nested(depth, `so: ${back(name)}, ${back(name)}.`)
      for (const size of [1, 2, 3, 7, 1000]) {
        const { text, replaced } = streamed(cutAt(written, [size - 1]), 'json', live)
        expect(opened(JSON.parse(text))).toEqual(opened(wanted))
        expect(replaced).toBeGreaterThan(1)
      }
    }
  })

  test('with any values at any place', () => {
    const leaf = fc.oneof(
      fc.constantFrom(...names).map((name) => `[${name}]`),
      fc.string({ unit: 'grapheme', maxLength: 5 }).filter((text) => !/[_\\[{<&%]/.test(text)),
    )
    const value = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', maxDepth: 4 },
        leaf,
        fc.integer(),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(leaf, tie('value'), { maxKeys: 3 }),
        fc.record({ json: tie('value').map((inner) => `${JSON.stringify({ inner })}`) }),
      ),
    })).value
    fc.assert(
      fc.property(value, fc.array(fc.nat(9), { minLength: 1 }), (inner, lengths) => {
        const written = JSON.stringify({ inner })
        const { text } = streamed(cutAt(written, lengths), 'json', live)
        expect(opened(JSON.parse(text))).toEqual(opened(expected({ inner })))
      }),
      { numRuns: 1500 },
    )
  })

  /** With what is JSON in a string as a value: there is more than one way to write it. */
  function opened(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(opened)
    if (typeof value === 'object' && value !== null)
      return Object.entries(value).map(([name, each]) => [name, opened(each)])
    return typeof value === 'string' && /^\{"(inner|say)"/.test(value) ? opened(JSON.parse(value)) : value
  }

  /** The same done to the value itself. */
  function expected(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(expected)
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [put(name), expected(each)]))
    return typeof value === 'string' ? put(value) : value
  }
  function put(text: string): string {
    if (text.startsWith('{')) return JSON.stringify(expected(JSON.parse(text)))
    return text.replaceAll(/\[([A-Z]+_[0-9A-Z]{4})\]/g, (_, name: string) => back(name))
  }

  test.each([
    ['{"a":"\\[PERSON_7KQ2\\]"}', { a: nasty }],
    ['{"a":"\\u005bPERSON_7KQ2\\u005d"}', { a: nasty }],
    ['{"a":"x\\nPERSON_7KQ2\\tEMAIL_4HJ9"}', { a: `x\n${nasty}\t"` }],
    ['{"a":"[PERSON_7KQ2] said \\"[PERSON_7KQ2]\\""}', { a: `${nasty} said "${nasty}"` }],
    ['{"a":"[1] he said \\"[PERSON_7KQ2]\\""}', { a: `[1] he said "${nasty}"` }],
    ['{"a":[PERSON_7KQ2],"b":1}', { a: nasty, b: 1 }],
    ['{"a": PERSON_7KQ2}', { a: nasty }],
    ['{"[PERSON_7KQ2]":1}', { [nasty]: 1 }],
    ['{"a":"const x = { y: \\"[PERSON_7KQ2]\\" }"}', { a: `const x = { y: "${nasty}" }` }],
  ])('%s', (written, wanted) => {
    for (const pieces of cuts(written)) expect(JSON.parse(streamed(pieces, 'json', live).text)).toEqual(wanted)
  })

  test('and so does an answer that is JSON although nobody said so', () => {
    expect(JSON.parse(streamed(['{"a":"[PER', 'SON_7KQ2]"}'], 'auto', live).text)).toEqual({ a: nasty })
    expect(streamed(['[PERSON_7KQ2] said "[EMAIL_4HJ9]"'], 'auto', live).text).toBe(`${nasty} said """`)
    expect(streamed(['{"a":"[PERSON_7KQ2]"}'], 'none', live).text).toBe(`{"a":"${nasty}"}`)
  })
})

test('values are put in until there is too much of them', () => {
  const rehydrator = createTextRehydrator(house, { escape: 'none', allowance: { left: 20 } })
  expect(rehydrator.push('[PERSON_7KQ2] [PERSON_7KQ2].')).toBe(`${alice} [PERSON_7KQ2].`)
})

test('a text without a live tag is known at once', () => {
  expect(hasLiveTag('so [PERSON_7KQ2]', house)).toBe(true)
  expect(hasLiveTag('so [PERSON_7KQ3] [PERSON_7KQ', house)).toBe(false)
})

test('text that is made to be slow is not', () => {
  const patterns = [
    '[',
    '[[',
    '\\',
    'PERSON_',
    '[a_7KQ2x',
    ' 7KQ2',
    '[PERSON_7KQ2_',
    '&lsqb;',
    '-A_7KQ2',
    '**[',
    '%5b%5b',
    'A_',
  ]
  for (const pattern of patterns) {
    const steps = (length: number): number => {
      let asked = 0
      const counting = { ...house, forms: (tag: string) => ((asked += 1), house.forms(tag)) }
      streamed([pattern.repeat(length)], 'json', counting)
      return asked
    }
    expect(steps(4000)).toBeLessThanOrEqual(5 * steps(1000) + 100)
  }
})
