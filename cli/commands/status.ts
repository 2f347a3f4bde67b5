import type { Status } from '../../sdk/typescript/index.ts'
import type { Call, Command } from '../command.ts'
import type { ExitCode } from '../failures.ts'
import { bytesText, countText, secondsText, timeText } from '../format.ts'
import { answer, facts } from '../output.ts'
import { renderTable } from '../table.ts'
import type { Style, Terminal } from '../terminal.ts'

export const statusCommand: Command = {
  name: 'status',
  summary: 'tell how the house is',
  run: status,
}

async function status(call: Call): Promise<ExitCode> {
  const [status, models] = await Promise.all([call.hearth().status(), call.hearth().models.list()])
  return answer(call, { ...status, models: models.data }, () => {
    const states = countStates(models.data.map((model) => model.state))
    return [
      describe(status, states, call.terminal),
      ...upstreams(status, call.terminal),
      ...warnings(status, call.terminal),
    ].join('\n')
  })
}

function describe(status: Status, models: string, terminal: Terminal): string {
  const { memory } = status
  const budget = `${bytesText(memory.usedBytes)} of ${bytesText(memory.budgetBytes)} used (${memory.from})`
  return facts([
    ['Hearth', `${status.version}, ${terminal.paint('green', 'running')} for ${secondsText(status.uptimeSeconds)}`],
    ['Address', status.address],
    ...encryption(status),
    ['Home', status.home],
    ['Since', timeText(status.startedAt)],
    ['Database', status.database],
    ['Memory', budget],
    ['Models', models],
    ['Text to clouds', status.egress.cloudText],
  ])
}

/** Nothing where there is none: the warnings tell whether there should be. */
function encryption({ tls }: Status): readonly (readonly [string, string])[] {
  if (!tls) return []
  const file = tls.authorityFile === null ? [] : [['', `devices trust it with ${tls.authorityFile}`] as const]
  return [['HTTPS', tls.address], ['', `SHA-256 ${tls.fingerprint}`], ...file]
}

function countStates(states: readonly string[]): string {
  if (states.length === 0) return 'none'
  const counts = new Map<string, number>()
  for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1)
  return [...counts].map(([state, count]) => `${count} ${state}`).join(', ')
}

function upstreams({ upstreams }: Status, terminal: Terminal): readonly string[] {
  if (upstreams.length === 0) return []
  type Row = Status['upstreams'][number]
  const state = (row: Row): string =>
    ({ true: 'reachable', false: 'unreachable', null: 'not asked yet' })[`${row.isReachable}`]
  const style = (row: Row): Style | null =>
    ({ true: 'green', false: 'red', null: null })[`${row.isReachable}`] as Style | null
  const table = renderTable<Row>({
    terminal,
    rows: upstreams,
    columns: [
      { title: 'UPSTREAM', cell: (row) => row.name },
      { title: 'STATE', cell: state, style },
      { title: 'WHERE', cell: (row) => row.locality ?? '-' },
      { title: 'MODELS', cell: (row) => countText(row.models), isRight: true },
      { title: 'URL', cell: (row) => row.baseUrl },
      { title: 'LAST ERROR', cell: (row) => row.lastError ?? '', whenNarrow: 'below' },
    ],
  })
  return ['', table]
}

function warnings({ warnings }: Status, terminal: Terminal): readonly string[] {
  if (warnings.length === 0) return []
  return ['', ...warnings.map((warning) => `${terminal.paint('yellow', 'warning')}  ${warning}`)]
}
