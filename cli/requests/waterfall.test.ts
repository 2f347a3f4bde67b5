import { describe, expect, test } from 'bun:test'
import type { RequestAttempt, RequestDetail } from '../../sdk/typescript/index.ts'
import { fakeFailover } from '../../test/fakes/house-gateway.ts'
import { widthOf } from '../text-width.ts'
import { renderRequest } from './detail.ts'
import { waterfallOf } from './waterfall.ts'

const answered: RequestAttempt = {
  upstream: 'office',
  model: 'm',
  startedMs: 1,
  placedMs: 3,
  headMs: 20,
  status: 200,
  failure: null,
  endedMs: 100,
}

function told(attempts: readonly RequestAttempt[], facts: Partial<RequestDetail> = {}): readonly string[] {
  const trace = { route: null, cache: null, attempts }
  const waterfall = waterfallOf({ durationMs: 101, ttftMs: 30, trace, ...facts })
  return (waterfall?.lanes ?? []).map(({ target, spans }) =>
    [target ?? '', ...spans.map(({ kind, fromMs, toMs }) => `${kind} ${fromMs}-${toMs}`)].join(', '),
  )
}

describe('a waterfall', () => {
  test.each<[string, readonly RequestAttempt[], Partial<RequestDetail>, readonly string[]]>([
    ['a stream', [answered], {}, ['office/m, queue 1-3, connect 3-20, first token 20-30, tokens 30-100, end 100-101']],
    [
      'an answer in one piece',
      [answered],
      { ttftMs: null },
      ['office/m, queue 1-3, connect 3-20, tokens 20-100, end 100-101'],
    ],
    [
      'attempts before the one that answered',
      [
        { ...answered, upstream: 'attic', headMs: null, endedMs: 5, failure: 'refused', status: null },
        { ...answered, upstream: 'shed', startedMs: 5, placedMs: 5, headMs: 9, endedMs: 10, failure: 'busy' },
        { ...answered, startedMs: 12, placedMs: 12 },
      ],
      {},
      [
        'attic/m, queue 1-3, connect 3-5',
        'shed/m, connect 5-9, lost 9-10',
        'office/m, connect 12-20, first token 20-30, tokens 30-100, end 100-101',
      ],
    ],
    [
      'a wait in vain',
      [{ ...answered, placedMs: null, headMs: null, endedMs: null, failure: 'no_place' }],
      { ttftMs: null },
      ['office/m, queue 1-101'],
    ],
  ])('of %s tells where its time went', (_, attempts, facts, wanted) => {
    expect(told(attempts, facts)).toEqual([', house 0-1', ...wanted])
  })

  test('of a request for which nobody was asked is the house alone, and of an old row nothing', () => {
    expect(told([])).toEqual([', house 0-101'])
    expect(waterfallOf({ durationMs: 1, ttftMs: null, trace: null })).toBeNull()
  })
})

const plain = (_: string, text: string): string => text
const failed = { ...answered, upstream: 'attic', headMs: null, endedMs: 5, failure: 'refused', status: null }
const detail = (facts: Partial<RequestDetail> = {}): RequestDetail => ({
  ...fakeFailover,
  ttftMs: 30,
  durationMs: 101,
  keyName: 'laptop',
  trace: {
    route: 'office/m; priority 1 of 2',
    cache: null,
    attempts: [failed, { ...answered, startedMs: 5, placedMs: 5 }],
  },
  bodies: null,
  ...facts,
})
const shown = (facts: Partial<RequestDetail> = {}, width: number | null = null): string =>
  renderRequest(detail(facts), { terminal: { width, paint: plain }, hasBodies: true })

describe('a request in text', () => {
  test('draws every stretch where it was', () => {
    expect(shown().split('\n\n')[1]?.split('\n')).toEqual([
      '   house       |#                                                           |     1ms',
      '1. attic/m failed: refused',
      '   queue       | #                                                          |     2ms',
      '   connect     |  #                                                         |     2ms',
      '2. office/m 200',
      '   connect     |   #########                                                |    15ms',
      '   first token |            ######                                          |    10ms',
      '   tokens      |                  ######################################### |    70ms',
      '   end         |                                                           #|     1ms',
    ])
  })

  test.each([30, 40, 60, 80])('fits %d columns with its bars', (width) => {
    const bars = shown({}, width)
      .split('\n')
      .filter((line) => line.includes('|'))
    expect(bars).toHaveLength(7)
    for (const line of bars) expect(widthOf(line)).toBeLessThanOrEqual(Math.max(width, 36))
  })

  test('says so where nothing was recorded or nobody was asked', () => {
    expect(shown({ trace: null })).toContain('was not recorded')
    expect(shown({ trace: { route: null, cache: null, attempts: [] } })).toContain('Nobody was asked.')
  })

  test('shows bodies whole, JSON in lines, and nothing that moves the cursor', () => {
    const bodies = { request: '{"a":[1]}', response: 'data: \u001b[2J\u009bx\r\n\tend', isCut: true }
    const text = shown({ bodies, model: 'evil\u001b[31m' })
    expect(text).toContain('request 9 B, answer 19 B, cut')
    expect(text).toContain('{\n  "a": [\n    1\n  ]\n}')
    expect(text).toContain('data: [2Jx\n\tend')
    expect(text).not.toMatch(/[\u001b\u009b\r]/)
  })

  test('has a speed only where the stream was long enough to have one', () => {
    expect(shown({ durationMs: 1130 })).toContain('First token  30ms, then 30.0 tokens/s')
    expect(shown()).not.toContain('tokens/s')
    expect(shown({ durationMs: 1130, isStream: false })).not.toContain('tokens/s')
  })
})
