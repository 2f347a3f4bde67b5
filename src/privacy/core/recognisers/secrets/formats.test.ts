import { describe, expect, test } from 'bun:test'
import { createScanner } from '../../detect/scan.ts'
import { reach, type Recogniser, type View } from '../../words.ts'
import { compileFormat, nearby } from './compile.ts'
import { exampleOf } from './examples.ts'
import { isRun, prefixed, run, type Format } from './format.ts'
import { secretFormats } from './formats.ts'
import { secretRecognisers } from './secrets.ts'

const seed = 20_261_121

describe('the tables', () => {
  test('hold at least 120 vendors and 300 forms, each with a name of its own', () => {
    const vendors = new Set(secretFormats.map((format) => format.id.split('.')[0]))
    expect(vendors.size).toBeGreaterThanOrEqual(120)
    expect(secretFormats.length).toBeGreaterThanOrEqual(300)
    // Those that need no word beside them.
    expect(secretFormats.filter((format) => !format.near).length).toBeGreaterThanOrEqual(200)
    expect(new Set(secretRecognisers.map((each) => each.id)).size).toBe(secretRecognisers.length)
  })

  test('become recognisers of secrets that wait for lower-case ASCII of two characters or more', () => {
    for (const { id, type, trigger } of secretRecognisers) {
      expect([id, type]).toEqual([expect.stringMatching(/^secret\.[a-z0-9-]+\.[a-z0-9-]+$/), 'SECRET'])
      if (trigger.kind !== 'literal') continue
      expect([id, trigger.literals.filter((each) => !/^[ -@[-~]{2,}$/.test(each))]).toEqual([id, []])
    }
  })

  test('have no run that is longer than what a recogniser may look at, except for tokens that are', () => {
    const long = secretFormats.filter((format) => format.parts.some((part) => isRun(part) && part.max > 4096))
    expect(long).toEqual([])
  })

  test('that cannot be looked for are refused', () => {
    expect(() => compileFormat({ id: 'x.y', parts: [run('a-z', 3)] })).toThrow('x.y has nothing to look for')
    expect(() => compileFormat({ id: 'x.y', parts: [run('a-z', 1, 2), run('0-9', 1), 'abc'] })).toThrow('x.y')
  })
})

describe(`every form, with chance from seed ${seed},`, () => {
  test.each(secretFormats.map((format) => [format.id, format] as const))(
    '%s is found as it is written',
    (_, format) => {
      const pick = chance(seed)
      const recogniser = compileFormat(format)
      for (let round = 0; round < 20; round++)
        for (const extent of ['min', 'max'] as const) {
          const { text, value } = exampleOf(format, pick, extent)
          for (const [before, after] of surroundings)
            expect([text, valuesIn(`${before}${text}${after}`, recogniser)]).toEqual([text, [value]])
        }
    },
  )

  test.each(secretFormats.map((format) => [format.id, format] as const))(
    '%s is not what lacks a character, has a wrong one, or goes on',
    (_, format) => {
      const pick = chance(seed)
      const recogniser = compileFormat(format)
      for (let round = 0; round < 10; round++) {
        const { text, value } = exampleOf(format, pick, 'min')
        const at = text.length - value.length
        for (const miss of nearMisses(format, value))
          expect([miss, valuesIn(` ${text.slice(0, at)}${miss} `, recogniser)]).toEqual([miss, []])
      }
    },
  )

  test.each(secretFormats.filter((format) => format.proof).map((format) => [format.id, format] as const))(
    '%s is proven by its check digits or its structure, and what is not proven is told',
    (_, format) => {
      const recogniser = compileFormat(format)
      const { text, value } = exampleOf(format, chance(seed), 'min')
      const found = hitsIn(` ${text} `, recogniser)
      if (format.proof?.holds(value)) expect(found.map((each) => each.isValidated)).toEqual([true])
      expect(format.proof?.holds('z'.repeat(value.length))).toBe(false)
    },
  )
})

test('a token of a vendor is found wherever people write it', () => {
  const pick = chance(seed)
  for (const format of secretFormats.filter((each) => !each.near)) {
    const recogniser = compileFormat(format)
    const { text, value } = exampleOf(format, pick, 'min')
    for (const place of places(text)) expect([place, valuesIn(place, recogniser)]).toEqual([place, [value]])
  }
})

test('what stands beyond its reach changes no answer', () => {
  const pick = chance(seed)
  const filler = 'nothing of any weight stands in here '.repeat(200)
  for (const format of secretFormats) {
    const recogniser = compileFormat(format)
    const { text, value } = exampleOf(format, pick, 'max')
    expect(text.length).toBeLessThan(5000)
    const whole = `${filler}${text} ${filler}`
    const cut = `${filler.slice(-reach)}${text} ${filler.slice(0, reach)}`
    expect(valuesIn(whole, recogniser)).toEqual(valuesIn(cut, recogniser))
    expect([format.id, valuesIn(cut, recogniser)]).toEqual([format.id, [value]])
  }
})

test('a form with a word beside it is none without the word, far from it, or as a digest', () => {
  const format = secretFormats.find((each) => each.id === 'datadog.api-key')
  if (!format) throw new Error('There is no such form.')
  const recogniser = compileFormat(format)
  const { value } = exampleOf(format, chance(seed))
  expect(valuesIn(`DD_API_KEY=${value}`, recogniser)).toEqual([value])
  expect(valuesIn(`the Datadog key of the house is ${value}`, recogniser)).toEqual([value])
  expect(valuesIn(`key = ${value}`, recogniser)).toEqual([])
  expect(valuesIn(`datadog = ${'.'.repeat(nearby + 1)}${value}`, recogniser)).toEqual([])
  expect(valuesIn(`datadog image md5: ${value}`, recogniser)).toEqual([])
  expect(valuesIn(`datadog: ${value}0`, recogniser)).toEqual([])
})

test.each([
  ['an example of documentation', ['AKIA', 'IOSFODNN7EXAMPLE'].join('')],
  ['a row of x', ['ghp', `_${'x'.repeat(36)}`].join('')],
  ['zeros', ['glpat', `-${'0'.repeat(20)}`].join('')],
  ['a name for a key', ['sk', '-your-api-key-goes-here-please'].join('')],
  ['words behind a common prefix', ['secret', '_manager_configuration_for_the_production_clusters'].join('')],
])('%s is no token', (_, text) => {
  expect(valuesIn(`key: ${text} .`, ...secretFormats.map(compileFormat))).toEqual([])
})

test('a common prefix is told from words by what follows it', () => {
  const recogniser = compileFormat(prefixed('x.y', 'fw_', run('A-Za-z0-9_', 22, 28), { isCommon: true }))
  expect(valuesIn('fw_release_candidate_build', recogniser)).toEqual([])
  expect(valuesIn(['fw', '_3ZqT8LmX0pYw7NbK3mTsQv'].join(''), recogniser)).toHaveLength(1)
})

const surroundings = [
  ['', ''],
  ['"', '"'],
  [' ', ', and'],
  ['\n', '\n'],
] as const

function places(text: string): readonly string[] {
  return [
    `TOKEN=${text}\n`,
    `export A='${text}'; run`,
    `{"a": "${text}", "b": 1}`,
    `{\\"a\\":\\"${text}\\"}`,
    `first\\n${text}\\nnext`,
    `a: ${text}\n`,
    `call('${text}', 1)`,
    `I used ${text}, and it failed.`,
    `It is ${text}.`,
    `  --with=${text} --more`,
    `| \`${text}\` |`,
    `<a>${text}</a>`,
    `(${text})`,
  ]
}

/** With a strange character in it, shorter by one, longer by one. */
function nearMisses(format: Format, value: string): readonly string[] {
  const misses = [`${value.slice(0, value.length >> 1)}!${value.slice((value.length >> 1) + 1)}`]
  const fixed = format.parts.every((part) => !isRun(part) || part.min === part.max || !part.of.includes('.'))
  const last = format.parts.at(-1)
  if (!fixed || last === undefined || !isRun(last) || last.min === 0) return misses
  misses.push(value.slice(0, -1))
  if (last.min === last.max) misses.push(value + value.slice(-1))
  return misses
}

function valuesIn(text: string, ...recognisers: readonly Recogniser[]): readonly string[] {
  return [...new Set(hitsIn(text, ...recognisers).map((hit) => text.slice(hit.start, hit.end)))]
}

function hitsIn(text: string, ...recognisers: readonly Recogniser[]) {
  return createScanner(recognisers).scan(rawView(text))
}

function rawView(text: string): View {
  return { kind: 'raw', text, lower: text.toLowerCase(), rawStart: (index) => index, rawEnd: (index) => index }
}

/** The same numbers for the same seed. */
function chance(start: number): (count: number) => number {
  let state = start
  return (count) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state >> 8) % count
  }
}
