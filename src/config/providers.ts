import type { Catalogue, CatalogueModel, Provider } from '#catalogue/core/catalogue.ts'
import { isOffered, keyVariable } from '#catalogue/core/catalogue.ts'
import { nearest } from './checks-routing.ts'
import type { Problem, UpstreamConfig } from './contract.ts'
import { isTree, listAt, type Layers } from './layers.ts'
import { show } from './leaves.ts'
import type { UpstreamSettings } from './schema.ts'

/**
 * `provider: groq` is enough of an upstream: what is not said of it stands in the catalogue. It is filled in before the
 * schema looks, so that all else is checked as if somebody had written it.
 */
export function fillProviders(layers: Layers, catalogue: Catalogue): Filled {
  const problems: Problem[] = []
  const upstreams = listAt(layers.tree, 'upstreams').map((entry, index) => {
    const wanted = isTree(entry) ? entry['provider'] : undefined
    if (!isTree(entry) || typeof wanted !== 'string') return entry
    const provider = catalogue.providers.get(wanted)
    const found = provider === undefined ? unknown(wanted, catalogue) : unreached(provider, entry)
    if (found !== null) {
      const { name, line } = layers.sourceOf(['upstreams', index, 'provider'])
      problems.push({ path: name, line, message: `${name} is ${show(wanted)}, ${found.what}`, fix: found.fix })
    }
    return { ...(provider === undefined ? unfound : membersOf(provider)), name: wanted, ...entry }
  })
  return { tree: problems.length > 0 || upstreams.length > 0 ? { ...layers.tree, upstreams } : layers.tree, problems }
}

export interface Filled {
  readonly tree: Layers['tree']
  readonly problems: readonly Problem[]
}

interface Found {
  readonly what: string
  readonly fix: string
}

/** Stands where nothing else is known, so that one slip is told as one problem. */
const unfound = { baseUrl: 'https://unknown.invalid/v1' } as const

const unknown = (wanted: string, { providers }: Catalogue): Found => ({
  what: 'which the catalogue does not know.',
  fix: `${nearest(wanted, new Set(providers.keys()))} \`hearth catalogue providers\` lists all.`,
})

/** With a baseUrl of its own any provider will do: what is known of its models still holds. */
function unreached({ reach }: Provider, entry: Readonly<Record<string, unknown>>): Found | null {
  if (reach.kind === 'address' || entry['baseUrl'] !== undefined) return null
  if (reach.kind === 'none') return { what: `which Hearth cannot reach: ${reach.why}`, fix: 'Take it out.' }
  return {
    what: 'whose address belongs to your account, and baseUrl is missing.',
    fix: `Write baseUrl beside it: ${reach.form}`,
  }
}

function membersOf({ reach, kind, apis, isLocal }: Provider): Readonly<Record<string, unknown>> {
  return {
    ...(reach.kind === 'address' ? { baseUrl: reach.baseUrl } : unfound),
    kind,
    apis,
    ...(isLocal ? {} : { locality: 'cloud' }),
  }
}

type Known = Pick<UpstreamConfig, 'provider' | 'known' | 'models' | 'prices' | 'refusesStreamOptions'>

/** What the catalogue knows of an upstream's models. What the settings say of them goes before it. */
export function knownOf(settings: UpstreamSettings, catalogue: Catalogue): Known & { readonly baseUrl: string | null } {
  const { models, provider: wanted } = settings
  const prices = Object.fromEntries(
    Object.entries(settings.prices).map(([model, price]) => [model, { ...price, cached: price.cached ?? null }]),
  )
  const provider = wanted === undefined ? undefined : catalogue.providers.get(wanted)
  if (provider === undefined)
    return { provider: null, known: noModels, models, prices, refusesStreamOptions: false, baseUrl: null }
  const own = [...provider.models.values()]
  return {
    provider: provider.id,
    known: provider.models,
    // Nobody can be asked for a list: what is known is what is offered.
    models: provider.hasList
      ? models
      : models.flatMap((name) => (name === '*' ? own.filter(isOffered).map(({ id }) => id) : [name])),
    // Who writes a price for all others means all others.
    prices: Object.hasOwn(prices, '*') ? prices : { ...listPrices(own), ...prices },
    refusesStreamOptions: provider.refusesStreamOptions,
    // As it is written there: paths without a version are meant so.
    baseUrl: provider.reach.kind === 'address' && provider.reach.baseUrl === settings.baseUrl ? settings.baseUrl : null,
  }
}

const noModels: ReadonlyMap<string, CatalogueModel> = new Map()

function listPrices(models: readonly CatalogueModel[]): UpstreamConfig['prices'] {
  return Object.fromEntries(
    models.flatMap(({ id, price }) =>
      price === null ? [] : [[id, { input: price.input, output: price.output, cached: price.cached }]],
    ),
  )
}

/** A provider without a key answers nobody. */
export function providerWarnings(upstreams: readonly UpstreamSettings[], catalogue: Catalogue): readonly string[] {
  return upstreams.flatMap(({ name, provider: wanted, apiKey }) => {
    const provider = wanted === undefined ? undefined : catalogue.providers.get(wanted)
    if (provider === undefined || provider.isLocal || apiKey !== undefined) return []
    const variable = keyVariable(provider)
    const write = variable === null ? '' : `: usually apiKey: \${${variable}}`
    return [`The upstream ${name} has no apiKey, and ${provider.name} answers nobody without one${write}.`]
  })
}
