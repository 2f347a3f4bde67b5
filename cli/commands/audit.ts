import type { AuditEntry } from '../../sdk/typescript/index.ts'
import type { Call, Command } from '../command.ts'
import type { ExitCode } from '../failures.ts'
import { timeText } from '../format.ts'
import { answer } from '../output.ts'
import { renderTable } from '../table.ts'

export const auditCommand: Command = {
  name: 'audit',
  summary: 'list who changed what, newest first',
  details: 'Keys, settings, models loaded and unloaded by people and by the house itself. Needs scope admin.',
  options: [
    { name: 'limit', short: 'n', kind: 'number', value: 'N', min: 1, max: 1000, summary: 'so many; default 20' },
    { name: 'cursor', kind: 'text', value: 'CURSOR', summary: 'the page after the one that ended with this' },
  ],
  run: audit,
}

async function audit(call: Call): Promise<ExitCode> {
  const { flags } = call
  const cursor = flags.text('cursor')
  const limit = flags.number('limit') ?? 20
  const page = await call.hearth().audit({ limit, ...(cursor === null ? {} : { cursor }) })
  if (!call.isJson && page.next !== null) call.terminal.note(`There are more: --cursor ${page.next}`)
  return answer(call, page, () =>
    page.data.length === 0
      ? 'Nothing has been changed yet.'
      : renderTable<AuditEntry>({
          terminal: call.terminal,
          rows: page.data,
          columns: [
            { title: 'AT', cell: (row) => timeText(row.at) },
            { title: 'WHO', cell: (row) => row.who },
            { title: 'ACTION', cell: (row) => row.action },
            { title: 'TARGET', cell: (row) => row.target, isFlexible: true },
            { title: 'FROM', cell: (row) => row.from ?? '-', whenNarrow: 'drop' },
            { title: 'DETAIL', cell: (row) => row.detail, whenNarrow: 'below' },
          ],
        }),
  )
}
