import type { RequestRecord } from '../../sdk/typescript/index.ts'
import { costText, countText, millisecondsText, timeText } from '../format.ts'
import { renderTable } from '../table.ts'
import type { Style, Terminal } from '../terminal.ts'
import { clean, cutTo, widthOf } from '../text-width.ts'

export const outcomeStyles: Readonly<Record<string, Style>> = {
  complete: 'green',
  incomplete: 'yellow',
  aborted: 'yellow',
  failed: 'red',
}

export function renderRequests(rows: readonly RequestRecord[], terminal: Terminal): string {
  return renderTable<RequestRecord>({
    terminal,
    rows,
    columns: [
      { title: 'AT', cell: (row) => timeText(row.at) },
      { title: 'ID', cell: (row) => row.id, whenNarrow: 'drop' },
      { title: 'MODEL', cell: (row) => row.model, isFlexible: true },
      { title: 'KEY', cell: (row) => row.key, whenNarrow: 'drop' },
      { title: 'STATUS', cell: (row) => String(row.status), isRight: true, whenNarrow: 'drop' },
      { title: 'OUTCOME', cell: outcomeText, isFlexible: true, style: (row) => outcomeStyles[row.outcome] ?? null },
      { title: 'IN', cell: (row) => countText(row.usage.promptTokens), isRight: true },
      { title: 'OUT', cell: (row) => countText(row.usage.completionTokens), isRight: true },
      { title: 'TOOK', cell: (row) => millisecondsText(row.durationMs), isRight: true },
      { title: 'FIRST', cell: (row) => millisecondsText(row.ttftMs), isRight: true, whenNarrow: 'drop' },
      { title: 'COST', cell: (row) => costText(row.costMicros), isRight: true, whenNarrow: 'drop' },
      { title: 'BY', cell: byText, isFlexible: true, whenNarrow: 'drop' },
    ],
  })
}

/** Room for the words of a live line before it is cut. */
const leastWords = 12

/** One row on a line of its own, for a list that grows: nothing in it depends on the other rows. */
export function liveLine(row: RequestRecord, terminal: Pick<Terminal, 'width' | 'paint'>): string {
  const outcome = `${row.status} ${row.outcome.padEnd(10)}`
  const took = millisecondsText(row.durationMs).padStart(6)
  const first = millisecondsText(row.ttftMs).padStart(6)
  const tokens = `${countText(row.usage.promptTokens)} in ${countText(row.usage.completionTokens)} out`.padEnd(16)
  const head = [timeText(row.at).slice(11), row.id].join('  ')
  const figures = `${first} ${took}  ${tokens}`
  const words = clean(`${row.model} → ${byText(row)}${row.reason === null ? '' : `: ${row.reason}`}`)
  const used = widthOf(`${head}  ${outcome}  ${figures}  `)
  const room = terminal.width === null || terminal.width - used < leastWords ? null : terminal.width - used
  const painted = terminal.paint(outcomeStyles[row.outcome] ?? 'bold', outcome)
  return [head, painted, figures, room === null ? words : cutTo(words, room)].join('  ')
}

export const statusText = (row: RequestRecord): string => `${row.status} ${outcomeText(row)}`

const outcomeText = (row: RequestRecord): string =>
  row.reason === null ? row.outcome : `${row.outcome} (${row.reason})`

/** Who answered: `local`, or an upstream with the name it has the model under, where that is another. */
export function byText({ upstream, upstreamModel, model }: RequestRecord): string {
  if (upstream === null) return 'nobody'
  return upstreamModel === null || upstreamModel === model ? upstream : `${upstream}/${upstreamModel}`
}
