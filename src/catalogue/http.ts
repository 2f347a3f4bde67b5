import { z } from 'zod'
import { AppError } from '#kernel/errors.ts'
import { modelName } from '#kernel/ids.ts'
import { nearestNames } from '#kernel/nearest.ts'
import type { Caller } from '#kernel/words.ts'
import { route, type AnyRoute } from '#platform/http/route.ts'
import {
  catalogueConfirmation,
  catalogueDocument,
  catalogueList,
  catalogueModel,
  cataloguePlan,
  catalogueProviders,
  catalogueQuery,
  catalogueSource,
  type CatalogueModelView,
  type CatalogueProviderView,
  type CatalogueSourceView,
} from '#protocol/admin/catalogue.ts'
import { keyVariable, type Modality, type Provider } from './core/catalogue.ts'
import { searchCatalogue, weightsName, type Entry } from './core/search.ts'
import { usabilityOf, type Connection } from './core/usability.ts'
import type { Household, Record } from './ports.ts'
import type { Shelf } from './shelf.ts'
import { countsOf, maxDocumentBytes, type Updates } from './update.ts'

const tag = 'catalogue'

export interface CatalogueHttp {
  readonly shelf: Shelf
  readonly updates: Updates
  readonly household: Household
  readonly record: Record
}

/** What the world offers, what of it can be used here, and how the catalogue is renewed. */
export function catalogueRoutes(parts: CatalogueHttp): readonly AnyRoute[] {
  return [...readingRoutes(parts), ...updateRoutes(parts)]
}

function readingRoutes({ shelf, household }: CatalogueHttp): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/api/catalogue',
      summary: 'Models of the world: what each can, costs, and whether this key can use it now.',
      tag,
      scope: 'inference',
      query: catalogueQuery,
      responses: { 200: catalogueList },
      handle: ({ query, caller }) => pageOf({ shelf, household, caller, query }),
    }),
    route({
      method: 'GET',
      path: '/api/catalogue/providers',
      summary: 'Providers: where they are reached, and who is set up for them.',
      tag,
      scope: 'inference',
      responses: { 200: catalogueProviders },
      handle: () => {
        const connections = household.connections()
        const providers = [...shelf.catalogue.value.providers.values()]
        return {
          data: providers.map((provider) => providerView(provider, connections.get(provider.id) ?? [])),
        }
      },
    }),
    route({
      method: 'GET',
      path: '/api/catalogue/models/{id+}',
      summary: 'One model of the catalogue, as `<provider>/<model>`.',
      tag,
      scope: 'inference',
      params: z.object({ id: z.string() }),
      responses: { 200: catalogueModel },
      handle: ({ params: { id }, caller }) => viewer(household, caller)(entryOf(shelf, id)),
    }),
  ]
}

function updateRoutes({ shelf, updates, record }: CatalogueHttp): readonly AnyRoute[] {
  return [
    route({
      method: 'POST',
      path: '/api/catalogue/plan',
      summary: 'Reads another catalogue and tells what it would change. Changes nothing.',
      tag,
      scope: 'admin',
      body: catalogueDocument,
      maxBodyBytes: maxDocumentBytes,
      responses: { 200: cataloguePlan },
      handle: async ({ body, request }) => {
        const { url, document, name = 'a document' } = body
        return updates.plan(url === undefined ? { document, from: name } : await updates.fetch(url, request.signal))
      },
    }),
    route({
      method: 'POST',
      path: '/api/catalogue/apply',
      summary: 'Takes the catalogue of a plan, named by its hash.',
      tag,
      scope: 'admin',
      body: catalogueConfirmation,
      responses: { 200: catalogueSource },
      handle: async ({ body: { hash }, caller, from }) => {
        await updates.apply(hash, caller.key)
        const { taken } = shelf.shelved.value
        record({ who: caller.key, action: 'catalogue.update', target: taken?.from ?? '', detail: hash, from })
        return sourceOf(shelf)
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/catalogue',
      summary: 'Goes back to the catalogue that came with Hearth.',
      tag,
      scope: 'admin',
      responses: { 200: catalogueSource },
      handle: async ({ caller, from }) => {
        await updates.reset()
        record({ who: caller.key, action: 'catalogue.reset', target: 'catalogue', detail: '', from })
        return sourceOf(shelf)
      },
    }),
  ]
}

interface Asked {
  readonly shelf: Shelf
  readonly household: Household
  readonly caller: Caller
  readonly query: z.infer<typeof catalogueQuery>
}

function pageOf({ shelf, household, caller, query }: Asked): z.infer<typeof catalogueList> {
  const kinds = (text: string | undefined) => text?.split(',') as readonly Modality[] | undefined
  const flag = (text: 'true' | 'false' | undefined) => (text === undefined ? undefined : text === 'true')
  const found = searchCatalogue(shelf.catalogue.value, {
    provider: query.provider,
    text: query.text,
    input: kinds(query.input),
    output: kinds(query.output),
    hasTools: flag(query.tools),
    hasReasoning: flag(query.reasoning),
    hasOpenWeights: flag(query.openWeights),
    minContextTokens: query.minContext,
    maxInputPrice: query.maxInputPrice,
    maxOutputPrice: query.maxOutputPrice,
  })
  const view = viewer(household, caller)
  const wanted = flag(query.usable)
  const views = found.map(view).filter(({ usable }) => wanted === undefined || usable === wanted)
  const { after, limit } = query
  const rest = after === undefined ? views : views.filter(({ id }) => id > after)
  const data = rest.slice(0, limit)
  const next = rest.length > limit ? (data.at(-1)?.id ?? null) : null
  return { data, total: views.length, next, catalogue: sourceOf(shelf) }
}

/** Looks at the house once, then at as many models as there are. */
function viewer(household: Household, caller: Caller): (entry: Entry) => CatalogueModelView {
  const connections = household.connections()
  const isCloudRefused = household.isCloudRefused()
  const locals = new Map<string, string>()
  for (const { id, names } of household.locals()) for (const name of names) locals.set(weightsName(name), id)
  const mayUse = (name: string): boolean => caller.mayUse(modelName(name))
  return (entry) => {
    const { provider, model, name } = entry
    const found = locals.get(weightsName(model.id)) ?? null
    const local = found !== null && mayUse(found) ? found : null
    const standing = { connections: connections.get(provider.id) ?? [], isCloudRefused, mayUse, local }
    const { isUsable, lacks, why, as } = usabilityOf(entry, standing)
    return {
      id: name,
      provider: provider.id,
      model: model.id,
      name: model.name,
      released: model.released,
      contextTokens: model.contextTokens,
      outputTokens: model.outputTokens,
      input: model.input,
      output: model.output,
      tools: model.hasTools,
      reasoning: model.hasReasoning,
      openWeights: model.hasOpenWeights,
      stage: model.stage,
      price: model.price,
      usable: isUsable,
      why,
      lacks,
      as,
      local,
    }
  }
}

function entryOf(shelf: Shelf, id: string): Entry {
  const { providers } = shelf.catalogue.value
  const slash = id.indexOf('/')
  const provider = providers.get(id.slice(0, Math.max(slash, 0)))
  const model = provider?.models.get(id.slice(slash + 1))
  if (provider !== undefined && model !== undefined) return { provider, model, name: id }
  const names = searchCatalogue(shelf.catalogue.value, { provider: provider?.id }).map(({ name }) => name)
  const near = nearestNames(id, names)
  const hint = near.length === 0 ? '`GET /api/catalogue` lists all.' : `Did you mean ${near.join(', ')}?`
  throw new AppError('not_found', `The catalogue has no model "${id}". ${hint}`, { param: 'id' })
}

function providerView(provider: Provider, connections: readonly Connection[]): CatalogueProviderView {
  const { reach, isLocal } = provider
  return {
    id: provider.id,
    name: provider.name,
    documentation: provider.documentation,
    keyVariable: keyVariable(provider),
    address: reach.kind === 'address' ? reach.baseUrl : reach.kind === 'own_address' ? reach.form : null,
    apis: provider.apis,
    reach: reach.kind,
    why: reach.kind === 'none' ? reach.why : null,
    models: provider.models.size,
    isLocal,
    upstreams: connections.map(({ upstream }) => upstream),
    keyless: connections.flatMap(({ upstream, hasKey }) => (hasKey || isLocal ? [] : [upstream])),
  }
}

function sourceOf({ shelved: { value } }: Shelf): CatalogueSourceView {
  const { catalogue, taken } = value
  return {
    asOf: catalogue.asOf,
    source: catalogue.source,
    from: taken?.from ?? null,
    updatedAt: taken?.at ?? null,
    ...countsOf(catalogue),
  }
}
