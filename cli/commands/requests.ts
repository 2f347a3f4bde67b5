import type { RequestRecord } from '../../sdk/typescript/index.ts'
import type { Call, Command } from '../command.ts'
import type { ExitCode } from '../failures.ts'
import { costText, countText, millisecondsText, timeText } from '../format.ts'
import { answer } from '../output.ts'
import { renderTable } from '../table.ts'
import type { Style } from '../terminal.ts'

export const requestsCommand: Command = {
  name: 'requests',
  summary: 'list the last requests, newest first',
  options: [
    { name: 'limit', short: 'n', kind: 'number', value: 'N', min: 1, max: 100_000, summary: 'so many; default 20' },
    { name: 'by-key', kind: 'text', value: 'ID', summary: 'only of this key' },
    { name: 'model', kind: 'text', value: 'MODEL', summary: 'only to this model' },
    { name: 'cursor', kind: 'text', value: 'CURSOR', summary: 'the page after the one that ended with this' },
  ],
  run: requests,
}

const outcomeStyles: Readonly<Record<string, Style>> = {
  complete: 'green',
  incomplete: 'yellow',
  aborted: 'yellow',
  failed: 'red',
}

async function requests(call: Call): Promise<ExitCode> {
  const { flags } = call
  const key = flags.text('by-key')
  const model = flags.text('model')
  const cursor = flags.text('cursor')
  const page = await call.hearth().requests({
    limit: flags.number('limit') ?? 20,
    ...(key === null ? {} : { key }),
    ...(model === null ? {} : { model }),
    ...(cursor === null ? {} : { cursor }),
  })
  if (!call.isJson && page.next !== null) call.terminal.note(`There are more: --cursor ${page.next}`)
  return answer(call, page, () =>
    page.data.length === 0
      ? 'No requests yet.'
      : renderTable<RequestRecord>({
          terminal: call.terminal,
          rows: page.data,
          columns: [
            { title: 'AT', cell: (row) => timeText(row.at) },
            { title: 'MODEL', cell: (row) => row.model, isFlexible: true },
            { title: 'KEY', cell: (row) => row.key, whenNarrow: 'drop' },
            { title: 'STATUS', cell: (row) => String(row.status), isRight: true, whenNarrow: 'drop' },
            {
              title: 'OUTCOME',
              cell: outcomeText,
              isFlexible: true,
              style: (row) => outcomeStyles[row.outcome] ?? null,
            },
            { title: 'IN', cell: (row) => countText(row.usage.promptTokens), isRight: true },
            { title: 'OUT', cell: (row) => countText(row.usage.completionTokens), isRight: true },
            { title: 'FIRST', cell: (row) => millisecondsText(row.ttftMs), isRight: true, whenNarrow: 'drop' },
            { title: 'TOOK', cell: (row) => millisecondsText(row.durationMs), isRight: true },
            { title: 'COST', cell: (row) => costText(row.costMicros), isRight: true, whenNarrow: 'drop' },
            { title: 'ID', cell: (row) => row.id, whenNarrow: 'drop' },
          ],
        }),
  )
}

const outcomeText = (row: RequestRecord): string =>
  row.reason === null ? row.outcome : `${row.outcome} (${row.reason})`
