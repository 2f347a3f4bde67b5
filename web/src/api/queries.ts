import { queryOptions } from '@tanstack/react-query'
import { api } from './client.ts'
import type {
  FoundFile,
  HouseStatus,
  KeyView,
  Listed,
  ModelView,
  PoolView,
  PublicModel,
  PullView,
  RequestDetail,
  RequestPage,
  RouteView,
  Suggestions,
} from './types.ts'

/**
 * What the page reads. What has an event is not polled: the events of `/api/events` keep these answers true, or tell
 * that they are old.
 */
export const queries = {
  models: queryOptions({ queryKey: ['models'], queryFn: ({ signal }) => list<ModelView>('/api/models', signal) }),
  pulls: queryOptions({ queryKey: ['pulls'], queryFn: ({ signal }) => list<PullView>('/api/pulls', signal) }),
  keys: queryOptions({ queryKey: ['keys'], queryFn: ({ signal }) => list<KeyView>('/api/keys', signal) }),
  library: queryOptions({ queryKey: ['library'], queryFn: ({ signal }) => list<FoundFile>('/api/library', signal) }),
  public: queryOptions({ queryKey: ['public'], queryFn: ({ signal }) => list<PublicModel>('/v1/models', signal) }),
  status: queryOptions({
    queryKey: ['status'],
    queryFn: ({ signal }) => api<HouseStatus>('/api/status', { signal }),
  }),
  routes: queryOptions({ queryKey: ['routes'], queryFn: ({ signal }) => list<RouteView>('/api/routes', signal) }),
  pools: queryOptions({ queryKey: ['pools'], queryFn: ({ signal }) => list<PoolView>('/api/pools', signal) }),
  request: (id: string) =>
    queryOptions({
      queryKey: ['request', id],
      queryFn: ({ signal }) => api<RequestDetail>(`/api/requests/${encodeURIComponent(id)}`, { signal }),
    }),
  suggestions: queryOptions({
    queryKey: ['suggestions'],
    queryFn: ({ signal }) => api<Suggestions>('/api/suggestions', { signal }),
  }),
}

/** A page of the ledger, newest first; `query` as the API takes it, without cursor. */
export function requestPage(query: string, cursor: string | null, signal: AbortSignal): Promise<RequestPage> {
  const asked = new URLSearchParams(query)
  if (cursor !== null) asked.set('cursor', cursor)
  return api<RequestPage>(`/api/requests?${asked}`, { signal })
}

async function list<T>(path: string, signal: AbortSignal): Promise<readonly T[]> {
  const answer = await api<Listed<T>>(path, { signal })
  return answer.data
}
