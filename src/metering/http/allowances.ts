import type { AnyRoute } from '#platform/http/route.ts'
import { route } from '#platform/http/route.ts'
import type { KeyLimits } from '#kernel/words.ts'
import type { CountedLimitsWire } from '#protocol/admin/auth.ts'
import * as wire from '#protocol/admin/metering.ts'
import { errorEnvelope } from '#protocol/openai/wire.ts'
import type { Allowance } from '../contract.ts'
import type { Subject } from '../core/limiter.ts'
import { emptyAllowance } from '../errors.ts'
import type { Allowances, LimitedKey } from '../service/allowances.ts'

/** Where a change is written down: who, what, and what it was before. */
export type RecordChange = (entry: {
  readonly who: string
  readonly action: string
  readonly target: string
  readonly detail: string
  readonly from: string
  readonly before: unknown
  readonly after: unknown
}) => void

export interface AllowanceHttp {
  readonly allowances: Allowances
  readonly limitedKeys: () => readonly LimitedKey[]
  readonly audit?: RecordChange | undefined
}

export function allowanceRoutes({ allowances, limitedKeys, audit }: AllowanceHttp): readonly AnyRoute[] {
  const tag = 'allowances'
  const view = (allowance: Allowance): wire.AllowanceView => ({
    kind: allowance.kind,
    id: allowance.id,
    name: null,
    limits: countedLimits(allowance.limits),
    ...budgetOf(allowances, allowance, allowance.budget),
  })
  const keyView = ({ id, name, limits, budget }: LimitedKey): wire.AllowanceView => ({
    ...{ kind: 'key', id, name, limits: countedLimits(limits) },
    ...budgetOf(allowances, { kind: 'key', id }, budget),
  })
  return [
    route({
      method: 'GET',
      path: '/api/allowances',
      summary: 'Limits and budgets of users, teams, tags, models and keys, with what is spent of each budget',
      tag,
      scope: 'monitor',
      responses: { 200: wire.allowanceList },
      handle: () => ({ data: [...allowances.list().map(view), ...limitedKeys().map(keyView)] }),
    }),
    route({
      method: 'PUT',
      path: '/api/allowances/{kind}/{id+}',
      summary: 'Set the limits and the budget of a user, team, tag or model; in effect at once',
      tag,
      scope: 'admin',
      params: wire.allowancePath,
      body: wire.newAllowance,
      responses: { 200: wire.allowanceView },
      async handle({ params, body, caller, from }) {
        const allowance: Allowance = {
          ...params,
          limits: countedLimits(body.limits ?? {}),
          budget: body.budget ?? null,
        }
        if (textOf(allowance) === nothing) throw emptyAllowance()
        const before = await allowances.put(allowance)
        const detail = `${before === null ? nothing : textOf(before)} → ${textOf(allowance)}`
        const target = `${params.kind} ${params.id}`
        const values = { before: before && said(before), after: said(allowance) }
        audit?.({ who: caller.key, action: 'allowance.set', target, detail, from, ...values })
        return view(allowance)
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/allowances/{kind}/{id+}',
      summary: 'Take limits and budget back; what was spent stays in the books',
      tag,
      scope: 'admin',
      params: wire.allowancePath,
      responses: { 200: wire.allowanceView, 404: errorEnvelope },
      async handle({ params, caller, from }) {
        const before = await allowances.remove(params)
        const target = `${params.kind} ${params.id}`
        const values = { before: said(before), after: null }
        audit?.({ who: caller.key, action: 'allowance.remove', target, detail: textOf(before), from, ...values })
        return view(before)
      },
    }),
  ]
}

function countedLimits(limits: Partial<KeyLimits> | Partial<CountedLimitsWire>): CountedLimitsWire {
  return {
    requestsPerMinute: limits.requestsPerMinute ?? null,
    requestsPerHour: limits.requestsPerHour ?? null,
    requestsPerDay: limits.requestsPerDay ?? null,
    requestsPerMonth: limits.requestsPerMonth ?? null,
    tokensPerMinute: limits.tokensPerMinute ?? null,
    tokensPerHour: limits.tokensPerHour ?? null,
    tokensPerDay: limits.tokensPerDay ?? null,
    tokensPerMonth: limits.tokensPerMonth ?? null,
    concurrency: limits.concurrency ?? null,
  }
}

function budgetOf(
  allowances: Allowances,
  subject: Subject,
  budget: Allowance['budget'],
): Pick<wire.AllowanceView, 'budget' | 'state'> {
  const state = allowances.stateOf(subject, budget)
  if (state === null) return { budget, state: null }
  const { spentMicros, heldMicros, endsAt } = state
  return {
    budget,
    state: {
      spentUsd: spentMicros / 1e6,
      heldUsd: heldMicros / 1e6,
      endsAt: endsAt === null ? null : new Date(endsAt).toISOString(),
    },
  }
}

/** Limits that there are, and the budget. */
function said({ limits, budget }: Allowance) {
  const set = Object.entries(countedLimits(limits)).filter(([, most]) => most !== null)
  return { limits: Object.fromEntries(set), budget }
}

const nothing = 'nothing'

function textOf({ limits, budget }: Allowance): string {
  const said = Object.entries(countedLimits(limits)).flatMap(([name, most]) => (most === null ? [] : `${name} ${most}`))
  const money = budget === null ? [] : [`$${budget.usd} per ${budget.period}`]
  return [...said, ...money].join(', ') || nothing
}
