import type { PublicModel } from '../../api/types.ts'

/** Models that can chat, and those of which nobody knows: an upstream seldom says what its models can do. */
export function chatModels(models: readonly PublicModel[]): readonly PublicModel[] {
  return models.filter((model) => {
    const capabilities = model.hearth?.capabilities
    return !capabilities || capabilities.length === 0 || capabilities.includes('chat')
  })
}

/** What is asked for in the address, else what was used last, else what needs no loading, else the first. */
export function chooseModel(
  models: readonly PublicModel[],
  wishes: { readonly asked: string; readonly last: string | null },
): string | null {
  const has = (id: string | null) => models.some((model) => model.id === id)
  if (has(wishes.asked)) return wishes.asked
  if (has(wishes.last)) return wishes.last
  const ready = models.find((model) => model.hearth?.state === 'ready')
  return (ready ?? models[0])?.id ?? null
}
