import { describe, expect, test } from 'bun:test'
import { renderTable } from './table.ts'
import { cutTo, widthOf } from './text-width.ts'

interface Row {
  readonly name: string
  readonly size: string
  readonly note: string
}

const rows: readonly Row[] = [
  { name: 'tiny', size: '1', note: 'a note that is rather long and says little' },
  { name: 'a much longer name', size: '1000', note: '' },
  { name: '日本語モデル', size: '22', note: 'wide\ncharacters\u001b[31m' },
]
const columns = [
  { title: 'NAME', cell: (row: Row) => row.name },
  { title: 'SIZE', cell: (row: Row) => row.size, isRight: true },
  { title: 'NOTE', cell: (row: Row) => row.note, isFlexible: true },
]
const plain = (_: string, text: string): string => text
const tableIn = (width: number | null): string => renderTable({ columns, rows, terminal: { width, paint: plain } })

describe('a table', () => {
  test('is whole where there is no terminal', () => {
    expect(tableIn(null)).toBe(
      [
        'NAME                SIZE  NOTE',
        'tiny                   1  a note that is rather long and says little',
        'a much longer name  1000  ',
        '日本語モデル          22  wide characters[31m',
      ].join('\n'),
    )
  })

  test('gives way in its flexible column first', () => {
    expect(tableIn(44).split('\n')[1]).toBe('tiny                   1  a note that is ra…')
  })

  test.each([20, 30, 44, 60, 80, 200])('is never wider than %d columns', (width) => {
    for (const line of tableIn(width).split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(width)
  })

  test('moves what people copy below its row, uncut, and drops what matters least, before it cuts', () => {
    const long = { name: 'a', size: '1', note: '/a/path/that/nobody/can/copy/when/it/is/cut.gguf' }
    const below = [columns[0]!, columns[1]!, { ...columns[2]!, whenNarrow: 'below' as const }]
    const narrow = (width: number, some: typeof columns) =>
      renderTable({ columns: some, rows: [long], terminal: { width, paint: plain } }).split('\n')
    expect(narrow(30, below)).toEqual(['NAME  SIZE', 'a        1', `  ${long.note}`])
    expect(narrow(80, below)).toHaveLength(2)
    const drop = [columns[0]!, { ...columns[1]!, whenNarrow: 'drop' as const }, columns[2]!]
    expect(narrow(24, drop)).toEqual(['NAME  NOTE', 'a     /a/path/that/nobo…'])
    expect(narrow(30, drop)[0]).toBe('NAME  SIZE  NOTE')
  })

  test('takes columns and not characters as width', () => {
    expect(cutTo('日本語モデル', 7)).toBe('日本語…')
    expect(cutTo('abc', 3)).toBe('abc')
  })

  test('is coloured without losing its columns', () => {
    const paint = (style: string, text: string): string => `<${style}>${text}</${style}>`
    const styled = [{ ...columns[0]!, style: () => 'green' as const }, columns[1]!]
    const line = renderTable({ columns: styled, rows: rows.slice(0, 1), terminal: { width: 80, paint } }).split('\n')[1]
    expect(line).toBe('<green>tiny</green>     1')
  })
})
