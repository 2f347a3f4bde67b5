import type { EpochMs, MonoMs } from '#kernel/time.ts'
import type { Budget, BudgetPeriod, KeyLimits, SubjectKind } from '#kernel/words.ts'
import { budgetPeriods } from '#kernel/words.ts'
import type { LimitName } from '../contract.ts'
import type { Calendar } from './calendar.ts'
import { endOf } from './calendar.ts'
import type { Window } from './window.ts'
import { createWindow, minuteMs, secondMs } from './window.ts'

/** When a place will be free nobody knows: a request may take a second or ten minutes. Ask again after this long. */
export const concurrencyRetryMs = 1000

/** Whose limits a request touches. */
export interface Subject {
  readonly kind: SubjectKind
  readonly id: string
}

/** What a key, a person, a team, a tag or a model may use. */
export interface Rule {
  readonly limits: KeyLimits
  readonly budget: Budget | null
}

export interface Amounts {
  readonly requests: number
  readonly tokens: number
  readonly micros: number
}

type Unit = 'requests' | 'tokens'

/** Limits that slide, and those of the calendar. */
const sliding = [
  { limit: 'requestsPerMinute', unit: 'requests', slotMs: secondMs },
  { limit: 'tokensPerMinute', unit: 'tokens', slotMs: secondMs },
  { limit: 'requestsPerHour', unit: 'requests', slotMs: minuteMs },
  { limit: 'tokensPerHour', unit: 'tokens', slotMs: minuteMs },
] as const
const periodic = [
  { limit: 'requestsPerDay', unit: 'requests', period: 'day' },
  { limit: 'tokensPerDay', unit: 'tokens', period: 'day' },
  { limit: 'requestsPerMonth', unit: 'requests', period: 'month' },
  { limit: 'tokensPerMonth', unit: 'tokens', period: 'month' },
] as const

export interface Moment {
  readonly mono: MonoMs
  readonly now: EpochMs
  readonly calendar: Calendar
}

/** A limit that stands in the way. */
export interface Obstacle {
  readonly limit: LimitName
  readonly amount: number
  readonly retryAfterMs: number
}

/** What is left of a limit, for the headers. */
export interface Margin {
  readonly unit: Unit
  readonly limit: number
  readonly remaining: number
  /** Where it slides; looked at only where it is told. */
  readonly window: Window | null
  /** Of a period of the calendar. */
  readonly resetMs: number
}

/** What was counted in a window, to be given back. */
interface Taken {
  readonly window: Window
  readonly unit: Unit
  amount: number
  readonly slot: number
}

/**
 * What one subject uses: windows of the last minute and hour, sums of the calendar's periods, and what is held by
 * requests under way. Held amounts count in every period until they are settled; then the request counts in the period
 * in which it came, as its row does.
 */
export class Account {
  readonly subject: Subject
  rule: Rule | null = null
  /** Places that are taken, where they are limited. */
  inFlight = 0
  /** Reservations that have not ended. */
  open = 0
  readonly held = { requests: 0, tokens: 0, micros: 0 }
  /** Beginnings of the periods in which these were told. */
  readonly told: { low: EpochMs | null; exhausted: EpochMs | null } = { low: null, exhausted: null }
  readonly #sums: Readonly<Record<BudgetPeriod, { requests: number; tokens: number; micros: number }>> = {
    day: { requests: 0, tokens: 0, micros: 0 },
    week: { requests: 0, tokens: 0, micros: 0 },
    month: { requests: 0, tokens: 0, micros: 0 },
    total: { requests: 0, tokens: 0, micros: 0 },
  }
  readonly #windows = new Map<LimitName, Window>()
  #calendar: Calendar

  constructor(subject: Subject, calendar: Calendar) {
    this.subject = subject
    this.#calendar = calendar
  }

  /** What was charged in a period; what is held is not in it. */
  sum(period: BudgetPeriod, calendar: Calendar): Amounts {
    this.#follow(calendar)
    return this.#sums[period]
  }

  charge(amounts: Amounts, at: EpochMs, calendar: Calendar): void {
    this.#follow(calendar)
    for (const period of budgetPeriods) {
      if (at < calendar[period]) continue
      const sum = this.#sums[period]
      sum.requests += amounts.requests
      sum.tokens += amounts.tokens
      sum.micros += amounts.micros
    }
  }

  /** The limit that stands in the way longest: after its wait, none of them does if nothing else comes. */
  obstacle(tokens: number, moment: Moment): Obstacle | null {
    if (this.rule === null) return null
    const { limits } = this.rule
    let longest: Obstacle | null = null
    const consider = (limit: LimitName, amount: number, retryAfterMs: number) => {
      if (retryAfterMs > (longest?.retryAfterMs ?? 0)) longest = { limit, amount, retryAfterMs }
    }
    const { concurrency } = limits
    if (concurrency !== null && this.inFlight >= concurrency) {
      consider('concurrency', concurrency, concurrencyRetryMs)
    }
    for (const { limit, unit, slotMs } of sliding) {
      const amount = limits[limit] ?? null
      if (amount === null) continue
      const wanted = unit === 'requests' ? 1 : Math.min(tokens, amount)
      consider(limit, amount, this.#window(limit, slotMs).waitMs(wanted, amount, moment.mono))
    }
    this.#follow(moment.calendar)
    for (const { limit, unit, period } of periodic) {
      const amount = limits[limit] ?? null
      if (amount === null) continue
      const wanted = unit === 'requests' ? 1 : Math.min(tokens, amount)
      const used = this.#sums[period][unit] + this.held[unit]
      const end = endOf(period, moment.calendar)
      if (used + wanted > amount && end !== null) consider(limit, amount, end - moment.now)
    }
    return longest
  }

  /** Whether the budget has no room for so much; what is held counts as spent. */
  isOverspentBy(micros: number, calendar: Calendar): boolean {
    const budget = this.rule?.budget
    if (!budget) return false
    return this.sum(budget.period, calendar).micros + this.held.micros + micros > budget.usd * 1e6
  }

  take(amounts: Amounts, mono: MonoMs): Part {
    this.open++
    this.held.requests += amounts.requests
    this.held.tokens += amounts.tokens
    this.held.micros += amounts.micros
    const limits = this.rule?.limits ?? null
    const hasPlace = limits !== null && limits.concurrency !== null
    if (hasPlace) this.inFlight++
    const taken: Taken[] = []
    if (limits === null) return { account: this, hasPlace, taken }
    for (const { limit, unit, slotMs } of sliding) {
      const most = limits[limit] ?? null
      if (most === null) continue
      const window = this.#window(limit, slotMs)
      // More than the limit itself counts as the limit: it waits for an empty window, not for ever.
      const amount = unit === 'requests' ? amounts.requests : Math.min(amounts.tokens, most)
      taken.push({ window, unit, amount, slot: window.take(amount, mono) })
    }
    return { account: this, hasPlace, taken }
  }

  /** What is left of each window and period that has a limit. */
  margins(moment: Moment): readonly Margin[] {
    if (this.rule === null) return []
    const { limits } = this.rule
    const margins: Margin[] = []
    for (const { limit, unit, slotMs } of sliding) {
      const amount = limits[limit] ?? null
      if (amount === null) continue
      const window = this.#window(limit, slotMs)
      const remaining = Math.max(0, amount - window.total(moment.mono))
      margins.push({ unit, limit: amount, remaining, window, resetMs: 0 })
    }
    this.#follow(moment.calendar)
    for (const { limit, unit, period } of periodic) {
      const amount = limits[limit] ?? null
      if (amount === null) continue
      const used = this.#sums[period][unit] + this.held[unit]
      const resetMs = used === 0 ? 0 : (endOf(period, moment.calendar) ?? moment.now) - moment.now
      margins.push({ unit, limit: amount, remaining: Math.max(0, amount - used), window: null, resetMs })
    }
    return margins
  }

  /** Nothing of it need be remembered; `rule` is its owner's to remember. */
  isIdle(mono: MonoMs): boolean {
    return this.open === 0 && this.#sums.total.requests === 0 && this.hasEmptyWindows(mono)
  }

  /** Windows cost a kilobyte each: who asks for nothing needs none. */
  rest(mono: MonoMs): void {
    if (this.open === 0 && this.hasEmptyWindows(mono)) this.#windows.clear()
  }

  hasEmptyWindows(mono: MonoMs): boolean {
    for (const window of this.#windows.values()) if (window.total(mono) > 0) return false
    return true
  }

  #window(limit: LimitName, slotMs: number): Window {
    let window = this.#windows.get(limit)
    if (!window) this.#windows.set(limit, (window = createWindow(slotMs)))
    return window
  }

  #follow(calendar: Calendar): void {
    const before = this.#calendar
    if (before === calendar) return
    this.#calendar = calendar
    for (const period of budgetPeriods) {
      if (calendar[period] <= before[period]) continue
      const sum = this.#sums[period]
      sum.requests = sum.tokens = sum.micros = 0
    }
  }
}

/** What one reservation holds of one account. */
export interface Part {
  readonly account: Account
  readonly hasPlace: boolean
  readonly taken: Taken[]
}

/** What is held is held no more. */
export function letGo({ account, hasPlace }: Part, held: Amounts): void {
  account.open--
  account.held.requests -= held.requests
  account.held.tokens -= held.tokens
  account.held.micros -= held.micros
  if (hasPlace) account.inFlight--
}

/** Gives back all that was counted in the windows. */
export function giveBack({ taken }: Part, mono: MonoMs): void {
  for (const { window, amount, slot } of taken) window.give(amount, slot, mono)
}

/**
 * Makes the windows' tokens what was used. Less than thought: back into the second it came from. More: it is charged
 * now, though the limit is passed by it.
 */
export function correct({ taken }: Part, tokens: number, mono: MonoMs): void {
  for (const each of taken) {
    if (each.unit !== 'tokens') continue
    if (tokens < each.amount) each.window.give(each.amount - tokens, each.slot, mono)
    else if (tokens > each.amount) each.window.take(tokens - each.amount, mono)
  }
}
