import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { rawView } from '../text/offsets.ts'
import type { Found, Place, Recogniser, Trigger } from '../words.ts'
import { createScanner } from './scan.ts'

/** Notes where it is asked, and finds what `find` says. */
function recorder(trigger: Trigger, find: (place: Place) => [number, number] | null = () => null) {
  const asked: string[] = []
  const recogniser: Recogniser = {
    id: `test.${JSON.stringify(trigger)}`,
    type: 'TERM',
    trigger,
    match(place) {
      asked.push(place.view.text.slice(place.start, place.end))
      const found = find(place)
      return found === null ? null : hit(found)
    },
  }
  return { recogniser, asked }
}

const hit = ([start, end]: [number, number]): Found => ({ start, end, score: 1, isValidated: false, canonical: '' })
const digits = (min: number, max = Infinity): Trigger => ({ kind: 'digits', min, max })

function askedIn(text: string, trigger: Trigger, find?: (place: Place) => [number, number] | null): readonly string[] {
  const { recogniser, asked } = recorder(trigger, find)
  createScanner([recogniser]).scan(rawView(text))
  return asked
}

describe('literals', () => {
  const literals = (...literals: string[]): Trigger => ({ kind: 'literal', literals })

  test('are found whatever their case, one inside of the other as well', () => {
    expect(askedIn('an SK-live and a sk-1, a s-k', literals('sk-', 'sk-live', 'k-l'))).toEqual([
      'SK-',
      'K-l',
      'SK-live',
      'sk-',
    ])
  })

  test('of one literal many times in a row only the first and the last are looked at', () => {
    expect(askedIn(`${'@'.repeat(1000)}x @`, literals('@'))).toEqual(['@', '@', '@'])
    expect(askedIn('sk-sk-sk-sk-1', literals('sk-'))).toHaveLength(2)
  })

  test('are those that a search for each of them finds', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', '-', '1'), minLength: 1, maxLength: 4 })
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'A', '-', '1', 'ü', ' '), maxLength: 60 })
    fc.assert(
      fc.property(fc.uniqueArray(word, { minLength: 1, maxLength: 6 }), text, (words, text) => {
        const found = new Set<string>()
        const { recogniser } = recorder({ kind: 'literal', literals: words })
        const noting = { ...recogniser, match: ({ start, end }: Place) => (found.add(`${start} ${end}`), null) }
        createScanner([noting]).scan(rawView(text))
        for (const each of words)
          for (let at = text.toLowerCase().indexOf(each); at >= 0; at = text.toLowerCase().indexOf(each, at + 1)) {
            if (!isInRow(text.toLowerCase(), each, at)) expect(found).toContain(`${at} ${at + each.length}`)
          }
      }),
    )
  })

  /** Whether the same touches it before and behind. */
  function isInRow(text: string, each: string, at: number): boolean {
    const before = text.lastIndexOf(each, at - 1)
    const behind = text.indexOf(each, at + 1)
    return at > 0 && before >= 0 && before + each.length >= at && behind >= 0 && behind <= at + each.length
  }

  test.each([['ü'], ['Big'], [''], ['tab\t']])('%j is no literal', (literal) => {
    expect(() => createScanner([recorder(literals(literal)).recogniser])).toThrow('literals are ASCII in lower case')
  })
})

describe('numbers', () => {
  test.each([
    ['at the text’s ends', '12345', ['12345']],
    ['with separators', 'tel. +49 (30) 123-45.67, x', ['+49 (30) 123-45.67']],
    ['that begin with a parenthesis', 'or (030) 12345', ['(030) 12345']],
    ['up to three separators', '12345   67890', ['12345', '67890']],
    ['up to a letter or a line end', '12345a67890\n13579', ['12345', '67890', '13579']],
    ['with a blank that breaks no line', '12\u00a0345', ['12\u00a0345']],
    ['that are long enough', '1234 a 12-34', []],
  ])('%s', (_, text, asked) => {
    expect(askedIn(text, digits(5, 30))).toEqual(asked)
  })

  test('are no places where they are too long', () => {
    expect(askedIn('1234567', digits(2, 6))).toEqual([])
  })

  test('what is left of a run is a place again, until nothing is found', () => {
    const firstFour = ({ start }: Place): [number, number] => [start, start + 4]
    expect(askedIn('1111 2222,3333 44', digits(4), firstFour)).toEqual(['1111 2222,3333 44', '2222,3333 44', '3333 44'])
  })

  test('a recogniser that finds what it had found is not asked for ever', () => {
    const behind = ({ start }: Place): [number, number] => [start - 2, start]
    expect(askedIn('xx1111 2222', digits(4), behind)).toHaveLength(1)
  })
})

describe('tokens', () => {
  const token: Trigger = { kind: 'token', min: 4, max: 6 }
  test('have letters and digits, and no more of them than is said', () => {
    expect(askedIn('ab12 abcd 1234 a_1 a_12 abcdef12 -x1y2z3- ü1a2bü', token)).toEqual([
      'ab12',
      'a_12',
      'x1y2z3',
      '1a2b',
    ])
  })

  test('may be longer than any list of lengths', () => {
    expect(askedIn('a1'.repeat(2000), { kind: 'token', min: 1, max: 10_000 })).toHaveLength(1)
  })
})

describe('floods', () => {
  test.each([
    ['a'.repeat(100_000)],
    ['1'.repeat(100_000)],
    ['1 '.repeat(50_000)],
    ['@'.repeat(100_000)],
    ['a1'.repeat(50_000)],
    ['('.repeat(100_000)],
  ])('%.5s… asks a few times only', (text) => {
    const { recogniser: one, asked: first } = recorder({ kind: 'literal', literals: ['@', '(('] })
    const { recogniser: two, asked: second } = recorder(digits(4))
    const { recogniser: three, asked: third } = recorder({ kind: 'token', min: 4, max: 1_000_000 })
    createScanner([one, two, three]).scan(rawView(text))
    expect(first.length + second.length + third.length).toBeLessThanOrEqual(3)
  })

  test('within what it found a recogniser is not asked again', () => {
    const all = (place: Place): [number, number] => [0, place.view.text.length]
    expect(askedIn('ab ab ab ab', { kind: 'literal', literals: ['ab'] }, all)).toHaveLength(1)
  })

  test('a run of many numbers costs no more digits than it has', () => {
    const groups = ({ start }: Place): [number, number] => [start, start + 4]
    expect(askedIn('1234 '.repeat(5000), digits(4), groups)).toHaveLength(5000)
  })
})

describe('bugs are told', () => {
  test('what a recogniser throws is thrown', () => {
    const { recogniser } = recorder(digits(1), () => {
      throw new RangeError('a bug')
    })
    expect(() => createScanner([recogniser]).scan(rawView('a 1'))).toThrow('a bug')
  })

  test.each([[[3, 3]], [[-1, 2]], [[0, 99]]] as [number, number][][])('so is a place that is none: %j', (found) => {
    const { recogniser } = recorder(digits(1), () => found)
    expect(() => createScanner([recogniser]).scan(rawView('a 1'))).toThrow('found something from')
  })

  test('two of one name are refused', () => {
    const { recogniser } = recorder(digits(1))
    expect(() => createScanner([recogniser, recogniser])).toThrow('Two recognisers are called')
  })
})
