import type { Catalogue, CatalogueModel, ListPrice, Provider, Reach } from './catalogue.ts'

/** What another catalogue would change. Names are `provider/model`. */
export interface Changes {
  readonly newProviders: readonly string[]
  readonly goneProviders: readonly string[]
  /** Where keys would be sent from then on: what to look at first. */
  readonly moved: readonly { readonly provider: string; readonly before: string; readonly after: string }[]
  readonly newModels: readonly string[]
  readonly goneModels: readonly string[]
  readonly repriced: readonly {
    readonly model: string
    readonly before: ListPrice | null
    readonly after: ListPrice | null
  }[]
  /** Other facts of a model are otherwise: context, modalities, names. */
  readonly changedModels: readonly string[]
}

export function compareCatalogues(before: Catalogue, after: Catalogue): Changes {
  const changes = {
    newProviders: [...after.providers.keys()].filter((id) => !before.providers.has(id)),
    goneProviders: [...before.providers.keys()].filter((id) => !after.providers.has(id)),
    moved: [] as Changes['moved'][number][],
    newModels: [] as string[],
    goneModels: [] as string[],
    repriced: [] as Changes['repriced'][number][],
    changedModels: [] as string[],
  }
  for (const [id, now] of after.providers) {
    const then = before.providers.get(id)
    if (then && !isSameWay(then, now)) changes.moved.push({ provider: id, before: wayText(then), after: wayText(now) })
    for (const model of now.models.values()) {
      const known = then?.models.get(model.id)
      const name = `${id}/${model.id}`
      if (known === undefined) changes.newModels.push(name)
      else {
        if (!isSame(known.price, model.price)) {
          changes.repriced.push({ model: name, before: known.price, after: model.price })
        }
        if (!isSame(withoutPrice(known), withoutPrice(model))) changes.changedModels.push(name)
      }
    }
    for (const model of then?.models.keys() ?? []) if (!now.models.has(model)) changes.goneModels.push(`${id}/${model}`)
  }
  for (const id of changes.goneProviders) {
    for (const model of before.providers.get(id)?.models.keys() ?? []) changes.goneModels.push(`${id}/${model}`)
  }
  return changes
}

const isSameWay = (a: Provider, b: Provider): boolean =>
  isSame(a.reach, b.reach) && a.kind === b.kind && isSame(a.apis, b.apis)

const wayText = ({ reach, kind, apis }: Provider): string => `${reachText(reach)} (${kind}: ${apis.join(', ')})`

function reachText(reach: Reach): string {
  if (reach.kind === 'address') return reach.baseUrl
  return reach.kind === 'own_address' ? reach.form : 'not reached'
}

const withoutPrice = ({ price: _, ...rest }: CatalogueModel) => rest

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
