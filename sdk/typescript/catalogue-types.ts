/** What the world offers, and what of it can be used here. null = unknown, never 0. */

export type Modality = 'text' | 'image' | 'audio' | 'video' | 'pdf'

/** Dollars per million tokens. */
export interface ListPrice {
  readonly input: number
  readonly output: number
  readonly cached: number | null
  readonly cacheWrite: number | null
}

export interface CatalogueModel {
  /** `<provider>/<model>` */
  readonly id: string
  readonly provider: string
  readonly model: string
  readonly name: string
  readonly released: string | null
  readonly contextTokens: number | null
  readonly outputTokens: number | null
  readonly input: readonly Modality[] | null
  readonly output: readonly Modality[] | null
  readonly tools: boolean | null
  readonly reasoning: boolean | null
  readonly openWeights: boolean | null
  readonly stage: 'alpha' | 'beta' | 'deprecated' | null
  readonly price: ListPrice | null
  /** Whether this key can use it now, and a sentence about why. */
  readonly usable: boolean
  readonly why: string
  /** What is wanting, for programs; null: nothing. */
  readonly lacks: 'upstream' | 'address' | 'key' | 'offer' | 'egress' | 'permission' | 'answer' | null
  /** The name to ask for; null: none leads there. */
  readonly as: string | null
  /** A model of this house with the same weights. */
  readonly local: string | null
}

export interface CatalogueSource {
  readonly asOf: string
  readonly source: string
  /** Where it was taken from at run time; null: it came with Hearth. */
  readonly from: string | null
  readonly updatedAt: string | null
  readonly providers: number
  readonly models: number
}

export interface CataloguePage {
  readonly data: readonly CatalogueModel[]
  readonly total: number
  /** For `after` of the next page; null: this is the last one. */
  readonly next: string | null
  readonly catalogue: CatalogueSource
}

/** All that are given must hold. */
export interface CatalogueFilter {
  readonly provider?: string
  readonly text?: string
  /** Modalities with commas between them. */
  readonly input?: string
  readonly output?: string
  readonly tools?: 'true' | 'false'
  readonly reasoning?: 'true' | 'false'
  readonly openWeights?: 'true' | 'false'
  readonly usable?: 'true' | 'false'
  readonly minContext?: number
  readonly maxInputPrice?: number
  readonly maxOutputPrice?: number
  readonly limit?: number
  readonly after?: string
}

export interface CatalogueProvider {
  readonly id: string
  readonly name: string
  readonly documentation: string | null
  readonly keyVariable: string | null
  readonly address: string | null
  readonly apis: readonly ('chat' | 'responses' | 'messages')[]
  readonly reach: 'address' | 'own_address' | 'none'
  readonly why: string | null
  readonly models: number
  readonly isLocal: boolean
  readonly upstreams: readonly string[]
  /** Those of them that have no key and want one. */
  readonly keyless: readonly string[]
}

/** What another catalogue would change. Lists are cut at 1000 entries; `counts` are whole. */
export interface CataloguePlan {
  /** What `apply` must name. */
  readonly hash: string
  readonly from: string
  readonly asOf: string
  readonly providers: number
  readonly models: number
  readonly counts: Readonly<Record<string, number>>
  readonly newProviders: readonly string[]
  readonly goneProviders: readonly string[]
  readonly moved: readonly { readonly provider: string; readonly before: string; readonly after: string }[]
  readonly newModels: readonly string[]
  readonly goneModels: readonly string[]
  readonly repriced: readonly {
    readonly model: string
    readonly before: ListPrice | null
    readonly after: ListPrice | null
  }[]
  readonly changedModels: readonly string[]
  readonly leftOut: readonly string[]
}
