import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { departurePage, type DepartureView, privacyQueries } from '../../api/privacy.ts'
import { queries } from '../../api/queries.ts'
import { usePage, useSession } from '../../app/page-state.ts'
import { hashOf, parseHash } from '../../app/route.ts'
import { may } from '../../app/session.ts'
import { useStore } from '../../app/store.ts'
import { Button } from '../../design/Button.tsx'
import { SelectField } from '../../design/Field.tsx'
import { EmptyState, ReadFailure, Skeletons } from '../../design/Notice.tsx'
import { TypeCounts } from '../../design/TypeCounts.tsx'
import { strings } from '../../strings.ts'
import { number } from '../../text/format.ts'
import { summed } from '../../text/entity-types.ts'
import {
  anyDeparture,
  type DepartureFilter,
  readDepartureFilter,
  verdicts,
  writeDepartureFilter,
} from './departure-filter.ts'
import { DepartureRow } from './DepartureRow.tsx'
import { SectionHead } from './SectionHead.tsx'
import { useKeyNames } from './use-key-names.ts'

const words = strings.privacy.left
const pageSize = 50

/** Every request for a cloud, sent or refused, newest first. */
export function DeparturesSection({ isAdmin }: { isAdmin: boolean }) {
  const { route } = usePage()
  const { query } = useStore(route)
  const filter = readDepartureFilter(query)
  const asked = writeDepartureFilter(filter)
  const read = useInfiniteQuery({
    queryKey: ['privacy', 'departures', asked],
    queryFn: ({ signal, pageParam }) => departurePage(`${asked}&limit=${pageSize}`, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    staleTime: 0,
    gcTime: 0,
  })
  const setFilter = (change: DepartureFilter) => {
    const hash = hashOf('privacy', 'left', writeDepartureFilter(change))
    history.replaceState(null, '', hash)
    route.set(parseHash(hash))
  }
  const rows = read.data?.pages.flatMap((page) => page.data) ?? null
  return (
    <section aria-label={words.title} className="flex flex-col gap-5">
      <SectionHead
        title={words.title}
        lead={isAdmin ? words.lead : `${words.lead} ${words.leadOwn}`}
        action={
          <Button
            icon="refresh"
            isBusy={read.isFetching && !read.isFetchingNextPage}
            onClick={() => void read.refetch()}
          >
            {words.refresh}
          </Button>
        }
      />
      <Filters filter={filter} rows={rows ?? []} onChange={setFilter} />
      {rows === null ? (
        read.isError ? (
          <ReadFailure what={words.title} error={read.error} onRetry={() => void read.refetch()} />
        ) : (
          <Skeletons rows={5} height="h-16" />
        )
      ) : rows.length === 0 ? (
        <Nothing isFiltered={asked !== ''} onClear={() => setFilter(anyDeparture)} />
      ) : (
        <Rows rows={rows} isAdmin={isAdmin} read={read} />
      )}
    </section>
  )
}

interface RowsProps {
  rows: readonly DepartureView[]
  isAdmin: boolean
  read: {
    readonly hasNextPage: boolean
    readonly isFetchingNextPage: boolean
    readonly isFetchNextPageError: boolean
    readonly error: unknown
    fetchNextPage(): Promise<unknown>
  }
}

function Rows({ rows, isAdmin, read }: RowsProps) {
  const session = useSession()
  const keyNames = useKeyNames(isAdmin)
  const inAll = words.inAll(number(rows.length))
  return (
    <>
      <div className="flex flex-col gap-1.5">
        <h3 className="text-sm text-soft">{inAll}</h3>
        <TypeCounts counts={summed(rows.map(({ counts }) => counts))} label={inAll} />
      </div>
      <ul className="divide-y divide-line rounded-lg border border-line bg-panel" aria-label={words.title}>
        {rows.map((departure, place) => (
          <DepartureRow
            key={`${departure.at} ${departure.request ?? ''} ${place}`}
            departure={departure}
            keyName={keyNames.get(departure.owner) ?? null}
            hasLink={may(session, 'monitor')}
          />
        ))}
      </ul>
      {read.hasNextPage && (
        <Button className="self-center" isBusy={read.isFetchingNextPage} onClick={() => void read.fetchNextPage()}>
          {read.isFetchingNextPage ? words.readingOlder : words.older}
        </Button>
      )}
      {read.isFetchNextPageError && (
        <ReadFailure what={words.title} error={read.error} onRetry={() => void read.fetchNextPage()} />
      )}
      {!read.hasNextPage && <p className="text-center text-sm text-soft">{words.end(number(rows.length))}</p>}
    </>
  )
}

function Nothing({ isFiltered, onClear }: { isFiltered: boolean; onClear(): void }) {
  if (!isFiltered) return <EmptyState title={words.emptyTitle}>{words.emptyBody}</EmptyState>
  return (
    <div className="flex flex-col items-center gap-3 py-6">
      <p className="text-soft">{words.noMatch}</p>
      <Button onClick={onClear}>{words.clear}</Button>
    </div>
  )
}

interface FiltersProps {
  filter: DepartureFilter
  rows: readonly DepartureView[]
  onChange(filter: DepartureFilter): void
}

/** Clouds that are known: those of the settings that are none of this network, those of policies, those of the rows. */
function Filters({ filter, rows, onChange }: FiltersProps) {
  const session = useSession()
  const house = useQuery({ ...queries.status, enabled: may(session, 'monitor') })
  const policies = useQuery(privacyQueries.policies)
  const names = new Set([
    ...(house.data?.upstreams ?? []).flatMap(({ name, locality }) => (locality === 'cloud' ? [name] : [])),
    ...(policies.data ?? []).flatMap(({ upstreams }) => upstreams),
    ...rows.map(({ destination }) => destination),
    ...(filter.destination === '' ? [] : [filter.destination]),
  ])
  return (
    <search className="grid gap-x-4 gap-y-1 sm:grid-cols-2">
      <SelectField
        label={words.destination}
        value={filter.destination}
        onChange={(event) => onChange({ ...filter, destination: event.target.value })}
      >
        <option value="">{words.destinationAny}</option>
        {[...names].toSorted().map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </SelectField>
      <SelectField
        label={words.verdict}
        value={filter.verdict}
        onChange={(event) =>
          onChange({ ...filter, verdict: verdicts.find((verdict) => verdict === event.target.value) ?? '' })
        }
      >
        <option value="">{words.verdictAny}</option>
        {verdicts.map((verdict) => (
          <option key={verdict} value={verdict}>
            {words.verdicts[verdict]}
          </option>
        ))}
      </SelectField>
    </search>
  )
}
