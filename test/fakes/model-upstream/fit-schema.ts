import type { Json } from '../scripted-turn.ts'

/** The smallest value that a JSON Schema allows, as a model that is bound to it would write one. */
export function fitting(schema: Json, root: Json = schema): unknown {
  const reference = schema['$ref']
  if (typeof reference === 'string') return fitting(at(root, reference), root)
  if ('const' in schema) return schema['const']
  const choices = schema['enum'] ?? schema['anyOf'] ?? schema['oneOf']
  if (Array.isArray(choices))
    return Array.isArray(schema['enum']) ? choices[0] : fitting((choices[0] ?? {}) as Json, root)
  const type = Array.isArray(schema['type']) ? schema['type'][0] : schema['type']
  switch (type) {
    case 'object':
      return object(schema, root)
    case 'array':
      return Array.from({ length: Math.max(1, Number(schema['minItems'] ?? 1)) }, () =>
        fitting((schema['items'] ?? {}) as Json, root),
      )
    case 'integer':
    case 'number':
      return Math.min(Math.max(7, Number(schema['minimum'] ?? 7)), Number(schema['maximum'] ?? 7))
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return 'Hello there'
  }
}

function object(schema: Json, root: Json): Json {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Json>>
  return Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, fitting(each, root)]))
}

/** `#/$defs/name` */
function at(root: Json, reference: string): Json {
  return reference
    .slice('#/'.length)
    .split('/')
    .reduce((value, name) => (value[name] ?? {}) as Json, root)
}

const bounds = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minLength', 'maxLength']

/**
 * Why a schema cannot be followed strictly; null: it can. Every object is closed; OpenAI wants every member needed,
 * Anthropic takes no bounds.
 */
export function looseness(schema: unknown, by: 'openai' | 'anthropic', path = ''): string | null {
  if (typeof schema !== 'object' || schema === null) return null
  if (Array.isArray(schema)) {
    for (const [index, each] of schema.entries()) {
      const found = looseness(each, by, `${path}/${index}`)
      if (found !== null) return found
    }
    return null
  }
  const bound = bounds.find((name) => by === 'anthropic' && typeof (schema as Json)[name] === 'number')
  if (bound !== undefined) return `${path || '/'}: property '${bound}' is not supported`
  const { type, properties, required, additionalProperties } = schema as Json
  if (type === 'object') {
    if (additionalProperties !== false) return `${path || '/'}: 'additionalProperties' must be false`
    const names = Object.keys(properties ?? {})
    const needed = new Set(Array.isArray(required) ? required : [])
    const free = names.find((name) => !needed.has(name))
    if (by === 'openai' && free !== undefined) return `${path || '/'}: 'required' must name '${free}'`
  }
  for (const [name, each] of Object.entries(schema as Json)) {
    const found = looseness(each, by, `${path}/${name}`)
    if (found !== null) return found
  }
  return null
}
