import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { queries } from '../../api/queries.ts'
import { usePage, useSession } from '../../app/page-state.ts'
import { hashOf, parseHash } from '../../app/route.ts'
import { may } from '../../app/session.ts'
import { useStore } from '../../app/store.ts'
import { Button } from '../../design/Button.tsx'
import { EmptyState, ReadFailure, Skeletons } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { number } from '../../text/format.ts'
import type { TabProps } from '../tab.ts'
import { anyRequest, type RequestFilter, writeFilter } from './filter.ts'
import { FilterBar } from './FilterBar.tsx'
import { RequestDialog } from './RequestDialog.tsx'
import { RequestList } from './RequestList.tsx'
import { mostRows, useRequests } from './use-requests.ts'

const words = strings.requests
/** Further down than this somebody reads: nothing moves under their eyes. */
const readingFromPx = 240

export function RequestsPage({ rest }: TabProps) {
  const { route } = usePage()
  const { query } = useStore(route)
  const [isPaused, setPaused] = useState(false)
  const isReading = useScrolledDown()
  const list = useRequests(query, isPaused || isReading)
  const keyNames = useKeyNames()
  const filterText = writeFilter(list.filter)
  const setFilter = (filter: RequestFilter) => {
    const hash = hashOf('requests', '', writeFilter(filter))
    history.replaceState(null, '', hash)
    route.set(parseHash(hash))
  }
  const follow = () => {
    window.scrollTo({ top: 0 })
    list.showHeld()
  }
  return (
    <div className="mx-auto flex w-full max-w-6xl flex-col gap-5 p-4 md:p-10">
      <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <div>
          <h1 className="text-2xl font-semibold">{words.title}</h1>
          <p className="text-soft">{words.lead}</p>
        </div>
        <FollowButton isPaused={isPaused} held={list.held} onChange={setPaused} onResume={list.showHeld} />
      </div>
      <FilterBar filter={list.filter} keyNames={keyNames} onChange={setFilter} />
      <div className="sticky top-16 z-10 -my-2.5 flex h-0 justify-center md:top-4">
        {list.held > 0 && (
          <Button look="main" className="shadow-lift" onClick={follow}>
            {words.fresh(list.held)}
          </Button>
        )}
      </div>
      <List list={list} filterText={filterText} keyNames={keyNames} onClear={() => setFilter(anyRequest)} />
      {rest !== '' && (
        <RequestDialog
          id={rest}
          keyNames={keyNames}
          onClose={() => {
            location.hash = hashOf('requests', '', filterText)
          }}
        />
      )}
    </div>
  )
}

interface ListProps {
  list: ReturnType<typeof useRequests>
  filterText: string
  keyNames: ReadonlyMap<string, string>
  onClear(): void
}

function List({ list, filterText, keyNames, onClear }: ListProps) {
  const { read, rows } = list
  if (read.isPending) return <Skeletons rows={8} height="h-14" />
  if (read.isError && rows.length === 0)
    return <ReadFailure what={words.title} error={read.error} onRetry={() => void read.refetch()} />
  // The server may find nothing in a stretch of the ledger and yet have more of it: then only "Older" stands here.
  if (rows.length === 0 && !read.hasNextPage) {
    if (filterText === '') return <EmptyState title={words.emptyTitle}>{words.emptyBody}</EmptyState>
    return (
      <div className="flex flex-col items-center gap-3 py-6">
        <p className="text-soft">{words.noMatch}</p>
        <Button onClick={onClear}>{words.clear}</Button>
      </div>
    )
  }
  return (
    <>
      <RequestList rows={rows} filterText={filterText} keyNames={keyNames} />
      {list.hasOlder && (
        <Button className="self-center" isBusy={read.isFetchingNextPage} onClick={() => void read.fetchNextPage()}>
          {read.isFetchingNextPage ? words.readingOlder : words.older}
        </Button>
      )}
      {read.isFetchNextPageError && (
        <ReadFailure what={words.title} error={read.error} onRetry={() => void read.fetchNextPage()} />
      )}
      {!read.hasNextPage && <p className="text-center text-sm text-soft">{words.end(number(rows.length))}</p>}
      {list.isFull && <p className="text-center text-sm text-soft">{words.full(number(mostRows))}</p>}
    </>
  )
}

interface FollowButtonProps {
  isPaused: boolean
  held: number
  onChange(isPaused: boolean): void
  onResume(): void
}

function FollowButton({ isPaused, held, onChange, onResume }: FollowButtonProps) {
  const { live } = usePage()
  const isLive = useStore(live.status).kind === 'live'
  return (
    <div className="flex items-center gap-3">
      <p className="flex items-center gap-2 text-sm text-soft">
        <span
          className={`size-2.5 rounded-full ${isLive && !isPaused ? 'bg-moss' : 'border-2 border-edge'}`}
          aria-hidden="true"
        />
        {isPaused
          ? held > 0
            ? `${words.paused} · ${words.fresh(held)}`
            : words.paused
          : isLive
            ? words.follow
            : strings.live.off}
      </p>
      <Button
        icon={isPaused ? 'play' : 'pause'}
        aria-pressed={isPaused}
        onClick={() => {
          onChange(!isPaused)
          if (isPaused) onResume()
        }}
      >
        {isPaused ? words.resume : words.pause}
      </Button>
    </div>
  )
}

/** Names of keys, for those who may read them. */
function useKeyNames(): ReadonlyMap<string, string> {
  const session = useSession()
  const keys = useQuery({ ...queries.keys, enabled: may(session, 'admin') })
  return useMemo(() => new Map((keys.data ?? []).map((key) => [key.id, key.name])), [keys.data])
}

function useScrolledDown(): boolean {
  const [isDown, setDown] = useState(false)
  useEffect(() => {
    const look = () => setDown(window.scrollY > readingFromPx)
    look()
    window.addEventListener('scroll', look, { passive: true })
    return () => window.removeEventListener('scroll', look)
  }, [])
  return isDown
}
