import type { Catalogue, CatalogueModel, Modality, Provider } from './catalogue.ts'

/** All that are given must hold; what is unknown of a model holds nothing. */
export interface Wanted {
  readonly provider?: string | undefined
  /** Words, all of which stand in the provider's or the model's name. */
  readonly text?: string | undefined
  readonly input?: readonly Modality[] | undefined
  readonly output?: readonly Modality[] | undefined
  readonly hasTools?: boolean | undefined
  readonly hasReasoning?: boolean | undefined
  readonly hasOpenWeights?: boolean | undefined
  readonly minContextTokens?: number | undefined
  /** Dollars per million tokens of the prompt, and of the answer. */
  readonly maxInputPrice?: number | undefined
  readonly maxOutputPrice?: number | undefined
}

export interface Entry {
  readonly provider: Provider
  readonly model: CatalogueModel
  /** `groq/llama-3.3-70b-versatile` */
  readonly name: string
}

/** Sorted by name, so that a page can go on where the one before ended. */
export function searchCatalogue(catalogue: Catalogue, wanted: Wanted): readonly Entry[] {
  const words = (wanted.text ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  const found: Entry[] = []
  for (const provider of catalogue.providers.values()) {
    if (wanted.provider !== undefined && provider.id !== wanted.provider) continue
    for (const model of provider.models.values()) {
      const name = `${provider.id}/${model.id}`
      const text = `${name} ${provider.name} ${model.name}`.toLowerCase()
      if (words.every((word) => text.includes(word)) && fits(model, wanted)) found.push({ provider, model, name })
    }
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function fits(model: CatalogueModel, wanted: Wanted): boolean {
  const { price } = model
  const isFlag = (is: boolean | null, flag: boolean | undefined): boolean => flag === undefined || is === flag
  const has = (kinds: readonly Modality[] | null, needed: readonly Modality[] = []): boolean =>
    needed.every((kind) => kinds?.includes(kind) === true)
  return (
    has(model.input, wanted.input) &&
    has(model.output, wanted.output) &&
    isFlag(model.hasTools, wanted.hasTools) &&
    isFlag(model.hasReasoning, wanted.hasReasoning) &&
    isFlag(model.hasOpenWeights, wanted.hasOpenWeights) &&
    (wanted.minContextTokens === undefined || (model.contextTokens ?? 0) >= wanted.minContextTokens) &&
    (wanted.maxInputPrice === undefined || (price !== null && price.input <= wanted.maxInputPrice)) &&
    (wanted.maxOutputPrice === undefined || (price !== null && price.output <= wanted.maxOutputPrice))
  )
}

/** `Qwen/Qwen3-8B-GGUF` and `qwen3-8b` are the same weights; how they are packed and who hosts them says nothing. */
export function weightsName(name: string): string {
  const bare = name.slice(name.lastIndexOf('/') + 1).toLowerCase()
  return bare.replace(packing, '').replace(/[^a-z0-9]/g, '')
}

const packing =
  /([-_.:@](gguf|awq|gptq|mlx|fp8|fp16|bf16|int4|int8|free|latest|\d+bit|(u?d[-_])?i?q\d(_[a-z0-9]+)*|tee|turbo))+(\.gguf)?$/
