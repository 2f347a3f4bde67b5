import { expect, test } from 'bun:test'
import { tagsOfBody, tagsOfHeader } from './tags.ts'

test.each([
  [null, []],
  ['', []],
  ['nightly', ['nightly']],
  [' a , b:c ,, a', ['a', 'b:c']],
] as const)('the header %p holds the tags %p', (header, tags) => {
  expect([...tagsOfHeader(header)]).toEqual([...tags])
})

test.each([
  [{ tags: ['b', 'c'] }, ['a', 'b', 'c']],
  [{ tags: 'b,a' }, ['a', 'b']],
  [{ tags: 5 }, ['a']],
  [{ other: 'x' }, ['a']],
  [null, ['a']],
] as const)('metadata %p beside the header’s tag gives %p', (metadata, tags) => {
  expect([...tagsOfBody(metadata, ['a'])]).toEqual([...tags])
})

test.each([
  ['a b', '“a b” is no tag'],
  ['=cmd()', '“=cmd()” is no tag'],
  ['x'.repeat(65), 'is no tag'],
  ['1,2,3,4,5,6,7,8,9', 'may have 8 tags; this one has 9'],
])('the header %p is refused', (header, part) => {
  expect(() => tagsOfHeader(header)).toThrow(part)
})

test('what is no text in a list of tags is refused', () => {
  expect(() => tagsOfBody({ tags: [{ a: 1 }] }, [])).toThrow('{"a":1}')
})
