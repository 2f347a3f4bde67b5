import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { decide, type SchedulePolicy, type Standing } from './schedule.ts'

const GiB = 2 ** 30
const policy: SchedulePolicy = {
  budgetBytes: 3 * GiB,
  swap: 'on-demand',
  minTurnMs: 1000,
  maxTurnMs: 30_000,
  lingerMs: 200,
}
const now = 1_000_000

const standing = (id: string, facts: Partial<Standing> = {}): Standing => ({
  id,
  state: 'stopped',
  reserveBytes: 2 * GiB,
  isPinned: false,
  inFlight: 0,
  queued: 0,
  wanted: null,
  notBefore: null,
  readySince: facts.state === 'ready' || facts.state === 'closed' ? 0 : null,
  loadMs: 5000,
  lastUsedAt: 0,
  closed: null,
  ttlMs: null,
  isStale: false,
  ...facts,
})
const asked = (since: number, by: 'request' | 'person' | 'preload' = 'request') => ({ since, by })

describe('a swap', () => {
  const cases: readonly [string, readonly Standing[], object][] = [
    [
      'a wanted model that fits starts',
      [standing('a', { wanted: asked(1) })],
      { actions: [{ kind: 'start', id: 'a' }] },
    ],
    [
      'an idle model out of its turn is closed, for requests that came later',
      [standing('a', { state: 'ready' }), standing('b', { wanted: asked(7) })],
      { actions: [{ kind: 'close', id: 'a', for: 'b', since: 7 }] },
    ],
    [
      'a closed model with nothing older left is stopped',
      [standing('a', { state: 'closed', closed: { for: 'b', older: 0 } }), standing('b', { wanted: asked(7) })],
      { actions: [{ kind: 'stop', id: 'a', why: 'swap', for: 'b' }] },
    ],
    [
      'a running answer is not cut',
      [
        standing('a', { state: 'closed', inFlight: 1, closed: { for: 'b', older: 0 } }),
        standing('b', { wanted: asked(7) }),
      ],
      { actions: [], wakeAt: null },
    ],
    [
      'requests that came before are served first',
      [
        standing('a', { state: 'closed', queued: 2, closed: { for: 'b', older: 2 } }),
        standing('b', { wanted: asked(7) }),
      ],
      { actions: [] },
    ],
    [
      'when those who waited have gone, the closed model opens',
      [standing('a', { state: 'closed', closed: { for: 'b', older: 0 } }), standing('b')],
      { actions: [{ kind: 'open', id: 'a' }] },
    ],
    [
      'a model in use keeps its turn for as long as its load took',
      [standing('a', { state: 'ready', readySince: now - 2000, inFlight: 1 }), standing('b', { wanted: asked(7) })],
      { actions: [], wakeAt: now + 3000 },
    ],
    [
      'a model in its turn yields after it had nothing to do for a while',
      [
        standing('a', { state: 'ready', readySince: now - 2000, lastUsedAt: now - 50 }),
        standing('b', { wanted: asked(7) }),
      ],
      { actions: [], wakeAt: now + 150 },
    ],
    [
      'a person does not wait for the turn to end',
      [
        standing('a', { state: 'ready', readySince: now - 2000, inFlight: 1 }),
        standing('b', { wanted: asked(7, 'person') }),
      ],
      { actions: [{ kind: 'close', id: 'a', for: 'b', since: 7 }] },
    ],
    [
      'nobody is sent away for a preload',
      [standing('a', { state: 'ready' }), standing('b', { wanted: asked(7, 'preload') })],
      { actions: [] },
    ],
    [
      'a pinned model stays, and who waits for it is told',
      [standing('a', { state: 'ready', isPinned: true }), standing('b', { wanted: asked(7) })],
      { actions: [{ kind: 'refuse', id: 'b', why: 'pinned', by: ['a'] }] },
    ],
    [
      'a model larger than all there is is refused',
      [standing('b', { wanted: asked(7), reserveBytes: 4 * GiB })],
      { actions: [{ kind: 'refuse', id: 'b', why: 'too_large', by: [] }] },
    ],
    [
      'of two idle models the longest unused goes',
      [
        standing('a', { state: 'ready', reserveBytes: GiB, lastUsedAt: 500 }),
        standing('c', { state: 'ready', reserveBytes: GiB, lastUsedAt: 400 }),
        standing('b', { wanted: asked(7) }),
      ],
      { actions: [{ kind: 'close', id: 'c', for: 'b', since: 7 }] },
    ],
    [
      'a later, smaller model does not take the memory that an older one waits for',
      [
        standing('a', { state: 'stopping' }),
        standing('b', { wanted: asked(7), reserveBytes: 3 * GiB }),
        standing('c', { wanted: asked(8), reserveBytes: GiB / 2 }),
      ],
      { actions: [] },
    ],
    [
      'a model that is not to start before a moment is looked at then',
      [standing('a', { wanted: asked(1), notBefore: now + 70 })],
      { actions: [], wakeAt: now + 70 },
    ],
    [
      'a need that is unknown starts beside the others',
      [standing('a', { state: 'ready' }), standing('b', { wanted: asked(1), reserveBytes: null })],
      { actions: [{ kind: 'start', id: 'b' }] },
    ],
  ]
  test.each(cases)('%s', (_name, standings, expected) => {
    expect(decide(standings, policy, now)).toMatchObject(expected)
  })

  test('without the consent a request is told what is in the way', () => {
    const decision = decide(
      [standing('a', { state: 'ready' }), standing('b', { wanted: asked(7) })],
      { ...policy, swap: 'never' },
      now,
    )
    expect(decision.actions).toEqual([{ kind: 'refuse', id: 'b', why: 'swap_never', by: ['a'] }])
  })
})

describe('an idle model', () => {
  test('is unloaded when its ttl has passed, and not before', () => {
    const idle = standing('a', { state: 'ready', lastUsedAt: now - 60_000, ttlMs: 60_000 })
    expect(decide([idle], policy, now).actions).toEqual([{ kind: 'stop', id: 'a', why: 'ttl', for: null }])
    expect(decide([{ ...idle, ttlMs: 61_000 }], policy, now)).toMatchObject({ actions: [], wakeAt: now + 1000 })
    expect(decide([{ ...idle, inFlight: 1 }], policy, now).actions).toEqual([])
  })

  test('with a changed recipe is started anew, but not while it is in use', () => {
    const stale = standing('a', { state: 'ready', isStale: true })
    expect(decide([stale], policy, now).actions).toEqual([{ kind: 'stop', id: 'a', why: 'changed', for: null }])
    expect(decide([{ ...stale, queued: 1 }], policy, now).actions).toEqual([])
  })
})

test('whatever stands where, what starts fits, and no pinned or busy engine is stopped for another', () => {
  const states = fc.constantFrom('stopped' as const, 'starting' as const, 'ready' as const, 'stopping' as const)
  const one = fc.record({
    state: states,
    reserveBytes: fc.option(fc.integer({ min: 1, max: 4 }).map((n) => n * GiB)),
    isPinned: fc.boolean(),
    inFlight: fc.nat(2),
    isWanted: fc.boolean(),
    since: fc.nat(100),
    readySince: fc.integer({ min: now - 10_000, max: now }),
  })
  fc.assert(
    fc.property(fc.array(one, { maxLength: 6 }), (facts) => {
      const standings = facts.map(({ isWanted, since, readySince, ...rest }, index) =>
        standing(`m${index}`, {
          ...rest,
          readySince: rest.state === 'ready' ? readySince : null,
          wanted: isWanted ? asked(since) : null,
        }),
      )
      const resident = standings
        .filter((each) => each.state !== 'stopped')
        .reduce((sum, each) => sum + (each.reserveBytes ?? 0), 0)
      const { actions } = decide(standings, policy, now)
      const byId = new Map(standings.map((each) => [each.id, each]))
      let started = 0
      for (const action of actions) {
        const subject = byId.get(action.id)
        if (action.kind === 'start') started += subject?.reserveBytes ?? 0
        if (action.kind === 'close') expect(subject?.isPinned).toBe(false)
        if (action.kind === 'stop') expect(subject?.inFlight).toBe(0)
      }
      if (started > 0) expect(resident + started).toBeLessThanOrEqual(policy.budgetBytes ?? 0)
    }),
  )
})
