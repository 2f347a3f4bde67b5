import { expect, test } from 'bun:test'
import { createFlags } from './flags.ts'
import { momentsOf } from './moments.ts'

const now = Date.parse('2026-01-31T12:00:00Z')
const sinceOf = (text: string): string | undefined => momentsOf(createFlags(new Map([['since', [text]]])), now).since

test.each([
  ['2h', '2026-01-31T10:00:00.000Z'],
  ['30d', '2026-01-01T12:00:00.000Z'],
  ['2026-01-30', '2026-01-30'],
  ['2026-01-30T10:00:00Z', '2026-01-30T10:00:00.000Z'],
  ['2026-01-30T10:00+02:00', '2026-01-30T08:00:00.000Z'],
  ['2026-01-30 10:00', new Date('2026-01-30T10:00').toISOString()],
])('--since %s is %s', (text, iso) => {
  expect(sinceOf(text)).toBe(iso)
})

test.each(['yesterday', '2026-13-40', '1', '2026', ''])('--since %j is refused', (text) => {
  expect(() => sinceOf(text)).toThrow('neither a time like')
})

test('what was not said is not asked', () => {
  expect(momentsOf(createFlags(new Map()), now)).toEqual({})
})
