import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { chunksOf, mergeStretches, unitsOfPoints } from './chunks.ts'
import { typeOfLabel } from './name-labels.ts'

const limits = { chunkUnits: 60, overlapUnits: 12 }

describe('chunks', () => {
  test('cover the text, go forward, and hold whatever is shorter than the overlap', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', '😀', '-'), maxLength: 600 }), (text) => {
        const chunks = chunksOf(text, limits)
        for (const { start, end } of chunks) {
          expect(end - start).toBeLessThanOrEqual(limits.chunkUnits)
          expect(end).toBeGreaterThan(start)
          expect(text.slice(start, end).isWellFormed()).toBe(true)
        }
        const most = limits.overlapUnits - 1
        for (let at = 0; at < text.length; at++) {
          const end = Math.min(text.length, at + most)
          expect(chunks.some((chunk) => chunk.start <= at && chunk.end >= end)).toBe(true)
        }
      }),
    )
  })

  test('are as many as the text is long, not more', () => {
    expect(chunksOf('x'.repeat(48_000), limits).length).toBeLessThanOrEqual(1000)
    expect(chunksOf('x '.repeat(24_000), limits).length).toBeLessThanOrEqual(1300)
    expect(chunksOf('', limits)).toEqual([])
  })
})

test('code points are led to their units', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (text) => {
      const units = unitsOfPoints(text)
      const points = [...text]
      for (let at = 0; at <= points.length; at++)
        expect(units === null ? at : units[at]).toBe(points.slice(0, at).join('').length)
    }),
  )
})

test('what two chunks saw of one name is one name', () => {
  const found = [
    { type: 'PERSON', start: 10, end: 14, score: 0.5 },
    { type: 'PERSON', start: 0, end: 4, score: 0.6 },
    { type: 'PERSON', start: 10, end: 21, score: 0.9 },
    { type: 'ADDRESS', start: 15, end: 21, score: 0.7 },
    { type: 'PERSON', start: 21, end: 25, score: 0.9 },
  ] as const
  expect(mergeStretches<string>(found)).toEqual([found[1], found[2], found[3], found[4]])
})

test.each([
  ['PERSON', [], 'PERSON'],
  ['B-first name', [], 'PERSON'],
  ['street-address', [], 'ADDRESS'],
  ['DATE_TIME', [], null],
  ['URL', [], null],
  ['URL', ['URL'], 'URL'],
  ['dragon', [], null],
  ['dragon', ['DRAGON'], 'TERM'],
  ['PERSON', ['LOCATION'], null],
] as const)('the label %p, where %p are asked for, means %p', (label, asked, type) => {
  expect(typeOfLabel(label, new Set(asked))).toBe(type)
})
