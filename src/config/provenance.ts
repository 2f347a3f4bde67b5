import { z } from 'zod'
import type { Provenance } from './contract.ts'
import type { Environment } from './env.ts'
import { isTree, listAt, namedLists, type Layers } from './layers.ts'
import { configSchema } from './schema.ts'

/**
 * Every setting with its value as a person would write it, and where that comes from. Secrets show as `set` or `not
 * set`, wherever they stand.
 */
export function provenanceOf(layers: Layers, environment: Environment): readonly Provenance[] {
  const rows: Provenance[] = []
  for (const [section, schema] of Object.entries(schemaProperties(z.toJSONSchema(configSchema, { io: 'input' })))) {
    const key = namedLists.get(section)
    if (key !== undefined) rows.push(...entryRows(layers, section, key))
    else rows.push(...sectionRows(layers, section, schema))
  }
  return [...rows, ...environmentRows(environment)]
}

function sectionRows(layers: Layers, section: string, schema: unknown): readonly Provenance[] {
  const values = layers.written[section]
  return Object.entries(schemaProperties(schema)).flatMap(([name, setting]): readonly Provenance[] => {
    const key = namedLists.get(`${section}.${name}`)
    if (key !== undefined) return entryRows(layers, `${section}.${name}`, key)
    const given = isTree(values) ? values[name] : undefined
    const where = layers.sourceOf([section, name])
    if (given !== undefined) {
      // Keys stand in headers.
      const value = name === 'headers' && isTree(given) ? allSet(given) : given
      return [{ path: `${section}.${name}`, value, source: where.source, line: where.line }]
    }
    const fallback = isTree(setting) ? (setting['default'] ?? null) : null
    return [{ path: `${section}.${name}`, value: fallback, source: 'default', line: null }]
  })
}

function entryRows(layers: Layers, list: string, key: string): readonly Provenance[] {
  return listAt(layers.written, list).flatMap((entry, index) => {
    if (!isTree(entry)) return []
    const { source, line } = layers.sourceOf([...list.split('.'), index])
    return [{ path: `${list}.${String(entry[key])}`, value: withoutSecrets(entry), source, line }]
  })
}

function environmentRows(environment: Environment): readonly Provenance[] {
  const row = (path: string, value: unknown): Provenance => ({
    path,
    value,
    source: environment.variable(path) === null ? 'default' : 'environment',
    line: null,
  })
  const secret = (path: string, value: string | null) => row(path, value === null ? 'not set' : 'set')
  return [
    row('HEARTH_HOME', environment.home),
    row('HEARTH_ENGINES_DIR', environment.enginesDir),
    secret('HEARTH_ADMIN_KEY', environment.adminKey),
    secret('HEARTH_DATABASE_URL', environment.databaseUrl),
    secret('HEARTH_PRIVACY_KEY', environment.privacyKey),
    secret('HF_TOKEN', environment.huggingfaceToken),
  ]
}

/** Keys of upstreams, and the environment of commands, where tokens often stand. */
function withoutSecrets(entry: Readonly<Record<string, unknown>>): unknown {
  const shown: Record<string, unknown> = { ...entry }
  if (shown['apiKey'] !== undefined) shown['apiKey'] = 'set'
  if (isTree(shown['env'])) shown['env'] = allSet(shown['env'])
  return shown
}

const allSet = (tree: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.keys(tree).map((name) => [name, 'set']))

function schemaProperties(schema: unknown): Readonly<Record<string, unknown>> {
  return isTree(schema) && isTree(schema['properties']) ? schema['properties'] : {}
}
