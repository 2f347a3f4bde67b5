import { queryOptions } from '@tanstack/react-query'
import type {
  CatalogueModelView,
  CataloguePage as PageWire,
  CataloguePlan as PlanWire,
  CatalogueProviderView,
  CatalogueSourceView,
} from '../../../src/protocol/admin/catalogue.ts'
import { api } from './client.ts'
import type { Listed } from './types.ts'

export type WorldModel = Readonly<CatalogueModelView>
export type WorldProvider = Readonly<CatalogueProviderView>
export type CataloguePage = Readonly<PageWire>
export type CatalogueChanges = Readonly<PlanWire>
export type CatalogueSource = Readonly<CatalogueSourceView>
export type Price = NonNullable<WorldModel['price']>
export type Modality = NonNullable<WorldModel['input']>[number]

/** Another catalogue: an address that the house reads, or the document itself. */
export type OfferedCatalogue = { readonly url: string } | { readonly document: unknown; readonly name: string }

/** A slow address may take a minute, and the comparison some seconds. */
const planMs = 90_000

/** All under one word: an event that tells of a change makes all of it old. What is usable may change any time. */
export const catalogueQueries = {
  providers: queryOptions({
    queryKey: ['catalogue', 'providers'],
    queryFn: async ({ signal }) => (await api<Listed<WorldProvider>>('/api/catalogue/providers', { signal })).data,
    staleTime: 0,
  }),
  source: queryOptions({
    queryKey: ['catalogue', 'source'],
    queryFn: async ({ signal }) => (await api<CataloguePage>('/api/catalogue?limit=1', { signal })).catalogue,
    staleTime: 0,
  }),
  model: (id: string) =>
    queryOptions({
      queryKey: ['catalogue', 'model', id],
      queryFn: ({ signal }) => {
        const path = id.split('/').map(encodeURIComponent).join('/')
        return api<WorldModel>(`/api/catalogue/models/${path}`, { signal })
      },
      staleTime: 0,
    }),
}

/** A page of models by name; `query` as the API takes it, without cursor. */
export function cataloguePage(query: string, after: string | null, signal: AbortSignal): Promise<CataloguePage> {
  const asked = new URLSearchParams(query)
  if (after !== null) asked.set('after', after)
  return api<CataloguePage>(`/api/catalogue?${asked}`, { signal })
}

/** What another catalogue would change. Changes nothing. */
export function planCatalogue(offered: OfferedCatalogue): Promise<CatalogueChanges> {
  return api<CatalogueChanges>('/api/catalogue/plan', { method: 'POST', body: offered, timeoutMs: planMs })
}

/** Takes exactly what was shown. */
export function applyCatalogue(hash: string): Promise<CatalogueSource> {
  return api<CatalogueSource>('/api/catalogue/apply', { method: 'POST', body: { hash } })
}

export function resetCatalogue(): Promise<CatalogueSource> {
  return api<CatalogueSource>('/api/catalogue', { method: 'DELETE' })
}
