import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { rehydrateJson } from './json.ts'
import { house, liveTags, nasty } from './testing/live.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const put = (text: string, options = {}): string =>
  decoder.decode(rehydrateJson(encoder.encode(text), house, options).bytes)

test('where nothing is put back the same bytes come out', () => {
  for (const text of ['{"a":1e400,"a":"[PERSON_3F3F]"}', 'no JSON', '', '\uFEFF{}', '[PERSON_7KQ']) {
    const bytes = encoder.encode(text)
    expect(rehydrateJson(bytes, house).bytes).toBe(bytes)
  }
})

test('only the strings that change are written anew', () => {
  const text =
    '{ "big": 12345678901234567890, "a":"\\u00e9 [PERSON_7KQ2]" ,"a": "\\/", "e":1e400,\n"[PERSON_7KQ2_L]":[]}'
  expect(put(text)).toBe('{ "big": 12345678901234567890, "a":"é Alice Brenner" ,"a": "\\/", "e":1e400,\n"Brenner":[]}')
})

test('an answer with a call of a tool is JSON, and its arguments are, with the value as it was', () => {
  const deep = { deep: JSON.stringify({ to: '[PERSON_8XY3]' }) }
  const call = { name: 'get_PERSON_7KQ2', arguments: JSON.stringify({ '[PERSON_8XY3]': '[PERSON_8XY3]', ...deep }) }
  const message = { content: 'for [PERSON_8XY3]', tool_calls: [{ id: 'c', type: 'function', function: call }] }
  const answer = JSON.parse(put(JSON.stringify({ choices: [{ message }] }))) as {
    choices: [{ message: typeof message }]
  }
  const [{ message: shown }] = answer.choices
  expect(shown.content).toBe(`for ${nasty}`)
  const shownCall = shown.tool_calls[0]!.function
  expect(shownCall.name).toBe('get_Alice Brenner')
  const given = JSON.parse(shownCall.arguments) as Record<string, string>
  expect(given[nasty]).toBe(nasty)
  expect(JSON.parse(given['deep'] ?? '')).toEqual({ to: nasty })
})

test('what tells of tokens goes where its text changed, and stays where it did not', () => {
  const choice = (index: number, content: string) => ({
    index,
    message: { content },
    logprobs: { content: [{ token: 'x' }] },
  })
  const told = JSON.parse(put(JSON.stringify({ choices: [choice(0, 'hi'), choice(1, '[PERSON_7KQ2]')] }))) as {
    choices: readonly { logprobs: unknown }[]
  }
  expect(told.choices.map(({ logprobs }) => logprobs)).toEqual([{ content: [{ token: 'x' }] }, null])
  expect(put('{"type":"output_text","text":"[PERSON_7KQ2]","logprobs":[{"token":"]}"}]}')).toBe(
    '{"type":"output_text","text":"Alice Brenner","logprobs":[]}',
  )
})

describe('what is not put back', () => {
  test('are placeholders of nobody and those that must not be', () => {
    const { replaced, unknown, bytes } = rehydrateJson(
      encoder.encode('{"a":"[SECRET_9ZZ1] [PERSON_3F3F] [PERSON_7KQ2]"}'),
      house,
    )
    expect({ replaced, unknown }).toEqual({ replaced: 1, unknown: 1 })
    expect(decoder.decode(bytes)).toBe('{"a":"[SECRET_9ZZ1] [PERSON_3F3F] Alice Brenner"}')
  })

  test('are what a vendor sealed and the names of things', () => {
    const text = '{"id":"call_PERSON_7KQ2","signature":"x/PERSON_7KQ2=","text":"PERSON_7KQ2"}'
    expect(put(text)).toBe('{"id":"call_PERSON_7KQ2","signature":"x/PERSON_7KQ2=","text":"Alice Brenner"}')
  })

  test('but words under such a name are words', () => {
    expect(put('{"id":"[PERSON_7KQ2]","signature":"yours, PERSON_7KQ2"}')).toBe(
      '{"id":"Alice Brenner","signature":"yours, Alice Brenner"}',
    )
  })

  test('but a tool is given its members, whatever they are called', () => {
    expect(put('{"input":{"id":"[PERSON_7KQ2]","type":"[EMAIL_4HJ9]"}}')).toBe(
      '{"input":{"id":"Alice Brenner","type":"alice@example.org"}}',
    )
  })

  test('is a secret, except into arguments of tools where those may have it', () => {
    const tools = liveTags({ SECRET_9ZZ1: 'hunter2' })
    const text =
      '{"content":"[SECRET_9ZZ1]","input":{"x":["[SECRET_9ZZ1]"]},"arguments":"{\\"y\\":\\"[SECRET_9ZZ1]\\"}"}'
    expect(put(text, { tools })).toBe(
      '{"content":"[SECRET_9ZZ1]","input":{"x":["hunter2"]},"arguments":"{\\"y\\":\\"hunter2\\"}"}',
    )
  })
})

test('what is no JSON is a text', () => {
  expect(put('Sorry, [PERSON_7KQ2]: "[EMAIL_4HJ9]"')).toBe('Sorry, Alice Brenner: "alice@example.org"')
})

test('any JSON keeps all but its placeholders', () => {
  const leaf = fc.oneof(fc.constant('so [PERSON_8XY3], '), fc.string({ unit: 'grapheme' }))
  const value = fc.jsonValue({ stringUnit: 'grapheme', maxDepth: 4 })
  fc.assert(
    fc.property(value, fc.dictionary(leaf, leaf), (some, texts) => {
      const replaced = (text: string): string => text.replaceAll('[PERSON_8XY3]', () => nasty)
      const shown = JSON.parse(put(JSON.stringify({ some, texts }))) as unknown
      const wanted = Object.fromEntries(Object.entries(texts).map((entry) => entry.map(replaced)))
      expect(shown).toEqual(JSON.parse(JSON.stringify({ some, texts: wanted })))
    }),
    { numRuns: 500 },
  )
})
