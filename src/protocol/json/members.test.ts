import { describe, expect, test } from 'bun:test'
import { AppError } from '../../kernel/errors.ts'
import {
  countOf,
  listOf,
  numberOf,
  objectOf,
  objectsOf,
  optionalBound,
  optionalCount,
  optionalFlag,
  optionalList,
  optionalNumber,
  optionalObject,
  optionalText,
  optionalTexts,
  parsedObject,
  someTextOf,
  textOf,
  wantedList,
  wantedObject,
  wantedSomeText,
  wantedText,
} from './members.ts'

describe('a look at a member', () => {
  test.each([
    ['a text is a text', textOf, '', ''],
    ['a number is no text', textOf, 1, null],
    ['an empty text says nothing', someTextOf, '', null],
    ['a list is no object', objectOf, [], null],
    ['null is no object', objectOf, null, null],
    ['what has no end is no number', numberOf, Infinity, null],
    ['0 is a count', countOf, 0, 0],
    ['-1 is no count', countOf, -1, null],
    ['0.5 is no count', countOf, 0.5, null],
    ['a text is an empty list', listOf, 'a', []],
    ['only the objects of a list count', objectsOf, [1, { a: 1 }, null, []], [{ a: 1 }]],
    ['broken JSON is no object', parsedObject, '{"a":', null],
    ['JSON of a list is no object', parsedObject, '[1]', null],
    ['JSON of an object is one', parsedObject, '{"a":1}', { a: 1 }],
  ] as const)('%s', (_, read: (value: never) => unknown, value: unknown, expected: unknown) => {
    expect(read(value as never)).toEqual(expected)
  })
})

type Insist = (value: unknown, param: string) => unknown

describe('a member that must be something', () => {
  const long = 'x'.repeat(1000)
  const rows: readonly (readonly [string, Insist, unknown])[] = [
    ['a.b must be an object; it is missing.', wantedObject, undefined],
    ['a.b must be an object; got an empty list.', wantedObject, []],
    ['a.b must be a list; got an object.', wantedList, { a: 1 }],
    ['a.b must be a text; got null.', wantedText, null],
    ['a.b must be a text that is not empty; got "".', wantedSomeText, ''],
    [`a.b must be an object; got "${'x'.repeat(80)}".`, optionalObject, long],
    ['a.b must be a list; got "a".', optionalList, 'a'],
    ['a.b must be a text; got a list.', optionalText, [1]],
    ['a.b must be true or false; got "yes".', optionalFlag, 'yes'],
    ['a.b must be a number; got Infinity.', optionalNumber, Infinity],
    ['a.b must be a whole number of at least 1; got 0.', optionalCount, 0],
    ['a.b must be a whole number of at least 1; got 1.5.', optionalCount, 1.5],
    ['a.b must be a number; got true.', optionalBound, true],
    ['a.b must be a text or a list of texts; got a list.', optionalTexts, ['a', 1]],
  ]
  test.each(rows)('%s', (sentence, read, value) => {
    expect(thrown(() => read(value, 'a.b'))).toMatchObject({ kind: 'invalid', message: sentence, param: 'a.b' })
  })

  test.each([optionalObject, optionalList, optionalText, optionalFlag, optionalNumber, optionalCount, optionalBound])(
    'nothing and null are the same to %p',
    (read: Insist) => {
      expect([read(undefined, 'a'), read(null, 'a')]).toEqual([null, null])
    },
  )

  test('a bound below one is none, and a broken one the next whole number', () => {
    expect([optionalBound(0, 'a'), optionalBound(-1, 'a'), optionalBound(1.2, 'a')]).toEqual([null, null, 2])
  })

  test('one text is a list of one', () => {
    expect([optionalTexts('a', 'stop'), optionalTexts(['a', 'b'], 'stop'), optionalTexts(null, 'stop')]).toEqual([
      ['a'],
      ['a', 'b'],
      [],
    ])
  })
})

function thrown(run: () => unknown): AppError {
  try {
    run()
  } catch (error) {
    if (error instanceof AppError) return error
  }
  throw new Error('it did not throw an AppError')
}
