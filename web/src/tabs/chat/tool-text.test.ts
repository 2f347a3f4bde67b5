import { describe, expect, test } from 'bun:test'
import { exampleTools, readTools, toolsBody } from './tool-text.ts'

describe('tools', () => {
  test('that nobody wrote are none', () => {
    expect(readTools(' \n')).toEqual({ kind: 'tools', tools: [] })
    expect(toolsBody('')).toEqual({})
  })

  test('are sent as the API writes them, from either way of writing', () => {
    const parameters = { type: 'object', properties: {} }
    const tools = [{ type: 'function', function: { name: 'now', description: '', parameters } }]
    expect(toolsBody('{"name":"now"}')).toEqual({ tools })
    expect(toolsBody('[{"type":"function","function":{"name":"now"}}]')).toEqual({ tools })
  })

  test('of the example are good', () => expect(readTools(exampleTools).kind).toBe('tools'))

  const problems: readonly [string, string, RegExp][] = [
    ['that are no JSON', '[{', /not JSON/],
    ['without a name', '[{"description":"x"}]', /Tool 1.*name/],
    ['with a name no API takes', '{"name":"get weather"}', /name/],
    ['with one name twice', '[{"name":"a"},{"name":"a"}]', /Tool 2.*a is there twice/],
    ['that are no objects', '[3]', /object/],
    ['with parameters that are no schema', '{"name":"a","parameters":[]}', /JSON schema/],
    ['that are too many', JSON.stringify(Array.from({ length: 129 }, (_, n) => ({ name: `f${n}` }))), /128/],
  ]
  test.each(problems)('%s are refused with what is wrong, and not sent', (_, text, words) => {
    const read = readTools(text)
    expect(read.kind === 'problem' ? read.message : '').toMatch(words)
    expect(toolsBody(text)).toEqual({})
  })
})
