import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Budget, KeyLimits } from '#kernel/words.ts'
import type { Quota, Reservation } from '../contract.ts'
import { calendarOf, endOf } from './calendar.ts'
import { Limiter, type Rule, type Subject } from './limiter.ts'

const none: KeyLimits = { requestsPerMinute: null, tokensPerMinute: null, concurrency: null }
const noon = Date.UTC(2026, 0, 15, 12)
const dayMs = 86_400_000
const ownKey: Subject = { kind: 'key', id: 'a' }
const team: Subject = { kind: 'team', id: 'search' }

function limiterAt(start = noon) {
  const time = { now: start }
  const told: string[] = []
  const tell = (type: string, { subject, spentMicros }: Quota) => told.push(`${type} ${subject.id} ${spentMicros}`)
  const limiter = new Limiter({ now: () => time.now, mono: () => time.now - noon }, tell)
  const reserve = (micros: number, rule: Rule | null = null, subjects = [ownKey, team], tokens = 0) =>
    limiter.reserve({ subjects, rule, tokens, micros })
  const held = (micros: number, rule: Rule | null = null): Reservation => {
    const reserved = reserve(micros, rule)
    if (!reserved.ok) throw new Error(`refused by ${reserved.limit}`)
    return reserved.hold
  }
  return { time, told, limiter, reserve, held }
}

const budgetOf = (usd: number, period: Budget['period'], limits: Partial<KeyLimits> = {}): Rule => ({
  limits: { ...none, ...limits },
  budget: { usd, period },
})

describe('periods of the calendar', () => {
  test.each([
    ['a Thursday in the middle of a month', '2026-01-15', '2026-01-12', '2026-01-01'],
    ['a Monday', '2026-06-01', '2026-06-01', '2026-06-01'],
    ['a Sunday', '2026-03-01', '2026-02-23', '2026-03-01'],
    ['the first day of a year', '2027-01-01', '2026-12-28', '2027-01-01'],
    ['a day before 1970', '1969-12-31', '1969-12-29', '1969-12-01'],
  ])('begin where they should for %s', (_what, day, week, month) => {
    const calendar = calendarOf(Date.parse(`${day}T23:59:59.999Z`))
    const dates = [calendar.day, calendar.week, calendar.month].map((at) => new Date(at).toISOString().slice(0, 10))
    expect(dates).toEqual([day, week, month])
    expect(calendar.dayEnd).toBe(Date.parse(`${day}T00:00:00Z`) + dayMs)
  })

  test('end where the next one begins', () => {
    const calendar = calendarOf(Date.UTC(2026, 1, 28, 5))
    expect(endOf('month', calendar)).toBe(Date.UTC(2026, 2, 1))
    expect(endOf('week', calendar)).toBe(Date.UTC(2026, 2, 2))
    expect(endOf('total', calendar)).toBeNull()
  })
})

describe('a budget', () => {
  test('admits as many of a thousand at once as it has room for', () => {
    const { reserve } = limiterAt()
    const rule = budgetOf(1, 'month')
    const all = Array.from({ length: 1000 }, () => reserve(100_000, rule))
    expect(all.filter(({ ok }) => ok).length).toBe(10)
    expect(all.at(-1)).toMatchObject({
      ok: false,
      limit: 'budget',
      subject: ownKey,
      amount: 1,
      quota: { spentMicros: 0, heldMicros: 1_000_000 },
      retryAfterMs: Date.UTC(2026, 1, 1) - noon,
    })
  })

  test('of one that has no room keeps all others as they were', () => {
    const { limiter, reserve } = limiterAt()
    limiter.setRule(team, budgetOf(0.05, 'day'))
    const rule = budgetOf(1, 'day', { requestsPerMinute: 5, concurrency: 1 })
    expect(reserve(60_000, rule)).toMatchObject({ ok: false, subject: team, limit: 'budget' })
    expect(limiter.spending(ownKey, 'day').heldMicros).toBe(0)
    expect(limiter.inFlight(ownKey)).toBe(0)
    expect(reserve(40_000, rule)).toMatchObject({ ok: true, headers: { 'x-hearth-budget-remaining': '0.01' } })
  })

  test('keeps what was really spent, and all of it where nobody says', () => {
    const { limiter, held } = limiterAt()
    limiter.setRule(team, budgetOf(1, 'day'))
    held(400_000).settle({ tokens: 3, micros: 123, at: noon })
    expect(limiter.spending(team, 'day')).toMatchObject({ spentMicros: 123, heldMicros: 0 })
    held(400_000).settle({ tokens: null, micros: null, at: noon })
    expect(limiter.spending(team, 'day')).toMatchObject({ spentMicros: 400_123, heldMicros: 0 })
    held(400_000).release()
    expect(limiter.spending(team, 'day')).toMatchObject({ spentMicros: 400_123, heldMicros: 0 })
  })

  test('begins anew with its period, and what began before counts there', () => {
    const { time, limiter, held, reserve } = limiterAt()
    limiter.setRule(team, budgetOf(0.1, 'day'))
    const late = held(100_000)
    time.now += dayMs
    // It still runs: what it may use is not there for others.
    expect(reserve(1).ok).toBe(false)
    late.settle({ tokens: 1, micros: 90_000, at: noon })
    expect(limiter.spending(team, 'day').spentMicros).toBe(0)
    expect(limiter.spending(team, 'week').spentMicros).toBe(90_000)
    expect(limiter.spending(team, 'total').spentMicros).toBe(90_000)
    expect(reserve(100_000).ok).toBe(true)
  })

  test('is told when it runs low and when it has no room, once in each period', () => {
    const { time, told, limiter, held, reserve } = limiterAt()
    limiter.setRule(team, budgetOf(1, 'day'))
    for (let spent = 0; spent < 9; spent++) held(100_000).settle({ tokens: 1, micros: 100_000, at: time.now })
    expect(told).toEqual(['quota.low search 800000'])
    // It would not fit in a new period either: the budget is not spent by that.
    reserve(1_000_001)
    expect(told.length).toBe(1)
    reserve(200_000)
    reserve(200_000)
    expect(told).toEqual(['quota.low search 800000', 'quota.exhausted search 900000'])
    time.now += dayMs
    held(1_000_000).settle({ tokens: 1, micros: 1_000_000, at: time.now })
    expect(told.slice(2)).toEqual(['quota.low search 1000000', 'quota.exhausted search 1000000'])
  })

  test('that a session grows beyond is over, and what it holds counts', () => {
    const { limiter, held, reserve } = limiterAt()
    limiter.setRule(team, budgetOf(1, 'total'))
    const session = held(300_000)
    expect(session.grow({ tokens: 5, micros: 600_000 })).toBe(true)
    expect(reserve(500_000).ok).toBe(false)
    expect(session.grow({ tokens: 9, micros: 1_100_000 })).toBe(false)
    session.settle({ tokens: 9, micros: 900_000, at: noon })
    expect(limiter.spending(team, 'total')).toMatchObject({ spentMicros: 900_000, heldMicros: 0 })
  })

  test('is never overspent, and at the end holds exactly what was charged', () => {
    const act = fc.record({ micros: fc.nat(400_000), what: fc.constantFrom('settle', 'release', 'unknown', 'keep') })
    fc.assert(
      fc.property(fc.array(act, { maxLength: 100 }), (acts) => {
        const { limiter, reserve } = limiterAt()
        limiter.setRule(team, budgetOf(1, 'month'))
        const kept: Reservation[] = []
        let charged = 0
        for (const { micros, what } of acts) {
          const reserved = reserve(micros)
          if (!reserved.ok) continue
          if (what === 'keep') kept.push(reserved.hold)
          else if (what === 'release') reserved.hold.release()
          else {
            const used = what === 'unknown' ? null : Math.floor(micros / 2)
            reserved.hold.settle({ tokens: 1, micros: used, at: noon })
            charged += used ?? micros
          }
          const { spentMicros, heldMicros } = limiter.spending(team, 'month')
          expect(spentMicros + heldMicros).toBeLessThanOrEqual(1_000_000)
          expect(spentMicros).toBe(charged)
        }
        for (const hold of kept) hold.release()
        expect(limiter.spending(team, 'month')).toMatchObject({ spentMicros: charged, heldMicros: 0 })
      }),
    )
  })
})

describe('limits of days and months', () => {
  test('begin anew with the calendar, and say when that is', () => {
    const { time, reserve } = limiterAt()
    const rule = { limits: { ...none, requestsPerDay: 2, tokensPerMonth: 100 }, budget: null }
    expect(reserve(0, rule, [ownKey], 10).ok).toBe(true)
    expect(reserve(0, rule, [ownKey], 10)).toMatchObject({
      ok: true,
      isBounded: true,
      headers: {
        'x-ratelimit-limit-requests': '2',
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-reset-requests': '12h',
        'x-ratelimit-remaining-tokens': '80',
      },
    })
    expect(reserve(0, rule, [ownKey], 10)).toMatchObject({ limit: 'requestsPerDay', retryAfterMs: dayMs / 2 })
    time.now += dayMs / 2 - 1
    expect(reserve(0, rule, [ownKey], 10)).toMatchObject({ ok: false, retryAfterMs: 1 })
  })

  test('remember what the books say of an earlier time', () => {
    const { limiter, reserve } = limiterAt()
    const used = { requests: 1, tokens: 60, micros: 5 }
    limiter.load(ownKey, used, Date.UTC(2026, 0, 2))
    limiter.load(ownKey, used, Date.UTC(2025, 11, 31))
    limiter.load(ownKey, used, -Infinity)
    const rule = { limits: { ...none, tokensPerMonth: 100 }, budget: null }
    expect(reserve(0, rule, [ownKey], 41)).toMatchObject({ ok: false, limit: 'tokensPerMonth' })
    expect(reserve(0, rule, [ownKey], 40).ok).toBe(true)
    expect(limiter.spending(ownKey, 'total').spentMicros).toBe(15)
    expect(limiter.spending(ownKey, 'day').spentMicros).toBe(0)
  })

  test('of an hour slide', () => {
    const { time, reserve } = limiterAt()
    const rule = { limits: { ...none, requestsPerHour: 1 }, budget: null }
    expect(reserve(0, rule).ok).toBe(true)
    time.now += 3_599_999
    expect(reserve(0, rule)).toMatchObject({ ok: false, limit: 'requestsPerHour', retryAfterMs: 1 })
    time.now += 1
    expect(reserve(0, rule).ok).toBe(true)
  })
})
