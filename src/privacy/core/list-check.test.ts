import { describe, expect, test } from 'bun:test'
import type { HouseLists } from '../contract.ts'
import { checkLists } from './list-check.ts'
import type { EntityType } from './words.ts'

const none: HouseLists = { directory: [], deny: [], allow: [] }
const person = (value: string) => ({ value, type: 'PERSON' }) as const

describe('lists of a house', () => {
  test('lose blanks around their entries and what stands there twice', () => {
    const { lists } = checkLists({
      directory: [person(' Alice Brenner '), person('Alice Brenner'), { value: 'Alice Brenner', type: 'TERM' }],
      deny: [
        { kind: 'text', value: 'Falcon ' },
        { kind: 'text', value: 'Falcon' },
        { kind: 'pattern', pattern: 'Falcon' },
      ],
      allow: ['example.org', ' example.org'],
    })
    expect(lists).toEqual({
      directory: [person('Alice Brenner'), { value: 'Alice Brenner', type: 'TERM' }],
      deny: [
        { kind: 'text', value: 'Falcon' },
        { kind: 'pattern', pattern: 'Falcon' },
      ],
      allow: ['example.org'],
    })
  })

  test.each<readonly [string, Partial<HouseLists>, string]>([
    ['directory[1].value', { directory: [person('Alice'), person('Al ')] }, '2 characters'],
    ['directory[0].value', { directory: [person('x'.repeat(201))] }, '200 is the most'],
    ['directory[0].type', { directory: [{ value: 'Alice', type: 'MAN' as EntityType }] }, 'no type MAN'],
    ['deny[0].value', { deny: [{ kind: 'text', value: '' }] }, 'at least 3'],
    ['deny[0].pattern', { deny: [{ kind: 'pattern', pattern: '(' }] }, '"("'],
    ['deny[0].pattern', { deny: [{ kind: 'pattern', pattern: 'a*' }] }, 'empty text'],
    ['deny[0].pattern', { deny: [{ kind: 'pattern', pattern: '(?=a)b' }] }, 'RE2'],
    ['deny[0].pattern', { deny: [{ kind: 'pattern', pattern: 'a'.repeat(201) }] }, '200 is the most'],
    ['allow[0]', { allow: ['no'] }, 'at least 3'],
    ['allow', { allow: Array.from({ length: 10_001 }, (_, index) => `value ${index}`) }, '10000 is the most'],
  ])('are refused at %s', (param, lists, words) => {
    const { problem } = checkLists({ ...none, ...lists })
    expect(problem?.param).toBe(param)
    expect(problem?.message).toContain(words)
  })

  test('never repeat a value in what they say', () => {
    const { problem } = checkLists({ ...none, directory: [person('Alice Brenner '.repeat(20))] })
    expect(problem?.message).not.toContain('Alice')
  })
})
