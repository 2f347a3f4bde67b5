import { describe, expect, test } from 'bun:test'
import type { HouseLists } from '../../api/privacy.ts'
import { readLines, rowsOf, withAdded, withoutRow } from './list-edit.ts'

const lists: HouseLists = {
  version: 3,
  directory: [
    { value: 'Ann Lee', type: 'PERSON' },
    { value: 'Ann Lee', type: 'ORGANIZATION' },
  ],
  deny: [
    { kind: 'text', value: 'Falcon' },
    { kind: 'pattern', pattern: 'Falcon' },
  ],
  allow: ['example.org'],
  automatic: [{ value: 'cellar', type: 'HOST' }],
}

describe('the lists are changed', () => {
  test('what is added comes at the end, once, and the other lists are not said', () => {
    const person = { text: 'Bob', tag: 'PERSON' }
    expect(withAdded(lists, 'directory', [person, { text: 'Ann Lee', tag: 'PERSON' }])).toEqual({
      directory: [...lists.directory, { value: 'Bob', type: 'PERSON' }] as never,
    })
    expect(withAdded(lists, 'allow', [{ text: 'localhost', tag: null }])).toEqual({
      allow: ['example.org', 'localhost'],
    })
    expect(withAdded(lists, 'deny', [{ text: 'INV-\\d+', tag: 'pattern' }]).deny?.at(-1)).toEqual({
      kind: 'pattern',
      pattern: 'INV-\\d+',
    })
  })

  test('what is removed is that one, not its namesake of another kind', () => {
    expect(withoutRow(lists, 'directory', { text: 'Ann Lee', tag: 'PERSON' }).directory).toEqual([
      { value: 'Ann Lee', type: 'ORGANIZATION' },
    ])
    expect(withoutRow(lists, 'deny', { text: 'Falcon', tag: 'pattern' }).deny).toEqual([
      { kind: 'text', value: 'Falcon' },
    ])
    expect(withoutRow(lists, 'allow', { text: 'example.org', tag: null }).allow).toEqual([])
  })
})

test('of many lines each new one is read once, and what is left out is counted', () => {
  const text = `  Bob \r\n\nBob\nAnn Lee\nxy\n${'z'.repeat(201)}\nCarol\u2028Dave`
  expect(readLines(text, rowsOf(lists, 'directory'), 'PERSON')).toEqual({
    fresh: ['Bob', 'Carol', 'Dave'].map((each) => ({ text: each, tag: 'PERSON' })),
    known: 2,
    tooShort: 1,
    tooLong: 1,
  })
})
