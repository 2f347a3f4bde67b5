import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { modelName } from '#kernel/ids.ts'
import { failureClasses, type FailureClass } from '#kernel/routing.ts'
import { questionOf, routeOf, seededChance, signsOf, targetNamed } from '../../../test/env/targets.ts'
import type { Fallback, Route, Target } from './choose.ts'
import type { Health } from './health.ts'
import type { Failure, Question, Stop } from './itinerary.ts'
import { createItinerary } from './routing.ts'

const failed = (kind: FailureClass, retryAfterMs: number | null = null): Failure => ({ kind, retryAfterMs })

/** In the order of priority. */
const inOrder = (...targets: Target[]): readonly Target[] =>
  targets.map((target, priority) => ({ ...target, priority }))

const three = inOrder(targetNamed('a'), targetNamed('b'), targetNamed('c'))

interface Way {
  readonly route: Route
  readonly failures: readonly Failure[]
  readonly question?: Partial<Question>
  readonly health?: Readonly<Record<string, Partial<Health>>>
}

/** Every stop until there is none, or no failure is left. */
function travel({ route, failures, question = {}, health = {} }: Way): readonly Stop[] {
  const itinerary = createItinerary(route, questionOf(question), signsOf(health), () => 0.5)
  const stops: Stop[] = []
  let stop = itinerary.first()
  for (const failure of failures) {
    if (!stop) break
    stops.push(stop)
    stop = itinerary.next(failure)
  }
  return stop ? [...stops, stop] : stops
}

const names = (stops: readonly Stop[]): string => stops.map((stop) => stop.target.upstream).join(' ')
const to = (
  model: string,
  targets: readonly Target[],
  on: Fallback['on'] = null,
  more: Partial<Route> = {},
): Fallback => ({
  on,
  model: modelName(model),
  route: () => routeOf(targets, { name: modelName(model), ...more }),
})
const times = (count: number, failure: Failure): readonly Failure[] => Array.from({ length: count }, () => failure)

describe('after a failure', () => {
  test.each([
    // A passing fault: everybody once, then everybody again.
    ['refused', 'a b c a b c'],
    ['reset', 'a b c a b c'],
    ['broken', 'a b c a b c'],
    ['empty', 'a b c a b c'],
    ['malformed', 'a b c a b c'],
    ['busy', 'a b c a b c'],
    ['rate_limited', 'a b c a b c'],
    ['server_error', 'a b c a b c'],
    // Nobody is asked twice: it would be the same, or take as long again.
    ['timeout', 'a b c'],
    ['auth', 'a b c'],
    ['not_found', 'a b c'],
    ['no_place', 'a b c'],
    ['denied', 'a b c'],
    // The request's own.
    ['context_length', 'a'],
    ['content_filter', 'a'],
  ] as const)('%s, the way is %s', (kind, way) => {
    expect(names(travel({ route: routeOf(three), failures: times(20, failed(kind)) }))).toBe(way)
  })

  test.each(failureClasses.map((kind) => [kind]))('%s leads to a fallback that names it, and to no other', (kind) => {
    const fallbacks = [
      to(
        'other',
        [targetNamed('x')],
        failureClasses.filter((other) => other !== kind),
      ),
      to('named', [targetNamed('y')], [kind]),
    ]
    const route = routeOf([targetNamed('a')], { fallbacks, retries: { ...routeOf([]).retries, attempts: 1 } })
    expect(names(travel({ route, failures: [failed(kind)] }))).toBe('a y')
  })

  test.each(failureClasses.map((kind) => [kind]))(
    '%s leads to a fallback for all only where the fault is the target’s',
    (kind) => {
      const route = routeOf([targetNamed('a')], {
        fallbacks: [to('other', [targetNamed('x')])],
        retries: { ...routeOf([]).retries, attempts: 1 },
      })
      const isRequests = kind === 'context_length' || kind === 'content_filter'
      expect(names(travel({ route, failures: [failed(kind)] }))).toBe(isRequests ? 'a' : 'a x')
    },
  )

  test('a target is asked again after a wait by chance, doubled each time up to the longest', () => {
    const retries = { ...routeOf([]).retries, attempts: 6, backoffMs: 400 }
    const stops = travel({ route: routeOf([targetNamed('a')], { retries }), failures: times(5, failed('reset')) })
    expect(stops.map((stop) => stop.waitMs)).toEqual([0, 200, 400, 500, 500, 500])
    expect(stops.map((stop) => stop.why)).toEqual([
      'only target',
      'retry 1 after reset',
      'retry 2 after reset',
      'retry 3 after reset',
      'retry 4 after reset',
      'retry 5 after reset',
    ])
  })

  test('a short Retry-After is waited for, a long one is not', () => {
    const route = routeOf([targetNamed('a')])
    const [, again] = travel({ route, failures: [failed('busy', 3000)] })
    expect(again?.waitMs).toBe(3050)
    expect(travel({ route, failures: [failed('busy', 5001)] })).toHaveLength(1)
  })

  test('of several that ask for patience the soonest is asked again', () => {
    const route = routeOf(three.slice(0, 2))
    const stops = travel({ route, failures: [failed('busy', 4000), failed('rate_limited', 1000)] })
    expect(names(stops)).toBe('a b b')
    expect(stops[2]).toMatchObject({ waitMs: 1050, why: 'retry 1 after rate_limited' })
  })

  test('nobody waits for one that asks for patience while a fallback would do', () => {
    const route = routeOf([targetNamed('a')], { fallbacks: [to('other', [targetNamed('x')])] })
    const stops = travel({ route, failures: [failed('busy', 1000)] })
    expect(names(stops)).toBe('a x')
    expect(stops[1]).toMatchObject({ waitMs: 0, why: 'fallback other after busy' })
  })

  test('a prompt that was too long for one target goes to a larger one only', () => {
    const sizes = inOrder(
      targetNamed('small', { contextTokens: 1000 }),
      targetNamed('same', { contextTokens: 1000 }),
      targetNamed('unknown'),
      targetNamed('large', { contextTokens: 2000 }),
    )
    expect(names(travel({ route: routeOf(sizes), failures: times(3, failed('context_length')) }))).toBe('small large')
  })

  test('fallbacks have fallbacks, and none is taken twice', () => {
    const c: Fallback = to('c', [targetNamed('c')])
    const route = routeOf([targetNamed('a')], { fallbacks: [to('b', [targetNamed('b')], null, { fallbacks: [c] })] })
    const [first] = route.fallbacks
    const circle = { ...route, fallbacks: [first as Fallback, { ...c, route: () => circle }] } as Route
    expect(names(travel({ route: circle, failures: times(9, failed('timeout')) }))).toBe('a b c')
  })

  test('no request asks more often than the limit of the route it began at', () => {
    const retries = { ...routeOf([]).retries, attempts: 10, maxAttempts: 4 }
    const fallbacks = [to('other', [targetNamed('x')])]
    const route = routeOf(three, { retries, fallbacks })
    expect(travel({ route, failures: times(50, failed('reset')) })).toHaveLength(4)
  })
})

describe('context', () => {
  const sizes = inOrder(targetNamed('small', { contextTokens: 1000 }), targetNamed('large', { contextTokens: 10_000 }))

  test.each([
    ['a short prompt is for the first', { promptTokens: 900 }, 'small'],
    ['with the answer wanted it would not fit', { promptTokens: 900, maxTokens: 200 }, 'large'],
    ['it fits the larger only', { promptTokens: 3000 }, 'large'],
    ['it seems to fit nobody, but counting is rough', { promptTokens: 15_000 }, 'large'],
  ])('%s', (_what, question, first) => {
    expect(names(travel({ route: routeOf(sizes), failures: [], question }))).toBe(first)
  })

  test('a prompt that fits nobody is refused with the largest context, or goes where the route says', () => {
    const question = questionOf({ promptTokens: 30_000 })
    const itinerary = createItinerary(routeOf(sizes), question, signsOf(), () => 0.5)
    expect(itinerary.first()).toBeNull()
    expect(itinerary.impasse).toEqual({ kind: 'context_length', promptTokens: 30_000, contextTokens: 10_000 })
    const fallbacks = [to('all', [targetNamed('x')]), to('huge', [targetNamed('y')], ['context_length'])]
    const stops = travel({ route: routeOf(sizes, { fallbacks }), failures: [], question })
    expect(stops).toMatchObject([{ target: { upstream: 'y' }, why: 'fallback huge after context_length' }])
  })
})

describe('health', () => {
  const down = { condition: 'down', retryInMs: 4000, lastFailure: 'timeout' } as const
  const busy = { condition: 'busy' } as const

  test.each([
    ['who is down is passed over', { a: down }, 'b'],
    ['who is busy is asked after the others', { a: busy, b: down }, 'c'],
    ['busy is better than down', { a: down, b: busy, c: down }, 'b'],
    ['where all are down the first is asked nevertheless', { a: down, b: down, c: down }, 'a'],
  ])('%s', (_what, health, first) => {
    expect(names(travel({ route: routeOf(three), failures: [], health }))).toBe(first)
  })

  test('a fallback goes before what is down, by the class of its last failure', () => {
    const fallbacks = [to('x', [targetNamed('x')], ['busy']), to('y', [targetNamed('y')], ['timeout'])]
    const health = { a: down, b: down, c: down }
    expect(names(travel({ route: routeOf(three, { fallbacks }), failures: [], health }))).toBe('y')
  })

  test('who went down while it was asked is not asked again because a fallback has nobody', () => {
    const health: Record<string, Partial<Health>> = {}
    const fallbacks = [to('tiny', [targetNamed('x', { contextTokens: 16 })])]
    const route = routeOf([targetNamed('a')], { fallbacks })
    const itinerary = createItinerary(route, questionOf(), signsOf(health), () => 0.5)
    expect(itinerary.first()).toMatchObject({ target: { upstream: 'a' } })
    health['a'] = down
    expect(itinerary.next(failed('timeout'))).toBeNull()
  })

  test('a house that refuses says when to come back', () => {
    const route = routeOf(three, { retries: { ...routeOf([]).retries, whenAllOpen: 'refuse' } })
    const signs = signsOf({ a: down, b: { ...down, retryInMs: 1500 }, c: down })
    const itinerary = createItinerary(route, questionOf(), signs, () => 0.5)
    expect(itinerary.first()).toBeNull()
    expect(itinerary.impasse).toEqual({ kind: 'down', retryAfterMs: 1500 })
  })

  test('a lower priority is asked when all of a higher one are down', () => {
    const targets = [targetNamed('a'), targetNamed('b'), targetNamed('far', { priority: 1 })]
    const route = routeOf(targets, { policy: 'least-in-flight' })
    expect(names(travel({ route, failures: [], health: { a: down, b: down } }))).toBe('far')
    expect(names(travel({ route, failures: [], health: { a: { inFlight: 9 }, b: { inFlight: 8 } } }))).toBe('b')
  })
})

test('every way ends, asks nobody more often than allowed, and waits no longer than allowed', () => {
  const anyFailure = fc.record({
    kind: fc.constantFrom(...failureClasses),
    retryAfterMs: fc.option(fc.integer({ min: 0, max: 20_000 })),
  })
  fc.assert(
    fc.property(
      fc.array(anyFailure, { minLength: 30, maxLength: 30 }),
      fc.array(fc.constantFrom('good', 'busy', 'down'), { minLength: 5, maxLength: 5 }),
      fc.integer(),
      (failures, conditions, seed) => {
        const own = ['a', 'b', 'c'].map((name) => targetNamed(name))
        const fallbacks = [to('other', [targetNamed('x'), targetNamed('y')], null, { policy: 'weighted' })]
        const route = routeOf(own, { fallbacks, policy: 'least-in-flight' })
        const health = Object.fromEntries(
          ['a', 'b', 'c', 'x', 'y'].map((name, index) => [name, { condition: conditions[index] ?? 'good' }]),
        )
        const itinerary = createItinerary(route, questionOf(), signsOf(health), seededChance(seed))
        const counts = new Map<string, number>()
        let stop = itinerary.first()
        for (let at = 0; stop !== null; at++) {
          const { target, waitMs, why } = stop
          counts.set(target.key, (counts.get(target.key) ?? 0) + 1)
          expect(waitMs).toBeLessThanOrEqual(route.retries.maxRetryAfterMs + route.retries.maxBackoffMs)
          expect(why).toMatch(/^[\x20-\x7e]{1,80}$/)
          expect(at).toBeLessThan(route.retries.maxAttempts)
          stop = itinerary.next(failures[at] ?? failed('auth'))
        }
        for (const count of counts.values()) expect(count).toBeLessThanOrEqual(route.retries.attempts)
      },
    ),
  )
})
