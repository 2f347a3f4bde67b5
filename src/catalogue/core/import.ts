import type { Api } from '../../protocol/conversation/dialect.ts'
import {
  modalities,
  stages,
  type Catalogue,
  type CatalogueModel,
  type ListPrice,
  type Modality,
  type Provider,
  type Reach,
} from './catalogue.ts'
import { formName, isAddress, isDay, isModelId, isPrice, isTokens, isVariable, readCatalogue } from './form.ts'
import { mostModels, mostProviders } from './form.ts'
import { knownProviders, ownApi } from './known-providers.ts'

export type Imported =
  | {
      readonly ok: true
      readonly catalogue: Catalogue
      /** Entries whose names nothing could be called by: they are left out, and said. */
      readonly leftOut: readonly string[]
    }
  | { readonly ok: false; readonly why: string }

/**
 * A document in any form that is known:
 *   1. Hearth's own (`form.ts`);
 *   2. that of models.dev: providers by id, each with its models by id;
 *   3. the same facts in two lists, `providers` and `models`.
 * All of it is taken, or nothing. `today` stands where the document has no day of its own.
 */
export function importCatalogue(document: unknown, today: string): Imported {
  if (!isTree(document)) return { ok: false, why: 'The document is no object of JSON.' }
  if (document['form'] === formName) {
    const read = readCatalogue(document)
    return read.ok ? { ...read, leftOut: [] } : read
  }
  try {
    return { ok: true, ...factsIn(document, today) }
  } catch (thrown) {
    if (thrown instanceof Wrong) return { ok: false, why: thrown.message }
    throw thrown
  }
}

class Wrong extends Error {}

type Tree = Readonly<Record<string, unknown>>

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value)

function factsIn(
  document: Tree,
  today: string,
): { readonly catalogue: Catalogue; readonly leftOut: readonly string[] } {
  const isListed = Array.isArray(document['models']) && isTree(document['providers'])
  const entries = Object.entries(isListed ? (document['providers'] as Tree) : document)
  if (entries.length === 0) throw new Wrong('The document names no provider.')
  if (entries.length > mostProviders) throw new Wrong(`The document has more than ${mostProviders} providers.`)
  const rows = isListed ? rowsByProvider(document['models'] as readonly unknown[]) : null
  const leftOut: string[] = []
  const providers = new Map<string, Provider>()
  for (const [id, entry] of entries) {
    if (!isTree(entry)) throw new Wrong(`${id} is no provider: an object with name and models is wanted.`)
    if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(id)) {
      leftOut.push(id)
      continue
    }
    if (rows === null && !isTree(entry['models'])) throw new Wrong(`The provider ${id} has no \`models\`.`)
    const own = rows === null ? Object.values(entry['models'] as Tree) : (rows.get(id) ?? [])
    providers.set(id, providerOf(id, entry, modelsOf(own, id, leftOut)))
  }
  const asOf = document['asOf']
  const source = isListed && typeof document['source'] === 'string' ? document['source'] : 'models.dev (MIT)'
  const day = isListed && typeof asOf === 'string' && /^\d{4}-\d\d-\d\d$/.test(asOf) ? asOf : today
  return { catalogue: { asOf: day, source, providers }, leftOut }
}

function rowsByProvider(rows: readonly unknown[]): ReadonlyMap<string, readonly unknown[]> {
  const byProvider = new Map<string, unknown[]>()
  for (const row of rows) {
    const provider = isTree(row) ? row['provider'] : undefined
    if (typeof provider !== 'string') throw new Wrong('A model does not say whose it is.')
    byProvider.set(provider, [...(byProvider.get(provider) ?? []), row])
  }
  return byProvider
}

function providerOf(id: string, entry: Tree, models: ReadonlyMap<string, CatalogueModel>): Provider {
  const speaks = entry['dialect'] ?? entry['npm']
  const dialect = typeof speaks === 'string' && Object.hasOwn(dialects, speaks) ? (dialects[speaks] ?? null) : null
  const environment = Array.isArray(entry['env']) ? (entry['env'] as readonly unknown[]) : []
  return {
    id,
    name: textOr(entry['name'], id),
    documentation: typeof entry['doc'] === 'string' && entry['doc'] !== '' ? entry['doc'].slice(0, 500) : null,
    keyVariables: environment.filter((name): name is string => typeof name === 'string' && isVariable(name)),
    kind: dialect === 'messages' ? 'anthropic' : 'openai',
    apis: [dialect ?? 'chat'],
    reach: reachOf(entry['api'], dialect),
    isLocal: false,
    hasList: true,
    refusesStreamOptions: false,
    ...(Object.hasOwn(knownProviders, id) ? knownProviders[id] : {}),
    models,
  }
}

const dialects: Readonly<Record<string, Api>> = {
  openai: 'chat',
  '@ai-sdk/openai': 'chat',
  '@ai-sdk/openai-compatible': 'chat',
  anthropic: 'messages',
  '@ai-sdk/anthropic': 'messages',
}

function reachOf(api: unknown, dialect: Api | null): Reach {
  if (dialect === null) return ownApi.reach
  if (typeof api !== 'string' || api === '') return { kind: 'none', why: 'Nobody wrote down where it is reached.' }
  const address = api.replace(/\/+$/, '')
  if (address.includes('${')) return { kind: 'own_address', form: address.slice(0, 500) }
  if (isAddress(address, false)) return { kind: 'address', baseUrl: address }
  return { kind: 'none', why: 'Its address is none that a key could be sent to: it is not encrypted.' }
}

function modelsOf(rows: readonly unknown[], provider: string, leftOut: string[]): ReadonlyMap<string, CatalogueModel> {
  if (rows.length > mostModels) throw new Wrong(`The provider ${provider} has more than ${mostModels} models.`)
  const models = new Map<string, CatalogueModel>()
  for (const row of rows) {
    if (!isTree(row) || typeof row['id'] !== 'string')
      throw new Wrong(`The provider ${provider} has a model without id.`)
    const { id } = row
    if (!isModelId(id)) leftOut.push(`${provider}/${id}`.slice(0, 300))
    else models.set(id, modelOf(id, row, `${provider}/${id}`))
  }
  return models
}

function modelOf(id: string, row: Tree, at: string): CatalogueModel {
  const limit = isTree(row['limit']) ? row['limit'] : { context: row['context'], output: row['output'] }
  const kinds = isTree(row['modalities']) ? row['modalities'] : { input: row['input'], output: row['outputModalities'] }
  const released = row['release_date'] ?? row['released']
  const stage = row['status']
  return {
    id,
    name: textOr(row['name'], id),
    released: typeof released === 'string' && isDay(released) ? released : null,
    contextTokens: isTokens(limit['context']) ? limit['context'] : null,
    outputTokens: isTokens(limit['output']) ? limit['output'] : null,
    input: modalitiesOf(kinds['input']),
    output: modalitiesOf(kinds['output']),
    hasTools: flagOf(row['tool_call'] ?? row['toolCall']),
    hasReasoning: flagOf(row['reasoning']),
    hasOpenWeights: flagOf(row['open_weights'] ?? row['openWeights']),
    stage: stages.find((each) => each === stage) ?? null,
    price: priceOf(row['cost'] ?? row['usdPerMillion'], at),
  }
}

/** A price that is none must not become one: the whole document is refused. */
function priceOf(cost: unknown, at: string): ListPrice | null {
  if (!isTree(cost)) return null
  const paid = (...names: readonly string[]): number | null => {
    const value = names.map((name) => cost[name]).find((each) => each !== undefined && each !== null)
    if (value === undefined) return null
    if (!isPrice(value)) throw new Wrong(`${at} costs ${JSON.stringify(value)}, which is no price.`)
    return value
  }
  const input = paid('input')
  const output = paid('output')
  if (input === null || output === null) return null
  const cached = paid('cache_read', 'cached_input', 'cache_input')
  return { input, output, cached, cacheWrite: paid('cache_write', 'cached_write') }
}

function modalitiesOf(value: unknown): readonly Modality[] | null {
  if (!Array.isArray(value)) return null
  return modalities.filter((each) => (value as readonly unknown[]).includes(each))
}

const flagOf = (value: unknown): boolean | null => (typeof value === 'boolean' ? value : null)

const textOr = (value: unknown, otherwise: string): string =>
  typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, 200) : otherwise
