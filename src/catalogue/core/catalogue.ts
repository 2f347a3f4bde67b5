import type { Api } from '../../protocol/conversation/dialect.ts'

/** What the world offers: who has which models, where they are reached and what they cost. Facts, not decisions. */
export interface Catalogue {
  /** The day that its facts are of: `2026-07-02`. */
  readonly asOf: string
  /** Who gathered them. */
  readonly source: string
  readonly providers: ReadonlyMap<string, Provider>
}

export interface Provider {
  readonly id: string
  readonly name: string
  /** Its own documentation. */
  readonly documentation: string | null
  /** Variables that its key is usually kept in, the usual one first. */
  readonly keyVariables: readonly string[]
  readonly kind: ProviderKind
  /** The best first. */
  readonly apis: readonly Api[]
  readonly reach: Reach
  /** It runs on this machine, not in a cloud. */
  readonly isLocal: boolean
  /** Its `/models` tells OpenAI's list. */
  readonly hasList: boolean
  /** It refuses requests with `stream_options`; it tells its usage anyway. */
  readonly refusesStreamOptions: boolean
  readonly models: ReadonlyMap<string, CatalogueModel>
}

/** Whose form of address and key it has. */
export const providerKinds = ['openai', 'anthropic', 'gemini'] as const
export type ProviderKind = (typeof providerKinds)[number]

export type Reach =
  | { readonly kind: 'address'; readonly baseUrl: string }
  /** Every account has an address of its own, in this form. */
  | { readonly kind: 'own_address'; readonly form: string }
  /** Not with what Hearth speaks, for this reason: a sentence. */
  | { readonly kind: 'none'; readonly why: string }

export const modalities = ['text', 'image', 'audio', 'video', 'pdf'] as const
export type Modality = (typeof modalities)[number]

export const stages = ['alpha', 'beta', 'deprecated'] as const
export type Stage = (typeof stages)[number]

/** null = unknown. */
export interface CatalogueModel {
  readonly id: string
  readonly name: string
  /** A day or a month: `2025-06-16`, `2025-06`. */
  readonly released: string | null
  readonly contextTokens: number | null
  readonly outputTokens: number | null
  readonly input: readonly Modality[] | null
  readonly output: readonly Modality[] | null
  readonly hasTools: boolean | null
  readonly hasReasoning: boolean | null
  readonly hasOpenWeights: boolean | null
  readonly stage: Stage | null
  readonly price: ListPrice | null
}

/** Dollars per million tokens. What is paid by request, picture or search is not in it. */
export interface ListPrice {
  readonly input: number
  readonly output: number
  readonly cached: number | null
  readonly cacheWrite: number | null
}

export const noCatalogue: Catalogue = { asOf: '1970-01-01', source: 'nobody', providers: new Map() }

/** Deprecated ones are known, but nobody begins with them. */
export const isOffered = (model: CatalogueModel): boolean => model.stage !== 'deprecated'

/** The variable of its key; other variables of a provider stand in the form of its address. null = none is known. */
export function keyVariable({ keyVariables, reach }: Provider): string | null {
  const form = reach.kind === 'own_address' ? reach.form : ''
  return keyVariables.find((name) => !form.includes(`\${${name}}`)) ?? null
}
