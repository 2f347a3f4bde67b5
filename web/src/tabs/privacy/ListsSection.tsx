import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { changeLists, type HouseLists, type ListName, privacyQueries } from '../../api/privacy.ts'
import { Button, IconButton } from '../../design/Button.tsx'
import { TextField } from '../../design/Field.tsx'
import { ReadFailure, Skeletons, wordsOf } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { number } from '../../text/format.ts'
import { typeLook, typeName } from '../../text/entity-types.ts'
import { AddEntries } from './AddEntries.tsx'
import { type ListRow, rowKey, rowsOf, withAdded, withoutRow } from './list-edit.ts'
import { SectionHead } from './SectionHead.tsx'

const words = strings.privacy.lists
const listNames: readonly ListName[] = ['directory', 'deny', 'allow']
const filterFrom = 8
const firstShown = 20

/** Who and what belongs to the house, what must never leave it, and what is left alone. */
export function ListsSection() {
  const lists = useQuery({ ...privacyQueries.lists, staleTime: 0, gcTime: 0 })
  if (!lists.data)
    return lists.isError ? (
      <ReadFailure what={words.title} error={lists.error} onRetry={() => void lists.refetch()} />
    ) : (
      <Skeletons rows={3} height="h-40" />
    )
  return (
    <section aria-label={words.title} className="flex flex-col gap-6">
      <SectionHead title={words.title} lead={words.lead} />
      {listNames.map((name) => (
        <ListPanel key={name} name={name} lists={lists.data} />
      ))}
    </section>
  )
}

interface ListPanelProps {
  name: ListName
  lists: HouseLists
}

function ListPanel({ name, lists }: ListPanelProps) {
  const rows = rowsOf(lists, name)
  const deeds = useListDeeds(name)
  return (
    <section
      aria-labelledby={`list-${name}`}
      className="flex flex-col gap-4 rounded-lg border border-line bg-panel p-4 md:p-6"
    >
      <div>
        <h3 id={`list-${name}`} className="flex flex-wrap items-baseline gap-x-2.5 text-lg font-semibold">
          {words.names[name]}
          <span className="font-sans text-sm font-normal text-soft">{words.entries(number(rows.length))}</span>
        </h3>
        <p className="max-w-prose text-sm text-soft">{words.leads[name]}</p>
      </div>
      <AddEntries
        name={name}
        held={rows}
        isBusy={deeds.adding.isPending}
        problem={deeds.adding.error ? wordsOf(deeds.adding.error) : null}
        onAdd={(fresh) => deeds.adding.mutateAsync(fresh)}
      />
      <Entries name={name} rows={rows} deeds={deeds} />
      {name === 'directory' && lists.automatic.length > 0 && <Automatic lists={lists} />}
    </section>
  )
}

function useListDeeds(name: ListName) {
  const client = useQueryClient()
  const onSuccess = (lists: HouseLists) => {
    client.setQueryData(privacyQueries.lists.queryKey, lists)
    void client.invalidateQueries({ queryKey: privacyQueries.status.queryKey })
  }
  return {
    adding: useMutation({
      mutationFn: (rows: readonly ListRow[]) => changeLists((held) => withAdded(held, name, rows)),
      onSuccess,
    }),
    removing: useMutation({
      mutationFn: (row: ListRow) => changeLists((held) => withoutRow(held, name, row)),
      onSuccess,
    }),
  }
}

interface EntriesProps {
  name: ListName
  rows: readonly ListRow[]
  deeds: ReturnType<typeof useListDeeds>
}

function Entries({ name, rows, deeds }: EntriesProps) {
  const [filter, setFilter] = useState('')
  const [limit, setLimit] = useState(firstShown)
  const [removed, setRemoved] = useState<ListRow | null>(null)
  const wanted = filter.trim().toLowerCase()
  const matching = rows.filter((row) => row.text.toLowerCase().includes(wanted))
  const { adding, removing } = deeds
  return (
    <div className="flex flex-col gap-3">
      {rows.length >= filterFrom && (
        <TextField
          label={words.filter(words.names[name])}
          type="search"
          autoComplete="off"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
      )}
      {rows.length === 0 && removed === null && <p className="text-soft">{words.empty}</p>}
      {rows.length > 0 && matching.length === 0 && <p className="text-soft">{words.noMatch}</p>}
      <div role="status">
        {removed && (
          <div className="flex flex-wrap items-center justify-between gap-3 rounded-md bg-slate-tint px-4 py-1">
            <p className="min-w-0 wrap-anywhere">{words.removed(removed.text)}</p>
            <Button
              look="quiet"
              icon="undo"
              isBusy={adding.isPending}
              onClick={() => adding.mutate([removed], { onSuccess: () => setRemoved(null) })}
            >
              {words.undo}
            </Button>
          </div>
        )}
      </div>
      {removing.error && (
        <p role="alert" className="text-sm text-garnet">
          {wordsOf(removing.error)}
        </p>
      )}
      <ul className="divide-y divide-line rounded-md border border-line empty:hidden" aria-label={words.names[name]}>
        {matching.slice(0, limit).map((row) => (
          <li key={rowKey(row)} className="flex items-center justify-between gap-3 py-0.5 pr-1 pl-4">
            <EntryText row={row} />
            <IconButton
              icon="cross"
              label={words.remove(row.text)}
              disabled={removing.isPending}
              onClick={() => removing.mutate(row, { onSuccess: () => setRemoved(row) })}
            />
          </li>
        ))}
      </ul>
      {matching.length > limit && (
        <Button className="self-start" onClick={() => setLimit(limit * 5)}>
          {words.more(matching.length - limit)}
        </Button>
      )}
    </div>
  )
}

function EntryText({ row: { text, tag } }: { row: ListRow }) {
  if (tag === 'pattern')
    return (
      <p className="min-w-0 wrap-anywhere">
        <code className="font-mono text-sm">{text}</code>{' '}
        <span className="rounded-sm bg-sunken px-2 text-sm text-soft">{words.patternTag}</span>
      </p>
    )
  return (
    <p className="min-w-0 wrap-anywhere">
      {text}{' '}
      {tag !== null && tag !== 'text' && (
        <span className={`rounded-sm px-2 text-sm ${typeLook(tag)}`}>{typeName(tag)}</span>
      )}
    </p>
  )
}

/** What the house knows by itself: to be read, not to be changed. */
function Automatic({ lists }: { lists: HouseLists }) {
  return (
    <details className="rounded-md border border-line">
      <summary className="touch flex items-center justify-between gap-3 px-4 text-sm font-semibold">
        {words.automatic(number(lists.automatic.length))}
      </summary>
      <p className="px-4 text-sm text-soft">{words.automaticLead}</p>
      <ul className="flex flex-col gap-1 px-4 py-3">
        {lists.automatic.map(({ value, type }) => (
          <li key={`${type} ${value}`}>
            <EntryText row={{ text: value, tag: type }} />
          </li>
        ))}
      </ul>
    </details>
  )
}
