import type { QueryClient } from '@tanstack/react-query'
import { notifyManager } from '@tanstack/react-query'
import { queries } from '../api/queries.ts'
import type { HouseStatus } from '../api/types.ts'
import { createStore, type Store } from '../app/store.ts'
import { type LiveChannel, openLiveChannel } from './channel.ts'
import { applyEvents, everything, type LiveCache, type LiveEvent, type LiveStatus, type Stale } from './events.ts'

/** The live state of the house: events flow into the cache of queries, and to whoever listens. */
export interface LiveHouse extends LiveChannel {
  readonly status: Store<LiveStatus>
  /** True when the server is of another version than the one this page was loaded from. */
  readonly isUpdated: Store<boolean>
  listen(listener: (event: LiveEvent) => void): () => void
}

const stalePauseMs = 300
const mostRecent = 5_000
const liveKeys: ReadonlySet<unknown> = new Set(['models', 'pulls', 'keys', 'status'])

export function createLiveHouse(client: QueryClient): LiveHouse {
  const status = createStore<LiveStatus>({ kind: 'off' })
  const isUpdated = createStore(false)
  const listeners = new Set<(event: LiveEvent) => void>()
  const markStale = createStaleMarker(client)
  let version: string | null = null
  // Events that arrived while a list was being read: its answer may be older than they are, so they are applied again.
  let recent: LiveEvent[] = []

  const isReading = () => client.isFetching({ predicate: (query) => liveKeys.has(query.queryKey[0]) }) > 0

  client.getQueryCache().subscribe((change) => {
    if (change.type !== 'updated' || change.action.type !== 'success' || change.action.manual || recent.length === 0)
      return
    queueMicrotask(() => {
      apply(client, recent)
      if (!isReading()) recent = []
    })
  })

  function onEvents(events: readonly LiveEvent[]): void {
    if (isReading()) recent = [...recent, ...events].slice(-mostRecent)
    markStale(apply(client, events))
    for (const event of events) {
      if (event.type === 'hello') noteVersion(event.data)
      for (const listener of [...listeners]) listener(event)
    }
  }

  function noteVersion(hello: unknown): void {
    const told = (hello as { version?: unknown } | null)?.version
    if (typeof told !== 'string') return
    version ??= told
    if (told !== version) isUpdated.set(true)
  }

  const channel = openLiveChannel({
    onStatus: (next) => status.set(next),
    onFresh: () => markStale(new Set(everything)),
    onEvents,
  })

  return {
    ...channel,
    status,
    isUpdated,
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** Writes the events into the cache in one go; answers what must be read anew. */
function apply(client: QueryClient, events: readonly LiveEvent[]): ReadonlySet<Stale> {
  const house = client.getQueryData<HouseStatus>(queries.status.queryKey)
  const before: LiveCache = {
    models: client.getQueryData(queries.models.queryKey),
    pulls: client.getQueryData(queries.pulls.queryKey),
    keys: client.getQueryData(queries.keys.queryKey),
    upstreams: house?.upstreams,
  }
  const { cache, stale } = applyEvents(before, events)
  notifyManager.batch(() => {
    if (cache.models && cache.models !== before.models) client.setQueryData(queries.models.queryKey, cache.models)
    if (cache.pulls && cache.pulls !== before.pulls) client.setQueryData(queries.pulls.queryKey, cache.pulls)
    if (cache.keys && cache.keys !== before.keys) client.setQueryData(queries.keys.queryKey, cache.keys)
    if (house && cache.upstreams && cache.upstreams !== before.upstreams) {
      client.setQueryData(queries.status.queryKey, { ...house, upstreams: cache.upstreams })
    }
  })
  return stale
}

/** Many events make one reading: what is stale is collected for a moment. */
function createStaleMarker(client: QueryClient): (stale: ReadonlySet<Stale>) => void {
  const waiting = new Set<Stale>()
  let timer: ReturnType<typeof setTimeout> | null = null
  return (stale) => {
    for (const name of stale) waiting.add(name)
    if (waiting.size === 0 || timer !== null) return
    timer = setTimeout(() => {
      timer = null
      const names = [...waiting]
      waiting.clear()
      for (const name of names) void client.invalidateQueries({ queryKey: [name] })
    }, stalePauseMs)
  }
}
