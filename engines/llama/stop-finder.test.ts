import { expect, test } from 'bun:test'
import { createStopFinder } from './stop-finder.ts'

for (const [name, stops, pieces, shown, isStopped] of [
  ['without stop texts everything is shown at once', [], ['a', 'b'], ['a', 'b'], false],
  ['a stop text over two pieces is found', ['END'], ['ab E', 'ND cd'], ['ab ', ''], true],
  ['what only began like one is shown later', ['END'], ['ab E', 'Ncore'], ['ab ', 'ENcore'], false],
  ['the first of several wins', ['yy', 'x'], ['a x yy'], ['a '], true],
  ['a beginning within a beginning is kept', ['aab'], ['aa', 'ab'], ['', 'a'], true],
] as const) {
  test(name, () => {
    const finder = createStopFinder(stops)
    const results = pieces.map((piece) => finder.push(piece))
    expect(results.map((result) => result.text)).toEqual([...shown])
    expect(results.at(-1)?.isStopped).toBe(isStopped)
  })
}

test('at the end the held back text comes out once', () => {
  const finder = createStopFinder(['END'])
  finder.push('ab EN')
  expect(finder.rest()).toBe('EN')
  expect(finder.rest()).toBe('')
})
