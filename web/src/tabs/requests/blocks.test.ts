import { expect, test } from 'bun:test'
import { blocksOf } from './blocks.ts'

test.each([
  [0, []],
  [3, [[1, 2, 3]]],
  [4, [[1], [2, 3, 4]]],
  [
    6,
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
  ],
])('%p rows fall into blocks of three, the first one short', (count, blocks) => {
  expect(blocksOf([1, 2, 3, 4, 5, 6].slice(0, count), 3)).toEqual(blocks as number[][])
})

test('a row in front changes the first block only', () => {
  const before = blocksOf([2, 3, 4, 5], 2)
  const after = blocksOf([1, 2, 3, 4, 5], 2)
  expect(after.slice(1)).toEqual([...before])
})
