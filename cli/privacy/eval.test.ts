import { expect, test } from 'bun:test'
import { piecesOf, readSamples, Scores, shareText } from './eval.ts'

const line = (text: string, ...entities: readonly (readonly [number, number, string])[]): string =>
  JSON.stringify({ text, entities: entities.map(([start, end, type]) => ({ start, end, type })) })

test('a labelled set is read line by line, with the names that other sets have for a type', () => {
  const samples = readSamples(`${line('a@b.org', [0, 7, 'EMAIL_ADDRESS'])}\n\n${line('nothing')}\n`, false)
  expect(samples).toEqual([
    { text: 'a@b.org', entities: [{ start: 0, end: 7, type: 'EMAIL' }] },
    { text: 'nothing', entities: [] },
  ])
})

test('offsets of Python are code points', () => {
  const content = line('😀 Ann', [2, 5, 'PERSON'])
  expect(readSamples(content, true)?.[0]?.entities).toEqual([{ start: 3, end: 6, type: 'PERSON' }])
  expect(readSamples(content, false)?.[0]?.entities).toEqual([{ start: 2, end: 5, type: 'PERSON' }])
})

test.each(['', 'Dear Ann', '{"a": 1}', '[1]', '{"text": "a"}'])('%j is no labelled set', (content) => {
  expect(readSamples(content, false)).toBeNull()
})

test('a line of a set that is none of it is named', () => {
  expect(() => readSamples(`${line('a')}\n{"text": 5}`, false)).toThrow('Line 2 is not')
})

test('what is found, what is covered and what is right are counted each by itself', () => {
  const scores = new Scores()
  const person = { start: 0, end: 7, type: 'PERSON' }
  const mail = { start: 10, end: 20, type: 'EMAIL' }
  scores.add(
    [person, mail],
    [
      { ...person, end: 3 },
      { ...person, start: 3, type: 'TERM' },
      { ...mail, start: 12 },
    ],
  )
  expect(scores.list()).toEqual([
    { type: 'EMAIL', labelled: 1, found: 1, covered: 0, reported: 1, right: 1 },
    { type: 'PERSON', labelled: 1, found: 1, covered: 1, reported: 1, right: 1 },
    { type: 'TERM', labelled: 0, found: 0, covered: 0, reported: 1, right: 0 },
  ])
  expect([shareText(1, 3), shareText(0, 0)]).toEqual(['33.3 %', '-'])
})

test('a plain text is cut behind lines, and where there are none', () => {
  const text = 'one\ntwo\nthreefourfive'
  const pieces = [...piecesOf(text, 8)]
  expect(pieces.join('')).toBe(text)
  expect(pieces).toEqual(['one\ntwo\n', 'threefou', 'rfive'])
})
