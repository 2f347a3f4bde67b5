import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import { requestPage } from '../../api/queries.ts'
import type { RequestView } from '../../api/types.ts'
import { usePage } from '../../app/page-state.ts'
import { apiQuery, matches, readFilter, writeFilter } from './filter.ts'
import { emptyTail, joined, withArrived, withHeldShown } from './tail.ts'

const pageSize = 100
/** The page holds no more rows; a narrower filter finds what is further back. */
export const mostRows = 10_000
/** Rows of a busy house are drawn together. */
const drawEveryMs = 250

/**
 * The ledger: read page by page, and followed by `request.finished`. `query` is the filter as it stands in the address;
 * while `isHeld`, what arrives waits.
 */
export function useRequests(query: string, isHeld: boolean) {
  const client = useQueryClient()
  const filter = useMemo(() => readFilter(query), [query])
  const queryKey = useMemo(() => ['requests', writeFilter(filter)], [filter])
  const read = useInfiniteQuery({
    queryKey,
    queryFn: ({ signal, pageParam }) =>
      requestPage(apiQuery(filter, { now: Date.now(), limit: pageSize }), pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    // Requests end while nobody looks: what was read the last time has a gap.
    staleTime: 0,
    gcTime: 0,
  })
  const [tail, setTail] = useTail(filter, isHeld)
  // A gap is closed by beginning anew; while somebody reads, it waits with the rest.
  const { isTorn } = tail
  useEffect(() => {
    if (!isTorn || isHeld) return
    setTail(emptyTail)
    void client.resetQueries({ queryKey })
  }, [client, queryKey, isTorn, isHeld, setTail])
  const pages = read.data?.pages
  const rows = useMemo(
    () =>
      joined(
        tail,
        (pages ?? []).flatMap((page) => page.data),
      ).slice(0, mostRows),
    [tail, pages],
  )
  return {
    read,
    filter,
    rows,
    held: tail.held.length,
    showHeld: () => setTail(withHeldShown),
    hasOlder: read.hasNextPage && rows.length < mostRows,
    isFull: read.hasNextPage && rows.length >= mostRows,
  }
}

function useTail(filter: ReturnType<typeof readFilter>, isHeld: boolean) {
  const { live } = usePage()
  const [tail, setTail] = useState(emptyTail)
  const held = useRef(isHeld)
  useEffect(() => {
    held.current = isHeld
  }, [isHeld])
  useEffect(() => {
    let arrived: RequestView[] = []
    let timer: ReturnType<typeof setTimeout> | null = null
    const draw = () => {
      timer = null
      const fresh = arrived
      arrived = []
      setTail((before) => withArrived(before, fresh, held.current))
    }
    setTail(emptyTail)
    const stop = live.listen((event) => {
      if (event.type !== 'request.finished') return
      const request = event.data as RequestView
      if (!matches(request, filter)) return
      arrived.push(request)
      timer ??= setTimeout(draw, drawEveryMs)
    })
    return () => {
      stop()
      if (timer !== null) clearTimeout(timer)
    }
  }, [live, filter])
  return [tail, setTail] as const
}
