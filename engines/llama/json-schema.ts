import { isObject, shown } from './body.ts'
import { ApiError } from './errors.ts'

/**
 * JSON Schema → the subset that node-llama-cpp makes grammars of. `anyOf` becomes `oneOf`, `definitions` becomes
 * `$defs`, bounds of numbers and patterns are left out (the grammar is then wider than the schema), and all
 * properties are always written. What cannot be said at all is refused, with its place.
 */
export function toGrammarSchema(schema: unknown, param: string): object {
  const state = { param, left: maxNodes }
  if (!isObject(schema)) throw refused(param, '', `must be an object, not ${shown(schema)}`)
  const definitions = { ...objectOf(schema.definitions), ...objectOf(schema.$defs) }
  const defs: Record<string, object> = {}
  for (const [name, value] of Object.entries(definitions)) defs[name] = convert(value, `/$defs/${name}`, state)
  const root = typeof schema.$ref === 'string' ? rootDefinition(defs, schema.$ref, param) : convert(schema, '', state)
  return Object.keys(defs).length === 0 ? root : { ...root, $defs: defs }
}

const maxNodes = 4096
const maxDepth = 64
const simpleTypes = new Set(['string', 'number', 'integer', 'boolean', 'null'])
const anyValue = { oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }, { type: 'null' }] }

interface State {
  readonly param: string
  left: number
}

const objectOf = (value: unknown): Readonly<Record<string, unknown>> => (isObject(value) ? value : {})

const refused = (param: string, at: string, why: string): ApiError =>
  new ApiError(400, `The JSON schema${at === '' ? '' : ` at ${at}`} ${why}.`, { param, code: 'invalid_json_schema' })

function rootDefinition(defs: Readonly<Record<string, object>>, ref: string, param: string): object {
  const found = defs[refName(ref) ?? '']
  if (found === undefined) throw refused(param, '', `refers to ${JSON.stringify(ref)}, which it does not define`)
  return found
}

const refName = (ref: string): string | null => /^#\/(?:\$defs|definitions)\/([^/]+)$/.exec(ref)?.[1] ?? null

function convert(schema: unknown, at: string, state: State): object {
  if (schema === true) return anyValue
  if (!isObject(schema)) throw refused(state.param, at, `must be an object, not ${shown(schema)}`)
  state.left -= 1
  if (state.left < 0 || at.split('/').length > maxDepth)
    throw refused(state.param, at, 'is larger than this engine takes')
  const description = typeof schema.description === 'string' ? { description: schema.description } : {}
  if (typeof schema.$ref === 'string') {
    const name = refName(schema.$ref)
    if (name === null)
      throw refused(state.param, at, `has the reference ${shown(schema.$ref)}; only #/$defs/… is known`)
    return { $ref: `#/$defs/${name}`, ...description }
  }
  if ('const' in schema) return { const: schema.const, ...description }
  if (Array.isArray(schema.enum)) return { enum: schema.enum, ...description }
  const choices = schema.oneOf ?? schema.anyOf
  if (Array.isArray(choices)) {
    return { oneOf: choices.map((choice, index) => convert(choice, `${at}/anyOf/${index}`, state)), ...description }
  }
  if (Array.isArray(schema.allOf)) {
    if (schema.allOf.length === 1) return convert(schema.allOf[0], `${at}/allOf/0`, state)
    throw refused(state.param, at, 'has "allOf" with several parts, which this engine cannot turn into a grammar')
  }
  return { ...byType(schema, at, state), ...description }
}

function byType(schema: Readonly<Record<string, unknown>>, at: string, state: State): object {
  const type = schema.type ?? (isObject(schema.properties) ? 'object' : 'items' in schema ? 'array' : null)
  if (type === null) return anyValue
  if (Array.isArray(type)) {
    if (type.every((one) => simpleTypes.has(String(one)))) return { type }
    return { oneOf: type.map((one) => byType({ ...schema, type: one }, at, state)) }
  }
  if (type === 'object') return objectSchema(schema, at, state)
  if (type === 'array') {
    return {
      type,
      ...(schema.items === undefined ? { items: anyValue } : { items: convert(schema.items, `${at}/items`, state) }),
      ...numbers(schema, ['minItems', 'maxItems']),
    }
  }
  if (type === 'string') {
    const isKnownFormat = ['date-time', 'time', 'date'].includes(String(schema.format))
    return { type, ...(isKnownFormat ? { format: schema.format } : numbers(schema, ['minLength', 'maxLength'])) }
  }
  if (typeof type === 'string' && simpleTypes.has(type)) return { type }
  throw refused(state.param, at, `has the unknown type ${shown(type)}`)
}

function objectSchema(schema: Readonly<Record<string, unknown>>, at: string, state: State): object {
  const properties: Record<string, object> = {}
  for (const [name, value] of Object.entries(objectOf(schema.properties))) {
    properties[name] = convert(value, `${at}/properties/${name}`, state)
  }
  const more = schema.additionalProperties
  const isOpen = isObject(more) || (more === true && Object.keys(properties).length === 0)
  return {
    type: 'object',
    properties,
    ...(isOpen
      ? { additionalProperties: isObject(more) ? convert(more, `${at}/additionalProperties`, state) : true }
      : {}),
    ...(isOpen ? numbers(schema, ['minProperties', 'maxProperties']) : {}),
  }
}

function numbers(schema: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, number> {
  const found: Record<string, number> = {}
  for (const name of names) {
    const value = schema[name]
    if (typeof value === 'number') found[name] = value
  }
  return found
}
