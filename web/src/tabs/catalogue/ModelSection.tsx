import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { ApiError } from '../../api/client.ts'
import { cataloguePage } from '../../api/catalogue.ts'
import { usePage } from '../../app/page-state.ts'
import { hashOf, parseHash } from '../../app/route.ts'
import { useStore } from '../../app/store.ts'
import { Button } from '../../design/Button.tsx'
import { Notice, ReadFailure, Skeletons } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { number } from '../../text/format.ts'
import { anyModel, type CatalogueFilter, readCatalogueFilter, writeCatalogueFilter } from './catalogue-filter.ts'
import { CatalogueFilters } from './CatalogueFilters.tsx'
import { ModelDialog } from './ModelDialog.tsx'
import { ModelListHead, WorldModelRow } from './WorldModelRow.tsx'

const words = strings.catalogue
const pageSize = 60

/** The models by name, page by page as somebody asks for them; what they are searched by stands in the address. */
export function ModelSection({ opened }: { opened: string | null }) {
  const { route } = usePage()
  const { query } = useStore(route)
  const filter = readCatalogueFilter(query)
  const asked = writeCatalogueFilter(filter)
  const setFilter = (change: CatalogueFilter) => {
    const hash = hashOf('catalogue', '', writeCatalogueFilter(change))
    history.replaceState(null, '', hash)
    route.set(parseHash(hash))
  }
  return (
    <section aria-label={words.sections.models} className="flex flex-col gap-5">
      <CatalogueFilters filter={filter} onChange={setFilter} />
      <FoundModels asked={asked} onClear={() => setFilter(anyModel)} />
      {opened !== null && (
        <ModelDialog
          id={opened}
          onClose={() => {
            location.hash = hashOf('catalogue', '', asked)
          }}
        />
      )}
    </section>
  )
}

function FoundModels({ asked, onClear }: { asked: string; onClear(): void }) {
  const read = useInfiniteQuery({
    queryKey: ['catalogue', 'models', asked],
    queryFn: ({ signal, pageParam }) => cataloguePage(`${asked}&limit=${pageSize}`, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
    staleTime: 0,
  })
  const [first] = read.data?.pages ?? []
  if (first === undefined) {
    if (read.isPending) return <Skeletons rows={8} height="h-14" />
    if (read.error instanceof ApiError && read.error.status === 404) return <Notice tone="calm">{words.missing}</Notice>
    return <ReadFailure what={words.title} error={read.error} onRetry={() => void read.refetch()} />
  }
  const rows = read.data?.pages.flatMap((page) => page.data) ?? []
  const rest = first.total - rows.length
  return (
    <div className="flex flex-col gap-4" aria-busy={read.isPlaceholderData}>
      <div className="flex flex-wrap justify-between gap-x-6 text-sm text-soft">
        <p role="status">
          {words.found(number(first.total))} · {words.asOf(first.catalogue.asOf)}
        </p>
        <p>{words.perMillion}</p>
      </div>
      {read.isError && <ReadFailure what={words.title} error={read.error} onRetry={() => void read.refetch()} />}
      {rows.length === 0 ? (
        <div className="flex flex-col items-center gap-3 py-6 text-center">
          <p className="text-soft">
            {words.noMatch} {words.unknownLeftOut}
          </p>
          <Button onClick={onClear}>{words.clear}</Button>
        </div>
      ) : (
        <div className={`rounded-lg border border-line bg-panel ${read.isPlaceholderData ? 'opacity-60' : ''}`}>
          <ModelListHead />
          <div role="list" aria-label={words.sections.models} className="divide-y divide-line">
            {rows.map((model) => (
              <WorldModelRow key={model.id} model={model} filterText={asked} />
            ))}
          </div>
        </div>
      )}
      {read.hasNextPage && (
        <Button className="self-center" isBusy={read.isFetchingNextPage} onClick={() => void read.fetchNextPage()}>
          {read.isFetchingNextPage ? words.reading : words.more(number(Math.min(rest, pageSize)))}
        </Button>
      )}
      {!read.hasNextPage && rows.length > pageSize && (
        <p className="text-center text-sm text-soft">{words.end(number(rows.length))}</p>
      )}
    </div>
  )
}
