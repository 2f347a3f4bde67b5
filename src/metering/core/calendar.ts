import type { EpochMs } from '#kernel/time.ts'
import type { BudgetPeriod } from '#kernel/words.ts'

const dayMs = 86_400_000
/** 1970-01-01 was a Thursday: so many days after a Monday. */
const daysAfterMonday = 3

/** When the periods that hold a moment began, all in UTC. `total` began with time itself. */
export interface Calendar extends Readonly<Record<BudgetPeriod, EpochMs>> {
  /** From here on it is another day's. */
  readonly dayEnd: EpochMs
}

export function calendarOf(at: EpochMs): Calendar {
  const number = Math.floor(at / dayMs)
  const day = number * dayMs
  const date = new Date(day)
  return {
    day,
    week: day - ((((number + daysAfterMonday) % 7) + 7) % 7) * dayMs,
    month: Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1),
    total: -Infinity,
    dayEnd: day + dayMs,
  }
}

/** When a period ends; null = never. */
export function endOf(period: BudgetPeriod, calendar: Calendar): EpochMs | null {
  switch (period) {
    case 'day':
      return calendar.dayEnd
    case 'week':
      return calendar.week + 7 * dayMs
    case 'month': {
      const date = new Date(calendar.month)
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)
    }
    case 'total':
      return null
  }
}
