import type { Modality, Price, WorldModel } from '../../api/catalogue.ts'
import { strings } from '../../strings.ts'
import { dollars } from '../../text/format.ts'

const words = strings.catalogue

export const kindsTold = (kinds: readonly Modality[]): string => kinds.map((kind) => words.modalities[kind]).join(', ')

/** What it can beside reading and writing text; what is not known is not told. */
export function abilitiesOf(model: WorldModel): readonly string[] {
  const takes = (model.input ?? []).filter((kind) => kind !== 'text')
  const gives = model.output ?? []
  return [
    ...(model.tools === true ? [words.can.tools] : []),
    ...(model.reasoning === true ? [words.can.reasoning] : []),
    ...(takes.length > 0 ? [words.can.takes(kindsTold(takes))] : []),
    ...(gives.some((kind) => kind !== 'text') ? [words.can.gives(kindsTold(gives))] : []),
    ...(model.openWeights === true ? [words.can.openWeights] : []),
  ]
}

/** For a plan of changes: all that may differ. */
export function priceTold(price: Price | null): string {
  if (price === null) return words.changes.unknown
  return [
    words.priceIn(dollars(price.input)),
    words.priceOut(dollars(price.output)),
    ...(price.cached === null ? [] : [words.changes.cachedPrice(dollars(price.cached))]),
    ...(price.cacheWrite === null ? [] : [words.changes.cacheWritePrice(dollars(price.cacheWrite))]),
  ].join(', ')
}
