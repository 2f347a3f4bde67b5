import type { Modality } from '../../api/catalogue.ts'

/** Which models are shown; '' = any. Its members are those of `/api/catalogue`, and it stands in the address. */
export interface CatalogueFilter {
  readonly text: string
  readonly provider: string
  readonly usable: 'true' | 'false' | ''
  readonly input: Modality | ''
  readonly output: Modality | ''
  readonly tools: 'true' | ''
  readonly reasoning: 'true' | ''
  readonly openWeights: 'true' | ''
  readonly minContext: string
  readonly maxInputPrice: string
  readonly maxOutputPrice: string
}

export const modalities = ['text', 'image', 'audio', 'video', 'pdf'] as const satisfies readonly Modality[]

export const anyModel: CatalogueFilter = {
  text: '',
  provider: '',
  usable: '',
  input: '',
  output: '',
  tools: '',
  reasoning: '',
  openWeights: '',
  minContext: '',
  maxInputPrice: '',
  maxOutputPrice: '',
}

/** As long as the API takes them. */
const longestText = 200
const longestProvider = 64

/** What the API would refuse is no filter: an address that somebody mistyped shows more, not an error. */
export function readCatalogueFilter(query: string): CatalogueFilter {
  const given = new URLSearchParams(query)
  const one = <T extends string>(name: string, known: readonly T[]): T | '' =>
    known.find((each) => each === given.get(name)) ?? ''
  const price = (name: string) => matching(given.get(name), /^\d{1,7}(\.\d{1,6})?$/)
  return {
    text: (given.get('text') ?? '').slice(0, longestText),
    provider: (given.get('provider') ?? '').slice(0, longestProvider),
    usable: one('usable', ['true', 'false']),
    input: one('input', modalities),
    output: one('output', modalities),
    tools: one('tools', ['true']),
    reasoning: one('reasoning', ['true']),
    openWeights: one('openWeights', ['true']),
    minContext: matching(given.get('minContext'), /^[1-9]\d{0,9}$/),
    maxInputPrice: price('maxInputPrice'),
    maxOutputPrice: price('maxOutputPrice'),
  }
}

/** Only what is chosen: no filter is an empty text. */
export function writeCatalogueFilter(filter: CatalogueFilter): string {
  return new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== '')).toString()
}

/** How many are set behind the button that opens the further ones. */
export function furtherSet({ text: _text, usable: _usable, ...further }: CatalogueFilter): number {
  return Object.values(further).filter((value) => value !== '').length
}

const matching = (value: string | null, form: RegExp): string => (value !== null && form.test(value) ? value : '')
