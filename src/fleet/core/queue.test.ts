import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { createFairQueue, type Waiter } from './queue.ts'

const entry = (key: string, since: number, deadline = Infinity): Waiter => ({ key, since, deadline })

test('keys take turns; within a key the oldest is first', () => {
  const queue = createFairQueue<Waiter>(() => 10)
  const [a1, a2, a3, b1, c1] = [entry('a', 1), entry('a', 2), entry('a', 3), entry('b', 4), entry('c', 5)]
  for (const one of [a1, a2, a3, b1, c1]) queue.push(one)
  expect([a1, b1, c1, a2, a3].map((one) => queue.positionOf(one))).toEqual([0, 1, 2, 3, 4])
  expect([0, 1, 2, 3, 4].map(() => queue.take())).toEqual([a1, b1, c1, a2, a3])
  expect(queue.take()).toBeNull()
})

test('only those who came before a moment are taken when it is asked so', () => {
  const queue = createFairQueue<Waiter>(() => 10)
  const [old, young] = [entry('a', 1), entry('b', 5)]
  queue.push(young)
  queue.push(old)
  expect(queue.countOlderThan(5)).toBe(1)
  expect(queue.take(5)).toBe(old)
  expect(queue.take(5)).toBeNull()
  expect(queue.size).toBe(1)
})

test('deadlines are kept by the one who owns the clock', () => {
  const queue = createFairQueue<Waiter>(() => 10)
  const [soon, later] = [entry('a', 1, 10), entry('a', 2, 20)]
  queue.push(soon)
  queue.push(later)
  expect(queue.nextDeadline()).toBe(10)
  expect(queue.expire(10)).toEqual([soon])
  expect(queue.positionOf(soon)).toBe(-1)
  expect(queue.remove(soon)).toBe(false)
  expect(queue.nextDeadline()).toBe(20)
})

test('whatever happens, nobody is lost, nobody is served twice, the limit holds, positions are true', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('push' as const), key: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ kind: fc.constant('take' as const) }),
    fc.record({ kind: fc.constant('remove' as const), index: fc.nat(10) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 8 }), (steps, limit) => {
      const queue = createFairQueue<Waiter>(() => limit)
      const waiting = new Set<Waiter>()
      let now = 0
      for (const one of steps) {
        now++
        if (one.kind === 'push') {
          const waiter = entry(one.key, now)
          expect(queue.push(waiter)).toBe(waiting.size < limit)
          if (queue.positionOf(waiter) >= 0) waiting.add(waiter)
        } else if (one.kind === 'take') {
          const next = [...waiting].find((waiter) => queue.positionOf(waiter) === 0) ?? null
          expect(queue.take()).toBe(next)
          if (next) waiting.delete(next)
        } else {
          const waiter = [...waiting][one.index]
          if (waiter) expect(queue.remove(waiter) && waiting.delete(waiter)).toBe(true)
        }
        expect(queue.size).toBe(waiting.size)
        const positions = [...waiting].map((waiter) => queue.positionOf(waiter)).sort((a, b) => a - b)
        expect(positions).toEqual(positions.map((_, index) => index))
      }
      expect(new Set(queue.drain())).toEqual(waiting)
    }),
  )
})
