import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { FairQueue, nextTurn, positionOf, type QueueLimits, type Waiter } from './queue.ts'
import { Turns } from './turns.ts'

const entry = (key: string, since: number, more: Partial<Waiter> = {}): Waiter => ({
  key,
  since,
  deadline: Infinity,
  weight: 1,
  priority: 'interactive',
  ...more,
})
const wide: QueueLimits = { all: 1000, perKey: 1000 }
const open = (limits: QueueLimits = wide, turns = new Turns()) => {
  const queue = new FairQueue<Waiter>(() => limits, turns)
  const next = (options: { olderThan?: number; mayTake?: (key: string) => boolean; dueSince?: number } = {}) => {
    const line = { queue, olderThan: options.olderThan ?? Infinity, mayTake: options.mayTake ?? (() => true) }
    const found = nextTurn([line], { turns, batchDueSince: options.dueSince ?? -Infinity })
    if (found !== null) queue.take(found.turn)
    return found?.turn.entry ?? null
  }
  const positions = (entries: readonly Waiter[]) =>
    entries.map((one) => {
      const turn = queue.turnOf(one)
      return turn === null ? -1 : positionOf([queue], turn)
    })
  return { queue, next, positions }
}
const push = (at: ReturnType<typeof open>, ...entries: readonly Waiter[]) => entries.map((one) => at.queue.push(one))

describe('a line', () => {
  test('keys take turns; within a key the oldest is first', () => {
    const at = open()
    const [a1, a2, a3, b1, c1] = [entry('a', 1), entry('a', 2), entry('a', 3), entry('b', 4), entry('c', 5)]
    push(at, a1, a2, a3, b1, c1)
    expect(at.positions([a1, b1, c1, a2, a3])).toEqual([0, 1, 2, 3, 4])
    expect([0, 1, 2, 3, 4, 5].map(() => at.next())).toEqual([a1, b1, c1, a2, a3, null])
  })

  test('a key of weight 3 has three turns where another has one', () => {
    const at = open()
    for (let n = 0; n < 40; n++) push(at, entry('a', n, { weight: 3 }), entry('b', n))
    const taken = Array.from({ length: 24 }, () => at.next()?.key)
    expect(taken.filter((key) => key === 'a').length).toBe(18)
    // Not in a row of eighteen, either: what weight buys is spread evenly.
    for (let from = 0; from + 4 <= taken.length; from++) expect(taken.slice(from, from + 4)).toContain('b')
  })

  test('a key that comes again soon is owed nothing: it waits its round', () => {
    const at = open()
    push(at, entry('a', 1), entry('b', 1))
    expect(at.next()?.key).toBe('a')
    push(at, entry('a', 2))
    expect([at.next()?.key, at.next()?.key]).toEqual(['b', 'a'])
  })

  test('a key that may not be taken holds nobody up, and keeps its turn', () => {
    const at = open()
    const [a1, a2, b1, b2] = [entry('a', 1), entry('a', 2), entry('b', 3), entry('b', 4)]
    push(at, a1, a2, b1, b2)
    const withoutA = { mayTake: (key: string) => key !== 'a' }
    expect([at.next(withoutA), at.next(withoutA), at.next(withoutA)]).toEqual([b1, b2, null])
    expect([at.next(), at.next()]).toEqual([a1, a2])
  })

  test('only those who came before a moment are taken when it is asked so', () => {
    const at = open()
    const [old, young] = [entry('a', 1), entry('b', 5)]
    push(at, old, young)
    expect(at.queue.countOlderThan(5)).toBe(1)
    expect([at.next({ olderThan: 5 }), at.next({ olderThan: 5 })]).toEqual([old, null])
    expect(at.queue.size).toBe(1)
  })

  test('deadlines are kept by the one who owns the clock', () => {
    const { queue, positions } = open()
    const [soon, later] = [entry('a', 1, { deadline: 10 }), entry('a', 2, { deadline: 20 })]
    queue.push(soon)
    queue.push(later)
    expect(queue.nextDeadline()).toBe(10)
    expect(queue.dueAt(10)).toEqual([soon])
    expect([queue.remove(soon), queue.remove(soon)]).toEqual([true, false])
    expect(positions([soon, later])).toEqual([-1, 0])
    expect(queue.nextDeadline()).toBe(20)
  })
})

describe('a full line', () => {
  test('has room for other keys when one has filled its part', () => {
    const at = open({ all: 4, perKey: 3 })
    const flood = [1, 2, 3, 4].map((since) => entry('a', since))
    expect(push(at, ...flood).map((one) => one.kind)).toEqual(['in', 'in', 'in', 'full'])
    expect(push(at, entry('a', 5), entry('b', 6), entry('c', 7))).toEqual([
      { kind: 'full', by: 'key' },
      { kind: 'in', displaced: null },
      { kind: 'full', by: 'line' },
    ])
  })

  test('gives the place of its youngest batch request to an interactive one', () => {
    const at = open({ all: 2, perKey: 2 })
    const [first, second] = [entry('a', 1, { priority: 'batch' }), entry('b', 2, { priority: 'batch' })]
    push(at, first, second)
    expect(push(at, entry('c', 3, { priority: 'batch' }))).toEqual([{ kind: 'full', by: 'line' }])
    expect(push(at, entry('c', 4))).toEqual([{ kind: 'in', displaced: second }])
    expect(push(at, entry('b', 5))).toEqual([{ kind: 'in', displaced: first }])
    expect(push(at, entry('d', 6))).toEqual([{ kind: 'full', by: 'line' }])
  })
})

describe('batch requests', () => {
  test('come after interactive ones', () => {
    const at = open()
    const [batch, chat, later] = [entry('a', 1, { priority: 'batch' }), entry('b', 2), entry('a', 3)]
    push(at, batch, chat, later)
    expect(at.positions([chat, later, batch])).toEqual([0, 1, 2])
    expect([at.next(), at.next(), at.next()]).toEqual([chat, later, batch])
  })

  test('have one place of four once one of them has waited too long', () => {
    const at = open()
    for (let n = 0; n < 20; n++) push(at, entry('a', n), entry('b', n, { priority: 'batch' }))
    const taken = Array.from({ length: 16 }, () => at.next({ dueSince: 0 })?.priority)
    expect(taken.map((one, index) => (one === 'batch' ? index : -1)).filter((index) => index >= 0)).toEqual([3])
    const due = Array.from({ length: 8 }, () => at.next({ dueSince: 30 })?.priority?.[0])
    expect(due.join('')).toBe('biiibiib')
  })
})

test('lines that take turns together give a key one turn a round, wherever it waits', () => {
  const turns = new Turns()
  const [one, other] = [open(wide, turns), open(wide, turns)]
  for (let n = 0; n < 6; n++) {
    one.queue.push(entry('a', n))
    other.queue.push(entry('a', n))
    other.queue.push(entry('b', n))
  }
  const lines = [one, other].map(({ queue }) => ({ queue, olderThan: Infinity, mayTake: () => true }))
  const taken: string[] = []
  for (let n = 0; n < 12; n++) {
    const found = nextTurn(lines, { turns, batchDueSince: -Infinity })
    if (found === null) throw new Error('somebody waits')
    found.line.queue.take(found.turn)
    taken.push(found.turn.entry.key)
  }
  expect(taken.filter((key) => key === 'b').length).toBe(6)
})

test('a line that joins others keeps all who wait, in their order', () => {
  const at = open()
  const entries = [entry('a', 1), entry('a', 2), entry('b', 3), entry('b', 4, { priority: 'batch' })]
  push(at, ...entries)
  const turns = new Turns()
  at.queue.join(turns)
  const line = { queue: at.queue, olderThan: Infinity, mayTake: () => true }
  const taken = entries.map(() => {
    const found = nextTurn([line], { turns, batchDueSince: -Infinity })
    if (found) at.queue.take(found.turn)
    return found?.turn.entry
  })
  expect(taken).toEqual([entries[0], entries[2], entries[1], entries[3]])
})

const keys = fc.constantFrom('a', 'b', 'c', 'd')
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('push' as const),
      key: keys,
      priority: fc.constantFrom('interactive' as const, 'batch' as const),
      weight: fc.constantFrom(1, 2, 3, 7),
      waitMs: fc.integer({ min: 1, max: 40 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('take' as const), barred: fc.option(keys) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), index: fc.nat(10) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('foretell' as const) }) },
)

test('whatever happens, nobody is lost, nobody is served twice, the limits hold, positions are true', () => {
  const property = fc.property(
    fc.array(step, { maxLength: 120, size: 'max' }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 12 }),
    (steps, all, perKey) => {
      const at = open({ all, perKey })
      const waiting = new Set<Waiter>()
      // A key has one weight: it belongs to the key.
      const weights = new Map<string, number>()
      let now = 0
      for (const one of steps) {
        now++
        if (one.kind === 'push') {
          const weight = weights.get(one.key) ?? one.weight
          weights.set(one.key, weight)
          const waiter = entry(one.key, now, { priority: one.priority, weight, deadline: now + one.waitMs })
          const pushed = at.queue.push(waiter)
          if (pushed.kind === 'in') waiting.add(waiter)
          if (pushed.kind === 'in' && pushed.displaced) {
            expect(pushed.displaced.priority).toBe('batch')
            expect(waiting.delete(pushed.displaced)).toBe(true)
          }
        } else if (one.kind === 'take') {
          const taken = at.next(one.barred === null ? {} : { mayTake: (key) => key !== one.barred })
          const allowed = [...waiting].filter((waiter) => waiter.key !== one.barred)
          if (taken === null) expect(allowed).toEqual([])
          else {
            expect(allowed).toContain(taken)
            const isOvertaken = allowed.some((waiter) => waiter.priority === 'interactive')
            expect(taken.priority).toBe(isOvertaken ? 'interactive' : 'batch')
            const own = allowed.filter((waiter) => waiter.key === taken.key && waiter.priority === taken.priority)
            expect(own[0]).toBe(taken)
            waiting.delete(taken)
          }
        } else if (one.kind === 'remove') {
          const waiter = [...waiting][one.index]
          if (waiter) expect(at.queue.remove(waiter) && waiting.delete(waiter)).toBe(true)
        } else if (one.kind === 'expire') {
          const due = new Set(at.queue.dueAt(now))
          expect(due).toEqual(new Set([...waiting].filter((waiter) => waiter.deadline <= now)))
          for (const waiter of due) expect(at.queue.remove(waiter) && waiting.delete(waiter)).toBe(true)
        } else {
          // What is told is what happens when nobody else comes.
          const told = new Map([...waiting].map((waiter) => [at.positions([waiter])[0], waiter]))
          expect(told.size).toBe(waiting.size)
          for (let position = 0; position < told.size; position++) {
            const taken = at.next()
            expect(taken).toBe(told.get(position) ?? null)
            if (taken) waiting.delete(taken)
          }
        }
        expect(at.queue.size).toBe(waiting.size)
        expect(at.queue.size).toBeLessThanOrEqual(all)
        for (const key of weights.keys())
          expect([...waiting].filter((waiter) => waiter.key === key).length).toBeLessThanOrEqual(perKey)
        const positions = at.positions([...waiting]).sort((a, b) => a - b)
        expect(positions).toEqual(positions.map((_, index) => index))
        const least = (numbers: readonly number[]) => (numbers.length === 0 ? null : Math.min(...numbers))
        expect(at.queue.oldestSince()).toBe(least([...waiting].map((waiter) => waiter.since)))
        expect(at.queue.nextDeadline()).toBe(least([...waiting].map((waiter) => waiter.deadline)))
      }
      expect([...at.queue.turns()].length).toBe(waiting.size)
      expect(new Set(at.queue.drain())).toEqual(waiting)
      expect(at.queue.size).toBe(0)
    },
  )
  fc.assert(property, { numRuns: 500 })
})

/** Places that are served in simulated time; tells when each entry got its place. */
function simulate(options: {
  readonly entries: readonly Waiter[]
  readonly places: number
  readonly perKey: number
  readonly batchAge: number
}): ReadonlyMap<Waiter, number> {
  const at = open({ all: 100_000, perKey: 100_000 })
  const begun = new Map<Waiter, number>()
  const running: { readonly key: string; readonly ends: number }[] = []
  const coming = [...options.entries].sort((one, other) => one.since - other.since)
  const serve = (now: number) => {
    while (running.length < options.places) {
      const mayTake = (key: string) => running.filter((one) => one.key === key).length < options.perKey
      const taken = at.next({ mayTake, dueSince: now - options.batchAge })
      if (taken === null) return
      begun.set(taken, now)
      running.push({ key: taken.key, ends: now + 1 })
    }
  }
  while (coming.length > 0 || running.length > 0) {
    const now = Math.min(coming[0]?.since ?? Infinity, ...running.map((one) => one.ends))
    for (let index = running.length - 1; index >= 0; index--)
      if ((running[index]?.ends ?? Infinity) <= now) running.splice(index, 1)
    for (let first = coming[0]; first !== undefined && first.since <= now; first = coming[0]) {
      at.queue.push(first)
      coming.shift()
    }
    serve(now)
  }
  return begun
}

describe('in simulated time', () => {
  test('a key that floods 100 calls makes the single call of another wait at most two service times', () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.double({ min: 0.001, max: 30, noNaN: true }),
      fc.integer({ min: 1, max: 3 }),
      (places, comes, floods) => {
        const flood = Array.from({ length: 100 * floods }, (_, n) => entry(`flood${n % floods}`, n / 1e6))
        const single = entry('single', comes)
        const begun = simulate({ entries: [...flood, single], places, perKey: Infinity, batchAge: Infinity })
        expect(begun.size).toBe(flood.length + 1)
        expect((begun.get(single) ?? Infinity) - comes).toBeLessThanOrEqual(1 + floods)
      },
    )
    fc.assert(property, { numRuns: 200 })
  })

  test('the same in a pool where no key may have more than a part of the places', () => {
    const flood = Array.from({ length: 100 }, (_, n) => entry('flood', n / 1e6))
    const single = entry('single', 3.5)
    const begun = simulate({ entries: [...flood, single], places: 3, perKey: 2, batchAge: Infinity })
    // The third place was never the flood's.
    expect((begun.get(single) ?? Infinity) - 3.5).toBe(0)
    expect(Math.max(...begun.values())).toBeCloseTo(49, 3)
  })

  test('batch requests are served though interactive ones never end', () => {
    const interactive = Array.from({ length: 400 }, (_, n) => entry(`k${n % 3}`, n * 0.5))
    const batch = Array.from({ length: 10 }, (_, n) => entry('batch', 1 + n / 10, { priority: 'batch' }))
    const begun = simulate({ entries: [...interactive, ...batch], places: 1, perKey: Infinity, batchAge: 20 })
    const waits = batch.map((one) => (begun.get(one) ?? Infinity) - one.since)
    // One after the age, then one place of four.
    expect(Math.min(...waits)).toBeGreaterThan(15)
    expect(Math.max(...waits)).toBeLessThanOrEqual(20 + 4 * 11)
    const starved = simulate({ entries: [...interactive, ...batch], places: 1, perKey: Infinity, batchAge: Infinity })
    expect(Math.min(...batch.map((one) => starved.get(one) ?? Infinity))).toBeGreaterThanOrEqual(400)
  })

  test('keys that always have work share the places by their weights', () => {
    const property = fc.property(
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 4 }),
      (weights) => {
        const entries = weights.flatMap((weight, key) =>
          Array.from({ length: 300 }, (_, n) => entry(`k${key}`, n / 1e6, { weight })),
        )
        const begun = simulate({ entries, places: 1, perKey: Infinity, batchAge: Infinity })
        const total = weights.reduce((sum, weight) => sum + weight, 0)
        const early = [...begun].filter(([, at]) => at < total * 20).map(([one]) => one.key)
        for (const [key, weight] of weights.entries()) {
          const turns = early.filter((one) => one === `k${key}`).length
          expect(Math.abs(turns - weight * 20)).toBeLessThanOrEqual(1)
        }
      },
    )
    fc.assert(property, { numRuns: 40 })
  })
})
