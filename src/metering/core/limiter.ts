import type { Clock, EpochMs, MonoMs } from '#kernel/time.ts'
import { formatDuration } from '#kernel/time.ts'
import type { BudgetPeriod, SubjectKind } from '#kernel/words.ts'
import type { Actual, Quota, Refused, Reservation, Reserved } from '../contract.ts'
import type { Amounts, Margin, Moment, Part, Rule, Subject } from './account.ts'
import { Account, correct, giveBack, letGo } from './account.ts'
import type { Calendar } from './calendar.ts'
import { calendarOf, endOf } from './calendar.ts'

/** How often accounts that nobody used for a minute are forgotten. */
const sweepEveryMs = 60_000
/** A budget that is used up to this part is told. */
const lowShare = 0.8

export type { Rule, Subject } from './account.ts'

export interface Ask {
  /** All of them, each once; the first is the key's. */
  readonly subjects: readonly Subject[]
  /** The key's own; those of others are set with `setRule`. */
  readonly rule: Rule | null
  /** An upper bound. */
  readonly tokens: number
  /** An upper bound, in millionths of a dollar. */
  readonly micros: number
}

export type TellQuota = (type: 'quota.low' | 'quota.exhausted', quota: Quota) => void

/** Requests, tokens, places and dollars of all subjects: one owner, synchronous. */
export class Limiter {
  readonly #clock: Clock
  readonly #tell: TellQuota
  readonly #accounts: Readonly<Record<SubjectKind, Map<string, Account>>> = {
    key: new Map(),
    user: new Map(),
    team: new Map(),
    tag: new Map(),
    model: new Map(),
  }
  #calendar: Calendar
  #sweptAt: MonoMs = 0

  constructor(clock: Clock, tell: TellQuota = () => {}) {
    this.#clock = clock
    this.#tell = tell
    this.#calendar = calendarOf(clock.now())
  }

  /** Subjects that something is remembered of. */
  get size(): number {
    return Object.values(this.#accounts).reduce((sum, accounts) => sum + accounts.size, 0)
  }

  /** Requests under way of a subject whose places are limited. */
  inFlight({ kind, id }: Subject): number {
    return this.#accounts[kind].get(id)?.inFlight ?? 0
  }

  /** Whether anything is remembered of it. */
  knows({ kind, id }: Subject): boolean {
    return this.#accounts[kind].has(id)
  }

  /** What was charged in the running period, what is held beside it, and when the period ends. */
  spending({ kind, id }: Subject, period: BudgetPeriod): Pick<Quota, 'spentMicros' | 'heldMicros' | 'endsAt'> {
    const account = this.#accounts[kind].get(id)
    const calendar = this.#follow(this.#clock.now())
    return {
      spentMicros: account?.sum(period, calendar).micros ?? 0,
      heldMicros: account?.held.micros ?? 0,
      endsAt: endOf(period, calendar),
    }
  }

  setRule({ kind, id }: Subject, rule: Rule | null): void {
    const account = this.#account(kind, id)
    account.rule = rule
    account.told.low = account.told.exhausted = null
  }

  /** What the books say of an earlier time, at the start: nothing is told of it. */
  load({ kind, id }: Subject, amounts: Amounts, at: EpochMs): void {
    this.#account(kind, id).charge(amounts, at, this.#follow(this.#clock.now()))
  }

  /** Takes a request, its tokens, its price and a place from every subject; or nothing at all from any. */
  reserve({ subjects, rule, tokens, micros }: Ask): Reserved {
    const moment = this.#moment()
    if (moment.mono - this.#sweptAt >= sweepEveryMs) this.#sweep(moment.mono)
    const amounts = { requests: 1, tokens: bounded(tokens), micros: bounded(micros) }
    const accounts = subjects.map(({ kind, id }) => this.#account(kind, id))
    const [own] = accounts
    if (own !== undefined) own.rule = rule
    const refused = this.#refusal(accounts, amounts, moment)
    if (refused !== null) return { ...refused, headers: headersOf(accounts, moment) }
    const parts = accounts.map((account) => account.take(amounts, moment.mono))
    const hold = new Hold(this.#end, parts, amounts)
    const isBounded = accounts.some(isBoundedBy)
    return { ok: true, hold, headers: headersOf(accounts, moment), isBounded }
  }

  /** 1. a budget without room; 2. the limit that stands in the way longest. */
  #refusal(accounts: readonly Account[], amounts: Amounts, moment: Moment): Omit<Refused, 'headers'> | null {
    let longest: Omit<Refused, 'headers'> | null = null
    for (const account of accounts) {
      const { subject, rule } = account
      if (rule === null) continue
      if (account.isOverspentBy(amounts.micros, moment.calendar)) {
        const quota = quotaOf(account, moment.calendar)
        if (amounts.micros <= quota.budget.usd * 1e6) this.#tellOnce('exhausted', quota, account, moment.calendar)
        const retryAfterMs = quota.endsAt === null ? null : quota.endsAt - moment.now
        return { ok: false, limit: 'budget', subject, amount: quota.budget.usd, quota, retryAfterMs }
      }
      const obstacle = account.obstacle(amounts.tokens, moment)
      if (obstacle !== null && obstacle.retryAfterMs > (longest?.retryAfterMs ?? 0))
        longest = { ok: false, subject, ...obstacle }
    }
    return longest
  }

  readonly #end: Ending = {
    settle: (parts, held, charge) => {
      const { mono, calendar } = this.#moment()
      const tokens = charge.tokens === null ? null : bounded(charge.tokens)
      const used = { requests: 1, tokens: tokens ?? held.tokens, micros: bounded(charge.micros ?? held.micros) }
      for (const part of parts) {
        letGo(part, held)
        if (tokens !== null) correct(part, tokens, mono)
        part.account.charge(used, charge.at ?? calendar.day, calendar)
        this.#tellOf(part.account, calendar)
      }
    },
    release: (parts, held) => {
      const { mono } = this.#moment()
      for (const part of parts) {
        letGo(part, held)
        giveBack(part, mono)
      }
    },
    grow: (parts, more) => {
      const { mono, calendar } = this.#moment()
      for (const { account, taken } of parts) {
        account.held.tokens += more.tokens
        account.held.micros += more.micros
        for (const each of taken) {
          if (each.unit !== 'tokens') continue
          each.window.take(more.tokens, mono)
          each.amount += more.tokens
        }
      }
      return parts.every(({ account }) => !account.isOverspentBy(0, calendar))
    },
  }

  #tellOf(account: Account, calendar: Calendar): void {
    const budget = account.rule?.budget
    if (!budget) return
    const spent = account.sum(budget.period, calendar).micros
    if (spent < lowShare * budget.usd * 1e6) return
    const quota = quotaOf(account, calendar)
    this.#tellOnce('low', quota, account, calendar)
    if (spent >= budget.usd * 1e6) this.#tellOnce('exhausted', quota, account, calendar)
  }

  #tellOnce(what: 'low' | 'exhausted', quota: Quota, { told }: Account, calendar: Calendar): void {
    const began = calendar[quota.budget.period]
    if (told[what] === began) return
    told[what] = began
    this.#tell(`quota.${what}`, quota)
  }

  #account(kind: SubjectKind, id: string): Account {
    const accounts = this.#accounts[kind]
    let account = accounts.get(id)
    if (!account) accounts.set(id, (account = new Account({ kind, id }, this.#calendar)))
    return account
  }

  #moment(): Moment {
    const now = this.#clock.now()
    return { mono: this.#clock.mono(), now, calendar: this.#follow(now) }
  }

  /** A clock that goes back over midnight does not bring yesterday's sums back. */
  #follow(now: EpochMs): Calendar {
    if (now >= this.#calendar.dayEnd) this.#calendar = calendarOf(now)
    return this.#calendar
  }

  #sweep(mono: MonoMs): void {
    this.#sweptAt = mono
    for (const [kind, accounts] of Object.entries(this.#accounts)) {
      for (const [id, account] of accounts) {
        if (account.isIdle(mono) && (kind === 'key' || account.rule === null)) accounts.delete(id)
        else account.rest(mono)
      }
    }
  }
}

/** The answer's length must be held down: tokens or dollars of somebody are limited. */
function isBoundedBy({ rule }: Account): boolean {
  if (rule === null) return false
  const { limits, budget } = rule
  return (
    budget !== null ||
    limits.tokensPerMinute !== null ||
    (limits.tokensPerHour ?? limits.tokensPerDay ?? limits.tokensPerMonth ?? null) !== null
  )
}

function quotaOf(account: Account, calendar: Calendar): Quota {
  const budget = account.rule?.budget ?? { usd: 0, period: 'total' }
  return {
    subject: account.subject,
    budget,
    spentMicros: account.sum(budget.period, calendar).micros,
    heldMicros: account.held.micros,
    endsAt: endOf(budget.period, calendar),
  }
}

const noHeaders: Readonly<Record<string, string>> = Object.freeze({})

/** OpenAI’s names and units, of the tightest window: what is left after this request, and when all of it is back. */
function headersOf(accounts: readonly Account[], moment: Moment): Readonly<Record<string, string>> {
  if (accounts.every(({ rule }) => rule === null)) return noHeaders
  const headers: Record<string, string> = {}
  const tightest: { requests: Margin | null; tokens: Margin | null } = { requests: null, tokens: null }
  let leftMicros = Infinity
  for (const account of accounts) {
    for (const margin of account.margins(moment)) {
      const before = tightest[margin.unit]
      if (before === null || margin.remaining < before.remaining) tightest[margin.unit] = margin
    }
    const budget = account.rule?.budget
    if (!budget) continue
    const used = account.sum(budget.period, moment.calendar).micros + account.held.micros
    leftMicros = Math.min(leftMicros, Math.max(0, budget.usd * 1e6 - used))
  }
  for (const margin of [tightest.requests, tightest.tokens]) {
    if (margin === null) continue
    headers[`x-ratelimit-limit-${margin.unit}`] = String(margin.limit)
    headers[`x-ratelimit-remaining-${margin.unit}`] = String(margin.remaining)
    const resetMs = margin.window?.emptyInMs(moment.mono) ?? margin.resetMs
    headers[`x-ratelimit-reset-${margin.unit}`] = formatDuration(resetMs)
  }
  if (leftMicros !== Infinity) headers['x-hearth-budget-remaining'] = dollars(leftMicros)
  return headers
}

/** Rounded down: nobody is promised what is not there. */
const dollars = (micros: number): string => (Math.floor(micros) / 1e6).toFixed(6).replace(/\.?0+$/, '')

const bounded = (amount: number): number => (Number.isFinite(amount) ? Math.max(0, Math.ceil(amount)) : 0)

interface Ending {
  settle(parts: readonly Part[], held: Amounts, charge: Actual): void
  release(parts: readonly Part[], held: Amounts): void
  grow(parts: readonly Part[], more: Amounts): boolean
}

/** held → ended, once. What was taken is remembered with it: rules may change while it runs. */
class Hold implements Reservation {
  readonly #ending: Ending
  readonly #parts: readonly Part[]
  #held: Amounts
  #hasEnded = false

  constructor(ending: Ending, parts: readonly Part[], held: Amounts) {
    this.#ending = ending
    this.#parts = parts
    this.#held = held
  }

  get tokens(): number {
    return this.#held.tokens
  }

  get micros(): number {
    return this.#held.micros
  }

  grow(to: { readonly tokens: number; readonly micros: number }): boolean {
    if (this.#hasEnded) return false
    const tokens = Math.max(this.tokens, bounded(to.tokens))
    const micros = Math.max(this.micros, bounded(to.micros))
    const more = { requests: 0, tokens: tokens - this.tokens, micros: micros - this.micros }
    this.#held = { requests: 1, tokens, micros }
    return this.#ending.grow(this.#parts, more)
  }

  settle(actual: Actual): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#ending.settle(this.#parts, this.#held, actual)
  }

  release(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#ending.release(this.#parts, this.#held)
  }
}
