import type { UsageGrouping, UsageRow } from '../../sdk/typescript/index.ts'
import type { Call, Command } from '../command.ts'
import type { ExitCode } from '../failures.ts'
import { costText, countText } from '../format.ts'
import { momentsOf } from '../moments.ts'
import { answer } from '../output.ts'
import { renderTable } from '../table.ts'

const groupings: readonly UsageGrouping[] = ['key', 'model', 'day']

export const usageCommand: Command = {
  name: 'usage',
  summary: 'sum up requests, tokens and cost',
  options: [
    { name: 'by', kind: 'text', value: 'WHAT', choices: groupings, summary: 'one line for each; default model' },
    { name: 'since', kind: 'text', value: 'WHEN', summary: 'from that day on (UTC): 2026-01-31, or 7d (ago)' },
    { name: 'until', kind: 'text', value: 'WHEN', summary: 'days that begin before then' },
  ],
  examples: ['hearth usage --by key --since 30d', 'hearth usage --by day --since 2026-01-01 --until 2026-02-01'],
  run: usage,
}

async function usage(call: Call): Promise<ExitCode> {
  const by = (call.flags.text('by') ?? 'model') as UsageGrouping
  const rows = await call.hearth().usage(by, momentsOf(call.flags, Date.now()))
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
