import type { WorldModel, WorldProvider } from '../../api/catalogue.ts'

/** What somebody writes into hearth.yaml. */
export interface ConfigEntry {
  /** Why it is that. */
  readonly kind: 'upstream' | 'key' | 'offer' | 'egress'
  readonly yaml: string
  /** The variable that the key stands in; null: none is wanted. */
  readonly variable: string | null
  /** There is something in the address that only its owner knows. */
  readonly hasOwnAddress: boolean
}

/** Enough for all models of a provider; null: nothing leads there. */
export function upstreamEntry(provider: WorldProvider): ConfigEntry | null {
  if (provider.reach === 'none') return null
  const hasOwnAddress = provider.reach === 'own_address'
  const variable = variableOf(provider)
  const lines = [
    'upstreams:',
    `  - provider: ${scalar(provider.id)}`,
    ...(hasOwnAddress ? [`    baseUrl: ${JSON.stringify(provider.address ?? '')}`] : []),
    ...(variable === null ? [] : [`    apiKey: ${reference(variable)}`]),
  ]
  return { kind: 'upstream', yaml: lines.join('\n'), variable, hasOwnAddress }
}

export function keyEntry(provider: WorldProvider): ConfigEntry {
  const variable = keyVariable(provider)
  return { kind: 'key', yaml: `apiKey: ${reference(variable)}`, variable, hasOwnAddress: false }
}

/** What makes a model usable that is not; null: nothing that is written there does. */
export function modelEntry(model: WorldModel, provider: WorldProvider): ConfigEntry | null {
  switch (model.lacks) {
    case 'upstream':
      return upstreamEntry(provider)
    case 'key':
      return keyEntry(provider)
    case 'offer':
      return { ...plain, kind: 'offer', yaml: `models: [${JSON.stringify(model.model)}]` }
    case 'egress':
      return { ...plain, kind: 'egress', yaml: 'egress:\n  cloudText: scrub' }
    case 'address':
    case 'permission':
    case 'answer':
    case null:
      return null
  }
}

const plain = { variable: null, hasOwnAddress: false } as const

const variableOf = (provider: WorldProvider): string | null => (provider.isLocal ? null : keyVariable(provider))

/** The usual one; where none is usual, or hearth.yaml could not refer to it: `some-vendor` → `SOME_VENDOR_API_KEY`. */
function keyVariable({ id, keyVariable: usual }: WorldProvider): string {
  if (usual !== null && /^[A-Za-z_]\w*$/.test(usual)) return usual
  const name = id.toUpperCase().replace(/[^A-Z0-9]+/g, '_')
  return `${/^\d/.test(name) ? '_' : ''}${name}_API_KEY`
}

const reference = (variable: string): string => `"\${${variable}}"`

/** YAML reads `302ai`, `on` or `1e3` in ways of its own: only what cannot be anything else stands bare. */
function scalar(text: string): string {
  const isPlain = /^[a-z][a-z0-9-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/.test(text)
  return isPlain ? text : JSON.stringify(text)
}
