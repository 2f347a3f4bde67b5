import { describe, expect, test } from 'bun:test'
import { waterfallOf } from './waterfall.ts'

const good = {
  upstream: 'office',
  model: 'm',
  startedMs: 1,
  placedMs: 3,
  headMs: 20,
  status: 200,
  failure: null,
  endedMs: 100,
}
const timed = (attempts: readonly (typeof good | object)[], more: object = {}) =>
  waterfallOf({
    durationMs: 101,
    ttftMs: 30,
    outcome: 'complete',
    trace: { route: null, cache: null, attempts: attempts as (typeof good)[] },
    ...more,
  })
const told = (waterfall: ReturnType<typeof waterfallOf>) =>
  waterfall?.lanes.map(({ target, spans }) => [
    target,
    spans.map(({ kind, fromMs, toMs }) => `${kind} ${fromMs}-${toMs}`).join(', '),
  ])

describe('a waterfall', () => {
  test('is not made of a row without a trace', () => expect(timed([], { trace: null })).toBeNull())

  test('tells where each part of a stream began and ended', () => {
    expect(told(timed([good]))).toEqual([
      [null, 'before 0-1'],
      ['office/m', 'queue 1-3, connect 3-20, first 20-30, tokens 30-100, settle 100-101'],
    ])
  })

  test('shows what failed before it', () => {
    const refused = { ...good, upstream: 'attic', headMs: null, endedMs: 5, failure: 'refused', status: null }
    const busy = { ...good, upstream: 'shed', startedMs: 5, placedMs: 5, headMs: 9, endedMs: 10, failure: 'busy' }
    const last = { ...good, startedMs: 12, placedMs: 12 }
    expect(told(timed([refused, busy, last]))).toEqual([
      [null, 'before 0-1'],
      ['attic/m', 'queue 1-3, failed 3-5'],
      ['shed/m', 'connect 5-9, failed 9-10'],
      ['office/m', 'connect 12-20, first 20-30, tokens 30-100, settle 100-101'],
    ])
  })

  test('of an answer in one piece has no first token of its own', () => {
    expect(told(timed([good], { ttftMs: null }))?.[1]?.[1]).toContain('connect 3-20, tokens 20-100')
  })

  test('of a request that got no place is only waiting', () => {
    const waited = { ...good, placedMs: null, headMs: null, endedMs: null, failure: 'no_place' }
    expect(told(timed([waited], { ttftMs: null }))).toEqual([
      [null, 'before 0-1'],
      ['office/m', 'failed 1-101'],
    ])
  })

  test('of a request nobody was asked for is the house alone', () => {
    expect(told(timed([], { ttftMs: null }))).toEqual([[null, 'before 0-101']])
  })

  test('is as long as its longest part', () => {
    expect(timed([{ ...good, endedMs: 500 }])?.totalMs).toBe(500)
  })
})
