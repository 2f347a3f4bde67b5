import { expect, test } from 'bun:test'
import type { Json } from '../conversation/conversation.ts'
import { closedSchema } from './closed-schema.ts'

const text = { type: 'string' }
const cases: readonly (readonly [string, Json, Json])[] = [
  ['a value', text, text],
  [
    'objects, also within others',
    { type: 'object', properties: { a: { type: 'array', items: { type: 'object', properties: { b: text } } } } },
    {
      type: 'object',
      properties: {
        a: { type: 'array', items: { type: 'object', properties: { b: text }, additionalProperties: false } },
      },
      additionalProperties: false,
    },
  ],
  [
    'bounds, told in words',
    { type: 'integer', minimum: 0, maximum: 5, description: 'How many.' },
    { type: 'integer', description: 'How many. (minimum: 0, maximum: 5)' },
  ],
  [
    'lists of more than one',
    { type: 'array', items: text, minItems: 2 },
    { type: 'array', items: text, description: '(minItems: 2)' },
  ],
  ['lists of one', { type: 'array', items: text, minItems: 1 }, { type: 'array', items: text, minItems: 1 }],
  [
    'definitions and choices',
    { $defs: { n: { type: 'number', minimum: 1 } }, anyOf: [{ $ref: '#/$defs/n' }, { type: 'string', maxLength: 3 }] },
    {
      $defs: { n: { type: 'number', description: '(minimum: 1)' } },
      anyOf: [{ $ref: '#/$defs/n' }, { type: 'string', description: '(maxLength: 3)' }],
    },
  ],
  [
    'members that are called like a bound',
    { type: 'object', properties: { minimum: text, maxLength: text }, additionalProperties: false },
    { type: 'object', properties: { minimum: text, maxLength: text }, additionalProperties: false },
  ],
  // Closing it would change what it means: the vendor says that it does not take it.
  [
    'objects with free members, left as they are',
    { type: 'object', additionalProperties: { type: 'string' } },
    { type: 'object', additionalProperties: { type: 'string' } },
  ],
]

test.each(cases)('for the vendor: %s', (_, schema, wanted) => {
  expect(closedSchema(schema)).toEqual(wanted)
})
