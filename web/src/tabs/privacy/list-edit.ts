import type { HouseLists, ListChange, ListName } from '../../api/privacy.ts'

/** An entry of any list for the page. `tag`: its type in the directory; `text` or `pattern` of what is denied. */
export interface ListRow {
  readonly text: string
  readonly tag: string | null
}

export const shortestEntry = 3
export const longestEntry = 200

export function rowsOf(lists: HouseLists, name: ListName): readonly ListRow[] {
  if (name === 'directory') return lists.directory.map(({ value, type }) => ({ text: value, tag: type }))
  if (name === 'allow') return lists.allow.map((text) => ({ text, tag: null }))
  return lists.deny.map((entry) =>
    entry.kind === 'text' ? { text: entry.value, tag: 'text' } : { text: entry.pattern, tag: 'pattern' },
  )
}

export const rowKey = ({ text, tag }: ListRow): string => `${tag ?? ''} ${text}`

export function withAdded(lists: HouseLists, name: ListName, rows: readonly ListRow[]): ListChange {
  const held = rowsOf(lists, name)
  const known = new Set(held.map(rowKey))
  return changeOf(name, [...held, ...rows.filter((row) => !known.has(rowKey(row)))])
}

export function withoutRow(lists: HouseLists, name: ListName, row: ListRow): ListChange {
  const gone = rowKey(row)
  return changeOf(
    name,
    rowsOf(lists, name).filter((each) => rowKey(each) !== gone),
  )
}

function changeOf(name: ListName, rows: readonly ListRow[]): ListChange {
  if (name === 'allow') return { allow: rows.map(({ text }) => text) }
  if (name === 'directory') return { directory: rows.map(({ text, tag }) => ({ value: text, type: tag })) as never }
  return {
    deny: rows.map(({ text, tag }) =>
      tag === 'pattern' ? { kind: 'pattern', pattern: text } : { kind: 'text', value: text },
    ),
  }
}

export interface ReadLines {
  /** What would be added, each once. */
  readonly fresh: readonly ListRow[]
  readonly known: number
  readonly tooShort: number
  readonly tooLong: number
}

/** An entry in each line; blanks around it and empty lines do not count. */
export function readLines(text: string, held: readonly ListRow[], tag: string | null): ReadLines {
  const seen = new Set(held.map(rowKey))
  const fresh: ListRow[] = []
  const count = { known: 0, tooShort: 0, tooLong: 0 }
  for (const line of text.split(/\r\n|[\n\r\u2028\u2029]/)) {
    const row = { text: line.trim(), tag }
    if (row.text === '') continue
    if (tag !== 'pattern' && row.text.length < shortestEntry) count.tooShort++
    else if (row.text.length > longestEntry) count.tooLong++
    else if (seen.has(rowKey(row))) count.known++
    else {
      seen.add(rowKey(row))
      fresh.push(row)
    }
  }
  return { fresh, ...count }
}
