import { apis, type Api } from '../../protocol/conversation/dialect.ts'
import {
  modalities,
  providerKinds,
  stages,
  type Catalogue,
  type CatalogueModel,
  type ListPrice,
  type Modality,
  type Provider,
  type Reach,
} from './catalogue.ts'

/**
 * Hearth's own form of a catalogue: JSON with one model on a line, sorted, so that a change of one price is a change of
 * one line. A model is a list:
 *
 *   [id, name, released, context, output, modalities, marks, input, output, cached, cache write]
 *
 * `name` is 0 where it is the id, what is unknown is null, and nulls at the end are left out. Modalities are letters,
 * taken in before `>`, given after it: `ti>t`, `?` for unknown. Marks: `t` has tools, `T` has none, nothing is unknown;
 * `r` reasoning and `o` open weights in the same way; `a` alpha, `b` beta, `d` deprecated. Prices are dollars per
 * million tokens.
 */
export const formName = 'hearth-catalogue/1'

export type Read =
  | { readonly ok: true; readonly catalogue: Catalogue }
  /** Where it is wrong first, and how: the whole is refused. */
  | { readonly ok: false; readonly why: string }

const letters: Readonly<Record<Modality, string>> = { text: 't', image: 'i', audio: 'a', video: 'v', pdf: 'p' }
const byLetter = new Map(modalities.map((modality) => [letters[modality], modality]))
const stageLetters = { alpha: 'a', beta: 'b', deprecated: 'd' } as const

/** The same catalogue is the same text, whoever wrote it. */
export function writeCatalogue(catalogue: Catalogue): string {
  const providers = [...catalogue.providers.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const head = [
    `"form":${JSON.stringify(formName)}`,
    `"asOf":${JSON.stringify(catalogue.asOf)}`,
    `"source":${JSON.stringify(catalogue.source)}`,
  ]
  return `{${head.join(',')},"providers":[\n${providers.map(writeProvider).join(',\n')}\n]}\n`
}

function writeProvider(provider: Provider): string {
  const { reach } = provider
  const members = {
    id: provider.id,
    name: provider.name,
    ...(reach.kind === 'address' ? { url: reach.baseUrl } : {}),
    ...(reach.kind === 'own_address' ? { urlForm: reach.form } : {}),
    ...(reach.kind === 'none' ? { unusable: reach.why } : {}),
    ...(provider.kind === 'openai' ? {} : { kind: provider.kind }),
    apis: provider.apis,
    keys: provider.keyVariables,
    ...(provider.documentation === null ? {} : { doc: provider.documentation }),
    ...(provider.isLocal ? { local: true } : {}),
    ...(provider.hasList ? {} : { list: false }),
    ...(provider.refusesStreamOptions ? { streamOptions: false } : {}),
  }
  const models = [...provider.models.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const head = JSON.stringify(members).slice(0, -1)
  return `${head},"models":[${models.map((model) => `\n${writeModel(model)}`).join(',')}]}`
}

function writeModel(model: CatalogueModel): string {
  const { price } = model
  const row: unknown[] = [
    model.id,
    model.name === model.id ? 0 : model.name,
    model.released,
    model.contextTokens,
    model.outputTokens,
    writeModalities(model),
    writeMarks(model),
    price?.input ?? null,
    price?.output ?? null,
    price?.cached ?? null,
    price?.cacheWrite ?? null,
  ]
  while (row.at(-1) === null) row.pop()
  return JSON.stringify(row)
}

const writeModalities = ({ input, output }: CatalogueModel): string => `${lettersOf(input)}>${lettersOf(output)}`

const lettersOf = (list: readonly Modality[] | null): string =>
  list === null ? '?' : modalities.flatMap((each) => (list.includes(each) ? [letters[each]] : [])).join('')

function writeMarks(model: CatalogueModel): string {
  const mark = (letter: string, has: boolean | null): string =>
    has === null ? '' : has ? letter : letter.toUpperCase()
  const stage = model.stage === null ? '' : stageLetters[model.stage]
  return mark('t', model.hasTools) + mark('r', model.hasReasoning) + mark('o', model.hasOpenWeights) + stage
}

/** Reads a document of this form. All of it is right, or nothing is taken. */
export function readCatalogue(document: unknown): Read {
  try {
    return { ok: true, catalogue: catalogueIn(document) }
  } catch (thrown) {
    if (thrown instanceof Wrong) return { ok: false, why: thrown.message }
    throw thrown
  }
}

class Wrong extends Error {}

type Tree = Readonly<Record<string, unknown>>

function catalogueIn(document: unknown): Catalogue {
  const tree = treeOf(document, 'The document')
  if (tree['form'] !== formName) throw new Wrong(`\`form\` is not ${formName}.`)
  const asOf = textOf(tree['asOf'], '`asOf`')
  if (!/^\d{4}-\d\d-\d\d$/.test(asOf)) throw new Wrong('`asOf` is no day such as 2026-07-02.')
  const providers = new Map<string, Provider>()
  for (const entry of listOf(tree['providers'], '`providers`', mostProviders)) {
    const provider = providerIn(entry)
    if (providers.has(provider.id)) throw new Wrong(`The provider ${provider.id} stands there twice.`)
    providers.set(provider.id, provider)
  }
  return { asOf, source: textOf(tree['source'], '`source`'), providers }
}

export const mostProviders = 2000
export const mostModels = 10_000
const longestText = 500

function providerIn(entry: unknown): Provider {
  const tree = treeOf(entry, 'A provider')
  const id = textOf(tree['id'], 'The id of a provider')
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(id)) throw new Wrong(`The id of a provider is ${JSON.stringify(id)}.`)
  const at = `The provider ${id}`
  const models = new Map<string, CatalogueModel>()
  for (const row of listOf(tree['models'], `${at}: \`models\``, mostModels)) {
    const model = modelIn(row, at)
    if (models.has(model.id)) throw new Wrong(`${at} has ${model.id} twice.`)
    models.set(model.id, model)
  }
  return {
    id,
    name: textOf(tree['name'], `${at}: \`name\``),
    documentation: tree['doc'] === undefined ? null : textOf(tree['doc'], `${at}: \`doc\``),
    keyVariables: listOf(tree['keys'], `${at}: \`keys\``, 20).map((name) => variableOf(name, at)),
    kind: oneOf(tree['kind'] ?? 'openai', providerKinds, `${at}: \`kind\``),
    apis: apisIn(tree['apis'], at),
    reach: reachIn(tree, at),
    isLocal: tree['local'] === true,
    hasList: tree['list'] !== false,
    refusesStreamOptions: tree['streamOptions'] === false,
    models,
  }
}

function apisIn(value: unknown, at: string): readonly Api[] {
  const list = listOf(value, `${at}: \`apis\``, apis.length).map((api) => oneOf(api, apis, `${at}: \`apis\``))
  if (list.length === 0) throw new Wrong(`${at}: \`apis\` is empty.`)
  return list
}

function reachIn(tree: Tree, at: string): Reach {
  if (tree['unusable'] !== undefined) return { kind: 'none', why: textOf(tree['unusable'], `${at}: \`unusable\``) }
  if (tree['urlForm'] !== undefined) return { kind: 'own_address', form: textOf(tree['urlForm'], `${at}: \`urlForm\``) }
  const baseUrl = textOf(tree['url'], `${at}: \`url\``)
  if (!isAddress(baseUrl, tree['local'] === true)) throw new Wrong(`${at}: \`url\` is ${JSON.stringify(baseUrl)}.`)
  return { kind: 'address', baseUrl }
}

/** A key goes there: encrypted, unless it stays on this machine. */
export function isAddress(text: string, isLocal: boolean): boolean {
  const url = urlOf(text)
  if (url === null || text.endsWith('/')) return false
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return false
  return isLocal ? /^https?:$/.test(url.protocol) && loopback.test(url.hostname) : url.protocol === 'https:'
}

function urlOf(text: string): URL | null {
  try {
    return new URL(text)
  } catch {
    return null
  }
}

const loopback = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/

function modelIn(row: unknown, at: string): CatalogueModel {
  if (!Array.isArray(row) || row.length > 11) throw new Wrong(`${at} has a model that is no list of at most 11.`)
  const [id, name, released, context, output, kinds, marks, ...prices] = row as readonly unknown[]
  const model = textOf(id, `${at}: the id of a model`)
  if (!isModelId(model)) throw new Wrong(`${at} has a model with the id ${JSON.stringify(model)}.`)
  const where = `${at}, ${model}`
  const [taken, given] = modalitiesIn(kinds, where)
  return {
    id: model,
    name: name === 0 ? model : textOf(name, `${where}: the name`),
    released: dayOf(released, where),
    contextTokens: tokensOf(context, `${where}: the context`),
    outputTokens: tokensOf(output, `${where}: the longest answer`),
    input: taken,
    output: given,
    ...marksIn(marks, where),
    price: priceIn(prices, where),
  }
}

/** What may stand in a path, a log line and a configuration. */
export const isModelId = (id: string): boolean => /^[A-Za-z0-9~@][A-Za-z0-9._:@+/~-]{0,199}$/.test(id)

function modalitiesIn(value: unknown, at: string): readonly [readonly Modality[] | null, readonly Modality[] | null] {
  const [taken, given, ...more] = textOf(value, `${at}: the modalities`).split('>')
  if (taken === undefined || given === undefined || more.length > 0)
    throw new Wrong(`${at}: the modalities are ${JSON.stringify(value)}.`)
  return [lettersIn(taken, at), lettersIn(given, at)]
}

function lettersIn(text: string, at: string): readonly Modality[] | null {
  if (text === '?') return null
  return [...text].map((letter) => {
    const modality = byLetter.get(letter)
    if (modality === undefined) throw new Wrong(`${at}: no modality has the letter ${letter}.`)
    return modality
  })
}

type Marks = Pick<CatalogueModel, 'hasTools' | 'hasReasoning' | 'hasOpenWeights' | 'stage'>

function marksIn(value: unknown, at: string): Marks {
  const text = value === undefined ? '' : value
  if (typeof text !== 'string' || !/^[tT]?[rR]?[oO]?[abd]?$/.test(text))
    throw new Wrong(`${at}: the marks are ${JSON.stringify(value)}.`)
  const has = (letter: string): boolean | null =>
    text.includes(letter) ? true : text.includes(letter.toUpperCase()) ? false : null
  const stage = stages.find((each) => text.endsWith(stageLetters[each])) ?? null
  return { hasTools: has('t'), hasReasoning: has('r'), hasOpenWeights: has('o'), stage }
}

function priceIn([input, output, cached, cacheWrite]: readonly unknown[], at: string): ListPrice | null {
  const paid = [input, output, cached, cacheWrite].map((value) => value ?? null)
  for (const value of paid) {
    if (value !== null && !isPrice(value)) throw new Wrong(`${at}: a price is ${JSON.stringify(value)}.`)
  }
  const [first, second, third, fourth] = paid as readonly (number | null)[]
  if (first === null && second === null) return null
  if (first === null || first === undefined || second === null || second === undefined)
    throw new Wrong(`${at}: only one of its two prices is there.`)
  return { input: first, output: second, cached: third ?? null, cacheWrite: fourth ?? null }
}

/** Nobody asks ten dollars for a hundred tokens: more is a slip of a unit. */
export const isPrice = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= 100_000

function tokensOf(value: unknown, at: string): number | null {
  if (value === null || value === undefined) return null
  if (isTokens(value)) return value
  throw new Wrong(`${at} is ${JSON.stringify(value)}.`)
}

export const isTokens = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 1_000_000_000

function dayOf(value: unknown, at: string): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'string' && isDay(value)) return value
  throw new Wrong(`${at}: the day of its release is ${JSON.stringify(value)}.`)
}

export const isDay = (text: string): boolean => /^\d{4}-\d\d(-\d\d)?$/.test(text)

function treeOf(value: unknown, at: string): Tree {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Wrong(`${at} is no object.`)
  return value as Tree
}

function listOf(value: unknown, at: string, most: number): readonly unknown[] {
  if (!Array.isArray(value)) throw new Wrong(`${at} is no list.`)
  if (value.length > most) throw new Wrong(`${at} has more than ${most} entries.`)
  return value
}

function textOf(value: unknown, at: string): string {
  if (typeof value === 'string' && value !== '' && value.length <= longestText) return value
  throw new Wrong(`${at} is no text of 1 to ${longestText} characters.`)
}

function variableOf(value: unknown, at: string): string {
  if (typeof value === 'string' && isVariable(value)) return value
  throw new Wrong(`${at}: \`keys\` has ${JSON.stringify(value)}, which is no name of a variable.`)
}

export const isVariable = (text: string): boolean => /^[A-Za-z0-9_]{1,80}$/.test(text)

function oneOf<const Word extends string>(value: unknown, words: readonly Word[], at: string): Word {
  const word = words.find((each) => each === value)
  if (word === undefined) throw new Wrong(`${at} is ${JSON.stringify(value)}, which is none of ${words.join(', ')}.`)
  return word
}
