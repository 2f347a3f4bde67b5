import { expect, test } from 'bun:test'
import { mendedInput } from './mended-input.ts'

const said = { role: 'user', content: 'Hi' }
const thought = (more: object) => ({ type: 'reasoning', id: 'rs_1', summary: [], ...more })
const inClear = thought({ content: [{ type: 'reasoning_text', text: 'hm' }] })

test.each([
  ['what OpenAI sealed', thought({ encrypted_content: 'gAAA' }), true, true],
  ['what Anthropic signed', thought({ encrypted_content: 'hearth-signature:c2ln' }), false, false],
  ['what Anthropic sealed', thought({ encrypted_content: 'hearth-redacted:Em4K' }), false, false],
  [
    'a mere summary',
    thought({ summary: [{ type: 'summary_text', text: 'hm' }], encrypted_content: null }),
    false,
    false,
  ],
  ['a thought in clear', inClear, true, false],
])('%s goes only where it is taken', (_, item, toEngine, toVendor) => {
  expect(mendedInput([said, item], false)).toEqual(toEngine ? null : [said])
  expect(mendedInput([said, item], true)).toEqual(toVendor ? null : [said])
})

test('an input without thoughts passes as it is', () => {
  expect(mendedInput([said], true)).toBeNull()
  expect(mendedInput('Hi', true)).toBeNull()
  expect(mendedInput(undefined, true)).toBeNull()
})
