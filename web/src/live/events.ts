import type { KeyView, ModelView, PullView, UpstreamNews, UpstreamView } from '../api/types.ts'

/** One event of `/api/events`, parsed. Types the page does not know pass through and are ignored. */
export interface LiveEvent {
  readonly type: string
  readonly data: unknown
}

/** How the page stands with the house. `since`: milliseconds since 1970. */
export type LiveStatus =
  | { readonly kind: 'off' }
  | { readonly kind: 'connecting'; readonly since: number }
  | { readonly kind: 'live'; readonly since: number }
  | { readonly kind: 'reconnecting'; readonly since: number }
  /** The server does not want this session: it expired, or it may not watch. */
  | { readonly kind: 'refused'; readonly status: number }

/** What the cache of queries holds of the live state; undefined = not read yet. */
export interface LiveCache {
  readonly models?: readonly ModelView[] | undefined
  readonly pulls?: readonly PullView[] | undefined
  readonly keys?: readonly KeyView[] | undefined
  readonly upstreams?: readonly UpstreamView[] | undefined
}

/** What must be read anew, because an event told that it changed, not how. */
export type Stale =
  | 'models'
  | 'pulls'
  | 'keys'
  | 'status'
  | 'library'
  | 'suggestions'
  | 'public'
  | 'session'
  | 'routes'
  | 'requests'
  | 'privacy'
  | 'catalogue'

export interface Applied {
  readonly cache: LiveCache
  readonly stale: ReadonlySet<Stale>
}

export const everything: readonly Stale[] = [
  'models',
  'pulls',
  'keys',
  'status',
  'library',
  'suggestions',
  'public',
  'session',
  'routes',
  'requests',
  'privacy',
  'catalogue',
]

/** States in which memory is held or given back for good: the house's sums are read anew when a model enters one. */
const settled: ReadonlySet<string> = new Set(['stopped', 'ready', 'failed'])

/**
 * The cache after these events, in order. Lists that no event touched stay the same objects, so nothing is drawn twice.
 * Every event holds the whole view of its thing: applying one twice, or late, converges with the next.
 */
export function applyEvents(cache: LiveCache, events: readonly LiveEvent[]): Applied {
  const stale = new Set<Stale>()
  let next = cache
  for (const event of events) next = applyOne(next, event, stale)
  return { cache: next, stale }
}

function applyOne(cache: LiveCache, event: LiveEvent, stale: Set<Stale>): LiveCache {
  switch (event.type) {
    case 'reset':
    case 'config.reloaded':
      for (const name of everything) stale.add(name)
      return cache
    case 'config.refused':
      // Why stands among the warnings of the house.
      stale.add('status')
      return cache
    case 'model.state':
      return withModel(cache, event, stale)
    case 'model.removed':
      stale.add('public').add('library').add('status').add('routes')
      return { ...cache, models: without(cache.models, member<string>(event, 'id')) }
    case 'pull.progress': {
      const pull = member<PullView>(event, 'pull')
      if (pull?.state === 'done') stale.add('library').add('models').add('public')
      return { ...cache, pulls: upsert(cache.pulls, pull, (view) => view.id) }
    }
    case 'key.created':
    case 'key.rotated':
    case 'key.revoked':
      return { ...cache, keys: upsert(cache.keys, member<KeyView>(event, 'key'), (view) => view.id) }
    case 'route.state':
      stale.add('routes')
      return cache
    case 'privacy.lists':
    case 'privacy.scope_deleted':
      stale.add('privacy')
      return cache
    case 'upstream.state':
      stale.add('public').add('routes').add('catalogue')
      return { ...cache, upstreams: withNews(cache.upstreams, member<UpstreamNews>(event, 'upstream'), stale) }
    default:
      return cache
  }
}

function withModel(cache: LiveCache, event: LiveEvent, stale: Set<Stale>): LiveCache {
  const model = member<ModelView>(event, 'model')
  if (!model) return cache
  const before = cache.models?.find((view) => view.id === model.id)
  if (cache.models && before?.state !== model.state) {
    stale.add('public').add('routes')
    if (settled.has(model.state)) stale.add('status')
    if (!before) stale.add('library')
  }
  return { ...cache, models: upsert(cache.models, model, (view) => view.id) }
}

/** The event holds a part of the view; an upstream that is not listed yet is read with the rest of the house. */
function withNews(
  list: readonly UpstreamView[] | undefined,
  news: UpstreamNews | undefined,
  stale: Set<Stale>,
): readonly UpstreamView[] | undefined {
  const known = list?.find((entry) => entry.name === news?.name)
  if (!known || !news) {
    stale.add('status')
    return list
  }
  const { isReachable, lastError, listed } = news
  return upsert(list, { ...known, isReachable, lastError, models: listed?.length ?? known.models }, (view) => view.name)
}

function upsert<T>(
  list: readonly T[] | undefined,
  item: T | undefined,
  idOf: (item: T) => string,
): readonly T[] | undefined {
  if (!list || !item) return list
  const at = list.findIndex((entry) => idOf(entry) === idOf(item))
  return at === -1 ? [...list, item] : list.with(at, item)
}

function without(list: readonly ModelView[] | undefined, id: string | undefined): readonly ModelView[] | undefined {
  return list?.some((entry) => entry.id === id) ? list.filter((entry) => entry.id !== id) : list
}

function member<T>(event: LiveEvent, name: string): T | undefined {
  const { data } = event
  if (typeof data !== 'object' || data === null) return undefined
  return (data as Record<string, T | undefined>)[name]
}
