import { describe, expect, test } from 'bun:test'
import { toGrammarSchema } from './json-schema.ts'

describe('JSON Schema becomes what the library knows', () => {
  for (const [name, schema, wanted] of [
    ['anyOf is oneOf', { anyOf: [{ type: 'string' }, { const: 1 }] }, { oneOf: [{ type: 'string' }, { const: 1 }] }],
    ['a list of simple types stays', { type: ['string', 'null'] }, { type: ['string', 'null'] }],
    [
      'a list with a compound type is oneOf',
      { type: ['array', 'null'], items: { type: 'number' } },
      { oneOf: [{ type: 'array', items: { type: 'number' } }, { type: 'null' }] },
    ],
    [
      'definitions are $defs, and what the library does not know is left out',
      {
        type: 'object',
        properties: { a: { $ref: '#/definitions/x' } },
        definitions: { x: { type: 'integer', minimum: 3 } },
      },
      { type: 'object', properties: { a: { $ref: '#/$defs/x' } }, $defs: { x: { type: 'integer' } } },
    ],
    ['a type that is not said follows from the members', { properties: {} }, { type: 'object', properties: {} }],
    ['a lone allOf is its part', { allOf: [{ enum: ['a'] }] }, { enum: ['a'] }],
    [
      'a root that refers is resolved',
      { $ref: '#/$defs/x', $defs: { x: { type: 'string', maxLength: 3 } } },
      { type: 'string', maxLength: 3, $defs: { x: { type: 'string', maxLength: 3 } } },
    ],
    [
      'an object of anything stays open',
      { type: 'object', additionalProperties: { type: 'string' }, maxProperties: 2 },
      { type: 'object', properties: {}, additionalProperties: { type: 'string' }, maxProperties: 2 },
    ],
  ] as const) {
    test(name, () => expect(toGrammarSchema(schema, 'p') as unknown).toEqual(wanted))
  }
})

describe('what no grammar can say is refused with its place', () => {
  let deep: object = { type: 'string' }
  for (let at = 0; at < 100; at++) deep = { type: 'array', items: deep }
  for (const [name, schema, message] of [
    ['a text', 'string', /^The JSON schema must be an object, not "string"\.$/],
    [
      'several parts of allOf',
      { properties: { a: { allOf: [{}, {}] } } },
      /^The JSON schema at \/properties\/a has "allOf" with several parts/,
    ],
    [
      'a reference elsewhere',
      { items: { $ref: 'http://x' } },
      /at \/items has the reference "http:\/\/x"; only #\/\$defs/,
    ],
    ['a reference to nothing', { $ref: '#/$defs/x' }, /refers to "#\/\$defs\/x", which it does not define/],
    ['an unknown type', { type: 'date' }, /has the unknown type "date"/],
    ['a schema without end', deep, /is larger than this engine takes/],
  ] as const) {
    test(name, () => expect(() => toGrammarSchema(schema, 'p')).toThrow(message))
  }
})
