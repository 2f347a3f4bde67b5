import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { createWindow } from './window.ts'

describe('a window', () => {
  test('forgets an amount 60 s after its second began', () => {
    const window = createWindow()
    window.take(5, 1500)
    expect(window.total(60_999)).toBe(5)
    expect(window.total(61_000)).toBe(0)
  })

  test('waits until enough of the oldest has left', () => {
    const window = createWindow()
    window.take(3, 0)
    window.take(3, 10_000)
    expect(window.waitMs(4, 10, 20_000)).toBe(0)
    expect(window.waitMs(5, 10, 20_000)).toBe(40_000)
    expect(window.waitMs(8, 10, 20_000)).toBe(50_000)
    expect(window.emptyInMs(20_000)).toBe(50_000)
  })

  test('gives nothing back for a second that has left', () => {
    const window = createWindow()
    const slot = window.take(5, 0)
    window.take(1, 60_000)
    window.give(5, slot, 60_000)
    expect(window.total(60_000)).toBe(1)
  })

  test('starts anywhere on the clock and takes jumps of any length', () => {
    const window = createWindow()
    window.take(2, 5e9 + 123.4)
    expect(window.total(5e9 + 59_000)).toBe(2)
    expect(window.total(9e12)).toBe(0)
  })

  test('never holds more than was taken in the last minute, and never less than in the last 59 seconds', () => {
    const steps = fc.array(fc.record({ after: fc.nat(20_000), amount: fc.nat(50) }), { maxLength: 80 })
    fc.assert(
      fc.property(steps, (taken) => {
        const window = createWindow()
        const history: { at: number; amount: number }[] = []
        let now = 0
        for (const { after, amount } of taken) {
          now += after
          window.take(amount, now)
          history.push({ at: now, amount })
          const since = (ms: number) =>
            history.filter((entry) => entry.at > now - ms).reduce((sum, entry) => sum + entry.amount, 0)
          expect(window.total(now)).toBeLessThanOrEqual(since(60_000))
          expect(window.total(now)).toBeGreaterThanOrEqual(since(59_000))
        }
      }),
    )
  })

  test('tells waits that are true: after them it fits, a millisecond earlier it does not', () => {
    const steps = fc.array(fc.record({ after: fc.nat(9000), amount: fc.integer({ min: 1, max: 10 }) }), {
      maxLength: 40,
    })
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 30 }), (taken, amount) => {
        const limit = 30
        const window = createWindow()
        let now = 0
        for (const step of taken) {
          now += step.after
          if (window.waitMs(step.amount, limit, now) === 0) window.take(step.amount, now)
        }
        const wait = window.waitMs(amount, limit, now)
        if (wait > 0) expect(window.waitMs(amount, limit, now + wait - 1)).toBe(1)
        expect(window.waitMs(amount, limit, now + wait)).toBe(0)
      }),
    )
  })
})
