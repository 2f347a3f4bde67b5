import { describe, expect, test } from 'bun:test'
import { identifierRecognisers } from '../recognisers/identifiers.ts'
import { adHocLimits, compileAdHoc } from './ad-hoc.ts'
import { replacePlaces, settleConflicts, type Place } from './conflicts.ts'
import { namedRecognisers, presidioName, supportedNames, wantedNames } from './entities.ts'
import { createPointText } from './points.ts'

describe('names of types', () => {
  test('are given to recognisers that there are', () => {
    const ids = new Set(identifierRecognisers({ urls: 'all' }).map(({ id }) => id))
    expect(namedRecognisers.filter((id) => !ids.has(id))).toEqual([])
  })

  test.each([
    ['email', 'EMAIL', 'EMAIL_ADDRESS'],
    ['id.us.ssn', 'NATIONAL_ID', 'US_SSN'],
    ['id.hr.oib', 'NATIONAL_ID', 'ID'],
    ['secret.github.pat', 'SECRET', 'SECRET'],
  ] as const)('%s of %s is called %s', (recogniser, type, name) => {
    expect(presidioName(recogniser, type)).toBe(name)
  })

  test('may be asked for in either language, and unknown ones mean nothing', () => {
    expect(wantedNames(['EMAIL_ADDRESS'], new Set())?.has('EMAIL_ADDRESS')).toBe(true)
    expect(wantedNames(['EMAIL'], new Set())?.has('EMAIL_ADDRESS')).toBe(true)
    expect(wantedNames(['NATIONAL_ID'], new Set())?.has('US_SSN')).toBe(true)
    expect(wantedNames(['US_SSN'], new Set())?.has('UK_NHS')).toBe(false)
    expect(wantedNames(['ZIP'], new Set(['ZIP']))?.has('ZIP')).toBe(true)
    expect(wantedNames(['ZIP'], new Set())).toBeNull()
    expect(supportedNames([{ id: 'card', type: 'CARD' }])).toEqual([
      'CREDIT_CARD',
      'LOCATION',
      'ORGANIZATION',
      'PERSON',
    ])
  })
})

test.each(['', 'plain', '😀a😀😀b', 'e\u0301 \ud800 lone'])('%j is counted in code points', (text) => {
  const points = createPointText(text)
  const letters = Array.from(text)
  expect(points.length).toBe(letters.length)
  let unit = 0
  letters.forEach((letter, index) => {
    expect(points.pointOf(unit)).toBe(index)
    expect(points.slice(index, index + 1)).toBe(letter)
    unit += letter.length
  })
  expect(points.pointOf(text.length)).toBe(letters.length)
})

describe('places that meet', () => {
  const settled = (text: string, ...places: readonly (readonly [number, number, string, number])[]) =>
    settleConflicts(
      places.map(([start, end, type, score]): Place => ({ start, end, type, score })),
      createPointText(text),
    ).map(({ start, end, type }) => `${type} ${start}-${end}`)

  test.each([
    [
      'stay where they do not',
      [
        [0, 2, 'A', 1],
        [3, 5, 'B', 1],
      ],
      ['A 0-2', 'B 3-5'],
    ],
    [
      'become one of one type',
      [
        [0, 4, 'A', 1],
        [2, 6, 'A', 1],
        [5, 8, 'A', 1],
      ],
      ['A 0-8'],
    ],
    [
      'stay two of one type that only touch',
      [
        [0, 2, 'A', 1],
        [2, 4, 'A', 1],
      ],
      ['A 0-2', 'A 2-4'],
    ],
    [
      'lose what another contains',
      [
        [1, 3, 'A', 1],
        [0, 5, 'B', 0.1],
      ],
      ['B 0-5'],
    ],
    [
      'lose the less sure of two at one place',
      [
        [0, 3, 'A', 0.9],
        [0, 3, 'B', 0.2],
      ],
      ['A 0-3'],
    ],
    [
      'keep the later of two equals',
      [
        [0, 3, 'A', 0.5],
        [0, 3, 'B', 0.5],
      ],
      ['B 0-3'],
    ],
    [
      'keep both of two types that overlap',
      [
        [0, 4, 'A', 1],
        [2, 6, 'B', 1],
      ],
      ['A 0-4', 'B 2-6'],
    ],
  ] as const)('%s', (_, places, wanted) => {
    expect(settled('aaaaaaaaaa', ...places)).toEqual([...wanted])
  })

  test('are joined over blanks, and over nothing else', () => {
    expect(settled('aa  bb', [0, 2, 'A', 1], [4, 6, 'A', 1])).toEqual(['A 0-6'])
    expect(settled('aa\tbb', [0, 2, 'A', 1], [3, 5, 'A', 1])).toEqual(['A 0-2', 'A 3-5'])
  })

  test('are settled in a time that grows with their number', () => {
    const places = Array.from({ length: 20_000 }, (_, n): Place => ({
      start: n,
      end: n + 3,
      type: `T${n % 7}`,
      score: 1,
    }))
    expect(settleConflicts(places, createPointText('a'.repeat(30_000)))).toHaveLength(20_000)
  })

  test('are replaced from the first to the last, and told from the last to the first', () => {
    const places: readonly Place[] = [
      { start: 2, end: 4, type: 'B', score: null },
      { start: 0, end: 1, type: 'A', score: 1 },
    ]
    const made = replacePlaces(createPointText('😀bcd!'), places, (value) => ({ text: `<${value}>`, operator: 'o' }))
    expect(made.text).toBe('<😀>b<cd>!')
    expect(made.items.map(({ start, end, entity_type }) => [start, end, entity_type])).toEqual([
      [4, 8, 'B'],
      [0, 3, 'A'],
    ])
  })
})

test('patterns of one request are bounded in number and length', () => {
  const pattern = { name: 'p', regex: 'a', score: 1 }
  const many = { entity: 'X', denyList: [], denyScore: 1, patterns: Array(adHocLimits.patterns + 1).fill(pattern) }
  expect(compileAdHoc([many])).toContain('at most 100 patterns')
  const long = { ...many, patterns: [{ ...pattern, regex: 'a'.repeat(adHocLimits.patternLength + 1) }] }
  expect(compileAdHoc([long])).toContain('2000 characters')
  expect(compileAdHoc([{ ...many, patterns: [], denyList: Array(1001).fill('a') }])).toContain('1000 words')
})

test.each([
  ['Ann', 'Ann, ANN; Annual joAnn Ann_1 Ann-Lee', [0, 5, 29]],
  ['Émile', 'Émile émile Émiles', [0, 6]],
  ['C++', 'C++ and c++x', [0, 8]],
  ['[a-z]', 'abc [a-z] \\', [4]],
  ['😀', 'x😀y', [1]],
  ['a|b', 'a b a|b', [4]],
])('the word %s stands where no letter touches it', (word, text, places) => {
  const matcher = compileAdHoc([{ entity: 'X', denyList: [word], denyScore: 1, patterns: [] }])
  if (typeof matcher === 'string') throw new Error(matcher)
  expect(matcher.find(text).map(({ start }) => start)).toEqual(places)
})
