import type { AuditEntry, AuditFilter } from '../../sdk/typescript/index.ts'
import type { Call, Command, Option } from '../command.ts'
import { confirm } from '../confirm.ts'
import { exitCodes, usageError, type ExitCode } from '../failures.ts'
import { timeText } from '../format.ts'
import { momentOf, momentsOf } from '../moments.ts'
import { answer } from '../output.ts'
import { renderTable } from '../table.ts'

const filters: readonly Option[] = [
  { name: 'who', kind: 'text', value: 'ID', summary: 'only by this key, user, `local` or `hearth`' },
  { name: 'action', kind: 'text', value: 'NAME', summary: 'only this action; key.* takes all that begin so' },
  { name: 'target', kind: 'text', value: 'NAME', summary: 'only what was done to this' },
  { name: 'text', kind: 'text', value: 'TEXT', summary: 'only rows that have this anywhere' },
  { name: 'since', kind: 'text', value: 'WHEN', summary: 'from then on: 2026-01-31T12:00, or 2h (ago)' },
  { name: 'until', kind: 'text', value: 'WHEN', summary: 'before then' },
]

export const auditCommand: Command = {
  name: 'audit',
  summary: 'list who changed what, newest first; prove that nothing of it was altered',
  details: 'Keys, people, settings, models loaded and unloaded by people and by the house itself. Needs scope admin.',
  options: [
    { name: 'limit', short: 'n', kind: 'number', value: 'N', min: 1, max: 1000, summary: 'so many; default 20' },
    { name: 'cursor', kind: 'text', value: 'CURSOR', summary: 'the page after the one that ended with this' },
    ...filters,
  ],
  examples: ['hearth audit --action key.* --since 7d', 'hearth audit verify'],
  subcommands: [
    {
      name: 'verify',
      summary: 'go along the chain of all rows; ends with 1 when a row was edited, deleted, put in or moved',
      options: [{ name: 'newest', kind: 'flag', summary: 'only the last 10,000 rows' }],
      run: verify,
    },
    {
      name: 'export',
      summary: 'write rows with their hashes, oldest first',
      options: [
        { name: 'format', kind: 'text', value: 'FORMAT', choices: ['jsonl', 'csv'], summary: 'default jsonl' },
        ...filters,
      ],
      examples: ['hearth audit export --since 30d > audit.jsonl'],
      run: exportRows,
    },
    {
      name: 'prune',
      summary: 'take the oldest rows away; a row that says who did so stays, and the rest hangs on it',
      details: 'Nothing is taken away by itself. Export first what has to be kept.',
      options: [
        { name: 'before', kind: 'text', value: 'WHEN', summary: 'rows from then on stay: 2026-01-31, or 365d (ago)' },
        { name: 'yes', kind: 'flag', summary: 'do not ask' },
      ],
      examples: ['hearth audit prune --before 365d'],
      run: prune,
    },
  ],
  run: audit,
}

async function audit(call: Call): Promise<ExitCode> {
  const { flags } = call
  const cursor = flags.text('cursor')
  const limit = flags.number('limit') ?? 20
  const asked = filterOf(call)
  const page = await call.hearth().audit({ limit, ...(cursor === null ? {} : { cursor }), ...asked })
  if (!call.isJson && page.next !== null) call.terminal.note(`There are more: --cursor ${page.next}`)
  return answer(call, page, () =>
    page.data.length === 0
      ? Object.keys(asked).length > 0
        ? 'Nothing like that stands in the audit log.'
        : 'Nothing has been changed yet.'
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

async function verify(call: Call): Promise<ExitCode> {
  const verdict = await call.hearth().auditLog.verify(call.flags.has('newest') ? 'newest' : 'whole')
  const later = verdict.linkedLater > 0 ? `\nRows up to ${verdict.linkedLater} are proven since the upgrade.` : ''
  const head = verdict.head === null ? '' : `\nThe end: row ${verdict.head.position}, ${verdict.head.hash}`
  answer(call, verdict, () => `${verdict.message}${later}${head}`)
  return verdict.isWhole ? exitCodes.ok : exitCodes.failure
}

async function exportRows(call: Call): Promise<ExitCode> {
  const form = call.flags.text('format') === 'csv' ? 'csv' : 'jsonl'
  const decoder = new TextDecoder()
  for await (const piece of await call.hearth().auditLog.export(form, filterOf(call)))
    call.terminal.write(decoder.decode(piece, { stream: true }))
  return exitCodes.ok
}

async function prune(call: Call): Promise<ExitCode> {
  const before = momentOf('before', call.flags.text('before'), Date.now())
  if (before === null) throw usageError('Say from when on rows stay, for example --before 365d.')
  await confirm(call, `Take away all rows of before ${before}?`)
  const pruned = await call.hearth().auditLog.prune(before)
  return answer(call, pruned, () =>
    pruned.rows === 0 ? 'No row is that old.' : `${pruned.rows} rows were taken away.`,
  )
}

function filterOf(call: Call): AuditFilter {
  const texts = ['who', 'action', 'target', 'text'].flatMap((name) => {
    const value = call.flags.text(name)
    return value === null ? [] : [[name, value] as const]
  })
  return { ...Object.fromEntries(texts), ...momentsOf(call.flags, Date.now()) }
}
