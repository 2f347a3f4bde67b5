import { describe, expect, test } from 'bun:test'
import { modelName } from '#kernel/ids.ts'
import type { Policy } from '#kernel/routing.ts'
import { plainRouting } from '../../../../test/env/routing.ts'
import { questionOf, routeOf, seededChance, targetNamed } from '../../../../test/env/targets.ts'
import type { Route, Target } from '../../core/choose.ts'
import type { Failure, Question } from '../../core/itinerary.ts'
import { createItinerary } from '../../core/routing.ts'
import type { GatewayEvent } from '../../events.ts'
import { SeenPrefixes } from './prefix-memory.ts'
import { Vitals } from './vitals.ts'

const breaker = { failures: 3, openForMs: 1000, maxOpenForMs: 4000, whenAllOpen: 'ask' } as const

function setUp() {
  const time = { now: 1_000_000 }
  const events: GatewayEvent[] = []
  const vitals = new Vitals({
    clock: { now: () => time.now, mono: () => time.now },
    announce: (event) => void events.push(event),
    isProbed: () => false,
    settings: () => ({ breaker, prefix: plainRouting.prefix }),
  })
  const states = () => events.map((event) => (event.type === 'route.state' ? event.data.target.breaker : ''))
  const a = targetNamed('a')
  const fail = (kind: Failure['kind'] = 'reset', retryAfterMs: number | null = null): void => {
    vitals.began(a)
    vitals.ended(a, kind === 'busy' || kind === 'rate_limited' ? 'aborted' : 'failed', { kind, retryAfterMs })
  }
  const succeed = (): void => {
    vitals.began(a)
    vitals.answered(a, 10)
    vitals.ended(a, 'ok')
  }
  return { time, vitals, states, a, fail, succeed, health: () => vitals.of(a) }
}

describe('the breaker', () => {
  test('opens after failures in a row, lets one through when its time has passed, and closes on an answer', () => {
    const { time, vitals, states, a, fail, health, succeed } = setUp()
    fail()
    fail()
    expect(health().condition).toBe('good')
    fail('timeout')
    expect(health()).toMatchObject({ condition: 'down', breaker: 'open', failures: 3, lastFailure: 'timeout' })
    expect(health().retryInMs).toBe(1000)
    time.now += 999
    expect(health().condition).toBe('down')
    time.now += 1
    expect(health()).toMatchObject({ condition: 'good', breaker: 'half_open' })
    vitals.began(a)
    expect(health().condition).toBe('down')
    vitals.answered(a, 10)
    expect(health()).toMatchObject({ condition: 'good', breaker: 'closed' })
    vitals.ended(a, 'ok')
    expect(states()).toEqual(['open', 'half_open', 'closed'])
    succeed()
    fail()
    fail()
    expect(health().condition).toBe('good')
  })

  test('opens for twice as long after every probe that fails, up to the longest', () => {
    const { time, fail, health } = setUp()
    for (let count = 0; count < 3; count++) fail()
    for (const expected of [1000, 2000, 4000, 4000]) {
      expect(health().retryInMs).toBe(expected)
      time.now += expected
      fail()
    }
  })

  test('opens again at once when the answer that closed it breaks off', () => {
    const { time, vitals, a, fail, health } = setUp()
    for (let count = 0; count < 3; count++) fail()
    time.now += 1000
    vitals.began(a)
    vitals.answered(a, 10)
    vitals.ended(a, 'failed', { kind: 'broken', retryAfterMs: null })
    expect(health().breaker).toBe('open')
  })

  test('gives the probe to another when whoever had it hung up', () => {
    const { time, vitals, a, fail, health } = setUp()
    for (let count = 0; count < 3; count++) fail()
    time.now += 1000
    vitals.began(a)
    vitals.ended(a, 'aborted')
    expect(health()).toMatchObject({ condition: 'good', breaker: 'half_open', inFlight: 0 })
  })

  test('is not opened by a target that is busy, which is asked last for the time it names', () => {
    const { time, fail, health } = setUp()
    for (let count = 0; count < 50; count++) fail('busy', 2500)
    expect(health()).toMatchObject({ condition: 'busy', breaker: 'closed', failures: 0, lastFailure: 'busy' })
    time.now += 2500
    expect(health().condition).toBe('good')
    fail('rate_limited', 3_600_000)
    time.now += 60_000
    expect(health().condition).toBe('good')
  })

  test('of a place that leads elsewhere now, or nowhere, is forgotten', () => {
    const { vitals, a, fail, health } = setUp()
    for (let count = 0; count < 3; count++) fail()
    const named = (target: Target) => ({ names: new Map([[modelName('x'), routeOf([target])]]), open: new Map() })
    vitals.follow(named(a))
    expect(health().breaker).toBe('open')
    vitals.follow(named({ ...a, baseUrl: 'http://elsewhere/v1' }))
    expect(health().breaker).toBe('closed')
    for (let count = 0; count < 3; count++) fail()
    vitals.follow({ names: new Map(), open: new Map() })
    expect([...vitals.all()]).toHaveLength(0)
  })
})

test('the time to the first byte leaps up, sinks slowly, and is forgotten in idleness', () => {
  const { time, vitals, a } = setUp()
  const answer = (ms: number): void => {
    vitals.began(a)
    vitals.answered(a, ms)
    vitals.ended(a, 'ok')
  }
  answer(100)
  answer(900)
  expect(vitals.of(a).firstByteMs).toBe(900)
  time.now += 10_000
  answer(100)
  const after = vitals.of(a).firstByteMs ?? 0
  expect(after).toBeGreaterThan(350)
  expect(after).toBeLessThan(450)
  time.now += 100_001
  expect(vitals.of(a).firstByteMs).toBeNull()
  expect(vitals.of(a).averageMs).toBeCloseTo(after)
})

test('an engine’s load is known until it is stale', () => {
  const { time, vitals, a } = setUp()
  vitals.began(a)
  vitals.hasLoad('a', { running: 7, waiting: 2, cacheUsage: 0.5 })
  expect(vitals.of(a).engine).toEqual({ running: 7, waiting: 2, cacheUsage: 0.5, inFlightThen: 1 })
  time.now += 10_001
  expect(vitals.of(a).engine).toBeNull()
})

test('a memory of beginnings is bounded and keeps what is used', () => {
  const memory = new SeenPrefixes(() => plainRouting.prefix, 100)
  const kept = [1, 2, 3]
  for (let round = 0; round < 100; round++) {
    memory.learn('r', kept, 'a')
    memory.learn('r', [round * 7 + 1000, round * 7 + 1001], 'b')
    expect(memory.size).toBeLessThanOrEqual(100)
  }
  expect(memory.find('r', [1, 2, 3, 4])).toEqual({ target: 'a', blocks: 3 })
  expect(memory.find('r', [1000])).toBeNull()
  expect(memory.find('other', kept)).toBeNull()
})

/** Requests that come at a steady pace to places that each take their own time, asked by a policy. */
interface World {
  readonly policy: Policy
  readonly targets: readonly Target[]
  /** How long a place takes with so many requests at once; null = it fails. */
  readonly takes: (target: Target, inFlight: number, now: number) => number | null
  readonly everyMs: number
  readonly count: number
  readonly question?: (index: number) => Partial<Question>
}

interface Seen {
  readonly served: Map<string, number>
  readonly lost: number
  readonly most: Map<string, number>
  /** Index of the request → who answered. */
  readonly by: string[]
}

function simulate({ policy, targets, takes, everyMs, count, question }: World): Seen {
  const { time, vitals } = setUp()
  const chance = seededChance(7)
  const route: Route = routeOf(targets, { policy })
  const running: { at: number; finish: () => void }[] = []
  const served = new Map<string, number>()
  const most = new Map<string, number>()
  const by: string[] = []
  let lost = 0
  for (let index = 0; index < count; index++) {
    time.now += everyMs
    running.sort((one, other) => one.at - other.at)
    while (running[0] && running[0].at <= time.now) running.shift()?.finish()
    const itinerary = createItinerary(route, questionOf(question?.(index)), vitals, chance)
    let stop = itinerary.first()
    for (;;) {
      if (!stop) {
        lost++
        break
      }
      const { target } = stop
      vitals.began(target)
      const { inFlight } = vitals.of(target)
      const ms = takes(target, inFlight, time.now)
      if (ms === null) {
        const failure = { kind: 'refused', retryAfterMs: null } as const
        vitals.ended(target, 'failed', failure)
        stop = itinerary.next(failure)
        continue
      }
      const name = target.upstream
      most.set(name, Math.max(most.get(name) ?? 0, inFlight))
      served.set(name, (served.get(name) ?? 0) + 1)
      by[index] = name
      running.push({
        at: time.now + ms,
        finish: () => {
          vitals.answered(target, ms)
          vitals.ended(target, 'ok')
        },
      })
      break
    }
  }
  return { served, lost, most, by }
}

const trio = ['a', 'b', 'c'].map((name) => targetNamed(name))

describe('among three places', () => {
  test('least-in-flight evens out what is in flight, whatever each takes', () => {
    const takes = ({ upstream }: Target) => (upstream === 'a' ? 900 : 300)
    const { served, most } = simulate({ policy: 'least-in-flight', targets: trio, takes, everyMs: 10, count: 3000 })
    const peaks = [...most.values()]
    expect(Math.max(...peaks) - Math.min(...peaks)).toBeLessThanOrEqual(1)
    expect(served.get('a') ?? 0).toBeLessThan((served.get('b') ?? 0) / 2)
  })

  test('a weight of two has twice as much in flight', () => {
    const targets = [targetNamed('a', { weight: 2 }), targetNamed('b')]
    const { most } = simulate({ policy: 'least-in-flight', targets, takes: () => 600, everyMs: 10, count: 3000 })
    expect((most.get('a') ?? 0) / (most.get('b') ?? 1)).toBeCloseTo(2, 0)
  })

  test('weights are shares of the requests, and a weight of 0 is only for when no other can', () => {
    const targets = [targetNamed('a', { weight: 3 }), targetNamed('b', { weight: 1 }), targetNamed('c', { weight: 0 })]
    const { served } = simulate({ policy: 'weighted', targets, takes: () => 1, everyMs: 10, count: 8000 })
    expect((served.get('a') ?? 0) / 8000).toBeCloseTo(0.75, 1)
    expect(served.get('c')).toBeUndefined()
    const takes = ({ upstream }: Target) => (upstream === 'c' ? 1 : null)
    expect(simulate({ policy: 'weighted', targets, takes, everyMs: 10, count: 100 })).toMatchObject({ lost: 0 })
  })

  test('latency avoids the slow one, and comes back when it is quick again', () => {
    const takes = ({ upstream }: Target, _: number, now: number) =>
      upstream === 'a' && now < 1_000_000 + 60_000 ? 2000 : 100
    const { by } = simulate({ policy: 'latency', targets: trio, takes, everyMs: 50, count: 4000 })
    const share = (from: number, until: number): number =>
      by.slice(from, until).filter((name) => name === 'a').length / (until - from)
    expect(share(100, 1200)).toBeLessThan(0.1)
    expect(share(2000, 4000)).toBeGreaterThan(0.2)
  })

  test.each([
    'priority',
    'weighted',
    'least-in-flight',
    'least-loaded',
    'prefix',
    'latency',
    'cost',
    'sticky',
  ] as const)('with %s one that is dead loses no request, and is asked seldom', (policy) => {
    let askedDead = 0
    const takes = ({ upstream }: Target) => {
      if (upstream !== 'a') return 100
      askedDead++
      return null
    }
    const question = (index: number) => ({ session: `s${index % 50}`, prefix: () => `prompt ${index % 50}` })
    const { lost } = simulate({ policy, targets: trio, takes, everyMs: 10, count: 3000, question })
    expect(lost).toBe(0)
    // 30 s: three failures, then a probe after 1, 2, 4, 4, … s.
    expect(askedDead).toBeLessThanOrEqual(3 + 9)
  })

  test('cost takes the cheapest, and the house before what has no price', () => {
    const targets = [
      targetNamed('a', { locality: 'cloud', costPerMillion: 5 }),
      targetNamed('b', { locality: 'cloud', costPerMillion: 2 }),
      targetNamed('c', { locality: null }),
    ]
    const all = (those: readonly Target[]) =>
      simulate({ policy: 'cost', targets: those, takes: () => 1, everyMs: 10, count: 10 }).by
    expect(new Set(all(targets))).toEqual(new Set(['b']))
    expect(new Set(all([...targets, targetNamed('d')]))).toEqual(new Set(['d']))
  })

  test('sticky keeps every session where it is, spreads them, and moves only those of a place that is down', () => {
    const question = (index: number) => ({ session: `session-${index % 90}` })
    const takes = ({ upstream }: Target, _: number, now: number) =>
      upstream === 'a' && now > 1_000_000 + 15_000 ? null : 10
    const { by, lost } = simulate({ policy: 'sticky', targets: trio, takes, everyMs: 10, count: 2970, question })
    expect(lost).toBe(0)
    const homes = new Map<number, string>()
    by.slice(0, 1485).forEach((name, index) => {
      expect(homes.get(index % 90) ?? name).toBe(name)
      homes.set(index % 90, name)
    })
    for (const name of ['a', 'b', 'c'])
      expect([...homes.values()].filter((home) => home === name).length).toBeGreaterThan(15)
    by.slice(1520).forEach((name, offset) => {
      const home = homes.get((1520 + offset) % 90)
      if (home !== 'a') expect(name).toBe(home ?? '')
    })
  })

  test('prefix asks who has seen the beginning, until that one is far ahead in work', () => {
    const head = (conversation: number) => `system ${'you are kind. '.repeat(200)} ${conversation} `
    const question = (index: number) => {
      const conversation = index % 6
      const turns = Math.floor(index / 6)
      return { prefix: () => `${conversation} ${head(conversation)}${'and then. '.repeat(turns * 20)}` }
    }
    const calm = simulate({ policy: 'prefix', targets: trio, takes: () => 20, everyMs: 10, count: 300, question })
    const homes = new Map<number, Set<string>>()
    calm.by.forEach((name, index) => homes.set(index % 6, (homes.get(index % 6) ?? new Set()).add(name)))
    for (const home of homes.values()) expect(home.size).toBe(1)
    expect(new Set([...homes.values()].flatMap((home) => [...home])).size).toBeGreaterThan(1)

    const one = () => ({ prefix: () => head(1) })
    const rush = simulate({
      policy: 'prefix',
      targets: trio,
      takes: () => 10_000,
      everyMs: 1,
      count: 200,
      question: one,
    })
    const most = [...rush.most.values()]
    expect(most).toHaveLength(3)
    expect(Math.max(...most) - Math.min(...most)).toBeLessThanOrEqual(34)
  })
})

test('least-loaded asks where fewest wait, also for the work of others, and counts what went there since', () => {
  const { vitals } = setUp()
  const pair = [targetNamed('a'), targetNamed('b')]
  const route = routeOf(pair, { policy: 'least-loaded' })
  const next = (): string => {
    const stop = createItinerary(route, questionOf(), vitals, seededChance(1)).first()
    if (!stop) return ''
    vitals.began(stop.target)
    return stop.target.upstream
  }
  vitals.hasLoad('a', { running: 2, waiting: 5, cacheUsage: 0.9 })
  vitals.hasLoad('b', { running: 20, waiting: 0, cacheUsage: 0.2 })
  expect(next()).toBe('b')
  vitals.hasLoad('a', { running: 4, waiting: 0, cacheUsage: 0.9 })
  vitals.hasLoad('b', { running: 8, waiting: 0, cacheUsage: 0.2 })
  expect(Array.from({ length: 6 }, next).filter((name) => name === 'a').length).toBeGreaterThanOrEqual(3)
})
