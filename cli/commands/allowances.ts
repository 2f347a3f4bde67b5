import type { AllowanceKind, AllowanceView } from '../../sdk/typescript/index.ts'
import { budgetOf, limitOptions, limitsOf, limitTexts } from '../budget.ts'
import type { Call, Command } from '../command.ts'
import { usageError, type ExitCode } from '../failures.ts'
import { costText, timeText } from '../format.ts'
import { answer } from '../output.ts'
import { renderTable } from '../table.ts'

const kinds: readonly AllowanceKind[] = ['user', 'team', 'tag', 'model']
const positionals = [{ name: 'KIND' }, { name: 'NAME' }] as const

export const allowancesCommand: Command = {
  name: 'allowances',
  summary: 'limits and budgets of users, teams, tags and models',
  run: list,
  subcommands: [
    { name: 'list', summary: 'list them and the keys that have a budget, with what is spent', run: list },
    {
      name: 'set',
      summary: `set all limits of a ${kinds.join(', ')}; what is not said is not limited`,
      positionals,
      options: limitOptions,
      examples: [
        'hearth allowances set team search --budget 50/month',
        'hearth allowances set tag nightly --budget 1/day',
      ],
      run: set,
    },
    { name: 'remove', summary: 'take its limits back', positionals, run: remove },
  ],
}

async function list(call: Call): Promise<ExitCode> {
  const allowances = await call.hearth().allowances.list()
  return answer(call, allowances, () =>
    allowances.data.length === 0
      ? 'Nothing is limited but what keys have of their own. "hearth allowances set team NAME --budget 5/month" does.'
      : renderTable<AllowanceView>({
          terminal: call.terminal,
          rows: allowances.data,
          columns: [
            { title: 'KIND', cell: (row) => row.kind },
            { title: 'NAME', cell: (row) => row.name ?? row.id, isFlexible: true },
            { title: 'LIMITS', cell: (row) => limitTexts(row.limits, row.budget).join(', ') || 'none' },
            { title: 'SPENT', cell: (row) => usdText(row.state?.spentUsd), isRight: true },
            { title: 'UNDER WAY', cell: (row) => usdText(row.state?.heldUsd), isRight: true },
            { title: 'UNTIL', cell: (row) => timeText(row.state?.endsAt ?? null) },
          ],
        }),
  )
}

const usdText = (usd: number | undefined): string => costText(usd === undefined ? null : usd * 1e6)

async function set(call: Call): Promise<ExitCode> {
  const { kind, id } = subjectOf(call)
  const view = await call
    .hearth()
    .allowances.set(kind, id, { limits: limitsOf(call.flags), budget: budgetOf(call.flags) })
  return answer(
    call,
    view,
    () => `The ${kind} ${id} may use ${limitTexts(view.limits, view.budget).join(', ')} from now on.`,
  )
}

async function remove(call: Call): Promise<ExitCode> {
  const { kind, id } = subjectOf(call)
  const view = await call.hearth().allowances.remove(kind, id)
  return answer(call, view, () => `The ${kind} ${id} has no limits of its own any more.`)
}

function subjectOf({ positionals: [word, id = ''] }: Call): { readonly kind: AllowanceKind; readonly id: string } {
  const kind = kinds.find((one) => one === word)
  if (kind === undefined) throw usageError(`"${word}" is none of ${kinds.join(', ')}.`)
  return { kind, id }
}
