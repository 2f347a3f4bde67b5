import { AppError } from '#kernel/errors.ts'
import type { SubjectKind } from '#kernel/words.ts'
import type { Refused } from './ports.ts'

/** What stands in the way, as its caller reads it. */
export function limitError(refused: Refused): AppError {
  return refused.quota === undefined ? rateError(refused) : budgetError(refused, refused.quota)
}

const units: Readonly<Record<string, string>> = {
  requestsPerMinute: 'requests per minute',
  requestsPerHour: 'requests per hour',
  requestsPerDay: 'requests per day (UTC)',
  requestsPerMonth: 'requests per month (UTC)',
  tokensPerMinute: 'tokens per minute',
  tokensPerHour: 'tokens per hour',
  tokensPerDay: 'tokens per day (UTC)',
  tokensPerMonth: 'tokens per month (UTC)',
  concurrency: 'requests at a time',
}

function rateError({ limit, subject, amount, retryAfterMs }: Refused): AppError {
  const message = `${nameOf(subject)} may use ${amount} ${units[limit] ?? limit}`
  return new AppError('limited', `${message}; wait a moment, or ask for a higher limit.`, {
    reason: 'rate_limit_exceeded',
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  })
}

/** Trying again is in vain until the period ends: clients are told so, and when that is. */
function budgetError({ subject, retryAfterMs }: Refused, quota: NonNullable<Refused['quota']>): AppError {
  const { budget, spentMicros, heldMicros, endsAt } = quota
  const period = budget.period === 'total' ? 'in all' : `per ${budget.period}`
  const held = heldMicros === 0 ? '' : `, ${dollars(heldMicros)} may be used by requests under way`
  const anew = endsAt === null ? 'Ask for a larger one.' : `It begins anew on ${new Date(endsAt).toISOString()}.`
  const message =
    `${nameOf(subject)} may spend ${dollars(budget.usd * 1e6)} ${period}: ${dollars(spentMicros)} is spent${held}, ` +
    `and the rest is not enough for this request. ${anew}`
  return new AppError('limited', message, {
    reason: 'insufficient_quota',
    isFinal: true,
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  })
}

const kinds: Readonly<Record<SubjectKind, string>> = {
  key: 'This key',
  user: 'The user',
  team: 'The team',
  tag: 'The tag',
  model: 'The model',
}

const nameOf = ({ kind, id }: Refused['subject']): string => (kind === 'key' ? kinds.key : `${kinds[kind]} “${id}”`)

/** Cents where they tell enough. */
function dollars(micros: number): string {
  const usd = micros / 1e6
  return `$${usd >= 1 || usd === 0 ? usd.toFixed(2) : usd.toFixed(6).replace(/0{1,4}$/, '')}`
}
