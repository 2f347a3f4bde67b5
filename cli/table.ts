import type { Style, Terminal } from './terminal.ts'
import { clean, cutTo, widthOf } from './text-width.ts'

export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => string
  readonly style?: (row: Row) => Style | null
  readonly isRight?: boolean
  /** Gives way first when the terminal is narrow; otherwise the widest column does. */
  readonly isFlexible?: boolean
}

const gap = 2
const leastWidth = 6

/**
 * A table that fits the terminal: cells are cut with `…` when it is narrow. Without a terminal nothing is cut, so that
 * what `grep` and `awk` see does not depend on a window.
 */
export function renderTable<Row>(options: {
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly terminal: Pick<Terminal, 'width' | 'paint'>
}): string {
  const { columns, rows, terminal } = options
  const cells = rows.map((row) => columns.map((column) => clean(column.cell(row))))
  const natural = columns.map((column, index) =>
    Math.max(widthOf(column.title), ...cells.map((row) => widthOf(row[index] ?? ''))),
  )
  const widths = terminal.width === null ? natural : shrink({ natural, columns, width: terminal.width })
  const line = (texts: readonly string[], styleOf: (index: number) => Style | null): string =>
    texts
      .map((text, index) => {
        const isLast = index === columns.length - 1
        const fitted = fit(text, widths[index] ?? 0, { isRight: columns[index]?.isRight ?? false, isLast })
        const style = styleOf(index)
        return style === null ? fitted : terminal.paint(style, fitted)
      })
      .join(' '.repeat(gap))
  const head = line(
    columns.map((column) => column.title),
    () => 'bold',
  )
  const body = rows.map((row, at) => line(cells[at] ?? [], (index) => columns[index]?.style?.(row) ?? null))
  return [head, ...body].join('\n')
}

function shrink(options: {
  readonly natural: readonly number[]
  readonly columns: readonly { readonly isFlexible?: boolean }[]
  readonly width: number
}): readonly number[] {
  const widths = [...options.natural]
  const total = (): number => widths.reduce((sum, width) => sum + width, 0) + gap * (widths.length - 1)
  while (total() > options.width) {
    const isFlexible = (index: number): boolean => options.columns[index]?.isFlexible === true
    const candidates = widths.map((_, index) => index).filter((index) => (widths[index] ?? 0) > leastWidth)
    const first = candidates.filter(isFlexible)
    const from = first.length > 0 ? first : candidates
    const widest = from.toSorted((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))[0]
    if (widest === undefined) break
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}

function fit(text: string, width: number, how: { readonly isRight: boolean; readonly isLast: boolean }): string {
  const cut = cutTo(text, width)
  if (how.isLast && !how.isRight) return cut
  const space = ' '.repeat(Math.max(0, width - widthOf(cut)))
  return how.isRight ? space + cut : cut + space
}
