import { describe, expect, test } from 'bun:test'
import { budgetOf, limitsOf, limitTexts } from './budget.ts'
import { createFlags } from './flags.ts'

const flagsOf = (values: Readonly<Record<string, string>>) =>
  createFlags(new Map(Object.entries(values).map(([name, value]) => [name, [value]])))

describe('a budget on the command line', () => {
  test.each([
    ['5/month', { usd: 5, period: 'month' }],
    ['$0.50/day', { usd: 0.5, period: 'day' }],
    ['100/total', { usd: 100, period: 'total' }],
  ] as const)('%s is read', (text, budget) => {
    expect(budgetOf(flagsOf({ budget: text }))).toEqual(budget)
  })

  test.each(['5', '5/year', '0/day', '-1/day', 'five/day', '5/month/day'])('%s is refused with an example', (text) => {
    expect(() => budgetOf(flagsOf({ budget: text }))).toThrow('for example 5/month')
  })

  test('that is not given is none', () => {
    expect(budgetOf(flagsOf({}))).toBeNull()
  })
})

test('limits are read by their names and told in short', () => {
  const limits = limitsOf(flagsOf({ 'requests-per-day': '9', concurrency: '2' }))
  expect(limits).toEqual({ requestsPerDay: 9, concurrency: 2 })
  const none = { requestsPerMinute: null, requestsPerHour: null, requestsPerMonth: null }
  const noTokens = { tokensPerMinute: null, tokensPerHour: null, tokensPerDay: null, tokensPerMonth: null }
  const all = { ...none, ...noTokens, requestsPerDay: 9, concurrency: 2 }
  expect(limitTexts(all, { usd: 5, period: 'week' })).toEqual(['9 req/day', '2 at once', '$5/week'])
})
