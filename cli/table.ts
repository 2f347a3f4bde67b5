import type { Style, Terminal } from './terminal.ts'
import { clean, cutTo, widthOf, wrap } from './text-width.ts'

export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => string
  readonly style?: (row: Row) => Style | null
  readonly isRight?: boolean
  /** Gives way first when the terminal is narrow; otherwise the widest column does. */
  readonly isFlexible?: boolean
  /** Where the table is too wide: `below` goes whole under its row (what people copy or must read), `drop` goes. */
  readonly whenNarrow?: 'below' | 'drop'
}

const gap = 2
const leastWidth = 6
/** A flexible column narrower than this says nothing: others are dropped before. */
const leastFlexibleWidth = 16

/**
 * A table that fits the terminal: where it is narrow, columns go below or away, then cells are cut with `…`. Without a
 * terminal nothing is cut, so that what `grep` and `awk` see does not depend on a window.
 */
export function renderTable<Row>(options: {
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly terminal: Pick<Terminal, 'width' | 'paint'>
}): string {
  const { rows, terminal } = options
  const measured = options.columns.map((column) => measure(column, rows))
  const shown = terminal.width === null ? measured : thatFit(measured, terminal.width)
  const below = measured.filter((column) => !shown.includes(column) && column.whenNarrow === 'below')
  const widths = terminal.width === null ? shown.map(({ natural }) => natural) : shrink(shown, terminal.width)
  const line = (texts: readonly string[], styleOf: (index: number) => Style | null): string =>
    texts
      .map((text, index) => {
        const isLast = index === shown.length - 1
        const fitted = fit(text, widths[index] ?? 0, { isRight: shown[index]?.isRight ?? false, isLast })
        const style = styleOf(index)
        return style === null ? fitted : terminal.paint(style, fitted)
      })
      .join(' '.repeat(gap))
  const head = line(
    shown.map((column) => column.title),
    () => 'bold',
  )
  const body = rows.flatMap((row, at) => [
    line(
      shown.map((column) => column.cells[at] ?? ''),
      (index) => shown[index]?.style?.(row) ?? null,
    ),
    ...below.flatMap((column) => linesBelow(column.cells[at] ?? '', terminal)),
  ])
  return [head, ...body].join('\n')
}

interface Measured<Row> extends Omit<Column<Row>, 'cell'> {
  readonly cells: readonly string[]
  readonly natural: number
}

function measure<Row>(column: Column<Row>, rows: readonly Row[]): Measured<Row> {
  const cells = rows.map((row) => clean(column.cell(row)))
  return { ...column, cells, natural: Math.max(widthOf(column.title), ...cells.map(widthOf)) }
}

/** What goes below goes first and together; then what may be dropped, from the right, one by one. */
function thatFit<Row>(columns: readonly Measured<Row>[], width: number): readonly Measured<Row>[] {
  const least = (some: readonly Measured<Row>[]): number =>
    some.reduce((sum, { natural, isFlexible }) => {
      return sum + gap + (isFlexible === true ? Math.min(natural, leastFlexibleWidth) : natural)
    }, -gap)
  const natural = columns.reduce((sum, column) => sum + gap + column.natural, -gap)
  if (natural <= width) return columns
  let shown = columns.filter((column) => column.whenNarrow !== 'below')
  while (least(shown) > width) {
    const last = shown.findLast((column) => column.whenNarrow === 'drop')
    if (last === undefined) break
    shown = shown.filter((column) => column !== last)
  }
  return shown
}

/** Words are wrapped; a path or an address is never cut, because somebody copies it. */
function linesBelow(text: string, { width, paint }: Pick<Terminal, 'width' | 'paint'>): readonly string[] {
  if (text === '') return []
  return wrap(text, width === null ? null : width - gap).map((line) => ' '.repeat(gap) + paint('dim', line))
}

function shrink(
  columns: readonly { readonly natural: number; readonly isFlexible?: boolean }[],
  width: number,
): readonly number[] {
  const widths = columns.map(({ natural }) => natural)
  const total = (): number => widths.reduce((sum, each) => sum + each, 0) + gap * (widths.length - 1)
  while (total() > width) {
    const isFlexible = (index: number): boolean => columns[index]?.isFlexible === true
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
