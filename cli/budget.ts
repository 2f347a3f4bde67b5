import type { Budget, BudgetPeriod, CountedLimits } from '../sdk/typescript/index.ts'
import type { Option } from './command.ts'
import type { Flags } from './flags.ts'
import { usageError } from './failures.ts'

const periods: readonly BudgetPeriod[] = ['day', 'week', 'month', 'total']

const counted = {
  'requests-per-minute': 'requestsPerMinute',
  'requests-per-hour': 'requestsPerHour',
  'requests-per-day': 'requestsPerDay',
  'requests-per-month': 'requestsPerMonth',
  'tokens-per-minute': 'tokensPerMinute',
  'tokens-per-hour': 'tokensPerHour',
  'tokens-per-day': 'tokensPerDay',
  'tokens-per-month': 'tokensPerMonth',
  concurrency: 'concurrency',
} as const satisfies Readonly<Record<string, keyof CountedLimits>>

/** What may be limited, as options of a command. */
export const limitOptions: readonly Option[] = [
  ...Object.keys(counted).map((name): Option => ({
    name,
    kind: 'number',
    value: 'N',
    min: 1,
    summary: name === 'concurrency' ? 'limit of requests at one time' : `limit of ${name.replaceAll('-', ' ')}`,
  })),
  {
    name: 'budget',
    kind: 'text',
    value: 'USD/PERIOD',
    summary: `what may be spent, for example 5/month; periods: ${periods.join(', ')}`,
  },
]

/** The limits that were given. */
export function limitsOf(flags: Flags): Partial<{ readonly [Limit in keyof CountedLimits]: number }> {
  return Object.fromEntries(
    Object.entries(counted).flatMap(([name, limit]) => {
      const amount = flags.number(name)
      return amount === null ? [] : [[limit, amount]]
    }),
  )
}

/** `5/month`; null = none was given. */
export function budgetOf(flags: Flags): Budget | null {
  const text = flags.text('budget')
  if (text === null) return null
  const [, usd, name] = /^\$?(\d+(?:\.\d+)?)\/(\w+)$/.exec(text.trim()) ?? []
  const period = periods.find((one) => one === name)
  if (usd === undefined || period === undefined || Number(usd) <= 0)
    throw usageError(`--budget is "${text}"; write dollars and a period, for example 5/month (${periods.join(', ')}).`)
  return { usd: Number(usd), period }
}

const shortNames: Readonly<Record<keyof CountedLimits, string>> = {
  requestsPerMinute: 'req/min',
  requestsPerHour: 'req/h',
  requestsPerDay: 'req/day',
  requestsPerMonth: 'req/month',
  tokensPerMinute: 'tok/min',
  tokensPerHour: 'tok/h',
  tokensPerDay: 'tok/day',
  tokensPerMonth: 'tok/month',
  concurrency: 'at once',
}

/** `60 req/min`, `$5/month`; those that there are. */
export function limitTexts(limits: CountedLimits, budget: Budget | null): readonly string[] {
  const names = Object.keys(shortNames) as (keyof CountedLimits)[]
  const said = names.flatMap((name) => (limits[name] === null ? [] : [`${limits[name]} ${shortNames[name]}`]))
  return budget === null ? said : [...said, `$${budget.usd}/${budget.period}`]
}
