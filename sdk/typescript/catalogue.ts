import type {
  CatalogueFilter,
  CatalogueModel,
  CataloguePage,
  CataloguePlan,
  CatalogueProvider,
  CatalogueSource,
} from './catalogue-types.ts'
import type { List } from './types.ts'
import { pathOf } from './wire.ts'
import type { CallOptions, Wire } from './wire.ts'

/** What the world offers, and what of it can be used here. */
export interface Catalogue {
  list(filter?: CatalogueFilter, options?: CallOptions): Promise<CataloguePage>
  /** One model, as `provider/model`. */
  get(id: string, options?: CallOptions): Promise<CatalogueModel>
  providers(options?: CallOptions): Promise<List<CatalogueProvider>>
  /** What the catalogue behind an address, or a document, would change. Changes nothing. */
  plan(
    ask: { readonly url: string } | { readonly document: unknown; readonly name?: string },
    options?: CallOptions,
  ): Promise<CataloguePlan>
  /** Takes the catalogue of the last plan. */
  apply(hash: string, options?: CallOptions): Promise<CatalogueSource>
  /** Goes back to the one that came with Hearth. */
  reset(options?: CallOptions): Promise<CatalogueSource>
}

/** The house may have to fetch a document first. */
const planMs = 90_000

export function createCatalogue(wire: Wire): Catalogue {
  const base = '/api/catalogue'
  return {
    list: (filter, options) => wire.json('GET', base, { ...options, query: { ...filter } }),
    get: (id, options) => wire.json('GET', pathOf`/api/catalogue/models/${id}`, options),
    providers: (options) => wire.json('GET', `${base}/providers`, options),
    plan: (ask, options) => wire.json('POST', `${base}/plan`, { timeoutMs: planMs, ...options, body: ask }),
    apply: (hash, options) => wire.json('POST', `${base}/apply`, { ...options, body: { hash } }),
    reset: (options) => wire.json('DELETE', base, options),
  }
}
