import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { visitLeaves } from './leaves.ts'

interface Seen {
  readonly path: string
  readonly kind: string
  readonly value: string
}

function leavesOf(text: string): readonly Seen[] {
  const seen: Seen[] = []
  visitLeaves(text, ({ kind, value, start, end }, path) => {
    expect(JSON.parse(text.slice(start, end))).toEqual(kind === 'number' ? JSON.parse(value) : value)
    seen.push({ path: path.join('/'), kind, value })
  })
  return seen
}

/** The same from parsed values. */
function leavesIn(value: unknown, path: readonly (string | number)[] = []): readonly Seen[] {
  const here = path.join('/')
  if (typeof value === 'string') return [{ path: here, kind: 'string', value }]
  if (typeof value === 'number') return [{ path: here, kind: 'number', value: JSON.stringify(value) }]
  if (Array.isArray(value)) return value.flatMap((each, index) => leavesIn(each, [...path, index]))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, each]) => [
    { path: here, kind: 'key', value: name },
    ...leavesIn(each, [...path, name]),
  ])
}

test('every string, number and name is visited once, with the way to it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(undefined, 2), (value, indent) => {
      expect(leavesOf(JSON.stringify(value, null, indent))).toEqual([...leavesIn(value)])
    }),
    { numRuns: 2000 },
  )
})

test('duplicate names, big numbers and escapes are seen as they are written', () => {
  expect(leavesOf('{"a":1,"a":"\\u0041\\"","b":[[],{},"x"],"n":12345678901234567890}')).toEqual([
    { path: '', kind: 'key', value: 'a' },
    { path: 'a', kind: 'number', value: '1' },
    { path: '', kind: 'key', value: 'a' },
    { path: 'a', kind: 'string', value: 'A"' },
    { path: '', kind: 'key', value: 'b' },
    { path: 'b/2', kind: 'string', value: 'x' },
    { path: '', kind: 'key', value: 'n' },
    { path: 'n', kind: 'number', value: '12345678901234567890' },
  ])
})
