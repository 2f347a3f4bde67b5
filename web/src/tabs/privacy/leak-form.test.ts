import { expect, test } from 'bun:test'
import { leakTestAsk, privacyLimits } from '../../../../src/protocol/admin/privacy.ts'
import { mostCases, readLeakForm } from './leak-form.ts'

test.each<[string, string, unknown]>([
  ['500', '', { ask: { cases: 500, seed: null } }],
  [' 1 ', '0', { ask: { cases: 1, seed: 0 } }],
  ['10000', '4294967295', { ask: { cases: 10_000, seed: 4_294_967_295 } }],
])('%s cases with the seed “%s” are asked for', (cases, seed, read) => {
  expect(readLeakForm({ cases, seed })).toEqual(read as never)
})

test.each<[string, string, readonly string[]]>([
  ['', '', ['cases']],
  ['0', '', ['cases']],
  ['10001', '', ['cases']],
  ['1.5', '-1', ['cases', 'seed']],
  ['500', '4294967296', ['seed']],
  ['500', 'seven', ['seed']],
])('%s cases with the seed “%s” are not', (cases, seed, at) => {
  const read = readLeakForm({ cases, seed })
  expect('problems' in read && Object.keys(read.problems)).toEqual([...at])
})

test('the limits are those of the server', () => {
  expect(mostCases).toBe(privacyLimits.leakCases)
  expect(leakTestAsk.safeParse({ cases: mostCases, seed: 0xffff_ffff }).success).toBe(true)
})
