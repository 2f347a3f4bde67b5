import type { Json } from '../conversation/conversation.ts'
import { isObject } from '../json/members.ts'

/**
 * A JSON Schema as the vendor takes it where an answer must follow it: every object closed, and no bounds of numbers,
 * texts and lists, which it refuses. They are told in the description instead, as its own clients do.
 */
export function closedSchema(schema: Json): Json {
  const bounds = Object.entries(schema).filter(([name, value]) => isBound(name, value))
  const kept = Object.entries(schema).filter(([name, value]) => !isBound(name, value))
  const closed = Object.fromEntries(kept.map(([name, value]) => [name, within(name, value)]))
  const isOpen = schema.additionalProperties === undefined && isObject(schema.properties)
  const told = bounds.map(([name, value]) => `${name}: ${String(value)}`).join(', ')
  const before = typeof schema.description === 'string' ? `${schema.description} ` : ''
  return {
    ...closed,
    ...(isOpen ? { additionalProperties: false } : {}),
    ...(told === '' ? {} : { description: `${before}(${told})` }),
  }
}

const bounding: ReadonlySet<string> = new Set(
  ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minLength', 'maxLength'].concat([
    'maxItems',
    'uniqueItems',
    'minProperties',
    'maxProperties',
  ]),
)

/** Of lists, "at least one" is the only bound that it knows. */
const isBound = (name: string, value: unknown): boolean =>
  (bounding.has(name) && !isObject(value)) || (name === 'minItems' && Number(value) > 1)

/** Members that hold schemas by name, one or several; everything else is a value. */
function within(name: string, value: unknown): unknown {
  if (named.has(name) && isObject(value))
    return Object.fromEntries(Object.entries(value).map(([each, inner]) => [each, schemaOr(inner)]))
  if (listed.has(name) && Array.isArray(value)) return value.map(schemaOr)
  return single.has(name) ? schemaOr(value) : value
}

const schemaOr = (value: unknown): unknown => (isObject(value) ? closedSchema(value) : value)

const named: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions'])
const listed: ReadonlySet<string> = new Set(['anyOf', 'allOf', 'oneOf', 'prefixItems'])
const single: ReadonlySet<string> = new Set(['items', 'not'])
