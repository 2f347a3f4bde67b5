import { queryOptions } from '@tanstack/react-query'
import type {
  DepartureView as DepartureWire,
  DetectedSpan,
  LeakReport as LeakReportWire,
  LeakSurvivor as LeakSurvivorWire,
  ListsAsk,
  ListsView,
  PolicyRules,
  PolicyView as PolicyWire,
  PrivacyDetectAnswer,
  PrivacyRehydrateAnswer,
  PrivacyScrubAnswer,
  PrivacyStatus as PrivacyStatusWire,
  ScopeView as ScopeWire,
  DeparturePage,
} from '../../../src/protocol/admin/privacy.ts'
import { api } from './client.ts'
import type { Listed } from './types.ts'

export type PrivacyStatus = Readonly<PrivacyStatusWire>
export type PolicyView = Readonly<PolicyWire>
export type Rules = PolicyRules
export type HouseLists = Readonly<ListsView>
export type ListName = 'directory' | 'deny' | 'allow'
export type ListChange = Readonly<ListsAsk>
export type ScopeView = Readonly<ScopeWire>
export type DepartureView = Readonly<DepartureWire>
export type FoundSpan = Readonly<DetectedSpan>
export type HiddenSpan = Readonly<NonNullable<PrivacyScrubAnswer['spans']>[number]>
export type Detected = Readonly<PrivacyDetectAnswer>
export type Scrubbed = Readonly<PrivacyScrubAnswer> & { readonly output: string }
export type Restored = Readonly<PrivacyRehydrateAnswer> & { readonly output: string }
export type LeakReport = Readonly<LeakReportWire>
export type LeakSurvivor = Readonly<LeakSurvivorWire>

/** Looking through a long text may wait for a recogniser. */
const lookMs = 120_000
/** Ten thousand cases on a small machine. */
const leakTestMs = 3_600_000

/** All under one word: an event that tells of a change makes all of it old. Nothing of it is kept outside of memory. */
export const privacyQueries = {
  status: queryOptions({
    queryKey: ['privacy', 'status'],
    queryFn: ({ signal }) => api<PrivacyStatus>('/v1/privacy/status', { signal }),
  }),
  policies: queryOptions({
    queryKey: ['privacy', 'policies'],
    queryFn: async ({ signal }) => (await api<Listed<PolicyView>>('/v1/privacy/policies', { signal })).data,
  }),
  lists: queryOptions({
    queryKey: ['privacy', 'lists'],
    queryFn: ({ signal }) => api<HouseLists>('/v1/privacy/lists', { signal }),
  }),
  scopes: (limit: number) =>
    queryOptions({
      queryKey: ['privacy', 'scopes', limit],
      queryFn: async ({ signal }) =>
        (await api<Listed<ScopeView>>(`/v1/privacy/scopes?limit=${limit}`, { signal })).data,
    }),
}

/** A page of what left, newest first; `query` as the API takes it, without cursor. */
export function departurePage(query: string, cursor: string | null, signal: AbortSignal): Promise<DeparturePage> {
  const asked = new URLSearchParams(query)
  if (cursor !== null) asked.set('cursor', cursor)
  return api<DeparturePage>(`/v1/privacy/departures?${asked}`, { signal })
}

/** Only looks: nothing is kept. `policy: ''` = the house's own. */
export function detect(text: string, policy: string): Promise<Detected> {
  return api<Detected>('/v1/privacy/detect', { method: 'POST', body: { text, ...named(policy) }, timeoutMs: lookMs })
}

export function scrub(text: string, options: { readonly policy: string; readonly keptSeconds: number }) {
  const body = { text, explain: true, ttl_s: options.keptSeconds, ...named(options.policy) }
  return api<Scrubbed>('/v1/privacy/scrub', { method: 'POST', body, timeoutMs: lookMs })
}

export function rehydrate(handle: string, text: string): Promise<Restored> {
  return api<Restored>('/v1/privacy/rehydrate', { method: 'POST', body: { handle, text }, timeoutMs: lookMs })
}

export function putPolicy(name: string, rules: Rules): Promise<PolicyView> {
  return api<PolicyView>(`/v1/privacy/policies/${encodeURIComponent(name)}`, { method: 'PUT', body: rules })
}

/**
 * Changes one list. It is read anew first, for the server takes whole lists only: what somebody else put there since
 * the page was loaded stays.
 */
export async function changeLists(change: (lists: HouseLists) => ListChange): Promise<HouseLists> {
  const held = await api<HouseLists>('/v1/privacy/lists')
  return await api<HouseLists>('/v1/privacy/lists', { method: 'PUT', body: change(held) })
}

export function shred(id: string): Promise<unknown> {
  return api(`/v1/privacy/scopes/${encodeURIComponent(id)}`, { method: 'DELETE' })
}

export function runLeakTest(ask: { cases: number; seed: number | null }, signal: AbortSignal): Promise<LeakReport> {
  const body = { cases: ask.cases, ...(ask.seed === null ? {} : { seed: ask.seed }) }
  return api<LeakReport>('/v1/privacy/leak-test', { method: 'POST', body, signal, timeoutMs: leakTestMs })
}

const named = (policy: string) => (policy === '' ? {} : { policy })
