import type { UsageGrouping, UsageRow } from '../../sdk/typescript/index.ts'
import type { Call, Command, Option } from '../command.ts'
import { exitCodes, type ExitCode } from '../failures.ts'
import { costText, countText } from '../format.ts'
import { momentsOf } from '../moments.ts'
import { answer } from '../output.ts'
import { renderTable } from '../table.ts'

const groupings: readonly UsageGrouping[] = ['key', 'user', 'team', 'model', 'upstream', 'tag', 'day']
/** Only what belongs to one of these. */
const filters = ['key', 'user', 'team', 'model', 'upstream', 'tag'] as const

export const usageCommand: Command = {
  name: 'usage',
  summary: 'sum up requests, tokens and cost',
  options: [
    { name: 'by', kind: 'text', value: 'WHAT', choices: groupings, summary: 'one line for each; default model' },
    ...filters.map((name): Option => ({
      name,
      kind: 'text',
      value: name === 'key' ? 'ID' : 'NAME',
      summary: `only of this ${name}`,
    })),
    { name: 'csv', kind: 'flag', summary: 'a table for spreadsheets' },
    { name: 'since', kind: 'text', value: 'WHEN', summary: 'from that day on (UTC): 2026-01-31, or 7d (ago)' },
    { name: 'until', kind: 'text', value: 'WHEN', summary: 'days that begin before then' },
  ],
  examples: ['hearth usage --by key --since 30d', 'hearth usage --by team --since 30d --csv > spent.csv'],
  run: usage,
}

async function usage(call: Call): Promise<ExitCode> {
  const by = (call.flags.text('by') ?? 'model') as UsageGrouping
  const asked = filters.flatMap((name) => {
    const value = call.flags.text(name)
    return value === null ? [] : [[name, value] as const]
  })
  const filter = { ...Object.fromEntries(asked), ...momentsOf(call.flags, Date.now()) }
  if (call.flags.has('csv')) {
    call.terminal.out((await call.hearth().usageCsv(by, filter)).trimEnd())
    return exitCodes.ok
  }
  const rows = await call.hearth().usage(by, filter)
  return answer(call, rows, () =>
    rows.data.length === 0
      ? call.flags.has('since') || call.flags.has('until')
        ? 'Nothing was used then.'
        : 'Nothing has been used yet.'
      : renderTable<UsageRow>({
          terminal: call.terminal,
          rows: rows.data,
          columns: [
            { title: by.toUpperCase(), cell: (row) => row[by] ?? '-', isFlexible: true },
            { title: 'REQUESTS', cell: (row) => countText(row.requests), isRight: true },
            {
              title: 'FAILED',
              cell: (row) => countText(row.failed),
              isRight: true,
              style: (row) => (row.failed > 0 ? 'red' : null),
            },
            { title: 'IN', cell: (row) => countText(row.promptTokens), isRight: true },
            { title: 'OUT', cell: (row) => countText(row.completionTokens), isRight: true },
            { title: 'CACHED', cell: (row) => countText(row.cachedTokens), isRight: true },
            { title: 'COST', cell: (row) => costText(row.costMicros), isRight: true },
          ],
        }),
  )
}
