import { describe, expect, test } from 'bun:test'
import { backoffMs, mayRestart, nextFailures } from './backoff.ts'
import { downloadEtaSeconds, etaSeconds, learnLoadMs, learnServiceMs, queueEtaSeconds } from './eta.ts'
import { exitText, reasonFrom } from './failure.ts'
import { budgetOf, needOf, type NeedFacts, reserveOf } from './memory.ts'
import { canonical } from './recipe.ts'
import { makeRoom, type Resident } from './room.ts'

const GiB = 2 ** 30

describe('what a model needs', () => {
  const facts = (given: Partial<NeedFacts>): NeedFacts => ({
    statedBytes: null,
    estimatedBytes: null,
    measuredPeakBytes: null,
    isMeasureWhole: true,
    ...given,
  })
  test.each([
    ['nothing known', {}, null, null],
    ['an estimate', { estimatedBytes: 2 }, { value: 2, from: 'estimated' }, 2],
    ['its owner’s word before an estimate', { statedBytes: 3, estimatedBytes: 2 }, { value: 3, from: 'estimated' }, 3],
    [
      'a measurement before an estimate, above or below',
      { estimatedBytes: 5, measuredPeakBytes: 4 },
      { value: 4, from: 'measured' },
      4,
    ],
    [
      'a measurement shown, the owner’s word set aside',
      { statedBytes: 9, measuredPeakBytes: 4 },
      { value: 4, from: 'measured' },
      9,
    ],
    [
      'a measurement above the owner’s word',
      { statedBytes: 3, measuredPeakBytes: 4 },
      { value: 4, from: 'measured' },
      4,
    ],
    [
      'beside a graphics card the estimate, which knows of its memory',
      { estimatedBytes: 9, measuredPeakBytes: 4, isMeasureWhole: false },
      { value: 9, from: 'estimated' },
      9,
    ],
  ] as const)('is %s', (_name, given, need, reserve) => {
    expect(needOf(facts(given))).toEqual(need)
    expect(reserveOf(facts(given))).toBe(reserve)
  })

  test('is set against what the owner says, three quarters of the machine, or what is free', () => {
    const machine = { configuredBytes: null, totalBytes: 16 * GiB, availableBytes: 14 * GiB, ownBytes: 0 }
    expect(budgetOf({ ...machine, configuredBytes: 5 })).toEqual({ bytes: 5, from: 'configured' })
    expect(budgetOf(machine)).toEqual({ bytes: 12 * GiB, from: 'measured' })
    expect(budgetOf({ ...machine, availableBytes: 3 * GiB, ownBytes: GiB })).toEqual({
      bytes: 4 * GiB,
      from: 'measured',
    })
    expect(budgetOf({ ...machine, totalBytes: null })).toBeNull()
  })
})

describe('room', () => {
  const resident = (id: string, reserveBytes: number | null, facts: Partial<Resident> = {}): Resident => ({
    id,
    reserveBytes,
    isPinned: false,
    isIdle: true,
    lastUsedAt: 0,
    ...facts,
  })
  test.each([
    ['an unknown need fits', null, 0, [], { kind: 'fits' }],
    ['more than all is too large', 11, 10, [], { kind: 'too_large' }],
    [
      'idle models go before busy ones',
      5,
      0,
      [resident('a', 5, { isIdle: false }), resident('b', 5, { lastUsedAt: 9 })],
      { kind: 'after', victims: ['b'] },
    ],
    [
      'no more go than must',
      5,
      0,
      [resident('a', 2), resident('b', 5, { lastUsedAt: 1 })],
      { kind: 'after', victims: ['b'] },
    ],
    [
      'several go when one is not enough',
      6,
      1,
      [resident('a', 2), resident('b', 3, { lastUsedAt: 1 })],
      { kind: 'after', victims: ['a', 'b'] },
    ],
    ['pinned models stay', 5, 0, [resident('a', 5, { isPinned: true })], { kind: 'blocked', by: ['a'] }],
    ['the end of an unknown one promises nothing', 5, 0, [resident('a', null)], { kind: 'blocked', by: ['a'] }],
  ] as const)('%s', (_name, needBytes, freeBytes, residents, expected) => {
    expect(makeRoom({ needBytes, budgetBytes: 10, freeBytes, residents })).toEqual(expected)
  })
})

describe('waiting', () => {
  const policy = { firstMs: 1000, maxMs: 60_000, maxRestarts: 5, healthyMs: 60_000 }
  test('doubles after each failure, has an end, and begins anew after a healthy while', () => {
    expect([0, 1, 2, 3, 7, 5000].map((failures) => backoffMs(failures, policy))).toEqual([
      0, 1000, 2000, 4000, 60_000, 60_000,
    ])
    expect(nextFailures(4, 59_999, policy)).toBe(5)
    expect(nextFailures(4, 60_000, policy)).toBe(1)
    expect(nextFailures(4, null, policy)).toBe(5)
    expect([5, 6].map((failures) => mayRestart(failures, policy))).toEqual([true, false])
  })

  test.each([
    [{ elapsedMs: 0, pastMs: null, progress: null }, null],
    [{ elapsedMs: 1000, pastMs: 4000, progress: null }, 3],
    [{ elapsedMs: 5000, pastMs: 4000, progress: null }, 1],
    [{ elapsedMs: 7000, pastMs: 4000, progress: null }, null],
    [{ elapsedMs: 3000, pastMs: null, progress: 0.25 }, 9],
    [{ elapsedMs: 3000, pastMs: 4000, progress: 0.01 }, 1],
    [{ elapsedMs: 3000, pastMs: null, progress: 1 }, 1],
  ])('with %j takes %p seconds more', (facts, seconds) => {
    expect(etaSeconds(facts)).toBe(seconds)
  })

  test('for a download is known from its speed; of loads the newest counts most', () => {
    expect(downloadEtaSeconds({ doneBytes: 50, totalBytes: 100, bytesPerSecond: 10 })).toBe(5)
    expect(downloadEtaSeconds({ doneBytes: 50, totalBytes: null, bytesPerSecond: 10 })).toBeNull()
    expect(downloadEtaSeconds({ doneBytes: 50, totalBytes: 100, bytesPerSecond: 0 })).toBeNull()
    expect([learnLoadMs(null, 10), learnLoadMs(10, 20)]).toEqual([10, 15])
  })

  test.each<[number, number | null, number, number | null]>([
    [0, 4000, 1, 4],
    [3, 4000, 2, 8],
    [9, 10, 4, 1],
    [0, null, 1, null],
    [5, 4000, 0, null],
  ])('position %d, %p ms a request, %d places: the turn comes in %p s', (position, serviceMs, places, seconds) => {
    expect(queueEtaSeconds({ position, serviceMs, places })).toBe(seconds)
  })

  test('what requests take is learned from each of them, the newest counts for a fifth', () => {
    expect([1000, 2000, 2000].reduce<number | null>(learnServiceMs, null)).toBe(1360)
  })
})

describe('reasons', () => {
  test.each([
    [[], ''],
    [['hello', 'world'], 'hello · world'],
    [['a', '\u001b[31merror: no such file\u001b[0m', 'bye'], 'error: no such file'],
    [['error: one', 'error: one', '   at main (x.ts:1)'], 'error: one'],
  ])('of %j is %p', (lines, reason) => {
    expect(reasonFrom(lines)).toBe(reason)
  })

  test('are never longer than a page can show', () => {
    expect(reasonFrom(['error '.repeat(1000)]).length).toBeLessThan(610)
  })

  test('tell a kill from a crash from an exit', () => {
    expect(exitText({ code: null, signal: 'SIGKILL' })).toContain('memory runs out')
    expect(exitText({ code: 139, signal: null })).toContain('crashed')
    expect(exitText({ code: null, signal: 'SIGSEGV' })).toContain('SIGSEGV')
    expect(exitText({ code: 3, signal: null })).toContain('exit code 3')
  })
})

test('canonical text does not depend on the order of members', () => {
  expect(canonical({ b: [1, null, { d: 1, c: 'x' }], a: undefined })).toBe(
    canonical({ a: undefined, b: [1, null, { c: 'x', d: 1 }] }),
  )
})
