import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { KeyLimits } from '#kernel/words.ts'
import type { Reservation, Reserved } from '../contract.ts'
import { concurrencyRetryMs } from './account.ts'
import { Limiter } from './limiter.ts'

const none: KeyLimits = { requestsPerMinute: null, tokensPerMinute: null, concurrency: null }

function limiterAt(start = 0) {
  const time = { now: start }
  const limiter = new Limiter({ mono: () => time.now, now: () => Date.UTC(2026, 0, 15) + time.now })
  const reserve = (limits: Partial<KeyLimits>, tokens = 0, key = 'a'): Reserved =>
    limiter.reserve({
      subjects: [{ kind: 'key', id: key }],
      rule: { limits: { ...none, ...limits }, budget: null },
      tokens,
      micros: 0,
    })
  const held = (limits: Partial<KeyLimits>, tokens = 0, key = 'a'): Reservation => {
    const reserved = reserve(limits, tokens, key)
    if (!reserved.ok) throw new Error(`refused by ${reserved.limit}`)
    return reserved.hold
  }
  return { time, limiter, reserve, held }
}

describe('the limiter', () => {
  test('a key without limits has no headers, and is forgotten when nothing came of its requests', () => {
    const { reserve, held, limiter, time } = limiterAt()
    expect(reserve({}, 1e9)).toMatchObject({ ok: true, headers: {}, isBounded: false })
    held({}, 5, 'b').release()
    expect(limiter.size).toBe(2)
    time.now = 60_000
    held({}, 5, 'c').release()
    expect(limiter.size).toBe(2)
  })

  test('of 1,000 requests at once against 10 places, 10 are admitted', () => {
    const { reserve, limiter } = limiterAt()
    const all = Array.from({ length: 1000 }, () => reserve({ concurrency: 10 }))
    const admitted = all.filter((reserved) => reserved.ok)
    expect(admitted).toHaveLength(10)
    expect(all[10]).toMatchObject({ limit: 'concurrency', amount: 10, retryAfterMs: concurrencyRetryMs })
    for (const reserved of admitted) reserved.hold.settle({ tokens: null })
    expect(limiter.inFlight({ kind: 'key', id: 'a' })).toBe(0)
  })

  test('never admits more requests than the limit in a minute, and says truly when the next one is', () => {
    const { time, reserve } = limiterAt(12_345)
    expect(reserve({ requestsPerMinute: 2 }).ok).toBe(true)
    time.now += 5000
    expect(reserve({ requestsPerMinute: 2 }).ok).toBe(true)
    const refused = reserve({ requestsPerMinute: 2 })
    expect(refused).toMatchObject({ ok: false, limit: 'requestsPerMinute', amount: 2, retryAfterMs: 54_655 })
    time.now += 54_654
    expect(reserve({ requestsPerMinute: 2 }).ok).toBe(false)
    time.now += 1
    expect(reserve({ requestsPerMinute: 2 }).ok).toBe(true)
    expect(reserve({ requestsPerMinute: 2 }).ok).toBe(false)
  })

  test('a refusal takes nothing of any limit', () => {
    const { reserve, limiter } = limiterAt()
    const limits = { requestsPerMinute: 5, tokensPerMinute: 100, concurrency: 5 }
    expect(reserve(limits, 90).ok).toBe(true)
    for (let times = 0; times < 50; times++) expect(reserve(limits, 20)).toMatchObject({ limit: 'tokensPerMinute' })
    expect(limiter.inFlight({ kind: 'key', id: 'a' })).toBe(1)
    for (let times = 0; times < 4; times++) expect(reserve(limits, 1).ok).toBe(true)
    expect(reserve(limits, 1).ok).toBe(false)
  })

  test.each([
    ['fewer tokens than thought', 40, 60],
    ['as many as thought', 100, 0],
    ['more than thought', 150, 0],
  ])('settling %s leaves the right rest', (_what, used, rest) => {
    const { reserve, held } = limiterAt()
    held({ tokensPerMinute: 100 }, 100).settle({ tokens: used })
    expect(reserve({ tokensPerMinute: 100 }, rest + 1).ok).toBe(false)
    expect(reserve({ tokensPerMinute: 100 }, rest).ok).toBe(rest > 0 || used === 100)
  })

  test('settling an unknown number of tokens keeps what was reserved', () => {
    const { reserve, held } = limiterAt()
    held({ tokensPerMinute: 100 }, 80).settle({ tokens: null })
    expect(reserve({ tokensPerMinute: 100 }, 21).ok).toBe(false)
  })

  test('a request of more tokens than the limit waits for an empty minute, not for ever', () => {
    const { time, reserve } = limiterAt()
    expect(reserve({ tokensPerMinute: 100 }, 1).ok).toBe(true)
    expect(reserve({ tokensPerMinute: 100 }, 100_000)).toMatchObject({ ok: false, retryAfterMs: 60_000 })
    time.now = 60_000
    expect(reserve({ tokensPerMinute: 100 }, 100_000).ok).toBe(true)
  })

  test('an answer that outlives its minute is charged for what it used more', () => {
    const { time, reserve, held } = limiterAt()
    const long = held({ tokensPerMinute: 100 }, 10)
    time.now = 600_000
    held({ requestsPerMinute: 5 }, 0, 'other').release()
    long.settle({ tokens: 100 })
    expect(reserve({ tokensPerMinute: 100 }, 11).ok).toBe(false)
    expect(reserve({ tokensPerMinute: 100 }, 10).ok).toBe(true)
  })

  test('headers stand for the limits that a key has', () => {
    const { reserve } = limiterAt()
    const limits = { requestsPerMinute: 3, tokensPerMinute: 1000 }
    reserve(limits, 100)
    expect(reserve(limits, 100).headers).toEqual({
      'x-ratelimit-limit-requests': '3',
      'x-ratelimit-remaining-requests': '1',
      'x-ratelimit-reset-requests': '1m',
      'x-ratelimit-limit-tokens': '1000',
      'x-ratelimit-remaining-tokens': '800',
      'x-ratelimit-reset-tokens': '1m',
    })
    expect(reserve(limits, 900).headers).toMatchObject({ 'x-ratelimit-remaining-requests': '1' })
    expect(reserve({ concurrency: 2 }, 0, 'b').headers).toEqual({})
  })

  test('keys that used nothing are forgotten after a minute, those with work under way are not', () => {
    const { time, reserve, held, limiter } = limiterAt()
    for (let key = 0; key < 1000; key++) held({ requestsPerMinute: 5 }, 0, `k${key}`).release()
    held({ concurrency: 5 }, 0, 'busy')
    expect(limiter.size).toBe(1001)
    time.now = 120_000
    reserve({ requestsPerMinute: 5 }, 0, 'late')
    expect(limiter.size).toBe(2)
  })

  test('whatever happens, nothing stays reserved and no count goes below zero', () => {
    const limits = { requestsPerMinute: 20, tokensPerMinute: 500, concurrency: 4 }
    const act = fc.record({
      what: fc.constantFrom('reserve', 'settle', 'settle twice', 'release', 'wait'),
      amount: fc.nat(700),
    })
    fc.assert(
      fc.property(fc.array(act, { maxLength: 200 }), (acts) => {
        const { time, reserve, limiter } = limiterAt()
        const holds: Reservation[] = []
        for (const { what, amount } of acts) {
          if (what === 'reserve') {
            const reserved = reserve(limits, amount)
            if (reserved.ok) holds.push(reserved.hold)
          } else if (what === 'wait') time.now += amount * 30
          else if (what === 'release') holds.shift()?.release()
          else {
            const hold = holds.shift()
            hold?.settle({ tokens: amount })
            if (what === 'settle twice') hold?.release()
          }
          expect(limiter.inFlight({ kind: 'key', id: 'a' })).toBe(holds.length)
          expect(holds.length).toBeLessThanOrEqual(4)
        }
        for (const hold of holds) hold.release()
        expect(limiter.inFlight({ kind: 'key', id: 'a' })).toBe(0)
        time.now += 60_000
        const fresh = reserve(limits, 500)
        expect(fresh.headers).toMatchObject({
          'x-ratelimit-remaining-requests': '19',
          'x-ratelimit-remaining-tokens': '0',
        })
        expect(fresh.ok).toBe(true)
      }),
    )
  })
})
