import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { scanMembers, spliceMembers } from './bytes.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (value: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(value)

test.each([
  ['{"model":"a"}', '{"model":"B"}'],
  [' {\n "model" : "a" , "x" : 1 }', ' {\n "model" : "B" , "x" : 1 }'],
  ['{"seed":12345678901234567890,"model":"a","t":1e400}', '{"seed":12345678901234567890,"model":"B","t":1e400}'],
  ['{"model":"a","model":"b"}', '{"model":"B","model":"B"}'],
  ['{"mod\\u0065l":"a"}', '{"mod\\u0065l":"B"}'],
  ['{"x":{"model":"inner"},"model":null}', '{"x":{"model":"inner"},"model":"B"}'],
  ['{"x":["]","}",{"a":"\\\\"}],"model":"a\\"b"}', '{"x":["]","}",{"a":"\\\\"}],"model":"B"}'],
  ['{"x":1}', '{"model":"B","x":1}'],
  ['{ }', '{"model":"B" }'],
  ['\uFEFF{"model":"a"}', '\uFEFF{"model":"B"}'],
  ['\uFEFF {"x":1}', '\uFEFF {"model":"B","x":1}'],
])('the model of %s is set and nothing else changes', (before, after) => {
  expect(text(spliceMembers(bytes(before), { model: '"B"' }))).toBe(after)
})

test('whatever the object holds, a splice changes exactly the wanted member', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), fc.boolean(), (object, value, isPretty) => {
      const before = isPretty ? JSON.stringify(object, null, 2) : JSON.stringify(object)
      const after = JSON.parse(text(spliceMembers(bytes(before), { model: JSON.stringify(value) }))) as Record<
        string,
        unknown
      >
      expect(after).toEqual({ ...JSON.parse(before), model: JSON.parse(JSON.stringify(value)) })
    }),
  )
})

test('members stand where their values are', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const source = bytes(JSON.stringify(object))
      const found = scanMembers(source).map(({ name, start, end }) => [
        name,
        JSON.parse(text(source.subarray(start, end))),
      ])
      expect(found).toEqual(Object.entries(JSON.parse(JSON.stringify(object))))
    }),
  )
})
